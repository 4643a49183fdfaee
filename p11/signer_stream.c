/* SPDX-License-Identifier: Apache-2.0
 *
 * Signing a message that comes in parts. ECDSA: it is hashed here, and the token gets the hash. RSA:
 * the keys are pinned to mechanisms that hash on the token, which gets every part; the same parts go
 * into a software verification (R32). Ed25519 hashes a message twice, so it is collected whole. */
#include "p11/signer_parts.h"

#define COLLECTED_MAX (64U << 20)

static void
free_md(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}

#define AUTO_MD __attribute__((cleanup(free_md))) EVP_MD_CTX *

static struct error *
hash_parts(struct job *job, const struct byte_source *message)
{
    AUTO_MD context = EVP_MD_CTX_new();
    if (context == NULL
        || EVP_DigestInit_ex(context, EVP_get_digestbyname(job->digest->name), NULL) != 1)
        return error_memory();
    for (;;) {
        const void *data = NULL;
        size_t len = 0;
        TRY(message->next(message->self, &data, &len));
        if (len == 0)
            break;
        if (EVP_DigestUpdate(context, data, len) != 1)
            return error_memory();
    }
    return EVP_DigestFinal_ex(context, job->hash, &job->hash_len) == 1 ? NULL : error_memory();
}

static CK_RV
send_part(struct p11_session *session, const unsigned char *data, size_t len)
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
    return CKR_OK;
}

/* All parts to the token and to `check`. After an error of the source the operation is left as it is:
 * the session is closed. */
static struct error *
send_message(const struct p11_signer *signer, struct p11_session *session, struct job *job,
             const struct byte_source *message, EVP_MD_CTX *check)
{
    CK_RV rv = CKR_OK;
    while (rv == CKR_OK) {
        const void *data = NULL;
        size_t len = 0;
        TRY(message->next(message->self, &data, &len));
        if (len == 0)
            break;
        if (EVP_DigestVerifyUpdate(check, data, len) != 1)
            return error_memory();
        rv = send_part(session, data, len);
    }
    job->raw_len = sizeof job->raw;
    if (rv == CKR_OK)
        rv = CK_CALL(session->module, C_SignFinal, session->handle, job->raw, &job->raw_len);
    return rv == CKR_OK ? NULL : p11_signature_explain(signer, session, rv);
}

static struct error *
send_hash(const struct p11_signer *signer, struct p11_session *session, struct job *job)
{
    job->raw_len = sizeof job->raw;
    CK_RV rv = CK_CALL(session->module, C_Sign, session->handle, job->hash,
                       signature_hash_len(signer, job), job->raw, &job->raw_len);
    return rv == CKR_OK ? NULL : p11_signature_explain(signer, session, rv);
}

static struct error *
sign_ec(struct p11_signer *signer, struct job *job, const struct byte_source *message,
        struct bytes *ret_signature)
{
    struct p11_session *session = NULL;
    TRY(hash_parts(job, message));
    TRY(p11_signature_begin(signer, job, &session));
    struct error *error = send_hash(signer, session, job);
    if (error == NULL)
        error = p11_signature_check(signer, session, job, NULL, ret_signature);
    p11_pool_give(signer->pool, session, error == NULL);
    return error;
}

static struct error *
sign_rsa(struct p11_signer *signer, struct job *job, const struct byte_source *message,
         struct bytes *ret_signature)
{
    struct p11_session *session = NULL;
    AUTO_MD check = EVP_MD_CTX_new();
    if (check == NULL || !p11_signature_begin_check(signer, job, check))
        return error_memory();
    TRY(p11_signature_begin(signer, job, &session));
    struct error *error = send_message(signer, session, job, message, check);
    if (error == NULL)
        error = p11_signature_check(signer, session, job, check, ret_signature);
    p11_pool_give(signer->pool, session, error == NULL);
    return error;
}

static struct error *
sign_collected(struct p11_signer *signer, const struct p11_signing *how,
               const struct byte_source *message, struct bytes *ret_signature)
{
    AUTO_BYTES whole = {0};
    for (;;) {
        const void *data = NULL;
        size_t len = 0;
        TRY(message->next(message->self, &data, &len));
        if (len == 0)
            break;
        if (len > COLLECTED_MAX - whole.len)
            return error_hint(ERROR(ERROR_UNSUPPORTED,
                                    "an Ed25519 key signs at most 64 MiB here, since it reads "
                                    "them twice"),
                              "Let a key on a NIST curve or an RSA key sign such a long list.");
        TRY(bytes_append(&whole, data, len));
    }
    return p11_signer_sign(signer, how, whole.data, whole.len, ret_signature);
}

struct error *
p11_signer_sign_parts(struct p11_signer *signer, const struct p11_signing *how,
                      const struct byte_source *message, struct bytes *ret_signature)
{
    struct job job = {0};
    if (signer->kind == SIGNER_ED25519)
        return sign_collected(signer, how, message, ret_signature);
    TRY(p11_signature_prepare(signer, how, &job));
    return signer->kind == SIGNER_EC ? sign_ec(signer, &job, message, ret_signature)
                                     : sign_rsa(signer, &job, message, ret_signature);
}
