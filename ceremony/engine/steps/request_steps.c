/* SPDX-License-Identifier: Apache-2.0
 *
 * A request on its way from the ceremony that made a subordinate's key to the one that certifies it.
 * Its hash travels on paper by another way than the medium; and where the evidence of the other
 * ceremony is at hand, its sealed record must name the very same key. (R9, R62, R68; REQUIREMENTS
 * 4.2) */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/engine/brought_facts.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/pki/build.h"

#define REQUEST_MAX 65536U

/* --- out --- */

static struct error *
sign_request(struct engine *engine, const struct state_key *key, struct bytes *der)
{
    struct engine_token *token = NULL;
    EVP_PKEY *evp = NULL;
    unsigned char id[P11_ID_MAX];
    size_t id_len = 0;
    TRY(tokens_get(engine, key->token, &token));
    TRY(tokens_login_user(engine, token));
    TRY(key_id_parse(key->id_hex, id, &id_len));
    TRY(tokens_signing_key(engine, token, id, id_len, key->spki.data, key->spki.len, &evp));
    struct error *error = pki_request_make(
        script_profile(engine->script, engine->step->profile), key->spki.data, key->spki.len,
        engine->site->rehearsal, evp, p11_provider_context(engine->provider), der);
    EVP_PKEY_free(evp);
    return tokens_signing_error(engine, error);
}

/* One that was signed before an interruption is kept, if it is this key's. */
static struct error *
written_before(struct engine *engine, const struct state_key *key, const char *name,
               struct bytes *der)
{
    AUTO_CA_REQUEST request = {0};
    struct error *error = evidence_read(engine, name, REQUEST_MAX, der);
    if (error != NULL) {
        error_free(error);
        return NULL;
    }
    TRY(pki_ca_request_read(der->data, der->len, &request));
    if (request.spki.len != key->spki.len
        || memcmp(request.spki.data, key->spki.data, key->spki.len) != 0)
        return ERROR(ERROR_VERIFICATION,
                     "the file \"%s\" is there already, and is of another key", name);
    return NULL;
}

struct error *
step_run_create_request(struct engine *engine)
{
    struct state_key *key = NULL;
    uint64_t intent = 0;
    char hash[DIGEST_SHA256_TEXT];
    AUTO_BYTES der = {0};
    AUTO_FREE char *stem = NULL;
    AUTO_FREE char *name = NULL;
    TRY(key_of_step(engine, engine->step->key, &key));
    TRY(text_format(&stem, "requests/%s%.60s", evidence_prefix(engine), key->name));
    TRY(text_format(&name, "%s.der", stem));
    TRY(written_before(engine, key, name, &der));
    TRY(engine_intent(engine, "create-request",
                      json_pack("{s:s,s:s,s:s,s:s}", "key", key->name, "token", key->token,
                                "profile", engine->step->profile, "file", name),
                      &intent));
    struct error *error = der.len == 0 ? sign_request(engine, key, &der) : NULL;
    if (error == NULL)
        error = brought_write_request(engine, stem, &der);
    if (error == NULL)
        error = digest_sha256_text(der.data, der.len, hash);
    if (error != NULL)
        return engine_result_failed(engine, intent, error);
    TRY(engine_result(engine, intent, "done",
                      json_pack("{s:s,s:s,s:s,s:s,s:s}", "key", key->name, "file", name,
                                "sha256", hash, "spki_sha256", key->spki_sha256, "verified",
                                "in software")));
    return evidence_paper(engine, "request", hash);
}

/* --- in --- */

struct import {
    struct brought_request brought;
    struct state_key key;
    const char *compared; /* with what it was compared */
};

static void
import_clear(struct import *import)
{
    bytes_clear(&import->key.spki);
    brought_request_clear(&import->brought);
}

static struct error *
name_key(const struct engine *engine, const struct script_key *planned, struct import *import)
{
    const struct bytes *spki = &import->brought.request.spki;
    struct state_key *key = &import->key;
    (void)snprintf(key->name, sizeof key->name, "%s", planned->id);
    (void)snprintf(key->label, sizeof key->label, "%s%.60s", evidence_prefix(engine),
                   planned->id);
    (void)snprintf(key->type, sizeof key->type, "%s", planned->type);
    (void)snprintf(key->spki_sha256, sizeof key->spki_sha256, "%s",
                   import->brought.spki_sha256);
    return bytes_copy(&key->spki, spki->data, spki->len);
}

static struct error *
show_request(struct engine *engine, const struct import *import)
{
    AUTO_BYTES body = {0};
    TRY(bytes_format(&body, "Subject    %s\nKey        %s\n",
                     import->brought.request.subject_text, import->brought.key_text));
    TRY(bytes_append_text(&body, "The key inside signed the request. Name and extensions of\n"
                                 "the certificate come from the profile, not from it.\n\n"));
    TRY(evidence_hash_line(&body, "request", import->brought.file.sha256));
    TRY(evidence_hash_line(&body, "public key", import->key.spki_sha256));
    return ask_tell(engine, "request", bytes_text(&body), NULL);
}

static struct error *
import(struct engine *engine, const struct script_key *planned, struct import *import)
{
    uint64_t intent = 0;
    json_t *data = NULL;
    AUTO_FREE char *stem = NULL;
    const struct brought *file = &import->brought.file;
    TRY(brought_request_ask(engine, planned, &import->brought));
    TRY(name_key(engine, planned, import));
    TRY(show_request(engine, import));
    TRY(brought_compare_paper(engine, file, "request"));
    TRY(brought_compare_closing(engine, file, &import->compared));
    TRY(text_format(&stem, "requests/%s%.60s", evidence_prefix(engine), import->key.name));
    TRY(engine_intent(engine, "import-request",
                      json_pack("{s:s,s:s}", "key", import->key.name, "sha256", file->sha256),
                      &intent));
    struct error *error = brought_write_request(engine, stem, &file->der);
    if (error == NULL)
        error = key_describe(&import->key, &data);
    if (error != NULL)
        return engine_result_failed(engine, intent, error);
    (void)json_object_set_new(data, "sha256", json_string(file->sha256));
    (void)json_object_set_new(data, "subject",
                              json_string(import->brought.request.subject_text));
    (void)json_object_set_new(data, "compared", json_string(import->compared));
    return engine_result(engine, intent, "done", data);
}

struct error *
step_run_import_request(struct engine *engine)
{
    __attribute__((cleanup(import_clear))) struct import request = {0};
    if (state_key(&engine->state, engine->step->key) != NULL)
        return NULL;
    return import(engine, script_key(engine->script, engine->step->key), &request);
}
