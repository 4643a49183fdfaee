/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a token takes no key in the clear (R77): it makes an RSA key for this one use, the KEK is
 * encrypted to it here, and the token unwraps it. */
#include <openssl/x509.h>

#include "p11/kek.h"
#include "p11/key_plan.h"
#include "p11/oaep.h"

#define TRANSPORT_TYPE P11_RSA_3072

static struct error *
make_transport(struct p11_session *session, CK_OBJECT_HANDLE *ret_public,
               CK_OBJECT_HANDLE *ret_private)
{
    const struct key_kind *kind = key_kind(TRANSPORT_TYPE);
    static const unsigned char exponent[] = {0x01, 0x00, 0x01};
    static const CK_MECHANISM_TYPE allowed[] = {CKM_RSA_PKCS_OAEP};
    struct ck_template public = {0};
    struct ck_template private = {0};
    ck_template_add_bool(&public, CKA_TOKEN, false);
    ck_template_add_bool(&public, CKA_PRIVATE, false);
    ck_template_add_bool(&public, CKA_VERIFY, false);
    ck_template_add_bool(&public, CKA_ENCRYPT, false);
    ck_template_add_bool(&public, CKA_WRAP, false);
    ck_template_add(&public, CKA_MODULUS_BITS, &kind->bits, sizeof kind->bits);
    ck_template_add(&public, CKA_PUBLIC_EXPONENT, exponent, sizeof exponent);
    ck_template_add_bool(&private, CKA_TOKEN, false);
    ck_template_add_bool(&private, CKA_PRIVATE, true);
    ck_template_add_bool(&private, CKA_SENSITIVE, true);
    ck_template_add_bool(&private, CKA_EXTRACTABLE, false);
    ck_template_add_bool(&private, CKA_MODIFIABLE, false);
    ck_template_add_bool(&private, CKA_UNWRAP, true);
    ck_template_add_bool(&private, CKA_DECRYPT, false);
    ck_template_add_bool(&private, CKA_SIGN, false);
    ck_template_add_bool(&private, CKA_SIGN_RECOVER, false);
    ck_template_add(&private, CKA_ALLOWED_MECHANISMS, allowed, sizeof allowed);
    CK_MECHANISM mechanism = {.mechanism = kind->generate};
    CK_RV rv =
        CK_CALL(session->module, C_GenerateKeyPair, session->handle, &mechanism, public.rows,
                public.count, private.rows, private.count, ret_public, ret_private);
    if (rv != CKR_OK)
        return P11_ERROR(rv, "could not make a transport key on token \"%s\"", session->token);
    return NULL;
}

static struct error *
unwrap_with(struct p11_session *session, CK_OBJECT_HANDLE transport, EVP_PKEY *key,
            const struct oaep_hash *hash, const struct secret *kek,
            const struct ck_template *template, CK_OBJECT_HANDLE *ret_handle, CK_RV *ret_rv)
{
    unsigned char blob[OAEP_MAX];
    size_t len = sizeof blob;
    if (!oaep_encrypt(key, hash, kek, blob, &len))
        return ERROR(ERROR_TOKEN,
                     "nothing can be encrypted to the transport key of token \"%s\"",
                     session->token);
    CK_RSA_PKCS_OAEP_PARAMS params = oaep_params(hash);
    CK_MECHANISM mechanism = {CKM_RSA_PKCS_OAEP, &params, sizeof params};
    *ret_rv = CK_CALL(session->module, C_UnwrapKey, session->handle, &mechanism, transport,
                      blob, len, ck_unconst(template->rows), template->count, ret_handle);
    return NULL;
}

static struct error *
through_transport(struct p11_session *session, CK_OBJECT_HANDLE public,
                  CK_OBJECT_HANDLE private, const struct secret *kek,
                  const struct ck_template *template, CK_OBJECT_HANDLE *ret_handle)
{
    AUTO_BYTES spki = {0};
    TRY(key_public_spki(session, public, key_kind(TRANSPORT_TYPE), &spki));
    const unsigned char *der = spki.data;
    EVP_PKEY *key = d2i_PUBKEY(NULL, &der, (long)spki.len);
    if (key == NULL)
        return error_memory();
    CK_RV rv = CKR_GENERAL_ERROR;
    struct error *error = NULL;
    for (int i = 0; error == NULL && rv != CKR_OK && i < P11_OAEP_HASHES; i++)
        error = unwrap_with(session, private, key, oaep_hash((enum p11_oaep)i), kek, template,
                            ret_handle, &rv);
    EVP_PKEY_free(key);
    if (error == NULL && rv != CKR_OK)
        error = P11_ERROR(rv, "could not unwrap a key with RSA-OAEP on token \"%s\"",
                          session->token);
    return error;
}

struct error *
kek_import_oaep(struct p11_session *session, const struct secret *kek,
                const struct ck_template *template, CK_OBJECT_HANDLE *ret_handle)
{
    CK_OBJECT_HANDLE public = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE private = CK_INVALID_HANDLE;
    TRY(make_transport(session, &public, &private));
    CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
    struct error *error = through_transport(session, public, private, kek, template, &handle);
    CK_OBJECT_HANDLE both[] = {private, public};
    for (size_t i = 0; i < 2; i++) {
        struct error *left = ck_destroy(session, both[i]);
        if (error == NULL)
            error = left;
        else
            error_free(left);
    }
    if (error != NULL) {
        if (handle != CK_INVALID_HANDLE)
            error_free(ck_destroy(session, handle));
        return error;
    }
    *ret_handle = handle;
    return NULL;
}
