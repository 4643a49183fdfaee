/* SPDX-License-Identifier: Apache-2.0 */
#include "p11/wrap.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "ceremony/base/cleanup.h"
#include "p11/kek.h"
#include "p11/key_plan.h"
#include "p11/wrap_call.h"

#define BLOB_MIN 24U
#define BLOB_MAX 16384U

struct error *
wrap_call(struct p11_session *session, CK_MECHANISM_TYPE number, CK_OBJECT_HANDLE kek,
          CK_OBJECT_HANDLE key, struct bytes *ret_blob)
{
    CK_MECHANISM mechanism = {.mechanism = number};
    unsigned char blob[BLOB_MAX / 4];
    CK_ULONG len = sizeof blob;
    CK_RV rv =
        CK_CALL(session->module, C_WrapKey, session->handle, &mechanism, kek, key, blob, &len);
    if (rv != CKR_OK)
        return P11_ERROR(rv, "could not wrap the key on token \"%s\"", session->token);
    if (len < BLOB_MIN || len > sizeof blob || len % 8 != 0)
        return ERROR(ERROR_TOKEN,
                     "token \"%s\" gave a wrapped key of %lu bytes, which no wrapped "
                     "key has",
                     session->token, len);
    return bytes_copy(ret_blob, blob, len);
}

struct error *
p11_key_wrap(struct p11_session *session, const struct p11_wrap_method *method,
             unsigned long kek, const unsigned char *id, size_t id_len, struct bytes *ret_blob)
{
    unsigned long key = 0;
    TRY(p11_key_find(session, id, id_len, &key));
    return wrap_call(session, method->number, kek, key, ret_blob);
}

/* What tokens answer to a wrong KEK or a damaged blob; SoftHSM says "general error" (FACTS 2). */
static bool
means_wrong_blob(CK_RV rv)
{
    return rv == CKR_GENERAL_ERROR || rv == CKR_FUNCTION_FAILED || rv == CKR_WRAPPED_KEY_INVALID
           || rv == CKR_WRAPPED_KEY_LEN_RANGE || rv == CKR_ENCRYPTED_DATA_INVALID
           || rv == CKR_ENCRYPTED_DATA_LEN_RANGE || rv == CKR_DATA_INVALID;
}

static bool
refuses_unmodifiable(CK_RV rv)
{
    return rv == CKR_ATTRIBUTE_READ_ONLY || rv == CKR_ATTRIBUTE_VALUE_INVALID
           || rv == CKR_TEMPLATE_INCONSISTENT;
}

static bool
was_there(const struct p11_object *before, size_t count, const struct p11_object *object)
{
    for (size_t i = 0; i < count; i++)
        if (before[i].handle == object->handle)
            return true;
    return false;
}

/* SoftHSM leaves a keyless private key object behind when it refuses an attribute of an unwrapped key,
 * on the token if it was to be a token object, and without id or label. So whatever was not there
 * before the call goes. */
static struct error *
sweep(struct p11_session *session, const struct p11_object *before, size_t before_count)
{
    AUTO_FREE struct p11_object *after = NULL;
    size_t count = 0;
    TRY(p11_objects_find(session, P11_PRIVATE_KEY, NULL, 0, NULL, &after, &count));
    for (size_t i = 0; i < count; i++)
        if (!was_there(before, before_count, &after[i]))
            TRY(p11_object_destroy(session, after[i].handle));
    return NULL;
}

/* NSS files a private key under its public value, which it wants in the template: the point of an EC key, the
 * modulus of an RSA key (FACTS 8). Others do not know the attribute, so it is given only when asked for. */
#define NSS_DB 0xd5a0db00UL

static bool
wants_public_value(CK_RV rv)
{
    return rv == CKR_TEMPLATE_INCOMPLETE || rv == CKR_KEY_TYPE_INCONSISTENT;
}

static size_t
public_value(const void *spki, size_t spki_len, unsigned char value[512])
{
    const unsigned char *der = spki;
    size_t len = 0;
    BIGNUM *n = NULL;
    if (spki == NULL)
        return 0;
    (void)ERR_set_mark();
    EVP_PKEY *key = d2i_PUBKEY(NULL, &der, (long)spki_len);
    if (key != NULL && EVP_PKEY_get_octet_string_param(key, "pub", value, 512, &len) != 1) {
        len = EVP_PKEY_get_bn_param(key, "n", &n) == 1 && BN_num_bytes(n) <= 512
                  ? (size_t)BN_bn2bin(n, value)
                  : 0;
        BN_free(n);
    }
    EVP_PKEY_free(key);
    (void)ERR_pop_to_mark();
    return len;
}

