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
#include "ceremony/base/file.h"
#include "ceremony/base/file_stage.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/crl_batch.h"
#include "ceremony/engine/crl_brought.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/show.h"
#include "p11/signer.h"

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
                        item->issuer->key->name, (unsigned long long)item->issuer->number, kind,
                        (unsigned long long)facts->entries, until, facts->tbs_sha256);
}

static struct error *
put_table(const struct crl_batch *batch, struct bytes *body)
{
    TRY(bytes_append_text(body, "Issuer, number, kind; entries, next update, beginning of\n"
                                "the SHA-256 of the bytes to be signed:\n\n"));
    for (size_t i = 0; i < batch->count; i++)
        if (!batch->items[i].done)
            TRY(put_row(body, &batch->items[i]));
    return NULL;
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
                   (unsigned long long)item->issuer->number, item->issuer->key->name,
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
    TRY(put_table(batch, &body));
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

/* --- signed --- */

static struct error *
sign_message(void *self, const char *digest, const struct byte_source *message,
             struct bytes *ret_signature)
{
    struct p11_signing how = {.digest = digest[0] == '\0' ? NULL : digest};
    char name[16];
    (void)snprintf(name, sizeof name, "%s", digest);
    upper(name);
    if (how.digest != NULL)
        how.digest = name;
    return p11_signer_sign_parts(self, &how, message, ret_signature);
}

static struct error *
signer_of(struct engine *engine, const struct state_key *key, struct p11_signer **ret_signer)
{
    struct engine_token *token = NULL;
    struct p11_session *session = NULL;
    unsigned char id[P11_ID_MAX];
    size_t id_len = 0;
    TRY(tokens_get(engine, key->token, &token));
    TRY(tokens_login_user(engine, token));
    TRY(tokens_session(engine, token, &session));
    TRY(key_id_parse(key->id_hex, id, &id_len));
    return p11_signer_new(session, id, id_len, key->spki.data, key->spki.len, ret_signer);
}

/* The intent of the interrupted run to sign this very item; 0 if there is none. */
static uint64_t
announced(const struct engine *engine, const struct crl_item *item)
{
    for (size_t i = 0; i < engine->state.intent_count; i++) {
        const struct state_intent *intent = &engine->state.intents[i];
        const char *file = json_string_value(json_object_get(intent->data, "file"));
        if (strcmp(intent->does, "sign-crl") == 0 && file != NULL
            && strcmp(file, item->file) == 0)
            return intent->seq;
    }
    return 0;
}

static struct error *
announce(struct engine *engine, const struct crl_batch *batch, const struct crl_item *item,
         size_t others, uint64_t *ret_intent)
{
    const struct pki_crl_facts *facts = pki_crl_stream_facts(item->stream);
    char command[120];
    *ret_intent = announced(engine, item);
    if (*ret_intent != 0)
        return NULL;
    command_of(item, others, command, sizeof command);
    bool reserved = false; /* just before the interruption */
    TRY(ledger_crl_is_reserved(engine->ledger, item->issuer->key->spki_sha256, item->scope,
                               item->issuer->number, facts->tbs_sha256, &reserved));
    if (!reserved)
        TRY(ledger_reserve_crl(engine->ledger, engine->state.ceremony_id,
                               item->issuer->key->spki_sha256, item->scope,
                               item->issuer->number, facts->tbs_sha256, facts->this_update,
                               facts->next_update));
    return engine_intent(
        engine, "sign-crl",
        json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:s,s:s,s:I}", "object", "crl", "key",
                  item->issuer->key->name, "profile", item->profile->id, "scope", item->scope,
                  "file", item->file, "number", (json_int_t)item->issuer->number, "partition",
                  (json_int_t)item->partition, "entries", (json_int_t)facts->entries,
                  "tbs_sha256", facts->tbs_sha256, "command", command, "this_update",
                  (json_int_t)batch->this_update),
        ret_intent);
}

static struct error *
write_lint(struct engine *engine, const struct crl_item *item,
           const struct pki_lint_report *report)
{
    AUTO_BYTES text = {0};
    AUTO_FREE char *name = NULL;
    TRY(pki_lint_text(report, &text));
    TRY(text_format(&name, "lint/%s", item->file + sizeof "crls/" - 1));
    return evidence_write_numbered(engine, "lint report", name, ".txt", text.data, text.len);
}

/* A file that has its name is whole: it was read back before. Its to-be-signed bytes must be these. */
static struct error *
written_before(const char *path, const struct crl_item *item, bool *ret_there)
{
    AUTO_FILE_MAP map = {0};
    const unsigned char *tbs = NULL;
    size_t len = 0;
    char hash[DIGEST_SHA256_TEXT];
    *ret_there = file_exists(path);
    if (!*ret_there)
        return NULL;
    TRY(file_map_open(path, &map));
    TRY(pki_tbs_of(map.data, map.len, &tbs, &len));
    TRY(digest_sha256_text(tbs, len, hash));
    if (strcmp(hash, pki_crl_stream_facts(item->stream)->tbs_sha256) != 0)
        return ERROR(ERROR_VERIFICATION, "the file \"%s\" is there already, and is another one",
                     path_name(path));
    return NULL;
}

