/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of mechanisms do not settle what they do (FACTS 9): CKM_AES_KEY_WRAP_PAD is RFC 5649 on some
 * tokens and key wrap after PKCS#7 padding on others. So both directions are tried on throw-away
 * keys against libcrypto (R79). */
#include <stdio.h>

#include "ceremony/base/random.h"
#include "p11/kek.h"
#include "p11/mechanism.h"
#include "p11/wrap.h"
#include "p11/wrap_call.h"
#include "shamir/key_wrap.h"

static void
aes_template(struct ck_template *template)
{
    static const CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    static const CK_KEY_TYPE type = CKK_AES;
    ck_template_add(template, CKA_CLASS, &class, sizeof class);
    ck_template_add(template, CKA_KEY_TYPE, &type, sizeof type);
    ck_template_add_bool(template, CKA_TOKEN, false);
    ck_template_add_bool(template, CKA_PRIVATE, true);
    ck_template_add_bool(template, CKA_SENSITIVE, false);
    ck_template_add_bool(template, CKA_EXTRACTABLE, true);
}

static struct error *
random_secret(struct secret **ret_secret)
{
    AUTO(secret) made = NULL;
    TRY(secret_new(P11_KEK_SIZE, &made));
    TRY(random_bytes(secret_borrow(made), secret_size(made)));
    *ret_secret = TAKE(made);
    return NULL;
}

static struct error *
not_rfc5649(const char *way)
{
    return ERROR(ERROR_UNSUPPORTED,
                 "the token's way of wrapping keys is not RFC 5649: what it %s, "
                 "our own implementation does not",
                 way);
}

/* The token wraps, libcrypto unwraps. */
static struct error *
probe_wrap(struct p11_session *session, CK_MECHANISM_TYPE number,
           const struct secret *kek_value, CK_OBJECT_HANDLE kek, const struct secret *known)
{
    struct ck_template template = {0};
    aes_template(&template);
    ck_template_add(&template, CKA_VALUE, secret_borrow_const(known), secret_size(known));
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    CK_RV rv = CK_CALL(session->module, C_CreateObject, session->handle, template.rows,
                       template.count, &key);
    /* Where plaintext is refused, a key of the token's own is wrapped; only the format is proven. */
    bool comparable = rv == CKR_OK;
    if (kek_refuses_plaintext(rv)) {
        struct ck_template generated = {0};
        static const CK_ULONG size = P11_KEK_SIZE;
        aes_template(&generated);
        ck_template_add(&generated, CKA_VALUE_LEN, &size, sizeof size);
        CK_MECHANISM mechanism = {.mechanism = CKM_AES_KEY_GEN};
        rv = CK_CALL(session->module, C_GenerateKey, session->handle, &mechanism,
                     generated.rows, generated.count, &key);
    }
    if (rv != CKR_OK)
        return P11_ERROR(rv, "could not make a throw-away key on token \"%s\"", session->token);
    AUTO_BYTES blob = {0};
    struct error *error = wrap_call(session, number, kek, key, &blob);
    struct error *left = ck_destroy(session, key);
    if (error != NULL) {
        error_free(left);
        return error;
    }
    if (left != NULL)
        return left;
    AUTO(secret) opened = NULL;
    error = key_wrap_decrypt(kek_value, blob.data, blob.len, &opened);
    bool same =
        error == NULL
        && (comparable ? secret_equal(opened, known) : secret_size(opened) == P11_KEK_SIZE);
    error_free(error);
    return same ? NULL : not_rfc5649("wraps");
}

/* libcrypto wraps, the token unwraps and shows the key. */
static struct error *
probe_unwrap(struct p11_session *session, CK_MECHANISM_TYPE number,
             const struct secret *kek_value, CK_OBJECT_HANDLE kek, const struct secret *known)
{
    AUTO_BYTES blob = {0};
    TRY(key_wrap_encrypt(kek_value, known, &blob));
    struct ck_template template = {0};
    aes_template(&template);
    CK_MECHANISM mechanism = {.mechanism = number};
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    CK_RV rv = CK_CALL(session->module, C_UnwrapKey, session->handle, &mechanism, kek,
                       blob.data, blob.len, template.rows, template.count, &key);
    if (rv != CKR_OK)
        return P11_ERROR(rv, "could not unwrap a throw-away key on token \"%s\"",
                         session->token);
    AUTO_CK_VALUE value = {0};
    struct error *error = ck_read(session, key, CKA_VALUE, &value);
    struct error *left = ck_destroy(session, key);
    if (error != NULL) {
        error_free(left);
        return error;
    }
    if (left != NULL)
        return left;
    /* A token that shows no key even when told it may has still checked RFC 5649's integrity value. */
    bool wrong = value.state == P11_TRUE
                 && (value.data.len != secret_size(known)
                     || !secret_memory_equal(value.data.data, secret_borrow_const(known),
                                             value.data.len));
    return wrong ? not_rfc5649("unwraps") : NULL;
}

static struct error *
probe(struct p11_session *session, CK_MECHANISM_TYPE number, const char **ret_import)
{
    AUTO(secret) kek_value = NULL;
    AUTO(secret) known = NULL;
    TRY(random_secret(&kek_value));
    TRY(random_secret(&known));
    CK_OBJECT_HANDLE kek = CK_INVALID_HANDLE;
    TRY(kek_import(session, kek_value, KEK_WRAP, &kek, ret_import));
    struct error *error = probe_wrap(session, number, kek_value, kek, known);
    struct error *left = ck_destroy(session, kek);
    if (error == NULL)
        error = TAKE(left);
    error_free(left);
    if (error != NULL)
        return error;
    TRY(kek_import(session, kek_value, KEK_UNWRAP, &kek, ret_import));
    error = probe_unwrap(session, number, kek_value, kek, known);
    left = ck_destroy(session, kek);
    if (error == NULL)
        error = TAKE(left);
    error_free(left);
    return error;
}

struct error *
p11_wrap_probe(struct p11_session *session, struct p11_wrap_method *ret_method)
{
    static const CK_MECHANISM_TYPE ways[] = {CKM_AES_KEY_WRAP_KWP, CKM_AES_KEY_WRAP_PAD};
    struct error *last = NULL;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        bool present = false;
        CK_MECHANISM_INFO info = {0};
        struct error *error =
            ck_mechanism_info(session->module, session->slot, ways[i], &present, &info);
        if (error != NULL) {
            error_free(last);
            return error;
        }
        if (!present || (info.flags & CKF_WRAP) == 0 || (info.flags & CKF_UNWRAP) == 0)
            continue;
        const char *import = "";
        error_free(last);
        last = probe(session, ways[i], &import);
        if (last == NULL) {
            char buffer[32];
            struct p11_wrap_method method = {.number = ways[i]};
            (void)snprintf(method.mechanism, sizeof method.mechanism, "%s",
                           ck_mechanism_name(ways[i], buffer));
            (void)snprintf(method.kek_import, sizeof method.kek_import, "%s", import);
            *ret_method = method;
            return NULL;
        }
        if (error_code(last) != ERROR_UNSUPPORTED)
            return last;
    }
    if (last != NULL)
        return last;
    return ERROR(ERROR_UNSUPPORTED,
                 "token \"%s\" has no AES key wrap with padding (RFC 5649), so "
                 "its keys can be neither backed up nor restored",
                 session->token);
}
