/* SPDX-License-Identifier: Apache-2.0
 *
 * Internal to this folder: what is asked of a PIN before it is sent. (R24) */
#pragma once

#include "ceremony/base/secret.h"
#include "p11/ck.h"

/* Locked: pin-locked; the next wrong one locks: pin-last; length outside the token's limits: pin;
 * NULL without a protected path: refused. Nothing is sent. */
MUST_CHECK struct error *ck_pin_check(const struct p11_token_info *token, enum p11_user user,
                                      const struct secret *pin);
/* Only the length and the protected path, for a PIN that is being set. */
MUST_CHECK struct error *ck_pin_check_length(const struct p11_token_info *token,
                                             const struct secret *pin);

/* The bytes for PKCS#11; NULL and 0 for the protected path. */
static inline unsigned char *
ck_pin(const struct secret *pin)
{
    return pin != NULL ? ck_unconst(secret_borrow_const(pin)) : NULL;
}

static inline CK_ULONG
ck_pin_len(const struct secret *pin)
{
    return pin != NULL ? secret_size(pin) : 0;
}
