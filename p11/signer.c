/* SPDX-License-Identifier: Apache-2.0 */
#include "p11/signer.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "p11/ck.h"
#include "p11/key.h"
#include "p11/pool.h"
#include "p11/signer_parts.h"

/* What our keys are pinned to. */
static const struct digest_row digests[] = {
    {"SHA256", CKM_SHA256, CKG_MGF1_SHA256, CKM_SHA256_RSA_PKCS, CKM_SHA256_RSA_PKCS_PSS, 32},
    {"SHA384", CKM_SHA384, CKG_MGF1_SHA384, CKM_SHA384_RSA_PKCS, CKM_SHA384_RSA_PKCS_PSS, 48},
    {"SHA512", CKM_SHA512, CKG_MGF1_SHA512, CKM_SHA512_RSA_PKCS, CKM_SHA512_RSA_PKCS_PSS, 64},
};

static const struct digest_row *
find_digest(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof digests / sizeof digests[0]; i++)
        if (strcmp(digests[i].name, name) == 0)
            return &digests[i];
    return NULL;
}

static struct error *
read_public(struct p11_signer *signer, const void *spki, size_t len)
{
    const unsigned char *der = spki;
    (void)ERR_set_mark();
    signer->public_key = d2i_PUBKEY(NULL, &der, (long)len);
    (void)ERR_pop_to_mark();
    if (signer->public_key == NULL || der != (const unsigned char *)spki + len)
        return ERROR(ERROR_INPUT, "the public key is not a DER SubjectPublicKeyInfo");
    if (EVP_PKEY_is_a(signer->public_key, "EC")) {
        signer->kind = SIGNER_EC;
        signer->order_len = (size_t)(EVP_PKEY_get_bits(signer->public_key) + 7) / 8;
    } else if (EVP_PKEY_is_a(signer->public_key, "RSA")) {
        signer->kind = SIGNER_RSA;
    } else if (EVP_PKEY_is_a(signer->public_key, "ED25519")) {
        signer->kind = SIGNER_ED25519;
    } else {
        return ERROR(ERROR_UNSUPPORTED, "the public key is of a type that is not used here");
    }
    return NULL;
}

static struct error *
find_private(struct p11_signer *signer, struct p11_session *session)
{
    unsigned long handle = 0;
    TRY(p11_key_find(session, signer->id, signer->id_len, &handle));
    enum p11_reading always;
    TRY(ck_read_bool(session, handle, CKA_ALWAYS_AUTHENTICATE, &always));
    signer->asks = always == P11_TRUE;
    signer->pin_source = session->pin_source;
    if (signer->asks && signer->pin_source.ask == NULL)
        return ERROR(ERROR_REFUSED,
                     "the key on token \"%s\" wants a PIN before each signature, and nobody "
                     "can be asked for it here",
                     session->token);
    signer->key = handle;
    return NULL;
}

struct error *
p11_signer_new(struct p11_session *session, const unsigned char *id, size_t id_len,
               const void *spki, size_t spki_len, struct p11_signer **ret_signer)
{
    BUG_ON(id_len == 0 || id_len > ID_MAX);
    AUTO(p11_signer) signer = calloc(1, sizeof *signer);
    if (signer == NULL)
        return error_memory();
    memcpy(signer->id, id, id_len);
    signer->id_len = id_len;
    TRY(read_public(signer, spki, spki_len));
    TRY(find_private(signer, session));
    TRY(p11_pool_new(session->module, session->slot, &signer->pool));
    *ret_signer = TAKE(signer);
    return NULL;
}

void
p11_signer_free(struct p11_signer *signer)
{
    if (signer == NULL)
        return;
    p11_pool_free(signer->pool);
    EVP_PKEY_free(signer->public_key);
    free(signer);
}

EVP_PKEY *
p11_signer_public_key(const struct p11_signer *signer)
{
    return signer->public_key;
}

