/* SPDX-License-Identifier: Apache-2.0
 *
 * Internal to this folder: the PKCS#11 types, and the one place where a CK_RV becomes an error. No
 * header that others include may include this one. */
#pragma once

#include <openssl/err.h>
#include <p11-kit/pkcs11.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"
#include "p11/functions.h"
#include "p11/module.h"
#include "p11/object.h"
#include "p11/session.h"
#include "p11/token.h"

/* PKCS#11 3.x constants that the 2.40 header lacks. */
#ifndef CKM_AES_KEY_WRAP_KWP
#    define CKM_AES_KEY_WRAP_KWP 0x210bUL
#endif
#ifndef CKF_ERROR_STATE
#    define CKF_ERROR_STATE 0x01000000UL
#endif
#ifndef CKA_UNIQUE_ID
#    define CKA_UNIQUE_ID 0x4UL
#endif

struct p11_module {
    CK_FUNCTION_LIST *list;
    char *name;
    bool managed;
};

struct p11_session {
    struct p11_module *module;
    CK_SLOT_ID slot;
    CK_SESSION_HANDLE handle;
    char token[129];                  /* label, for messages */
    struct p11_pin_source pin_source; /* none: ask is NULL */
};

/* PKCS#11 takes everything non-const, even what it only reads: absorbed here and nowhere else. */
static inline void *
ck_unconst(const void *pointer)
{
    union {
        const void *from;
        void *to;
    } both = {.from = pointer};

    return both.to;
}

/* "CKR_PIN_INCORRECT", or "CKR 0x80000001". */
const char *ck_result_name(CK_RV rv, char buffer[32]);
/* "CKM_ECDSA", or "0x80000001". */
const char *ck_mechanism_name(CK_MECHANISM_TYPE type, char buffer[32]);
/* False when the name is unknown; takes hexadecimal numbers too. */
bool ck_mechanism_number(const char *name, CK_MECHANISM_TYPE *ret_type);
/* "EC", "RSA", ..., or "0x...". */
const char *ck_key_type_name(CK_KEY_TYPE type, char buffer[32]);

/* The only maker of errors from CK_RV. `format` says what could not be done; the reason follows. */
struct error *p11_error(CK_RV rv, const char *file, int line, const char *format, ...)
    PRINTF_LIKE(4, 5);
#define P11_ERROR(rv, ...)                                                                     \
    __extension__({                                                                            \
        struct error *p11_made_ = p11_error((rv), __FILE__, __LINE__, __VA_ARGS__);            \
        if (p11_made_ == NULL)                                                                 \
            __builtin_unreachable();                                                           \
        p11_made_;                                                                             \
    })

/* Calls a function of the module and gives its CK_RV. What a token leaves in libcrypto's error queue
 * (SoftHSM does, FACTS 2) is taken away, or our own messages would quote it. */
#define CK_CALL(module, function, ...)                                                         \
    __extension__({                                                                            \
        (void)CK_CALLS_##function;                                                             \
        (void)ERR_set_mark();                                                                  \
        CK_RV ck_rv_ = (module)->list->function(__VA_ARGS__);                                  \
        (void)ERR_pop_to_mark();                                                               \
        ck_rv_;                                                                                \
    })

/* Whether a result means that nothing more can be had of token or session. */
bool ck_is_fatal(CK_RV rv);

/* Attributes, read one at a time, because one that the token dislikes spoils a whole call. */
struct ck_value {
    enum p11_reading state; /* P11_TRUE: there is a value (which may be empty) */
    struct bytes data;
};

void ck_value_clear(struct ck_value *value);
#define AUTO_CK_VALUE __attribute__((cleanup(ck_value_clear))) struct ck_value
/* Errors only when token or session are gone; otherwise the state says what came of it. */
MUST_CHECK struct error *ck_read(struct p11_session *session, CK_OBJECT_HANDLE object,
                                 CK_ATTRIBUTE_TYPE type, struct ck_value *ret_value);
MUST_CHECK struct error *ck_read_bool(struct p11_session *session, CK_OBJECT_HANDLE object,
                                      CK_ATTRIBUTE_TYPE type, enum p11_reading *ret_reading);
/* P11_TRUE in `ret_reading` when there was a number. */
MUST_CHECK struct error *ck_read_number(struct p11_session *session, CK_OBJECT_HANDLE object,
                                        CK_ATTRIBUTE_TYPE type, enum p11_reading *ret_reading,
                                        CK_ULONG *ret_number);
/* Handles that match; refuses a token that names one twice. Caller frees. */
MUST_CHECK struct error *ck_find(struct p11_session *session, const CK_ATTRIBUTE *template,
                                 CK_ULONG count, CK_OBJECT_HANDLE **ret_handles,
                                 size_t *ret_count);
/* Destroys, then proves by handle and by listing that it is gone. */
MUST_CHECK struct error *ck_destroy(struct p11_session *session, CK_OBJECT_HANDLE object);

/* A template under construction; values are borrowed. */
#define CK_TEMPLATE_MAX 32

struct ck_template {
    CK_ATTRIBUTE rows[CK_TEMPLATE_MAX];
    CK_ULONG count;
};

void ck_template_add(struct ck_template *template, CK_ATTRIBUTE_TYPE type, const void *value,
                     size_t len);
void ck_template_add_bool(struct ck_template *template, CK_ATTRIBUTE_TYPE type, bool value);

/* The slot's token, for messages and decisions. */
MUST_CHECK struct error *ck_token_info(struct p11_module *module, CK_SLOT_ID slot,
                                       CK_TOKEN_INFO *ret_info);
