/* SPDX-License-Identifier: Apache-2.0
 *
 * A series of CRLs for an offline root: shown as one table with one command (R18), the first published
 * like any other, each later one signed onto a medium of its own and sealed in a bag before the next one is.
 * The evidence keeps the bytes that were signed ahead, without their signatures. (R36, R59) */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/crl_ahead.h"
#include "ceremony/engine/crl_brought.h"
#include "ceremony/engine/crl_series.h"
#include "ceremony/engine/crl_sign.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/show.h"

#define SHOW_COLUMNS 54U

static const char *
name_on_medium(const struct crl_item *item)
{
    return item->file + sizeof CRL_AHEAD - 1;
}

/* --- shown and typed --- */

static struct error *
put_rows(const struct crl_batch *batch, struct bytes *body)
{
    TRY(bytes_append_text(body, "Number  from        until       SHA-256 begins\n"));
    for (size_t i = 0; i < batch->count; i++) {
        const struct crl_item *item = &batch->items[i];
        int64_t begin = 0;
        int64_t end = 0;
        char from[CLOCK_TEXT_SIZE];
        char until[CLOCK_TEXT_SIZE];
        TRY(pki_validity_of(item->sample.specimen.data, item->sample.specimen.len, &begin,
                            &end));
        clock_format_seconds(begin, from);
        clock_format_seconds(end, until);
        TRY(bytes_format(body, "%6llu  %.10s  %.10s  %.16s\n", (unsigned long long)item->number,
                         from, until, item->sample.tbs_sha256));
    }
    return bytes_append_text(body,
                             "\nAt every instant from the first to the last one is valid.\n"
                             "Whoever has a later one can show it, and hide what is\n"
                             "revoked until then. So each is sealed alone, released when\n"
                             "its time comes, and destroyed when anything is revoked.\n");
}

static void
command_of(const struct crl_batch *batch, char *ret_command, size_t size)
{
    (void)snprintf(ret_command, size, "SIGN CRLS %llu TO %llu OF %.60s",
                   (unsigned long long)batch->items[0].number,
                   (unsigned long long)batch->items[batch->count - 1].number,
                   batch->issuers[0].key->name);
    for (char *p = ret_command; *p != '\0'; p++)
        *p = (char)toupper((unsigned char)*p);
}

static struct error *
approve(struct engine *engine, const struct crl_batch *batch, const char *command)
{
    AUTO_BYTES body = {0};
    AUTO_FREE char *who = NULL;
    bool typed = false;
    const struct pki_draft *first = &batch->items[0].sample;
    TRY(text_copy(engine_actor(engine), &who));
    TRY(bytes_append_text(&body, "The first one; the others differ in number and dates:\n\n"));
    TRY(pki_show(first->specimen.data, first->specimen.len, SHOW_COLUMNS, &body));
    TRY(bytes_append_char(&body, '\n'));
    TRY(put_rows(batch, &body));
    TRY(ask_command(engine, "sign", bytes_text(&body), command, who, &typed));
    if (!typed)
        return error_hint(ERROR(ERROR_REFUSED, "the people did not sign the series"),
                          "Nothing was signed. Resume to see it again, or abort the ceremony.");
    json_t *tbs = json_array();
    for (size_t i = 0; i < batch->count; i++)
        (void)json_array_append_new(tbs, json_string(batch->items[i].sample.tbs_sha256));
    return engine_record(
        engine, TRANSCRIPT_CONFIRMATION, who,
        json_pack("{s:s,s:s,s:o}", "prompt", "sign", "answer", command, "tbs_sha256", tbs),
        NULL);
}

/* --- one by one --- */

static struct error *
draft_as_shown(struct engine *engine, struct crl_item *item)
{
    TRY(crl_batch_write(engine, item));
    if (strcmp(pki_crl_stream_facts(item->stream)->tbs_sha256, item->sample.tbs_sha256) != 0)
        return ERROR(ERROR_BUG, "CRL %llu is not the one that was shown",
                     (unsigned long long)item->number);
    return NULL;
}

/* As the ledger has it; "" where it does not know the CRL yet. */
static struct error *
look_up(struct engine *engine, const struct crl_item *item, struct ledger_ahead *ret_row)
{
    AUTO_FREE struct ledger_ahead *rows = NULL;
    size_t count = 0;
    TRY(ledger_crls_ahead(engine->ledger, item->issuer->key->spki_sha256, &rows, &count));
    *ret_row = (struct ledger_ahead){0};
    for (size_t i = 0; i < count; i++)
        if (rows[i].crl.number == item->number)
            *ret_row = rows[i];
    return NULL;
}

