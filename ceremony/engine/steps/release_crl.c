/* SPDX-License-Identifier: Apache-2.0
 *
 * The CRL of a series whose time has come: out of its bag, proven to be the one that was signed ahead, and
 * published. Not before it begins, not after a revocation, and no number behind a higher one. (R23, R53,
 * R59) */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/crl_ahead.h"
#include "ceremony/engine/issue.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/ledger/known.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/show.h"

#define CRL_MAX      (64U << 20)
#define SHOW_COLUMNS 54U
#define RELEASE      "release-crl"

struct releasing {
    const struct script_key *key;
    char issuer[65]; /* hash of its SPKI */
    struct bytes certificate;
    struct ledger_ahead row;
    struct bytes der;
    char file[160]; /* below the evidence folder, without ending */
    char issuer_file
        [160]; /* the issuer's certificate, so that the folder can be checked by itself */
    uint64_t intent;
    bool row_is_chosen; /* by the interrupted run */
};

static void
releasing_clear(struct releasing *releasing)
{
    bytes_clear(&releasing->certificate);
    bytes_clear(&releasing->der);
}

#define AUTO_RELEASING __attribute__((cleanup(releasing_clear))) struct releasing

/* --- which one --- */

/* Of those whose time has come the last one; its number must be above what was published. */
static struct error *
choose(struct engine *engine, struct releasing *r)
{
    AUTO_FREE struct ledger_ahead *rows = NULL;
    size_t count = 0;
    size_t at = SIZE_MAX;
    struct clock_reading now;
    clock_read(&now);
    TRY(ledger_crls_ahead(engine->ledger, r->issuer, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].state, "sealed") == 0
            && rows[i].crl.this_update <= now.wall_ms / 1000)
            at = i;
    if (count == 0)
        return ERROR(ERROR_REFUSED, "no CRL of \"%s\" was signed ahead and lies sealed",
                     r->key->id);
    if (at == SIZE_MAX) {
        char from[CLOCK_TEXT_SIZE];
        clock_format_seconds(rows[0].crl.this_update, from);
        return error_hint(ERROR(ERROR_REFUSED, "CRL %llu of \"%s\" begins on %.10s",
                                (unsigned long long)rows[0].crl.number, r->key->id, from),
                          "Readers refuse a list that has not begun, and whoever has it early "
                          "can misuse it. Leave the bag closed until then.");
    }
    r->row = rows[at];
    return NULL;
}

static struct error *
check_order(struct engine *engine, const struct releasing *r)
{
    struct ledger_crl last;
    bool found = false;
    const struct ledger_crl *crl = &r->row.crl;
    TRY(ledger_crl_last(engine->ledger, r->issuer, crl->scope, &last, &found));
    if (found && last.number > crl->number)
        return error_hint(
            ERROR(ERROR_REFUSED,
                  "CRL %llu of \"%s\" is published already, and CRL %llu is before it",
                  (unsigned long long)last.number, r->key->id, (unsigned long long)crl->number),
            "A number never goes back. Destroy what is left of the series.");
    return NULL;
}

/* Nothing was revoked since it was signed: what it lists must be what the ledger lists. */
static struct error *
check_current(struct engine *engine, const struct releasing *r)
{
    AUTO(ledger_revoked) revoked = NULL;
    struct ledger_crl signed_ahead = r->row.crl;
    struct ledger_revocation row;
    bool end = false;
    TRY(ledger_crl_find_seq(engine->ledger, &signed_ahead));
    TRY(ledger_revoked_open(engine->ledger, r->issuer, signed_ahead.seq, &revoked));
    TRY(ledger_revoked_next(revoked, &row, &end));
    if (end)
        return NULL;
    return error_hint(ERROR(ERROR_REFUSED,
                            "something of \"%s\" was revoked after CRL %llu was signed ahead",
                            r->key->id, (unsigned long long)r->row.crl.number),
                      "It would hide that. Destroy what is left of the series, and sign a list "
                      "of today.");
}

/* --- the bag and what is in it --- */

