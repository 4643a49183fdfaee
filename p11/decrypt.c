/* SPDX-License-Identifier: Apache-2.0 */
#include "p11/decrypt.h"

#include <openssl/x509.h>

#include "ceremony/base/cleanup.h"
#include "p11/key.h"
#include "p11/oaep.h"

struct error *
p11_oaep_encrypt(const void *spki, size_t spki_len, enum p11_oaep hash,
                 const struct secret *plain, struct bytes *ret_cipher)
{
    unsigned char cipher[OAEP_MAX];
    size_t len = sizeof cipher;
    const unsigned char *at = spki;
    (void)ERR_set_mark();
    EVP_PKEY *key = d2i_PUBKEY(NULL, &at, (long)spki_len);
    bool done = key != NULL && EVP_PKEY_is_a(key, "RSA")
                && (size_t)EVP_PKEY_get_size(key) <= sizeof cipher
                && oaep_encrypt(key, oaep_hash(hash), plain, cipher, &len);
    EVP_PKEY_free(key);
    (void)ERR_pop_to_mark();
    if (!done)
        return ERROR(ERROR_INPUT, "nothing can be encrypted to this key by RSA-OAEP");
    return bytes_copy(ret_cipher, cipher, len);
}

/* Tokens answer a hash that they do not have in one of these ways (SoftHSM: the first). */
static bool
is_unsupported(CK_RV rv)
{
    return rv == CKR_ARGUMENTS_BAD || rv == CKR_MECHANISM_PARAM_INVALID
           || rv == CKR_MECHANISM_INVALID;
}

static struct error *
explain(const struct p11_session *session, CK_RV rv)
{
    struct error *error =
        P11_ERROR(rv, "token \"%s\" did not decrypt what it was given", session->token);
    if (ck_is_fatal(rv) || error_code(error) == ERROR_TOKEN_GONE)
        return error;
    error = error_recode(error, ERROR_REFUSED);
    return error_hint(error, "It was encrypted to another key, or it was changed on the way. "
                             "Compare its SHA-256 with the sender's paper.");
}

struct error *
p11_decrypt(struct p11_session *session, const unsigned char *id, size_t id_len,
            enum p11_oaep hash, const void *cipher, size_t len, struct secret **ret_plain)
{
    AUTO(secret) plain = NULL;
    unsigned long key = 0;
    CK_RSA_PKCS_OAEP_PARAMS params = oaep_params(oaep_hash(hash));
    CK_MECHANISM mechanism = {CKM_RSA_PKCS_OAEP, &params, sizeof params};
    CK_ULONG room = OAEP_MAX;
    TRY(p11_key_find(session, id, id_len, &key));
    TRY(secret_new(room, &plain));
    CK_RV rv = CK_CALL(session->module, C_DecryptInit, session->handle, &mechanism, key);
    if (is_unsupported(rv))
        return error_hint(ERROR(ERROR_UNSUPPORTED,
                                "token \"%s\" does not decrypt RSA-OAEP with %s",
                                session->token, p11_oaep_name(hash)),
                          "Let it be encrypted again, with the other hash (SHA-256 or SHA-1).");
    if (rv == CKR_OK)
        rv = CK_CALL(session->module, C_Decrypt, session->handle, ck_unconst(cipher), len,
                     secret_borrow(plain), &room);
    if (rv != CKR_OK)
        return explain(session, rv);
    if (room == 0 || room > OAEP_MAX)
        return ERROR(ERROR_TOKEN, "token \"%s\" decrypted to nothing", session->token);
    secret_shrink(plain, room);
    *ret_plain = TAKE(plain);
    return NULL;
}
