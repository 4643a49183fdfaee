/* SPDX-License-Identifier: Apache-2.0
 *
 * Internal to this folder: AES keys brought into a token. */
#pragma once

#include "ceremony/base/secret.h"
#include "p11/ck.h"

enum kek_role {
    KEK_TRUSTED, /* WRAP only, TRUSTED, PRIVATE false: made by the SO */
    KEK_WRAP,    /* WRAP only, for the probe */
    KEK_UNWRAP,  /* UNWRAP only */
};

/* `ret_import` (may be NULL) says how it came in, as in struct p11_wrap_method. */
MUST_CHECK struct error *kek_import(struct p11_session *session, const struct secret *kek,
                                    enum kek_role role, CK_OBJECT_HANDLE *ret_handle,
                                    const char **ret_import);
/* The other way, where plaintext is refused: a throw-away RSA key of the token unwraps it. */
MUST_CHECK struct error *kek_import_oaep(struct p11_session *session, const struct secret *kek,
                                         const struct ck_template *template,
                                         CK_OBJECT_HANDLE *ret_handle);
/* Answers to C_CreateObject that say "not in the clear" rather than "I failed". */
bool kek_refuses_plaintext(CK_RV rv);
