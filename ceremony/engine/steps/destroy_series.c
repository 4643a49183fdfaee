/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of a series before its time: whoever has one of its CRLs can show it instead of the list of
 * today. Which ones there are says the ledger; for how long they could hide a revocation is computed and
 * read aloud; each is destroyed before the witnesses, or noted as lost. (R59) */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/crl_ahead.h"
#include "ceremony/engine/crl_batch.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/rules/crl_calendar.h"

struct destroying {
    const struct state_key *key;
    struct ledger_ahead *rows;
    size_t count;
    size_t lost;
    size_t unseen; /* destroyed, and the program saw nothing of it */
    bool answered; /* the ledger had the end of one, and the record had not */
    uint64_t
        begun;     /* the number of one that an interrupted run had begun to destroy; 0: none */
    int64_t from;  /* when one of them can first be shown */
    int64_t until; /* the exposed window; 0: it is over */
};

static void
destroying_clear(struct destroying *destroying)
{
    free(destroying->rows);
}

#define AUTO_DESTROYING __attribute__((cleanup(destroying_clear))) struct destroying

/* For how long one of them could be shown instead of a list that is signed now. */
static void
compute_window(struct destroying *d)
{
    struct crl_span spans[CRL_SERIES_MAX];
    struct clock_reading now;
    size_t count = d->count < CRL_SERIES_MAX ? d->count : CRL_SERIES_MAX;
    clock_read(&now);
    d->from = INT64_MAX;
    for (size_t i = 0; i < count; i++) {
        const struct ledger_crl *crl = &d->rows[i].crl;
        spans[i] = (struct crl_span){crl->number, crl->this_update, crl->next_update};
        if (crl->next_update > now.wall_ms / 1000 && crl->this_update < d->from)
            d->from = crl->this_update;
    }
    if (d->from < now.wall_ms / 1000)
        d->from = now.wall_ms / 1000;
    d->until = crl_exposed_until(spans, count, now.wall_ms / 1000);
}

/* --- read aloud, commanded --- */

static struct error *
put_window(const struct destroying *d, struct bytes *body)
{
    char from[CLOCK_TEXT_SIZE];
    char until[CLOCK_TEXT_SIZE];
    if (d->until == 0)
        return bytes_append_text(body, "All of them have ended: none can be shown any more.\n");
    clock_format_seconds(d->from, from);
    clock_format_seconds(d->until, until);
    return bytes_format(body,
                        "Whoever has one of them can show it instead of the list\n"
                        "of today, and hide what is revoked now:\n"
                        "  from  %.10s\n  until %.10s\n",
                        from, until);
}

static struct error *
put_rows(const struct destroying *d, struct bytes *body)
{
    TRY(bytes_format(body, "CRLs of \"%s\" that were signed ahead and not released:\n\n",
                     d->key->label));
    for (size_t i = 0; i < d->count; i++) {
        char from[CLOCK_TEXT_SIZE];
        char until[CLOCK_TEXT_SIZE];
        clock_format_seconds(d->rows[i].crl.this_update, from);
        clock_format_seconds(d->rows[i].crl.next_update, until);
        TRY(bytes_format(body, "  number %llu, %.10s to %.10s\n    %s, bag %s\n",
                         (unsigned long long)d->rows[i].crl.number, from, until,
                         d->rows[i].state, d->rows[i].bag));
    }
    TRY(bytes_append_char(body, '\n'));
    return put_window(d, body);
}

static struct error *
read_aloud(struct engine *engine, const struct destroying *d)
{
    AUTO_BYTES body = {0};
    AUTO_FREE char *who = NULL;
    bool heard = false;
    json_t *numbers = json_array();
    for (size_t i = 0; i < d->count; i++)
        (void)json_array_append_new(numbers, json_integer((json_int_t)d->rows[i].crl.number));
    TRY(engine_fact(engine, "exposed-window",
                    json_pack("{s:s,s:o,s:I,s:I}", "key", d->key->name, "numbers", numbers,
                              "from", (json_int_t)(d->until == 0 ? 0 : d->from), "until",
                              (json_int_t)d->until)));
    TRY(text_copy(people_name(engine, "witness", 0), &who));
    TRY(put_rows(d, &body));
    TRY(ask_confirm(engine, "window", bytes_text(&body), "Was this read aloud?", who, &heard));
    if (!heard)
        return error_hint(ERROR(ERROR_REFUSED, "the exposed window was not read aloud"),
                          "Read it aloud, so that all know what a CRL that is missing means. "
                          "Resume.");
    return engine_record(engine, TRANSCRIPT_CONFIRMATION, who,
                         json_pack("{s:s,s:s}", "prompt", "window", "answer", "yes"), NULL);
}

