/* SPDX-License-Identifier: Apache-2.0
 *
 * Key-encryption keys and RFC 5649 (AES key wrap with padding). A KEK is a single-purpose session
 * object, AES-256, not modifiable, never a token object. (R77-R80, DESIGN 2 Attributes, FACTS 2) */
#pragma once

#include <stddef.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"
#include "p11/key.h"
#include "p11/session.h"

#define P11_KEK_SIZE 32U

struct p11_wrap_method {
    char mechanism[40];  /* "CKM_AES_KEY_WRAP_PAD" or "CKM_AES_KEY_WRAP_KWP": what was proven */
    char kek_import[40]; /* "C_CreateObject" or "C_UnwrapKey (RSA-OAEP)" */
    unsigned long number;
};

/* The SO, logged in, brings in a trusted WRAP-only KEK. It survives the SO's logout as long as the
 * session lives. (SoftHSM: PRIVATE false.) */
MUST_CHECK struct error *p11_kek_import_trusted(struct p11_session *session,
                                                const struct secret *kek,
                                                unsigned long *ret_handle);
/* The user, logged in, brings in an UNWRAP-only KEK. */
MUST_CHECK struct error *p11_kek_import_unwrap(struct p11_session *session,
                                               const struct secret *kek,
                                               unsigned long *ret_handle);
/* Destroys the session object and proves that it is gone. */
MUST_CHECK struct error *p11_kek_destroy(struct p11_session *session, unsigned long handle);

/* What the token's wrapping mechanism really does: a throw-away AES key with known value is wrapped
 * by the token under a throw-away KEK and unwrapped by libcrypto's RFC 5649, and back. Prefers
 * CKM_AES_KEY_WRAP_KWP, else CKM_AES_KEY_WRAP_PAD if it proves to be RFC 5649; else unsupported.
 * The user is logged in. Leaves nothing behind. */
MUST_CHECK struct error *p11_wrap_probe(struct p11_session *session,
                                        struct p11_wrap_method *ret_method);
/* The private key with that id, wrapped; the blob is checked for size and format only. */
MUST_CHECK struct error *p11_key_wrap(struct p11_session *session,
                                      const struct p11_wrap_method *method, unsigned long kek,
                                      const unsigned char *id, size_t id_len,
                                      struct bytes *ret_blob);
/* Unwraps as a token key (or session object) with the attributes of the plan's purpose:
 * P11_KEY_RESTORED, or P11_KEY_BACKED_UP for the session object that re-sharing wraps anew. MODIFIABLE
 * false is asked for and, where refused, true is accepted and reported by p11_key_read_back. Makes
 * the public object from `spki` when `as_token_object`. */
MUST_CHECK struct error *p11_key_unwrap(struct p11_session *session,
                                        const struct p11_wrap_method *method, unsigned long kek,
                                        const void *blob, size_t blob_len,
                                        const struct p11_key_plan *plan, const void *spki,
                                        size_t spki_len, bool as_token_object);
