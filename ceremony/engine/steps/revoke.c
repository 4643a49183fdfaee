/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of revocations into the ledger: read, hashed, every line judged before one is entered, shown,
 * commanded. What is entered stays; a CRL is signed by another step. (R9, R18, R56, R58) */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/batch/revocation_wire.h"
#include "ceremony/engine/crl_ahead.h"
#include "ceremony/engine/issue.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/revocations_read.h"
#include "ceremony/engine/steps/step.h"

#define SHOWN_MAX   20U
#define FAULTS_SAID 3U

struct revoking {
    const struct site_input *input;
    const struct state_key *key;
    struct bytes issuer;
    char file[160]; /* the copy in the evidence folder */
    struct documents documents;
    struct revocation_list *list;
    char sha256[DIGEST_SHA256_TEXT];
    struct revocation_rules rules;
    struct revocation_summary summary;
    uint64_t intent;
    bool again; /* an interrupted run had begun to enter it */
};

static void
revoking_free(struct revoking *revoking)
{
    if (revoking == NULL)
        return;
    bytes_clear(&revoking->issuer);
    documents_clear(&revoking->documents);
    revocation_list_close(revoking->list);
    free(revoking);
}

DEFINE_AUTO(revoking, revoking_free);

/* The list goes into the evidence first; what is read afterwards are the very same octets. */
static struct error *
take_list(struct engine *engine, struct revoking *r)
{
    struct document *list = &r->documents.items[0];
    r->input = site_input(engine->site, engine->step->input);
    if (r->input == NULL)
        return ERROR(ERROR_INPUT, "environment.yaml names no input \"%s\"",
                     engine->step->input);
    TRY(documents_read(&r->documents, engine->site, r->input->name, REVOCATIONS_MAX));
    TRY_DOING(TAKE(list->fault), "reading the list of revocations");
    TRY(digest_sha256_text(list->data, list->len, r->sha256));
    (void)snprintf(r->file, sizeof r->file, "inputs/%s%.60s.list", evidence_prefix(engine),
                   engine->step->id);
    return evidence_write(engine, "list of revocations", r->file, list->data, list->len);
}

/* Its lines, judged; the octets are not needed any more. After an interruption they are judged as of the time at which they
 * were commanded. */
static struct error *
read_list(struct engine *engine, struct revoking *r, const struct state_intent *open)
{
    struct state_key *key = NULL;
    struct clock_reading now;
    clock_read(&now);
    int64_t judged = open == NULL ? now.wall_ms / 1000
                                  : json_integer_value(json_object_get(open->data, "judged"));
    TRY(key_of_step(engine, engine->step->key, &key));
    r->key = key;
    TRY(issue_certificate_of(engine, key->name, &r->issuer));
    TRY(revocations_read_rules(engine, &r->issuer, judged, &r->rules));
    r->rules.issuer_spki_sha256 = key->spki_sha256;
    TRY_DOING(revocations_read_ask(engine, &r->documents, &r->issuer, &r->rules, &r->list),
              "reading the list of revocations");
    documents_clear(&r->documents);
    return NULL;
}

static const struct state_intent *
open_intent(const struct engine *engine)
{
    for (size_t i = 0; i < engine->state.intent_count; i++)
        if (strcmp(engine->state.intents[i].does, "revoke") == 0
            && strcmp(engine->state.intents[i].step, engine->step->id) == 0)
            return &engine->state.intents[i];
    return NULL;
}

static struct error *
refuse_faults(const struct revoking *r)
{
    AUTO_BYTES said = {0};
    const struct revocation_summary *summary = &r->summary;
    for (size_t i = 0; i < summary->fault_count && i < FAULTS_SAID; i++) {
        const struct revocation_line *line = &summary->faults[i];
        TRY(bytes_format(&said, "%s%s:%llu:%zu: %s (%s)", i > 0 ? "; " : "",
                         path_name(r->input->path), (unsigned long long)line->line,
                         line->column, revocation_code_sentence(line->code),
                         revocation_code_text(line->code)));
    }
    return error_hint(
        ERROR(ERROR_REFUSED, "%llu of %llu lines of the list cannot be entered: %s%s",
              (unsigned long long)summary->fault_count, (unsigned long long)summary->lines,
              bytes_text(&said), summary->fault_count > FAULTS_SAID ? "; and more" : ""),
        "Nothing of it was entered. Mend the list and bring it again.");
}