static struct error *
refuse_used_bag(struct engine *engine, const struct crl_item *item, const char *bag)
{
    AUTO_FREE struct ledger_ahead *rows = NULL;
    size_t count = 0;
    TRY(ledger_crls_ahead(engine->ledger, item->issuer->key->spki_sha256, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].bag, bag) == 0 && rows[i].crl.number != item->number)
            return error_hint(ERROR(ERROR_REFUSED, "bag %s holds CRL %llu already", bag,
                                    (unsigned long long)rows[i].crl.number),
                              "Each has a bag of its own. Resume, and type the number on this "
                              "one's bag.");
    return NULL;
}

static struct error *
seal(struct engine *engine, const struct crl_item *item)
{
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *body = NULL;
    AUTO_FREE char *question = NULL;
    AUTO_FREE char *bag = NULL;
    const unsigned long long number = item->number;
    char from[CLOCK_TEXT_SIZE];
    clock_format_seconds(item->this_update, from);
    TRY(text_format(&name, "%llu.bag", number));
    TRY(text_format(&question, "Number of the bag with CRL %llu", number));
    TRY(text_format(
        &body,
        "CRL %llu is on the medium, and was read back.\nTake it out, seal it in a bag "
        "before everyone's eyes,\nand write on the bag: not before %.10s.\n",
        number, from));
    TRY(ask_text(engine, name, body, question, people_name(engine, "witness", 0), &bag));
    TRY(refuse_used_bag(engine, item, bag));
    TRY(engine_fact(engine, "crl-sealed",
                    json_pack("{s:s,s:I,s:s}", "key", item->issuer->key->name, "number",
                              (json_int_t)item->number, "bag", bag)));
    return ledger_crl_custody(engine->ledger, engine->state.ceremony_id,
                              item->issuer->key->spki_sha256, item->scope, item->number,
                              "sealed", bag);
}

static struct error *
sign_ahead(struct engine *engine, struct crl_item *item, const char *command)
{
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *body = NULL;
    AUTO_FREE char *file = NULL;
    AUTO_FREE char *tbs = NULL;
    TRY(text_format(&name, "%llu.medium", (unsigned long long)item->number));
    TRY(text_format(&body, "Insert the medium for CRL %llu. It must be empty. Enter signs.\n",
                    (unsigned long long)item->number));
    TRY(ask_tell(engine, name, body, NULL));
    TRY(text_format(&file, "%s.der", name_on_medium(item)));
    TRY(sealed_medium_check(engine, file));
    TRY(text_format(&tbs, "%s.tbs", item->file));
    TRY(evidence_write(engine, "bytes of a CRL signed ahead", tbs, item->sample.tbs.data,
                       item->sample.tbs.len));
    TRY(draft_as_shown(engine, item));
    return crl_sign_item(engine, item, command);
}

/* Signed, then sealed; an interrupted run may have done the first, or both. */
static struct error *
sign_and_seal(struct engine *engine, struct crl_item *item, const char *command)
{
    struct ledger_ahead row;
    TRY(look_up(engine, item, &row));
    if (strcmp(row.state, "sealed") == 0)
        return NULL;
    if (row.crl.sha256[0] == '\0')
        TRY(sign_ahead(engine, item, command));
    else
        TRY(crl_sign_end(engine, item, row.crl.sha256));
    return seal(engine, item);
}

struct error *
step_run_sign_series(struct engine *engine)
{
    AUTO(crl_batch) batch = NULL;
    char command[120];
    if (strcmp(engine->state.work_done, engine->step->id) == 0)
        return NULL; /* interrupted before its end was recorded */
    TRY(sealed_medium_sweep(engine));
    if (!crl_batch_is_planned(engine))
        TRY(crl_brought_take(engine));
    TRY(crl_batch_plan(engine, &batch));
    TRY(crl_series_build(engine, batch));
    command_of(batch, command, sizeof command);
    TRY(approve(engine, batch, command));
    if (!batch->items[0].done) {
        TRY(draft_as_shown(engine, &batch->items[0]));
        TRY(crl_sign_item(engine, &batch->items[0], command));
    }
    for (size_t i = 1; i < batch->count; i++)
        TRY(sign_and_seal(engine, &batch->items[i], command));
    return engine_result(engine, batch->plan, "done",
                         json_pack("{s:I}", "crls", (json_int_t)batch->count));
}
