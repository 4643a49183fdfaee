/* SPDX-License-Identifier: Apache-2.0
 *
 * The recorder's key and certificate (DESIGN 3 Recorder). */
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/quorum.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/pki.h"
#include "ceremony/pki/show.h"
#include "transcripts/seal.h"

#define RECORDER_TYPE "ec-p256"

/* A key like any other of this program's, but without backup and destroyed at the end. */
static struct error *
make_key(struct engine *engine, struct engine_token *token, const struct p11_key_plan *plan,
         struct bytes *spki)
{
    struct p11_session *session = NULL;
    TRY(tokens_session(engine, token, &session));
    TRY(p11_key_type_supported(token->module->module, p11_session_slot(session), plan->type,
                               plan->purpose));
    TRY(p11_key_generate(session, plan));
    TRY(p11_key_spki(session, plan->id, plan->id_len, spki));
    return key_check_attributes(engine, token, "recorder", plan, KEY_NEW);
}

static struct error *
make_certificate(struct engine *engine, struct engine_token *token,
                 const struct p11_key_plan *plan, const struct bytes *spki,
                 struct bytes *certificate)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY *public_key = NULL;
    AUTO_FREE char *subject = NULL;
    struct clock_reading now;
    clock_read(&now);
    TRY(text_format(&subject, "%sRecorder of %.40s", engine->site->rehearsal ? "PRACTICE " : "",
                    engine->state.ceremony_id));
    TRY(pki_key_from_spki(spki->data, spki->len, &public_key));
    struct error *error =
        tokens_signing_key(engine, token, plan->id, plan->id_len, spki->data, spki->len, &key);
    if (error == NULL)
        error = seal_certificate_make(key, public_key, p11_provider_context(engine->provider),
                                      subject, now.wall_ms / 1000, certificate);
    EVP_PKEY_free(key);
    EVP_PKEY_free(public_key);
    return tokens_signing_error(engine, error);
}

static struct error *
result_of(const struct engine_token *token, const struct p11_key_plan *plan, const char *id_hex,
          const struct bytes *spki, const struct bytes *certificate, json_t **ret_data)
{
    char hash[DIGEST_SHA256_TEXT];
    AUTO_FREE char *spki_text = NULL;
    AUTO_FREE char *certificate_text = NULL;
    TRY(digest_sha256_text(certificate->data, certificate->len, hash));
    TRY(base64_encode_new(spki->data, spki->len, &spki_text));
    TRY(base64_encode_new(certificate->data, certificate->len, &certificate_text));
    *ret_data = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "token", token->site->name, "label",
                          plan->label, "id", id_hex, "spki", spki_text, "certificate",
                          certificate_text, "certificate_sha256", hash);
    return NULL;
}

static struct error *
show_fingerprint(struct engine *engine)
{
    unsigned char hash[32];
    AUTO_BYTES body = {0};
    AUTO_BYTES groups = {0};
    TRY(hex_decode(engine->state.recorder.certificate_sha256, hash, sizeof hash));
    TRY(pki_show_fingerprint(hash, sizeof hash, &groups));
    TRY(bytes_format(&body, "SHA-256 of the recorder's certificate\n%s", bytes_text(&groups)));
    return ask_tell(engine, "fingerprint", bytes_text(&body),
                    people_name(engine, "witness", 0));
}

/* The recorder on a CA's own token could be used by whoever uses the CA's key. */
static struct error *
refuse_ca_token(struct engine *engine, struct engine_token *token)
{
    struct p11_token_info own;
    TRY(tokens_info(engine, token, &own));
    for (size_t i = 0; i < engine->script->key_count; i++) {
        struct engine_token *other = NULL;
        struct p11_token_info info;
        if (engine->script->keys[i].made == MADE_ELSEWHERE)
            continue;
        TRY(tokens_get(engine, engine->script->keys[i].token, &other));
        if (other != token) {
            TRY(tokens_info(engine, other, &info));
            if (strcmp(info.serial, own.serial) != 0 || other->module != token->module)
                continue;
        }
        if (!engine->site->rehearsal)
            return error_hint(
                ERROR(ERROR_REFUSED, "the recorder may not be on the token of a CA key"),
                "Give the recorder a token of its own in environment.yaml.");
        return exception_note(engine, "the recorder has a token of its own",
                              "it is on the token of a CA key, which is weak",
                              "accepted, this is a rehearsal");
    }
    return NULL;
}

static struct error *
make_recorder(struct engine *engine)
{
    struct engine_token *token = NULL;
    char id_hex[33];
    AUTO_FREE char *label = NULL;
    AUTO_BYTES spki = {0};
    AUTO_BYTES certificate = {0};
    uint64_t intent = 0;
    TRY(tokens_get(engine, engine->step->token, &token));
    TRY(refuse_ca_token(engine, token));
    /* It signs after the last record, when no custodian can be asked any more. */
    TRY(quorum_refuse_held(engine, token,
                           "Give the recorder a token whose PIN one person types."));
    TRY(key_id_make(id_hex));
    TRY(text_format(&label, "%srecorder", evidence_prefix(engine)));
    struct p11_key_plan plan = {
        .type = P11_EC_P256, .purpose = P11_KEY_NO_BACKUP, .label = label};
    TRY(key_id_parse(id_hex, plan.id, &plan.id_len));
    TRY(tokens_login_user(engine, token));
    TRY(engine_intent(engine, "create-recorder",
                      json_pack("{s:s,s:s,s:s,s:s,s:s}", "key", "recorder", "token",
                                token->site->name, "label", label, "id", id_hex, "type",
                                RECORDER_TYPE),
                      &intent));
    json_t *data = NULL;
    struct error *error = make_key(engine, token, &plan, &spki);
    if (error == NULL)
        error = make_certificate(engine, token, &plan, &spki, &certificate);
    if (error == NULL)
        error = result_of(token, &plan, id_hex, &spki, &certificate, &data);
    if (error != NULL)
        return error; /* the intent stays open: resume destroys what came of it */
    return engine_result(engine, intent, "done", data);
}

struct error *
step_run_create_recorder(struct engine *engine)
{
    const struct bytes *certificate = &engine->state.recorder.certificate;
    AUTO_BYTES pem = {0};
    if (!engine->state.recorder.made)
        TRY(make_recorder(engine));
    TRY(pki_pem("CERTIFICATE", certificate->data, certificate->len, &pem));
    TRY(evidence_write(engine, "recorder certificate", "certificates/recorder.pem", pem.data,
                       pem.len));
    return show_fingerprint(engine);
}