static struct error *
sign_and_check(struct engine *engine, struct crl_item *item, struct p11_signer *key,
               char ret_sha256[65])
{
    AUTO_LINT_REPORT report = {0};
    struct clock_reading now;
    struct pki_stream_signer signer = {.sign = sign_message, .self = key};
    clock_read(&now);
    struct pki_lint_context context = {.issuer = item->issuer->certificate.data,
                                       .issuer_len = item->issuer->certificate.len,
                                       .profile = item->profile,
                                       .now = now.wall_ms / 1000};
    working_begin(engine, "The token signs.", "usually less than a second");
    struct error *error = pki_crl_stream_sign(item->stream, &signer);
    if (error == NULL)
        error = pki_crl_stream_check(item->stream, &context, &report, ret_sha256);
    working_end(engine);
    TRY_DOING(error, "signing \"%s\"", item->file);
    return write_lint(engine, item, &report);
}

/* Announced, put in place unless it is there, recorded. */
static struct error *
output(struct engine *engine, const struct crl_item *item, const char *path, bool there,
       const char *sha256)
{
    AUTO_FILE_MAP map = {0};
    AUTO_FREE char *name = NULL;
    uint64_t intent = 0;
    TRY(text_format(&name, "%s.der", item->file));
    TRY(engine_intent(engine, "write-output",
                      json_pack("{s:s,s:s}", "file", name, "sha256", sha256), &intent));
    if (!there) {
        struct error *error = pki_crl_stream_publish(item->stream, false);
        if (error != NULL)
            return engine_result_failed(engine, intent, error);
    }
    TRY(file_map_open(path, &map));
    return engine_record(engine, TRANSCRIPT_OUTPUT, engine_actor(engine),
                         json_pack("{s:I,s:s,s:s,s:s,s:I}", "of", (json_int_t)intent, "kind",
                                   "crl", "file", name, "sha256", sha256, "size",
                                   (json_int_t)map.len),
                         NULL);
}

static struct error *
hash_file(const char *path, char ret_sha256[65])
{
    AUTO_FILE_MAP map = {0};
    TRY(file_map_open(path, &map));
    return digest_sha256_text(map.data, map.len, ret_sha256);
}

static struct error *
finish(struct engine *engine, const struct crl_item *item, uint64_t intent, const char *path,
       bool there, const char *sha256)
{
    const struct pki_crl_facts *facts = pki_crl_stream_facts(item->stream);
    AUTO_FREE char *name = NULL;
    TRY(output(engine, item, path, there, sha256));
    TRY(ledger_issue_crl(engine->ledger, engine->state.ceremony_id,
                         item->issuer->key->spki_sha256, item->scope, item->issuer->number,
                         sha256));
    TRY(text_format(&name, "%s.der", item->file));
    return engine_result(
        engine, intent, "done",
        json_pack("{s:s,s:s,s:s,s:s,s:I,s:s,s:I,s:I,s:I,s:s}", "object", "crl", "key",
                  item->issuer->key->name, "file", name, "sha256", sha256, "number",
                  (json_int_t)item->issuer->number, "tbs_sha256", facts->tbs_sha256, "entries",
                  (json_int_t)facts->entries, "valid_from", (json_int_t)facts->this_update,
                  "valid_until", (json_int_t)facts->next_update, "verified",
                  "in software, read back from the file"));
}

static struct error *
sign_item(struct engine *engine, const struct crl_batch *batch, struct crl_item *item,
          size_t others)
{
    AUTO(p11_signer) key = NULL;
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *path = NULL;
    uint64_t intent = 0;
    bool there = false;
    char sha256[65];
    TRY(text_format(&name, "%s.der", item->file));
    TRY(path_join(engine->evidence, name, &path));
    TRY(announce(engine, batch, item, others, &intent));
    TRY(written_before(path, item, &there));
    if (there) {
        TRY(hash_file(path, sha256));
        return finish(engine, item, intent, path, true, sha256);
    }
    TRY(signer_of(engine, item->issuer->key, &key));
    TRY(sign_and_check(engine, item, key, sha256));
    return finish(engine, item, intent, path, false, sha256);
}

struct error *
step_run_sign_crls(struct engine *engine)
{
    AUTO(crl_batch) batch = NULL;
    if (!crl_batch_is_planned(engine))
        TRY(crl_brought_take(engine));
    TRY(crl_batch_plan(engine, &batch));
    for (size_t i = 0; i < batch->count; i++)
        if (!batch->items[i].done)
            TRY(crl_batch_draft(engine, batch, &batch->items[i]));
    size_t others = count_others(batch);
    TRY(approve(engine, batch));
    for (size_t i = 0; i < batch->count; i++)
        if (!batch->items[i].done)
            TRY(sign_item(engine, batch, &batch->items[i], others));
    return engine_result(engine, batch->plan, "done",
                         json_pack("{s:I}", "crls", (json_int_t)batch->count));
}
