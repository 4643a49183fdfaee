/* SPDX-License-Identifier: Apache-2.0
 *
 * A key that an earlier ceremony made: the ledger says which, the token must hold that very one with
 * the properties it was given, and it signs a challenge before anything else is asked of it. Labels
 * and ids can be copied, so the public key decides. (R22, R28-R31, R102) */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/engine/archive.h"
#include "ceremony/engine/earlier.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/engine/token_head.h"
#include "ceremony/pki/pki.h"

struct finding {
    const struct script_key *planned;
    struct engine_token *token;
    struct known_key known;
    char how[KNOWN_TEXT_MAX]; /* its copy on this token: "generated", "restored" */
    struct state_key key;
};

static void
finding_clear(struct finding *finding)
{
    bytes_clear(&finding->key.spki);
}

static struct error *
ask_ledger(struct engine *engine, struct finding *finding)
{
    AUTO_FREE char *label = NULL;
    TRY(earlier_label(engine, finding->planned, &label));
    TRY(known_key_by_label(engine->ledger, label, &finding->known));
    return earlier_check_type(finding->planned, &finding->known);
}

/* The ledger knows on which tokens copies are. */
static struct error *
find_copy(struct engine *engine, struct finding *finding)
{
    AUTO_FREE struct known_copy *copies = NULL;
    size_t count = 0;
    struct p11_token_info info;
    TRY(tokens_info(engine, finding->token, &info));
    TRY(known_copies(engine->ledger, finding->known.spki_sha256, &copies, &count));
    for (size_t i = 0; i < count; i++)
        if (strcmp(copies[i].serial, info.serial) == 0
            && strcmp(copies[i].state, "present") == 0) {
            (void)snprintf(finding->how, sizeof finding->how, "%s", copies[i].how);
            return NULL;
        }
    return error_hint(
        ERROR(ERROR_REFUSED, "the ledger knows no copy of the key \"%s\" on token \"%s\"",
              finding->known.label, finding->token->site->name),
        "Its serial is %s. Connect the token that holds the key, or correct environment.yaml.",
        info.serial);
}

static enum p11_key_purpose
purpose_of(const struct finding *finding)
{
    if (strcmp(finding->how, "restored") == 0)
        return P11_KEY_RESTORED;
    return key_purpose_of(finding->planned);
}

static void
name_key(struct finding *finding)
{
    struct state_key *key = &finding->key;
    (void)snprintf(key->name, sizeof key->name, "%s", finding->planned->id);
    (void)snprintf(key->token, sizeof key->token, "%s", finding->planned->token);
    (void)snprintf(key->label, sizeof key->label, "%.90s", finding->known.label);
    (void)snprintf(key->id_hex, sizeof key->id_hex, "%.128s", finding->known.id_hex);
    (void)snprintf(key->type, sizeof key->type, "%.90s", finding->known.type);
    key->pin_each_signature = finding->planned->pin == PIN_EACH_SIGNATURE;
    key->decrypts = finding->planned->use == USE_DECRYPT;
}

static struct error *
read_public_key(struct engine *engine, struct finding *finding)
{
    struct p11_session *session = NULL;
    struct p11_key_plan plan;
    struct state_key *key = &finding->key;
    TRY(key_plan_of(key, purpose_of(finding), &plan));
    TRY(tokens_session(engine, finding->token, &session));
    struct error *error = p11_key_spki(session, plan.id, plan.id_len, &key->spki);
    if (error != NULL && error_code(error) == ERROR_NOT_FOUND)
        error = error_hint(error,
                           "The ledger says that this token holds the key \"%s\". Look at "
                           "the token before anything else.",
                           key->label);
    TRY(error);
    TRY(pki_spki_hash(key->spki.data, key->spki.len, key->spki_sha256));
    if (strcmp(key->spki_sha256, finding->known.spki_sha256) != 0)
        return error_hint(
            ERROR(ERROR_REFUSED,
                  "the key \"%s\" on token \"%s\" is not the one that the ledger knows",
                  key->label, finding->token->site->name),
            "It bears the same id, but its public key is another. Do not use the token.");
    return key_check_attributes(engine, finding->token, key->name, &plan, KEY_LOCKED);
}