struct error *
p11_signature_prepare(const struct p11_signer *signer, const struct p11_signing *how,
                      struct job *job)
{
    job->digest = find_digest(how->digest);
    job->pss = how->pss;
    if (signer->kind == SIGNER_ED25519) {
        if (how->digest != NULL)
            return ERROR(ERROR_UNSUPPORTED, "Ed25519 signs without a digest of its own choice");
        job->mechanism.mechanism = CKM_EDDSA;
        return NULL;
    }
    if (job->digest == NULL)
        return ERROR(ERROR_UNSUPPORTED,
                     "keys of this program sign with SHA-256, SHA-384 or "
                     "SHA-512, not with \"%s\"",
                     how->digest != NULL ? how->digest : "no digest");
    if (signer->kind == SIGNER_EC) {
        job->mechanism.mechanism = CKM_ECDSA;
        return NULL;
    }
    job->mechanism.mechanism = how->pss ? job->digest->pss : job->digest->pkcs1;
    if (how->pss) {
        job->salt_len = how->salt_len < 0 ? (int)job->digest->size : how->salt_len;
        job->pss_params = (CK_RSA_PKCS_PSS_PARAMS){
            .hashAlg = job->digest->hash,
            .mgf = job->digest->mgf,
            .sLen = (CK_ULONG)job->salt_len,
        };
        job->mechanism.pParameter = &job->pss_params;
        job->mechanism.ulParameterLen = sizeof job->pss_params;
    }
    return NULL;
}

/* Only the hash goes to the token. */
static struct error *
hash_message(const struct p11_signer *signer, struct job *job)
{
    if (signer->kind == SIGNER_EC
        && EVP_Digest(job->message, job->message_len, job->hash, &job->hash_len,
                      EVP_get_digestbyname(job->digest->name), NULL)
               != 1)
        return error_memory();
    return NULL;
}

static CK_RV
send_parts(struct p11_session *session, struct job *job, const unsigned char *data, size_t len)
{
    while (len > 0) {
        size_t part = len < PART_SIZE ? len : PART_SIZE;
        CK_RV rv =
            CK_CALL(session->module, C_SignUpdate, session->handle, ck_unconst(data), part);
        if (rv != CKR_OK)
            return rv;
        data += part;
        len -= part;
    }
    return CK_CALL(session->module, C_SignFinal, session->handle, job->raw, &job->raw_len);
}

static CK_RV
send(const struct p11_signer *signer, struct p11_session *session, struct job *job)
{
    const unsigned char *data = job->message;
    size_t len = job->message_len;
    if (signer->kind == SIGNER_EC) {
        data = job->hash;
        len = signature_hash_len(signer, job);
    }
    job->raw_len = sizeof job->raw;
    if (len > PART_SIZE && signer->kind == SIGNER_RSA)
        return send_parts(session, job, data, len);
    return CK_CALL(session->module, C_Sign, session->handle, ck_unconst(data), len, job->raw,
                   &job->raw_len);
}

/* r || s to DER. */
static struct error *
encode_ecdsa(const struct p11_signer *signer, const struct job *job,
             struct bytes *ret_signature)
{
    int half = (int)signer->order_len;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(job->raw, half, NULL);
    BIGNUM *s = BN_bin2bn(job->raw + half, half, NULL);
    if (pair == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(pair, r, s) != 1) {
        BN_free(r);
        BN_free(s);
        ECDSA_SIG_free(pair);
        return error_memory();
    }
    unsigned char *der = NULL;
    int len = i2d_ECDSA_SIG(pair, &der);
    struct error *error =
        len > 0 ? bytes_copy(ret_signature, der, (size_t)len) : error_memory();
    OPENSSL_free(der);
    ECDSA_SIG_free(pair);
    return error;
}

static bool
verify_digest(const struct p11_signer *signer, const struct job *job,
              const struct bytes *signature)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, signer->public_key, NULL);
    bool right =
        context != NULL && EVP_PKEY_verify_init(context) == 1
        && EVP_PKEY_verify(context, signature->data, signature->len, job->hash, job->hash_len)
               == 1;
    EVP_PKEY_CTX_free(context);
    return right;
}