/* NSS gives an unwrapped key usages that the template denies; they are taken from it again. `ret_cleared`: all
 * are as planned now. */
static struct error *
clear_usages(struct p11_session *session, CK_OBJECT_HANDLE key, const struct p11_key_plan *plan,
             bool *ret_cleared)
{
    static const CK_ATTRIBUTE_TYPE usages[] = {CKA_SIGN_RECOVER, CKA_DECRYPT, CKA_UNWRAP,
                                               CKA_DERIVE};
    *ret_cleared = true;
    for (size_t i = 0; i < sizeof usages / sizeof usages[0]; i++) {
        enum p11_reading reading = P11_FALSE;
        struct ck_template template = {0};
        TRY(ck_read_bool(session, key, usages[i], &reading));
        if (reading != P11_TRUE || key_planned(plan, usages[i]))
            continue;
        ck_template_add_bool(&template, usages[i], false);
        CK_RV rv = CK_CALL(session->module, C_SetAttributeValue, session->handle, key,
                           template.rows, template.count);
        if (ck_is_fatal(rv))
            return P11_ERROR(rv, "could not limit the key on token \"%s\"", session->token);
        *ret_cleared = *ret_cleared && rv == CKR_OK;
    }
    return NULL;
}

/* What is to be unwrapped, and the public half that belongs to it; views. */
struct wrapped {
    const void *blob;
    size_t blob_len;
    const void *spki; /* or NULL */
    size_t spki_len;
};

static struct error *
unwrap_private(struct p11_session *session, CK_MECHANISM_TYPE number, CK_OBJECT_HANDLE kek,
               const struct wrapped *wrapped, const struct p11_key_plan *plan, bool token,
               CK_OBJECT_HANDLE *ret_handle)
{
    CK_MECHANISM mechanism = {.mechanism = number};
    CK_RV rv = CKR_OK;
    bool modifiable = key_planned(plan, CKA_MODIFIABLE);
    unsigned char value[512];
    size_t value_len = 0;
    AUTO_FREE struct p11_object *before = NULL;
    size_t before_count = 0;
    TRY(p11_objects_find(session, P11_PRIVATE_KEY, NULL, 0, NULL, &before, &before_count));
    for (;;) {
        struct ck_template template = {0};
        key_private_template(&template, key_kind(plan->type), plan, token, modifiable);
        if (value_len > 0)
            ck_template_add(&template, NSS_DB, value, value_len);
        rv = CK_CALL(session->module, C_UnwrapKey, session->handle, &mechanism, kek,
                     ck_unconst(wrapped->blob), wrapped->blob_len, template.rows,
                     template.count, ret_handle);
        bool cleared = true;
        if (rv == CKR_OK)
            TRY(clear_usages(session, *ret_handle, plan, &cleared));
        if (rv == CKR_OK && (cleared || modifiable))
            return NULL; /* what is not as planned, the read-back finds */
        if (ck_is_fatal(rv))
            break;
        TRY(sweep(session, before, before_count));
        if (!cleared) { /* it can be limited only while it is modifiable */
            modifiable = true;
            continue;
        }
        if (value_len == 0 && wants_public_value(rv)
            && (value_len = public_value(wrapped->spki, wrapped->spki_len, value)) > 0)
            continue;
        if (modifiable || !refuses_unmodifiable(rv))
            break;
        modifiable = true;
    }
    if (rv == CKR_OK)
        return NULL;
    struct error *error = P11_ERROR(rv, "could not unwrap the key \"%s\" on token \"%s\"",
                                    plan->label, session->token);
    if (means_wrong_blob(rv))
        return error_hint(
            error_recode(error, ERROR_VERIFICATION),
            "Most likely the wrapped key is damaged, was wrapped under another "
            "key-encryption key, or is of another type. Compare the check value and "
            "the SHA-256 with the transcript.");
    return error;
}

static struct error *
create_public(struct p11_session *session, const struct ck_template *template)
{
    CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
    CK_RV rv = CK_CALL(session->module, C_CreateObject, session->handle,
                       ck_unconst(template->rows), template->count, &handle);
    if (rv != CKR_OK)
        return P11_ERROR(rv, "could not store the public key on token \"%s\"", session->token);
    return NULL;
}

