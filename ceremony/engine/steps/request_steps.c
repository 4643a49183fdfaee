/* SPDX-License-Identifier: Apache-2.0
 *
 * A request on its way from the ceremony that made a subordinate's key to the one that certifies it.
 * Its hash travels on paper by another way than the medium; and where the evidence of the other
 * ceremony is at hand, its sealed record must name the very same key. (R9, R62, R68; REQUIREMENTS
 * 4.2) */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/random.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/ca_request.h"
#include "ceremony/pki/show.h"
#include "transcripts/reader.h"

#define REQUEST_MAX  65536U
#define PAPER_WORDS  2U
#define WITNESSES    2U
#define SHOW_COLUMNS 54U

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

static struct error *
write_request(struct engine *engine, const char *stem, const struct bytes *der)
{
    AUTO_FREE char *der_name = NULL;
    AUTO_FREE char *pem_name = NULL;
    AUTO_BYTES pem = {0};
    TRY(text_format(&der_name, "%s.der", stem));
    TRY(text_format(&pem_name, "%s.pem", stem));
    TRY(pki_pem("CERTIFICATE REQUEST", der->data, der->len, &pem));
    TRY(evidence_write(engine, "request", der_name, der->data, der->len));
    return evidence_write(engine, "request", pem_name, pem.data, pem.len);
}

/* All 32 words of its hash: they go to the other ceremony on paper. */
static struct error *
show_paper(struct engine *engine, const struct bytes *der)
{
    unsigned char hash[32];
    char hex[DIGEST_SHA256_TEXT];
    AUTO_BYTES body = {0};
    AUTO_BYTES groups = {0};
    TRY(digest_sha256_text(der->data, der->len, hex));
    TRY(hex_decode(hex, hash, sizeof hash));
    TRY(pki_show_fingerprint(hash, sizeof hash, &groups));
    TRY(bytes_format(&body,
                     "SHA-256 of the request (its .der file). The witness writes\n"
                     "the words on paper. The paper travels to the ceremony\n"
                     "that signs, by another way than the medium.\n\n%s",
                     bytes_text(&groups)));
    return ask_tell(engine, "paper", bytes_text(&body), people_name(engine, "witness", 0));
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
        error = write_request(engine, stem, &der);
    if (error == NULL)
        error = digest_sha256_text(der.data, der.len, hash);
    if (error != NULL)
        return engine_result_failed(engine, intent, error);
    TRY(engine_result(engine, intent, "done",
                      json_pack("{s:s,s:s,s:s,s:s,s:s}", "key", key->name, "file", name,
                                "sha256", hash, "spki_sha256", key->spki_sha256, "verified",
                                "in software")));
    return show_paper(engine, &der);
}

/* --- in --- */

struct import {
    const struct script_key *planned;
    const struct site_input *input;
    struct bytes der;
    char sha256[DIGEST_SHA256_TEXT];
    struct pki_ca_request request;
    struct state_key key;
    const char *compared; /* with what the public key was compared */
};

static void
import_clear(struct import *import)
{
    bytes_clear(&import->der);
    bytes_clear(&import->key.spki);
    pki_ca_request_clear(&import->request);
}

static struct error *
read_request(struct engine *engine, struct import *import)
{
    AUTO_BYTES file = {0};
    char label[32];
    struct state_key *key = &import->key;
    import->input = site_input(engine->site, import->planned->id);
    if (import->input == NULL)
        return ERROR(ERROR_INPUT, "environment.yaml names no input \"%s\"",
                     import->planned->id);
    TRY_DOING(file_read(import->input->path, REQUEST_MAX, &file), "reading the request");
    TRY(pki_from_file(file.data, file.len, &import->der, label));
    TRY(digest_sha256_text(import->der.data, import->der.len, import->sha256));
    TRY(pki_ca_request_read(import->der.data, import->der.len, &import->request));
    (void)snprintf(key->name, sizeof key->name, "%s", import->planned->id);
    (void)snprintf(key->label, sizeof key->label, "%s", import->planned->id);
    (void)snprintf(key->type, sizeof key->type, "%s", import->planned->type);
    TRY(bytes_copy(&key->spki, import->request.spki.data, import->request.spki.len));
    return pki_spki_hash(key->spki.data, key->spki.len, key->spki_sha256);
}

static struct error *
check_type(const struct import *import)
{
    if (strcmp(import->planned->type, SCRIPT_TYPE_AS_MADE) == 0)
        return NULL;
    AUTO_BYTES planned = {0};
    AUTO_FREE char *is = NULL;
    AUTO_FREE char *should = NULL;
    EVP_PKEY *sample = NULL;
    TRY(pki_key_make(import->planned->type, &sample));
    struct error *error = pki_spki_of(sample, &planned);
    EVP_PKEY_free(sample);
    TRY(error);
    TRY(pki_key_describe(planned.data, planned.len, &should));
    TRY(pki_key_describe(import->key.spki.data, import->key.spki.len, &is));
    if (strcmp(is, should) == 0)
        return NULL;
    return error_hint(ERROR(ERROR_REFUSED,
                            "the request is for a key of type %s, the script says %s", is,
                            should),
                      "Bring the request that the script means, or correct the script.");
}