static struct error *
put_lines(const struct revoking *r, struct bytes *body)
{
    TRY(revocation_list_rewind(r->list));
    for (size_t i = 0; i < SHOWN_MAX; i++) {
        struct revocation_line line;
        bool end = false;
        char date[CLOCK_TEXT_SIZE];
        TRY(revocation_list_next(r->list, &line, &end));
        if (end)
            return NULL;
        const struct pki_reason *reason = pki_reason_by_code(line.row.reason);
        clock_format_seconds(line.row.time, date);
        for (size_t at = 0; at < line.row.serial_len; at++)
            TRY(bytes_format(body, "%02x", line.row.serial[at]));
        TRY(bytes_format(body, "\n  %.10s  %s  %.30s\n", date,
                         reason == NULL ? "?" : reason->name, line.row.reference));
    }
    return bytes_format(body, "... and more: %llu in all\n",
                        (unsigned long long)r->summary.lines);
}

static struct error *
approve(struct engine *engine, const struct revoking *r)
{
    AUTO_BYTES body = {0};
    AUTO_FREE char *who = NULL;
    char command[120];
    bool typed = false;
    TRY(text_copy(engine_actor(engine), &who));
    (void)snprintf(command, sizeof command, "REVOKE %llu OF %.60s",
                   (unsigned long long)r->summary.lines, r->key->name);
    for (char *p = command; *p != '\0'; p++)
        *p = (char)toupper((unsigned char)*p);
    TRY(bytes_format(&body, "Certificates of \"%s\" that will be revoked: %llu\n\n",
                     r->key->label, (unsigned long long)r->summary.lines));
    TRY(put_lines(r, &body));
    TRY(evidence_hash_line(&body, "the list", r->sha256));
    TRY(ask_command(engine, "revoke", bytes_text(&body), command, who, &typed));
    if (!typed)
        return error_hint(
            ERROR(ERROR_REFUSED, "the people did not revoke"),
            "Nothing was entered. Resume to see it again, or abort the ceremony.");
    return engine_record(
        engine, TRANSCRIPT_CONFIRMATION, who,
        json_pack("{s:s,s:s,s:s}", "prompt", "revoke", "answer", command, "sha256", r->sha256),
        NULL);
}

static struct error *
enter(struct engine *engine, struct revoking *r)
{
    uint64_t count = 0;
    if (!r->again)
        TRY(engine_intent(
            engine, "revoke",
            json_pack("{s:s,s:s,s:s,s:I,s:s,s:I}", "key", r->key->name, "file", r->file,
                      "sha256", r->sha256, "count", (json_int_t)r->summary.lines, "rows_sha256",
                      revocation_list_sha256(r->list), "judged", (json_int_t)r->rules.now),
            &r->intent));
    TRY(revocation_list_enter(r->list, engine->ledger, engine->state.ceremony_id, r->again,
                              &count));
    return engine_result(engine, r->intent, "done",
                         json_pack("{s:s,s:s,s:I}", "key", r->key->name, "sha256", r->sha256,
                                   "count", (json_int_t)count));
}

static struct error *
check(struct engine *engine, struct revoking *r)
{
    TRY(revocation_list_check(r->list, engine->ledger, &r->summary));
    if (r->summary.fault_count > 0)
        return refuse_faults(r);
    if (r->summary.lines == 0)
        return ERROR(ERROR_REFUSED, "the list of revocations is empty");
    return NULL;
}

/* The process that reads the list is another one than before the interruption: what it tells must be what was shown. */
static struct error *
resume(struct engine *engine, struct revoking *r, const struct state_intent *open)
{
    TRY(revocations_require_same(open, r->list, "the list of revocations"));
    r->intent = open->seq;
    r->again = true;
    return enter(engine, r); /* commanded and begun: the rest of it */
}

struct error *
step_run_revoke(struct engine *engine)
{
    AUTO(revoking) r = calloc(1, sizeof *r);
    const struct state_intent *open = open_intent(engine);
    if (strcmp(engine->state.work_done, engine->step->id) == 0)
        return NULL; /* interrupted before its end was recorded */
    if (r == NULL)
        return error_memory();
    TRY(take_list(engine, r));
    TRY(read_list(engine, r, open));
    if (open != NULL)
        return resume(engine, r, open);
    TRY(crl_ahead_require_none(engine, r->key));
    TRY(check(engine, r));
    TRY(approve(engine, r));
    return enter(engine, r);
}