static struct error *
type_command(struct engine *engine, const struct destroying *d)
{
    AUTO_BYTES body = {0};
    AUTO_FREE char *who = NULL;
    char command[120];
    bool typed = false;
    TRY(text_copy(engine_actor(engine), &who));
    (void)snprintf(command, sizeof command, "DESTROY %zu CRLS OF %.60s", d->count,
                   d->key->name);
    for (char *p = command; *p != '\0'; p++)
        *p = (char)toupper((unsigned char)*p);
    TRY(put_rows(d, &body));
    TRY(ask_command(engine, "destroy", bytes_text(&body), command, who, &typed));
    if (!typed)
        return error_hint(ERROR(ERROR_REFUSED, "the people did not destroy the CRLs"),
                          "While they are there, nothing of this CA is revoked. Resume to see "
                          "them again, or abort the ceremony.");
    return engine_record(engine, TRANSCRIPT_CONFIRMATION, who,
                         json_pack("{s:s,s:s}", "prompt", "destroy", "answer", command), NULL);
}

/* --- one by one --- */

static struct error *
ask_gone(struct engine *engine, const struct ledger_ahead *row, bool *ret_gone)
{
    static const struct prompt_choice choices[] = {
        {"destroyed", "It is destroyed before us"},
        {"missing",   "It is missing"            },
    };
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *body = NULL;
    AUTO_FREE char *choice = NULL;
    const unsigned long long number = row->crl.number;
    TRY(text_format(&name, "%llu.end", number));
    TRY(text_format(&body,
                    "CRL %llu, bag %s.\nCompare the number of the bag, open it, and insert the "
                    "medium:\nthe program overwrites what it finds. Then break the medium.\n%s",
                    number, row->bag,
                    row->crl.sha256[0] == '\0'
                        ? "It was announced, and perhaps never signed. If there is no medium\n"
                          "with it, there is nothing to break, and it counts as destroyed.\n"
                        : ""));
    TRY(ask_choose(engine, name, body, "What became of it?", people_name(engine, "witness", 0),
                   choices, 2, &choice));
    *ret_gone = strcmp(choice, "destroyed") == 0;
    return NULL;
}

static struct error *
overwrite(struct engine *engine, const struct ledger_ahead *row, bool *ret_found)
{
    AUTO_FREE char *path = NULL;
    TRY(crl_ahead_find(engine, &row->crl, &path));
    *ret_found = path != NULL;
    return path == NULL ? NULL : file_destroy(path);
}

static struct error *
note_lost(struct engine *engine, const struct ledger_ahead *row)
{
    AUTO_FREE char *expected = NULL;
    TRY(text_format(&expected, "CRL %llu, signed ahead, in bag %s is destroyed",
                    (unsigned long long)row->crl.number, row->bag));
    return exception_note(engine, expected, "it is missing",
                          "gone on with: until it ends, whoever has it can hide a revocation");
}

/* "Destroyed" is then the word of the people alone. One that was never signed lies nowhere. */
static struct error *
note_unseen(struct engine *engine, struct destroying *d, const struct ledger_ahead *row)
{
    AUTO_FREE char *expected = NULL;
    if (row->crl.sha256[0] == '\0')
        return NULL;
    d->unseen++;
    TRY(text_format(&expected, "CRL %llu is on the medium out of bag %s, and is overwritten",
                    (unsigned long long)row->crl.number, row->bag));
    return exception_note(
        engine, expected,
        d->begun == row->crl.number
            ? "no medium holds it now; to destroy it was begun before an interruption"
            : "no medium that holds it was found",
        "gone on with: the witnesses say that it is destroyed");
}

/* --- after an interruption --- */

static const struct ledger_ahead *
row_of(const struct destroying *d, const json_t *intent)
{
    const json_int_t number = json_integer_value(json_object_get(intent, "number"));
    const char *scope = json_string_value(json_object_get(intent, "scope"));
    for (size_t i = 0; i < d->count; i++)
        if ((json_int_t)d->rows[i].crl.number == number && scope != NULL
            && strcmp(d->rows[i].crl.scope, scope) == 0)
            return &d->rows[i];
    return NULL;
}

/* The ledger has its end, and the record not yet. Whether a medium held it, no record says. */
static struct error *
answer_ended(struct engine *engine, struct destroying *d, const struct state_intent *intent,
             const char *then)
{
    const json_int_t number = json_integer_value(json_object_get(intent->data, "number"));
    AUTO_FREE char *expected = NULL;
    d->answered = true;
    if (strcmp(then, "destroyed") == 0) {
        d->unseen++;
        TRY(text_format(&expected, "the record says whether CRL %lld was found and overwritten",
                        (long long)number));
        TRY(exception_note(engine, expected, "an interruption came before it",
                           "gone on with: the ledger says that it is destroyed"));
    }
    return engine_result(engine, intent->seq, "done",
                         json_pack("{s:s,s:I,s:s,s:b}", "key", d->key->name, "number", number,
                                   "state", then, "overwritten", 0));
}