bool
p11_signature_begin_check(const struct p11_signer *signer, const struct job *job,
                          EVP_MD_CTX *context)
{
    EVP_PKEY_CTX *options = NULL;
    const char *digest = job->digest != NULL ? job->digest->name : NULL;
    bool right =
        EVP_DigestVerifyInit_ex(context, &options, digest, NULL, NULL, signer->public_key, NULL)
        == 1;
    if (right && job->pss)
        right = EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1
                && EVP_PKEY_CTX_set_rsa_pss_saltlen(options, job->salt_len) == 1;
    return right;
}

static bool
verify_message(const struct p11_signer *signer, const struct job *job,
               const struct bytes *signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool right = context != NULL && p11_signature_begin_check(signer, job, context)
                 && EVP_DigestVerify(context, signature->data, signature->len, job->message,
                                     job->message_len)
                        == 1;
    EVP_MD_CTX_free(context);
    return right;
}

struct error *
p11_signature_check(const struct p11_signer *signer, const struct p11_session *session,
                    const struct job *job, EVP_MD_CTX *parts, struct bytes *ret_signature)
{
    AUTO_BYTES signature = {0};
    bool ec = signer->kind == SIGNER_EC;
    bool right =
        job->raw_len <= sizeof job->raw && (!ec || job->raw_len == 2 * signer->order_len);
    if (right && ec)
        TRY(encode_ecdsa(signer, job, &signature));
    else if (right)
        TRY(bytes_copy(&signature, job->raw, job->raw_len));
    (void)ERR_set_mark();
    if (right && parts != NULL)
        right = EVP_DigestVerifyFinal(parts, signature.data, signature.len) == 1;
    else if (right)
        right = ec ? verify_digest(signer, job, &signature)
                   : verify_message(signer, job, &signature);
    (void)ERR_pop_to_mark();
    if (!right)
        return error_hint(
            ERROR(ERROR_TOKEN,
                  "token \"%s\" gave a signature that its public key "
                  "does not confirm; it was not used",
                  session->token),
            "The token failed, or the key is not the one that is recorded. Do not "
            "go on with this token.");
    return bytes_copy(ret_signature, signature.data, signature.len);
}

struct error *
p11_signature_explain(const struct p11_signer *signer, struct p11_session *session, CK_RV rv)
{
    struct error *error =
        P11_ERROR(rv, "could not sign with the key on token \"%s\"", session->token);
    if (rv != CKR_OBJECT_HANDLE_INVALID && rv != CKR_KEY_HANDLE_INVALID)
        return error;
    bool as_user = false;
    bool as_so = false;
    struct error *unknown = p11_login_state(session, &as_user, &as_so);
    if (unknown == NULL && !as_user) {
        error_free(error);
        return ERROR(ERROR_REFUSED, "token \"%s\" is no longer logged in", session->token);
    }
    unsigned long handle = 0;
    if (unknown == NULL)
        unknown = p11_key_find(session, signer->id, signer->id_len, &handle);
    if (unknown != NULL)
        error = error_detail(error_recode(error, ERROR_TOKEN_GONE), "%s", error_what(unknown));
    error_free(unknown);
    return error;
}

struct error *
p11_signer_sign(struct p11_signer *signer, const struct p11_signing *how, const void *message,
                size_t len, struct bytes *ret_signature)
{
    struct job job = {.message = message, .message_len = len};
    TRY(p11_signature_prepare(signer, how, &job));
    TRY(hash_message(signer, &job));
    struct p11_session *session = NULL;
    TRY(p11_signature_begin(signer, &job, &session));
    CK_RV rv = send(signer, session, &job);
    struct error *error = rv == CKR_OK
                              ? p11_signature_check(signer, session, &job, NULL, ret_signature)
                              : p11_signature_explain(signer, session, rv);
    p11_pool_give(signer->pool, session, error == NULL);
    return error;
}
