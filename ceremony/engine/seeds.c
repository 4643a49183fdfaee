/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/seeds.h"

#include <string.h>

#include "ceremony/engine/issue.h"
#include "ceremony/engine/keys.h"
#include "ceremony/pki/envelope_open.h"
#include "p11/decrypt.h"
#include "transcripts/digest.h"

void
seeds_file_clear(struct seeds_file *file)
{
    bytes_clear(&file->envelope.der);
}

/* What came in clear was seen by everybody on its way. */
static struct error *
refuse_clear(struct bytes *file)
{
    static const char head[] = "serial,seed";
    bool clear = file->len >= sizeof head - 1 && memcmp(file->data, head, sizeof head - 1) == 0;
    if (!clear)
        return NULL;
    secret_wipe(file->data, file->len);
    return error_hint(
        ERROR(ERROR_REFUSED, "the list of seeds is not encrypted, so others may have read it"),
        "Do not use these devices' seeds. Let the sender encrypt a list of other ones to the "
        "certificate of the key that opens it.");
}

struct error *
seeds_file_read(struct engine *engine, const struct state_key *key, struct seeds_file *ret_file)
{
    AUTO_DOCUMENTS documents = {0};
    AUTO_BYTES certificate = {0};
    struct document *file = &documents.items[0];
    if (site_input(engine->site, engine->step->id) == NULL)
        return error_hint(
            ERROR(ERROR_INPUT, "environment.yaml names no input \"%s\"", engine->step->id),
            "Name the file with the encrypted list of seeds there, as the step is called.");
    TRY(documents_read(&documents, engine->site, engine->step->id, SEEDS_FILE_MAX));
    TRY_DOING(TAKE(file->fault), "reading the list of seeds");
    TRY(refuse_clear(&file->file));
    TRY(digest_sha256_text(file->data, file->len, ret_file->sha256));
    TRY(issue_certificate_of(engine, key->name, &certificate));
    TRY_DOING(
        seeds_read_ask(engine, &documents, engine->step->id, &certificate, &ret_file->envelope),
        "reading the list of seeds");
    return NULL;
}

static struct error *
unwrap(struct engine *engine, const struct envelope_sealed *sealed, const struct state_key *key,
       struct secret **ret_content_key)
{
    struct engine_token *token = NULL;
    struct p11_session *session = NULL;
    unsigned char id[P11_ID_MAX];
    size_t id_len = 0;
    TRY(tokens_get(engine, key->token, &token));
    TRY(tokens_login_user(engine, token));
    TRY(tokens_session(engine, token, &session));
    TRY(key_id_parse(key->id_hex, id, &id_len));
    return p11_decrypt(session, id, id_len, sealed->sha1 ? P11_OAEP_SHA1 : P11_OAEP_SHA256,
                       sealed->key.p, sealed->key.len, ret_content_key);
}

static struct error *
take(void *self, const unsigned char *part, size_t len)
{
    return seeds_list_take(self, part, len);
}

static struct error *
open_list(struct engine *engine, const struct seeds_file *file, const struct state_key *key,
          struct seeds_list **ret_list)
{
    AUTO(seeds_list) list = NULL;
    AUTO(secret) content_key = NULL;
    const struct envelope_sealed *sealed = &file->envelope.sealed;
    TRY(unwrap(engine, sealed, key, &content_key));
    TRY(seeds_list_new(&list));
    const struct envelope_reader reader = {list, take};
    TRY(envelope_decrypt(sealed, content_key, &reader));
    TRY(seeds_list_finish(list));
    *ret_list = TAKE(list);
    return NULL;
}

struct error *
seeds_open(struct engine *engine, const struct seeds_file *file, const struct state_key *key,
           struct seeds_list **ret_list)
{
    AUTO(seeds_list) list = NULL;
    uint64_t intent = 0;
    TRY(engine_intent(engine, "open-seeds",
                      json_pack("{s:s,s:s,s:s}", "key", key->name, "token", key->token,
                                "sha256", file->sha256),
                      &intent));
    struct error *error = open_list(engine, file, key, &list);
    if (error != NULL)
        return engine_result_failed(engine, intent, error);
    TRY(engine_result(engine, intent, "done",
                      json_pack("{s:s,s:s,s:s,s:I}", "key", key->name, "spki_sha256",
                                key->spki_sha256, "sha256", file->sha256, "devices",
                                (json_int_t)seeds_list_count(list))));
    *ret_list = TAKE(list);
    return NULL;
}