static struct error *
compare_bag(struct engine *engine, const struct releasing *r)
{
    AUTO_FREE char *body = NULL;
    AUTO_FREE char *bag = NULL;
    AUTO_FREE char *expected = NULL;
    AUTO_FREE char *observed = NULL;
    TRY(text_format(
        &body,
        "CRL %llu of \"%s\" begins its time.\nTake its bag out of the safe, look at "
        "the seal, read the number.\n",
        (unsigned long long)r->row.crl.number, r->key->label));
    TRY(ask_text(engine, "bag", body, "Number of the bag", people_name(engine, "witness", 0),
                 &bag));
    TRY(engine_fact(engine, "crl-bag",
                    json_pack("{s:s,s:I,s:s,s:b}", "key", r->key->id, "number",
                              (json_int_t)r->row.crl.number, "bag", bag, "same",
                              strcmp(bag, r->row.bag) == 0)));
    if (strcmp(bag, r->row.bag) == 0)
        return NULL;
    TRY(text_format(&expected, "CRL %llu lies in bag %s", (unsigned long long)r->row.crl.number,
                    r->row.bag));
    TRY(text_format(&observed, "the bag has the number %s", bag));
    return exception_note(engine, expected, observed,
                          "gone on with: the CRL itself is compared with the ledger");
}

static struct error *
take_file(struct engine *engine, struct releasing *r)
{
    char hash[DIGEST_SHA256_TEXT];
    AUTO_FREE char *path = NULL;
    TRY(ask_tell(engine, "medium", "Open the bag and insert the medium. Enter reads it.\n",
                 NULL));
    TRY(crl_ahead_find(engine, &r->row.crl, &path));
    if (path == NULL)
        return error_hint(
            ERROR(ERROR_NOT_FOUND,
                  "the medium does not hold CRL %llu of \"%s\" as it was signed",
                  (unsigned long long)r->row.crl.number, r->key->id),
            "Insert the medium of this bag in the folder that sealed-medium "
            "names, and resume. If it is lost, the ledger must hear of it: abort, "
            "and hold a ceremony that destroys the series.");
    TRY(file_read(path, CRL_MAX, &r->der));
    TRY(digest_sha256_text(r->der.data, r->der.len, hash));
    if (strcmp(hash, r->row.crl.sha256) != 0)
        return error_hint(
            ERROR(ERROR_VERIFICATION,
                  "CRL %llu on the medium has another signature than the one that was sealed",
                  (unsigned long long)r->row.crl.number),
            "Somebody signed it again. Abort, and look for how that could be.");
    return pki_crl_verify(r->der.data, r->der.len, r->certificate.data, r->certificate.len);
}

static struct error *
lint(struct engine *engine, const struct releasing *r)
{
    AUTO_LINT_REPORT report = {0};
    TRY(issue_lint(script_profile(engine->script, engine->step->profile), r->der.data,
                   r->der.len, &r->certificate, NULL, &report));
    return pki_lint_require(&report, "CRL");
}

static struct error *
approve(struct engine *engine, const struct releasing *r)
{
    AUTO_BYTES body = {0};
    AUTO_FREE char *who = NULL;
    char command[120];
    bool typed = false;
    TRY(text_copy(engine_actor(engine), &who));
    (void)snprintf(command, sizeof command, "RELEASE CRL %llu OF %.60s",
                   (unsigned long long)r->row.crl.number, r->key->id);
    for (char *p = command; *p != '\0'; p++)
        *p = (char)toupper((unsigned char)*p);
    TRY(pki_show(r->der.data, r->der.len, SHOW_COLUMNS, &body));
    TRY(evidence_hash_line(&body, "the CRL", r->row.crl.sha256));
    TRY(ask_command(engine, "release", bytes_text(&body), command, who, &typed));
    if (!typed)
        return error_hint(ERROR(ERROR_REFUSED, "the people did not release the CRL"),
                          "Seal it again, or resume to see it again.");
    return engine_record(engine, TRANSCRIPT_CONFIRMATION, who,
                         json_pack("{s:s,s:s,s:s}", "prompt", "release", "answer", command,
                                   "sha256", r->row.crl.sha256),
                         NULL);
}

static struct error *
end(struct engine *engine, const struct releasing *r)
{
    AUTO_FREE char *name = NULL;
    const struct ledger_crl *crl = &r->row.crl;
    TRY(text_format(&name, "%s.der", r->file));
    return engine_result(
        engine, r->intent, "done",
        json_pack("{s:s,s:s,s:s,s:I,s:s,s:s,s:s,s:I,s:I}", "object", "crl", "issuer_file",
                  r->issuer_file, "key", r->key->id, "number", (json_int_t)crl->number, "file",
                  name, "sha256", crl->sha256, "tbs_sha256", crl->tbs_sha256, "valid_from",
                  (json_int_t)crl->this_update, "valid_until", (json_int_t)crl->next_update));
}

