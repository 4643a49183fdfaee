/* SPDX-License-Identifier: Apache-2.0
 *
 * Many CRLs in one step: drafted and linted, shown as one table, a typed command for each object of a
 * root and one for all others, then signed, verified, read back and named one after the other. An
 * interruption leaves of each the whole new file or none; resumed, the same bytes are signed. (R18,
 * R32, R36, R52-R55) */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/crl_batch.h"
#include "ceremony/engine/crl_brought.h"
#include "ceremony/engine/crl_sign.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/pki/show.h"

#define SHOW_COLUMNS 54U

static void
upper(char *text)
{
    for (; *text != '\0'; text++)
        *text = (char)toupper((unsigned char)*text);
}

/* --- shown and typed --- */

static struct error *
put_row(struct bytes *body, const struct crl_item *item)
{
    const struct pki_crl_facts *facts = pki_crl_stream_facts(item->stream);
    char kind[48];
    char until[CLOCK_TEXT_SIZE];
    crl_item_kind(item, kind, sizeof kind);
    clock_format_seconds(facts->next_update, until);
    return bytes_format(body, "%.20s  number %llu  %s\n  %llu entries, until %.10s, %.16s\n",
                        item->issuer->key->name, (unsigned long long)item->number, kind,
                        (unsigned long long)facts->entries, until, facts->tbs_sha256);
}

/* An indirect one speaks for others, too: they are named where its command is typed. */
static struct error *
put_covered(const struct engine *engine, struct bytes *body)
{
    const struct pki_texts *covers = &engine->step->covers;
    for (size_t i = 0; i < covers->count; i++)
        TRY(bytes_format(body, "%s%.*s", i == 0 ? "\nThe indirect list is also for: " : ", ",
                         (int)strcspn(covers->items[i], " "), covers->items[i]));
    return covers->count == 0 ? NULL : bytes_append_char(body, '\n');
}

static struct error *
put_table(const struct engine *engine, const struct crl_batch *batch, struct bytes *body)
{
    TRY(bytes_append_text(body, "Issuer, number, kind; entries, next update, and how\n"
                                "the SHA-256 of the bytes to be signed begins:\n\n"));
    for (size_t i = 0; i < batch->count; i++)
        if (!batch->items[i].done)
            TRY(put_row(body, &batch->items[i]));
    return put_covered(engine, body);
}

static void
command_of(const struct crl_item *item, size_t others, char *ret_command, size_t size)
{
    char kind[48];
    if (!item->issuer->is_root) {
        (void)snprintf(ret_command, size, "SIGN %zu CRLS", others);
        return;
    }
    crl_item_kind(item, kind, sizeof kind);
    (void)snprintf(ret_command, size, "SIGN CRL %llu OF %.48s%s%s",
                   (unsigned long long)item->number, item->issuer->key->name,
                   strcmp(kind, "full") == 0 ? "" : " ", strcmp(kind, "full") == 0 ? "" : kind);
    upper(ret_command);
}

static struct error *
type_command(struct engine *engine, const char *name, const struct bytes *body,
             const char *command, json_t *tbs)
{
    bool typed = false;
    AUTO_FREE char *who = NULL;
    TRY(text_copy(engine_actor(engine), &who));
    struct error *error = ask_command(engine, name, bytes_text(body), command, who, &typed);
    if (error == NULL && !typed)
        error = error_hint(ERROR(ERROR_REFUSED, "the people did not sign the CRLs"),
                           "Nothing was signed. Resume to see them again, or abort the "
                           "ceremony.");
    if (error != NULL) {
        json_decref(tbs);
        return error;
    }
    return engine_record(
        engine, TRANSCRIPT_CONFIRMATION, who,
        json_pack("{s:s,s:s,s:o}", "prompt", "sign", "answer", command, "tbs_sha256", tbs),
        NULL);
}

/* Of a root: each decoded, each with a command of its own. */
static struct error *
approve_of_root(struct engine *engine, const struct crl_item *item)
{
    AUTO_BYTES body = {0};
    AUTO_FREE char *name = NULL;
    char command[120];
    const struct pki_crl_facts *facts = pki_crl_stream_facts(item->stream);
    command_of(item, 0, command, sizeof command);
    TRY(text_format(&name, "sign.%s.%s", item->issuer->key->name, item->scope));
    TRY(pki_show(item->sample.specimen.data, item->sample.specimen.len, SHOW_COLUMNS, &body));
    TRY(bytes_format(&body, "Entries      %llu in all\nTo be signed SHA-256",
                     (unsigned long long)facts->entries));
    for (size_t at = 0; at < 64; at += 8)
        TRY(bytes_format(&body, "%s%.8s", at == 24 || at == 48 ? "\n             " : " ",
                         facts->tbs_sha256 + at));
    TRY(bytes_append_char(&body, '\n'));
    return type_command(engine, name, &body, command, json_string(facts->tbs_sha256));
}

static size_t
count_others(const struct crl_batch *batch)
{
    size_t others = 0;
    for (size_t i = 0; i < batch->count; i++)
        others += !batch->items[i].done && !batch->items[i].issuer->is_root;
    return others;
}

static struct error *
approve(struct engine *engine, const struct crl_batch *batch)
{
    AUTO_BYTES body = {0};
    char command[40];
    size_t others = count_others(batch);
    json_t *tbs = json_array();
    TRY(put_table(engine, batch, &body));
    for (size_t i = 0; i < batch->count; i++)
        if (!batch->items[i].done && !batch->items[i].issuer->is_root)
            (void)json_array_append_new(
                tbs, json_string(pki_crl_stream_facts(batch->items[i].stream)->tbs_sha256));
    (void)snprintf(command, sizeof command, "SIGN %zu CRLS", others);
    if (others > 0)
        TRY(type_command(engine, "sign", &body, command, tbs));
    else
        json_decref(tbs);
    for (size_t i = 0; i < batch->count; i++)
        if (!batch->items[i].done && batch->items[i].issuer->is_root)
            TRY(approve_of_root(engine, &batch->items[i]));
    return NULL;
}

static struct error *
sign_item(struct engine *engine, struct crl_item *item, size_t others)
{
    char command[120];
    command_of(item, others, command, sizeof command);
    return crl_sign_item(engine, item, command);
}

struct error *
step_run_sign_crls(struct engine *engine)
{
    AUTO(crl_batch) batch = NULL;
    if (strcmp(engine->state.work_done, engine->step->id) == 0)
        return NULL; /* interrupted before its end was recorded */
    if (!crl_batch_is_planned(engine))
        TRY(crl_brought_take(engine));
    TRY(crl_batch_plan(engine, &batch));
    for (size_t i = 0; i < batch->count; i++)
        if (!batch->items[i].done)
            TRY(crl_batch_draft(engine, &batch->items[i]));
    size_t others = count_others(batch);
    TRY(approve(engine, batch));
    for (size_t i = 0; i < batch->count; i++)
        if (!batch->items[i].done)
            TRY(sign_item(engine, &batch->items[i], others));
    return engine_result(engine, batch->plan, "done",
                         json_pack("{s:I}", "crls", (json_int_t)batch->count));
}