static struct error *
find_in_records(const struct transcript_reading *reading, const struct import *import)
{
    for (size_t i = 0; i < reading->count; i++) {
        const struct transcript_record *record = &reading->records[i];
        const char *does = json_string_value(json_object_get(record->data, "does"));
        const char *spki = json_string_value(json_object_get(record->data, "spki_sha256"));
        const char *hash = json_string_value(json_object_get(record->data, "sha256"));
        if (record->type == TRANSCRIPT_RESULT && does != NULL && spki != NULL && hash != NULL
            && strcmp(does, "create-request") == 0 && strcmp(spki, import->key.spki_sha256) == 0
            && strcmp(hash, import->sha256) == 0)
            return NULL;
    }
    return error_hint(
        ERROR(ERROR_REFUSED, "the record of the other ceremony names another request"),
        "Bring the request and the evidence folder of the same ceremony.");
}

/* The other ceremony's closed record: its chain is whole, and the witness has its head on paper. */
static struct error *
compare_evidence(struct engine *engine, struct import *import)
{
    AUTO_FREE char *path = NULL;
    AUTO_READING reading = {0};
    import->compared = "paper alone: no evidence folder of the other ceremony was at hand";
    if (import->input->evidence[0] == '\0')
        return NULL;
    TRY(path_join(import->input->evidence, "transcript.jsonl", &path));
    TRY_DOING(transcript_read(path, false, &reading),
              "reading the record of the other ceremony");
    if (reading.count == 0 || reading.records[reading.count - 1].type != TRANSCRIPT_CLOSING)
        return ERROR(ERROR_REFUSED, "the record of the other ceremony was never closed");
    TRY(find_in_records(&reading, import));
    import->compared = "paper, and the closed record of the other ceremony";
    const struct transcript_record *last = &reading.records[reading.count - 1];
    uint32_t place = 0;
    unsigned wrong = 0;
    AUTO_FREE char *question = NULL;
    TRY(random_below(32, &place));
    TRY(text_format(&question, "Word %u of the closing words", place + 1));
    return ask_word(engine, "closing-word",
                    "The paper of the other ceremony carries the 32 words of\n"
                    "its closing record. They say that its record was not\n"
                    "changed on the way.\n",
                    question, people_name(engine, "auditor", 0),
                    words_pgp_word(last->hash[place], place), &wrong);
}

/* Each witness types words of the hash from the paper (R15): the second channel. */
static struct error *
compare_paper(struct engine *engine, const struct import *import)
{
    unsigned char hash[32];
    TRY(hex_decode(import->sha256, hash, sizeof hash));
    for (size_t w = 0; w < WITNESSES; w++) {
        AUTO_FREE char *who = NULL;
        TRY(text_copy(people_name(engine, "witness", w), &who));
        for (size_t n = 0; n < PAPER_WORDS; n++) {
            AUTO_FREE char *name = NULL;
            AUTO_FREE char *question = NULL;
            uint32_t place = 0;
            unsigned wrong = 0;
            TRY(random_below(32, &place));
            TRY(text_format(&name, "%zu.word-%zu", w + 1, n + 1));
            TRY(text_format(&question, "Word %u of the request's paper", place + 1));
            TRY(ask_word(engine, name,
                         "The paper that came by another way carries 32 words:\n"
                         "the SHA-256 of the request. The program has read the\n"
                         "request from the medium.\n",
                         question, who, words_pgp_word(hash[place], place), &wrong));
        }
        TRY(engine_record(engine, TRANSCRIPT_CONFIRMATION, who,
                          json_pack("{s:s,s:s,s:s}", "prompt", "request", "answer", "equal",
                                    "sha256", import->sha256),
                          NULL));
    }
    return NULL;
}

static struct error *
show_request(struct engine *engine, const struct import *import)
{
    AUTO_BYTES body = {0};
    AUTO_FREE char *description = NULL;
    TRY(pki_key_describe(import->key.spki.data, import->key.spki.len, &description));
    TRY(bytes_format(&body, "Subject    %s\nKey        %s\n", import->request.subject_text,
                     description));
    TRY(bytes_append_text(&body, "The key inside signed the request. Name and extensions of\n"
                                 "the certificate come from the profile, not from it.\n\n"));
    TRY(evidence_hash_line(&body, "request", import->sha256));
    TRY(evidence_hash_line(&body, "public key", import->key.spki_sha256));
    return ask_tell(engine, "request", bytes_text(&body), NULL);
}

static struct error *
import(struct engine *engine, struct import *import)
{
    uint64_t intent = 0;
    json_t *data = NULL;
    AUTO_FREE char *stem = NULL;
    TRY(read_request(engine, import));
    TRY(check_type(import));
    TRY(show_request(engine, import));
    TRY(compare_paper(engine, import));
    TRY(compare_evidence(engine, import));
    TRY(text_format(&stem, "requests/%s%.60s", evidence_prefix(engine), import->key.name));
    TRY(engine_intent(engine, "import-request",
                      json_pack("{s:s,s:s}", "key", import->key.name, "sha256", import->sha256),
                      &intent));
    struct error *error = write_request(engine, stem, &import->der);
    if (error == NULL)
        error = key_describe(&import->key, &data);
    if (error != NULL)
        return engine_result_failed(engine, intent, error);
    (void)json_object_set_new(data, "sha256", json_string(import->sha256));
    (void)json_object_set_new(data, "subject", json_string(import->request.subject_text));
    (void)json_object_set_new(data, "compared", json_string(import->compared));
    return engine_result(engine, intent, "done", data);
}

struct error *
step_run_import_request(struct engine *engine)
{
    __attribute__((cleanup(import_clear))) struct import request = {
        .planned = script_key(engine->script, engine->step->key)};
    if (state_key(&engine->state, engine->step->key) != NULL)
        return NULL;
    return import(engine, &request);
}