static void
name_file(const struct engine *engine, struct releasing *r)
{
    (void)snprintf(r->file, sizeof r->file, "crls/%s%.60s-%.60s-%llu", evidence_prefix(engine),
                   r->key->id, r->row.crl.scope, (unsigned long long)r->row.crl.number);
    (void)snprintf(r->issuer_file, sizeof r->issuer_file, "inputs/%s%.60s.der",
                   evidence_prefix(engine), r->key->id);
}

static struct error *
publish(struct engine *engine, struct releasing *r)
{
    AUTO_FREE char *name = NULL;
    const struct ledger_crl *crl = &r->row.crl;
    name_file(engine, r);
    TRY(text_format(&name, "%s.der", r->file));
    if (r->intent == 0)
        TRY(engine_intent(engine, RELEASE,
                          json_pack("{s:s,s:I,s:s,s:s,s:s}", "key", r->key->id, "number",
                                    (json_int_t)crl->number, "scope", crl->scope, "sha256",
                                    crl->sha256, "bag", r->row.bag),
                          &r->intent));
    TRY(evidence_write(engine, "crl", name, r->der.data, r->der.len));
    TRY(evidence_write(engine, "certificate", r->issuer_file, r->certificate.data,
                       r->certificate.len));
    TRY(ledger_crl_custody(engine->ledger, engine->state.ceremony_id, r->issuer, crl->scope,
                           crl->number, "released", r->row.bag));
    return end(engine, r);
}

static bool
was_released(const struct engine *engine)
{
    for (size_t i = 0; i < engine->state.object_count; i++)
        if (strcmp(engine->state.objects[i].step, engine->step->id) == 0)
            return true;
    return false;
}

static struct error *
find_issuer(struct engine *engine, struct releasing *r)
{
    AUTO_FREE char *label = NULL;
    struct known_key known;
    r->key = script_key(engine->script, engine->step->key);
    TRY(text_format(&label, "%s%s", evidence_prefix(engine), r->key->label));
    TRY(known_key_by_label(engine->ledger, label, &known));
    (void)snprintf(r->issuer, sizeof r->issuer, "%s", known.spki_sha256);
    return issue_earlier_certificate(engine->ledger, engine->site->folder, label,
                                     &r->certificate);
}

/* The one that was announced, even if the time of the next one has come since: its bag is open. */
static struct error *
take_row(struct engine *engine, struct releasing *r, const json_t *intent)
{
    AUTO_FREE struct ledger_ahead *rows = NULL;
    const json_int_t number = json_integer_value(json_object_get(intent, "number"));
    size_t count = 0;
    TRY(ledger_crls_ahead(engine->ledger, r->issuer, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if ((json_int_t)rows[i].crl.number == number && strcmp(rows[i].state, "sealed") == 0) {
            r->row = rows[i];
            r->row_is_chosen = true;
            return NULL;
        }
    return ERROR(ERROR_VERIFICATION,
                 "CRL %lld of \"%s\" was to be released, and the ledger has it nowhere",
                 (long long)number, r->key->id);
}

/* Commanded and begun by an interrupted run; `*ret_released`: the ledger has it already. */
static struct error *
take_intent(struct engine *engine, struct releasing *r, bool *ret_released)
{
    const struct state_intent *open = state_intent(&engine->state, RELEASE);
    bool found = false;
    *ret_released = false;
    if (open == NULL)
        return NULL;
    r->intent = open->seq;
    TRY(ledger_crl_last(engine->ledger, r->issuer,
                        json_string_value(json_object_get(open->data, "scope")), &r->row.crl,
                        &found));
    *ret_released = found
                    && (json_int_t)r->row.crl.number
                           == json_integer_value(json_object_get(open->data, "number"));
    return *ret_released ? NULL : take_row(engine, r, open->data);
}

/* No token is needed: the root stays in its safe. */
struct error *
step_run_release_crl(struct engine *engine)
{
    AUTO_RELEASING r = {0};
    bool released = false;
    if (was_released(engine))
        return NULL;
    TRY(find_issuer(engine, &r));
    TRY(take_intent(engine, &r, &released));
    if (released) {
        name_file(engine, &r);
        return end(engine, &r);
    }
    if (!r.row_is_chosen)
        TRY(choose(engine, &r));
    TRY(check_order(engine, &r));
    TRY(check_current(engine, &r));
    TRY(compare_bag(engine, &r));
    TRY(take_file(engine, &r));
    TRY(lint(engine, &r));
    TRY(approve(engine, &r));
    return publish(engine, &r);
}
