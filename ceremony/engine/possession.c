/* SPDX-License-Identifier: Apache-2.0
 *
 * That a key is on its token: it signs a challenge, or decrypts one. (R31) */
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/random.h"
#include "ceremony/engine/keys.h"
#include "ceremony/pki/pki.h"
#include "p11/decrypt.h"
#include "transcripts/digest.h"

#define CHALLENGE 32U /* octets */

static const char *
place_of(const struct engine *engine)
{
    return engine->step != NULL ? engine->step->id : engine->prompt_prefix;
}

static struct error *
sign_challenge(struct engine *engine, struct engine_token *token, const struct state_key *key,
               const char *id_hex, const struct bytes *message, struct bytes *signature)
{
    EVP_PKEY *evp = NULL;
    unsigned char id[P11_ID_MAX];
    size_t id_len = 0;
    TRY(key_id_parse(id_hex, id, &id_len));
    TRY(tokens_login_user(engine, token));
    TRY(tokens_signing_key(engine, token, id, id_len, key->spki.data, key->spki.len, &evp));
    struct error *error = pki_sign(evp, p11_provider_context(engine->provider), "",
                                   message->data, message->len, signature);
    EVP_PKEY_free(evp);
    TRY(tokens_signing_error(engine, error));
    return pki_verify(key->spki.data, key->spki.len, "", message->data, message->len,
                      signature->data, signature->len);
}

/* --- keys that decrypt --- */

struct challenge {
    struct secret *sent;
    char sha256[65]; /* of it, recorded before the token is asked */
    struct bytes cipher;
    enum p11_oaep hash;
};

static void
challenge_clear(struct challenge *challenge)
{
    secret_free(challenge->sent);
    bytes_clear(&challenge->cipher);
}

#define AUTO_CHALLENGE __attribute__((cleanup(challenge_clear))) struct challenge

static struct error *
decrypt_challenge(struct engine *engine, struct engine_token *token,
                  const struct state_key *key, const char *id_hex, enum p11_oaep hash,
                  struct challenge *challenge)
{
    AUTO(secret) answer = NULL;
    struct p11_session *session = NULL;
    unsigned char id[P11_ID_MAX];
    size_t id_len = 0;
    challenge->hash = hash;
    TRY(key_id_parse(id_hex, id, &id_len));
    TRY(tokens_session(engine, token, &session));
    bytes_clear(&challenge->cipher);
    TRY(p11_oaep_encrypt(key->spki.data, key->spki.len, hash, challenge->sent,
                         &challenge->cipher));
    TRY(p11_decrypt(session, id, id_len, hash, challenge->cipher.data, challenge->cipher.len,
                    &answer));
    if (secret_size(answer) != CHALLENGE || !secret_equal(answer, challenge->sent))
        return error_hint(ERROR(ERROR_TOKEN,
                                "token \"%s\" did not decrypt what was encrypted to the key "
                                "\"%s\"",
                                token->site->name, key->name),
                          "The token failed, or the key is not the one that is recorded. Do "
                          "not go on with this token.");
    return NULL;
}

/* With the first hash that the token has. */
static struct error *
try_hashes(struct engine *engine, struct engine_token *token, const struct state_key *key,
           const char *id_hex, struct challenge *challenge)
{
    struct error *error = NULL;
    TRY(tokens_login_user(engine, token));
    for (int hash = 0; hash < P11_OAEP_HASHES; hash++) {
        error_free(error);
        error = decrypt_challenge(engine, token, key, id_hex, (enum p11_oaep)hash, challenge);
        if (error == NULL || error_code(error) != ERROR_UNSUPPORTED)
            return error;
    }
    return error;
}

/* 32 octets that nobody else knows; the record has their hash before and the octets after. */
static struct error *
prove_by_decrypting(struct engine *engine, struct engine_token *token,
                    const struct state_key *key, const char *id_hex)
{
    AUTO_CHALLENGE challenge = {0};
    AUTO_FREE char *cipher = NULL;
    char answer[2 * CHALLENGE + 1];
    uint64_t intent = 0;
    TRY(secret_new(CHALLENGE, &challenge.sent));
    TRY(random_bytes(secret_borrow(challenge.sent), CHALLENGE));
    TRY(digest_sha256_text(secret_borrow(challenge.sent), CHALLENGE, challenge.sha256));
    TRY(engine_intent(engine, "prove-possession",
                      json_pack("{s:s,s:s,s:s,s:s}", "key", key->name, "token",
                                token->site->name, "answer_sha256", challenge.sha256, "place",
                                place_of(engine)),
                      &intent));
    struct error *error = try_hashes(engine, token, key, id_hex, &challenge);
    if (error != NULL)
        return engine_result_failed(engine, intent, error);
    TRY(base64_encode_new(challenge.cipher.data, challenge.cipher.len, &cipher));
    hex_encode(secret_borrow(challenge.sent), CHALLENGE, answer);
    return engine_result(engine, intent, "done",
                         json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "key", key->name, "cipher",
                                   cipher, "oaep", p11_oaep_name(challenge.hash), "answer",
                                   answer, "spki_sha256", key->spki_sha256, "verified",
                                   "in software"));
}

struct error *
key_prove_possession(struct engine *engine, struct engine_token *token,
                     const struct state_key *key, const char *id_hex)
{
    AUTO_BYTES message = {0};
    AUTO_BYTES signature = {0};
    AUTO_FREE char *message_text = NULL;
    AUTO_FREE char *signature_text = NULL;
    uint64_t intent = 0;
    const char *place = place_of(engine);
    if (key->decrypts)
        return prove_by_decrypting(engine, token, key, id_hex);
    TRY(pki_possession_message(engine->state.ceremony_id, place, key->spki_sha256, &message));
    TRY(base64_encode_new(message.data, message.len, &message_text));
    TRY(engine_intent(engine, "prove-possession",
                      json_pack("{s:s,s:s,s:s,s:s}", "key", key->name, "token",
                                token->site->name, "message", message_text, "place", place),
                      &intent));
    struct error *error = sign_challenge(engine, token, key, id_hex, &message, &signature);
    if (error != NULL)
        return engine_result_failed(engine, intent, error);
    TRY(base64_encode_new(signature.data, signature.len, &signature_text));
    return engine_result(engine, intent, "done",
                         json_pack("{s:s,s:s,s:s,s:s}", "key", key->name, "signature",
                                   signature_text, "spki_sha256", key->spki_sha256, "verified",
                                   "in software"));
}