/* A copy of its certificate goes into the evidence, so that the folder can be checked by itself. */
static struct error *
copy_certificate(struct engine *engine, const struct finding *finding, json_t *data)
{
    AUTO_FREE struct known_certificate *rows = NULL;
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *what = NULL;
    AUTO_BYTES der = {0};
    size_t count = 0;
    TRY(known_certificates(engine->ledger, finding->key.spki_sha256, &rows, &count));
    if (count == 0)
        return NULL;
    TRY(text_format(&what, "the certificate of key \"%s\"", finding->key.label));
    TRY(archive_read(engine->site->folder, ARCHIVE_CERTIFICATE, rows[0].sha256, what, &der));
    TRY(text_format(&name, "inputs/%s%.60s.der", evidence_prefix(engine), finding->key.name));
    TRY(evidence_write(engine, "certificate of an earlier ceremony", name, der.data, der.len));
    (void)json_object_set_new(data, "certificate", json_string(name));
    (void)json_object_set_new(data, "certificate_sha256", json_string(rows[0].sha256));
    return NULL;
}

static struct error *
find(struct engine *engine, struct finding *finding)
{
    uint64_t intent = 0;
    json_t *data = NULL;
    TRY(ask_ledger(engine, finding));
    TRY(tokens_get(engine, finding->planned->token, &finding->token));
    TRY(find_copy(engine, finding));
    name_key(finding);
    TRY(tokens_login_user(engine, finding->token));
    TRY(token_head_check(engine, finding->token));
    TRY(engine_intent(engine, "find-key",
                      json_pack("{s:s,s:s,s:s,s:s,s:s,s:s*,s:s*}", "key", finding->key.name,
                                "token", finding->key.token, "label", finding->key.label, "id",
                                finding->key.id_hex, "type", finding->key.type, "pin",
                                key_pin_said(&finding->key), "use",
                                key_use_said(&finding->key)),
                      &intent));
    struct error *error = read_public_key(engine, finding);
    if (error == NULL)
        error =
            key_prove_possession(engine, finding->token, &finding->key, finding->key.id_hex);
    if (error == NULL)
        error = key_describe(&finding->key, &data);
    if (error == NULL)
        error = copy_certificate(engine, finding, data);
    if (error != NULL)
        return engine_result_failed(engine, intent, error);
    (void)json_object_set_new(data, "how", json_string(finding->how));
    (void)json_object_set_new(data, "ledger", json_string(finding->known.state));
    return engine_result(engine, intent, "done", data);
}

static struct error *
show(struct engine *engine, const struct state_key *key)
{
    AUTO_BYTES body = {0};
    AUTO_FREE char *description = NULL;
    TRY(pki_key_describe(key->spki.data, key->spki.len, &description));
    TRY(bytes_format(&body,
                     "Found: key \"%s\", %s\nLabel \"%s\" on token \"%s\"\n\n"
                     "Its public key is the one that the ledger knows, its\n"
                     "properties are as they were left, and it %s a\n"
                     "challenge.\n\n",
                     key->name, description, key->label, key->token,
                     key->decrypts ? "decrypted" : "signed"));
    TRY(bytes_append_text(&body, "The beginning of the SHA-256 of its public key:\n"));
    TRY(evidence_hash_line(&body, "public key", key->spki_sha256));
    return ask_tell(engine, "found", bytes_text(&body), NULL);
}

struct error *
step_run_find_key(struct engine *engine)
{
    __attribute__((cleanup(finding_clear))) struct finding finding = {
        .planned = script_key(engine->script, engine->step->key)};
    if (state_key(&engine->state, engine->step->key) == NULL)
        TRY(find(engine, &finding));
    return show(engine, state_key(&engine->state, engine->step->key));
}