/* What was announced gets its answer: from the ledger, or none, and then it is begun again. */
static struct error *
answer_open(struct engine *engine, struct destroying *d)
{
    for (size_t i = 0; i < engine->state.intent_count; i++) {
        struct state_intent intent = engine->state.intents[i];
        if (strcmp(intent.does, "destroy-crl") != 0
            || strcmp(intent.step, engine->step->id) != 0)
            continue;
        const struct ledger_ahead *row = row_of(d, intent.data);
        const char *said = json_string_value(json_object_get(intent.data, "then"));
        const char *then = said != NULL && strcmp(said, "lost") == 0 ? "lost" : "destroyed";
        if (row == NULL || (strcmp(row->state, "lost") == 0 && strcmp(then, "lost") == 0))
            return answer_ended(engine, d, &intent, then);
        d->begun = row->crl.number;
        return engine_result(engine, intent.seq, "unknown",
                             json_pack("{s:s}", "then", "it is asked again"));
    }
    return NULL; /* one is open at most */
}

static struct error *
end_one(struct engine *engine, struct destroying *d, const struct ledger_ahead *row)
{
    const struct ledger_crl *crl = &row->crl;
    uint64_t intent = 0;
    bool gone = false;
    bool found = false;
    TRY(ask_gone(engine, row, &gone));
    if (!gone && strcmp(row->state, "lost") == 0) {
        d->lost++;
        return NULL; /* an earlier ceremony noted it */
    }
    TRY(engine_intent(engine, "destroy-crl",
                      json_pack("{s:s,s:I,s:s,s:s,s:s,s:s}", "key", d->key->name, "number",
                                (json_int_t)crl->number, "scope", crl->scope, "sha256",
                                crl->sha256, "bag", row->bag, "then",
                                gone ? "destroyed" : "lost"),
                      &intent));
    if (gone)
        TRY(overwrite(engine, row, &found));
    else
        TRY(note_lost(engine, row));
    if (gone && !found)
        TRY(note_unseen(engine, d, row));
    d->lost += gone ? 0 : 1;
    TRY(ledger_crl_custody(engine->ledger, engine->state.ceremony_id, d->key->spki_sha256,
                           crl->scope, crl->number, gone ? "destroyed" : "lost", row->bag));
    return engine_result(engine, intent, "done",
                         json_pack("{s:s,s:I,s:s,s:b}", "key", d->key->name, "number",
                                   (json_int_t)crl->number, "state",
                                   gone ? "destroyed" : "lost", "overwritten", found));
}

static struct error *
tell_end(struct engine *engine, const struct destroying *d)
{
    AUTO_BYTES body = {0};
    if (d->unseen > 0)
        TRY(bytes_format(&body,
                         "Of those said to be destroyed, %zu were on no medium that\n"
                         "the program was shown. If a medium is left, insert it and\n"
                         "look: the evidence names the numbers as exceptions.\n\n",
                         d->unseen));
    if (d->lost == 0 && d->unseen == 0)
        TRY(bytes_append_text(&body,
                              "All CRLs that were signed ahead are destroyed: nothing can\n"
                              "hide what is revoked now.\n"));
    else if (d->lost == 0)
        TRY(put_window(d, &body));
    else {
        TRY(bytes_format(&body, "%zu of them are missing.\n", d->lost));
        TRY(put_window(d, &body));
    }
    return ask_tell(engine, "end", bytes_text(&body), people_name(engine, "witness", 0));
}

struct error *
step_run_destroy_series(struct engine *engine)
{
    AUTO_DESTROYING d = {0};
    struct state_key *key = NULL;
    TRY(key_of_step(engine, engine->step->key, &key));
    d.key = key;
    TRY(ledger_crls_ahead(engine->ledger, key->spki_sha256, &d.rows, &d.count));
    TRY(answer_open(engine, &d));
    if (d.count == 0 && d.answered)
        return ask_tell(engine, "end",
                        "All CRLs that were signed ahead have their end in the ledger: the\n"
                        "interruption came behind the last of them.\n",
                        people_name(engine, "witness", 0));
    if (d.count == 0) {
        TRY(engine_fact(engine, "no-crls-ahead", json_pack("{s:s}", "key", key->name)));
        return ask_tell(engine, "none",
                        "The ledger knows no CRL of this CA that was signed ahead and\n"
                        "is neither released nor destroyed: there is nothing to destroy.\n",
                        NULL);
    }
    compute_window(&d);
    TRY(read_aloud(engine, &d));
    TRY(type_command(engine, &d));
    for (size_t i = 0; i < d.count; i++)
        TRY(end_one(engine, &d, &d.rows[i]));
    return tell_end(engine, &d);
}