static struct error *
create_ec(struct p11_session *session, struct ck_template *template,
          const struct key_kind *kind, EVP_PKEY *key)
{
    unsigned char point[3 + 256];
    size_t len = 0;
    bool edwards = kind->key_type == CKK_EC_EDWARDS;
    unsigned char *raw = point + 3;
    len = sizeof point - 3;
    if (edwards ? EVP_PKEY_get_raw_public_key(key, raw, &len) != 1
                : EVP_PKEY_get_octet_string_param(key, "pub", raw, len, &len) != 1)
        return ERROR(ERROR_INPUT, "the public key is not one of type %s", kind->name);
    unsigned char *start = len < 128 ? point + 1 : point;
    start[0] = 0x04;
    if (len >= 128)
        start[1] = 0x81;
    raw[-1] = (unsigned char)len;
    ck_template_add(template, CKA_EC_PARAMS, kind->params, kind->params_len);
    ck_template_add(template, CKA_EC_POINT, start, (size_t)(raw - start) + len);
    return create_public(session, template);
}

static struct error *
create_rsa(struct p11_session *session, struct ck_template *template,
           const struct key_kind *kind, EVP_PKEY *key)
{
    BIGNUM *n = NULL;
    BIGNUM *e = NULL;
    unsigned char modulus[512];
    unsigned char exponent[16];
    bool good = EVP_PKEY_get_bn_param(key, "n", &n) == 1
                && EVP_PKEY_get_bn_param(key, "e", &e) == 1
                && (size_t)BN_num_bytes(n) <= sizeof modulus
                && (size_t)BN_num_bytes(e) <= sizeof exponent;
    struct error *error = NULL;
    if (good) {
        ck_template_add(template, CKA_MODULUS, modulus, (size_t)BN_bn2bin(n, modulus));
        ck_template_add(template, CKA_PUBLIC_EXPONENT, exponent,
                        (size_t)BN_bn2bin(e, exponent));
        error = create_public(session, template);
    } else {
        error = ERROR(ERROR_INPUT, "the public key is not one of type %s", kind->name);
    }
    BN_free(n);
    BN_free(e);
    return error;
}

static struct error *
restore_public(struct p11_session *session, const struct p11_key_plan *plan, const void *spki,
               size_t spki_len)
{
    const struct key_kind *kind = key_kind(plan->type);
    const unsigned char *der = spki;
    (void)ERR_set_mark();
    EVP_PKEY *key = d2i_PUBKEY(NULL, &der, (long)spki_len);
    (void)ERR_pop_to_mark();
    if (key == NULL || der != (const unsigned char *)spki + spki_len) {
        EVP_PKEY_free(key);
        return ERROR(ERROR_INPUT, "the public key is not a DER SubjectPublicKeyInfo");
    }
    struct ck_template template = {0};
    key_public_template(&template, kind, plan);
    struct error *error = kind->key_type == CKK_RSA ? create_rsa(session, &template, kind, key)
                                                    : create_ec(session, &template, kind, key);
    EVP_PKEY_free(key);
    if (error != NULL)
        return error;
    /* What the token made of it must be what we gave: curve, size and point are checked so. */
    AUTO_BYTES back = {0};
    TRY(p11_key_spki(session, plan->id, plan->id_len, &back));
    if (back.len != spki_len || memcmp(back.data, spki, spki_len) != 0)
        return ERROR(ERROR_TOKEN, "token \"%s\" stored another public key than it was given",
                     session->token);
    return NULL;
}

struct error *
p11_key_unwrap(struct p11_session *session, const struct p11_wrap_method *method,
               unsigned long kek, const void *blob, size_t blob_len,
               const struct p11_key_plan *plan, const void *spki, size_t spki_len,
               bool as_token_object)
{
    BUG_ON(plan->id_len == 0 || plan->id_len > P11_ID_MAX);
    if (blob_len < BLOB_MIN || blob_len > BLOB_MAX || blob_len % 8 != 0)
        return ERROR(ERROR_VERIFICATION,
                     "what should be a wrapped key has a length of %zu bytes, "
                     "which no wrapped key has",
                     blob_len);
    TRY(p11_key_name_free(session, plan->label, plan->id, plan->id_len));
    CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
    const struct wrapped wrapped = {
        .blob = blob, .blob_len = blob_len, .spki = spki, .spki_len = spki_len};
    TRY(unwrap_private(session, method->number, kek, &wrapped, plan, as_token_object, &handle));
    if (!as_token_object)
        return NULL;
    struct error *error = restore_public(session, plan, spki, spki_len);
    if (error == NULL)
        return NULL;
    size_t destroyed = 0;
    struct error *left = p11_key_destroy(session, plan->id, plan->id_len, &destroyed);
    if (left != NULL)
        error = error_detail(error, "and the half-made key could not be destroyed: %s",
                             error_what(left));
    error_free(left);
    return error;
}
