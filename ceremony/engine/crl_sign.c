/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/crl_sign.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/file.h"
#include "ceremony/base/file_stage.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/keys.h"
#include "ceremony/pki/build.h"
#include "p11/signer.h"

/* What is signed ahead is no object of the evidence: only its announced bytes are. */
static const char *
does(const struct crl_item *item)
{
    return item->ahead ? "sign-crl-ahead" : "sign-crl";
}

static void
upper(char *text)
{
    for (; *text != '\0'; text++)
        *text = (char)toupper((unsigned char)*text);
}

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
        if (strcmp(intent->does, does(item)) == 0 && file != NULL
            && strcmp(file, item->file) == 0)
            return intent->seq;
    }
    return 0;
}

static struct error *
announce(struct engine *engine, const struct crl_item *item, const char *command,
         uint64_t *ret_intent)
{
    const struct pki_crl_facts *facts = pki_crl_stream_facts(item->stream);
    *ret_intent = announced(engine, item);
    if (*ret_intent != 0)
        return NULL;
    bool reserved = false; /* just before the interruption */
    TRY(ledger_crl_is_reserved(engine->ledger, item->issuer->key->spki_sha256, item->scope,
                               item->number, facts->tbs_sha256, &reserved));
    if (!reserved)
        TRY(ledger_reserve_crl(engine->ledger, engine->state.ceremony_id,
                               item->issuer->key->spki_sha256, item->scope, item->number,
                               facts->tbs_sha256, facts->this_update, facts->next_update));
    if (item->ahead)
        TRY(ledger_crl_custody(engine->ledger, engine->state.ceremony_id,
                               item->issuer->key->spki_sha256, item->scope, item->number,
                               "unreleased", CRL_NO_BAG));
    return engine_intent(
        engine, does(item),
        json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:s,s:s,s:I}", "object", "crl", "key",
                  item->issuer->key->name, "profile", item->profile->id, "scope", item->scope,
                  "file", item->file, "number", (json_int_t)item->number, "partition",
                  (json_int_t)item->partition, "entries", (json_int_t)facts->entries,
                  "tbs_sha256", facts->tbs_sha256, "command", command, "this_update",
                  (json_int_t)item->this_update),
        ret_intent);
}

static struct error *
write_lint(struct engine *engine, const struct crl_item *item,
           const struct pki_lint_report *report)
{
    AUTO_BYTES text = {0};
    AUTO_FREE char *name = NULL;
    TRY(pki_lint_text(report, &text));
    TRY(text_format(&name, "lint/%s", strchr(item->file, '/') + 1));
    return evidence_write_numbered(engine, "lint report", name, ".txt", text.data, text.len);
}

/* A file that has its name was read back before. Its to-be-signed bytes must be these, and its signature right: it lay
 * there since. */
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
    return pki_crl_verify(map.data, map.len, item->issuer->certificate.data,
                          item->issuer->certificate.len);
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

/* The evidence has the bytes of what is signed ahead, not the CRL. */
static struct error *
record(struct engine *engine, const struct crl_item *item, uint64_t intent, const char *sha256)
{
    AUTO_FREE char *name = NULL;
    const struct pki_draft *sample = &item->sample;
    int64_t from = 0;
    int64_t until = 0;
    TRY(pki_validity_of(sample->specimen.data, sample->specimen.len, &from, &until));
    const struct pki_crl_facts *facts =
        item->stream == NULL ? NULL : pki_crl_stream_facts(item->stream);
    TRY(text_format(&name, "%s%s", item->file, item->ahead ? ".tbs" : ".der"));
    json_t *data = json_pack("{s:s,s:s,s:s,s:s,s:I,s:s,s:I,s:I,s:s}", "object", "crl", "key",
                             item->issuer->key->name, "file", name, "sha256", sha256, "number",
                             (json_int_t)item->number, "tbs_sha256",
                             facts == NULL ? sample->tbs_sha256 : facts->tbs_sha256,
                             "valid_from", (json_int_t)from, "valid_until", (json_int_t)until,
                             "verified", "in software, read back from the file");
    if (data != NULL && facts != NULL)
        (void)json_object_set_new(data, "entries", json_integer((json_int_t)facts->entries));
    return engine_result(engine, intent, "done", data);
}

static struct error *
finish(struct engine *engine, const struct crl_item *item, uint64_t intent, const char *path,
       bool there, const char *sha256)
{
    if (!item->ahead)
        TRY(output(engine, item, path, there, sha256));
    else if (!there)
        TRY(pki_crl_stream_publish(item->stream, false));
    TRY(ledger_issue_crl(engine->ledger, engine->state.ceremony_id,
                         item->issuer->key->spki_sha256, item->scope, item->number, sha256));
    return record(engine, item, intent, sha256);
}

struct error *
crl_sign_end(struct engine *engine, const struct crl_item *item, const char *sha256)
{
    uint64_t intent = announced(engine, item);
    return intent == 0 ? NULL : record(engine, item, intent, sha256);
}

struct error *
crl_sign_item(struct engine *engine, struct crl_item *item, const char *command)
{
    AUTO(p11_signer) key = NULL;
    AUTO_FREE char *path = NULL;
    uint64_t intent = 0;
    bool there = false;
    char sha256[65];
    TRY(crl_item_path(engine, item, &path));
    TRY(announce(engine, item, command, &intent));
    TRY(written_before(path, item, &there));
    if (there) {
        TRY(hash_file(path, sha256));
        return finish(engine, item, intent, path, true, sha256);
    }
    TRY(signer_of(engine, item->issuer->key, &key));
    TRY(sign_and_check(engine, item, key, sha256));
    return finish(engine, item, intent, path, false, sha256);
}
