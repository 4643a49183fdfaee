/* SPDX-License-Identifier: Apache-2.0
 *
 * A read-write session and the login state of its token (which PKCS#11 keeps per process and token,
 * not per session). One thread per session. A PIN is sent once per call, never again: the caller
 * wipes it before looking at the result, and reads the token's flags before asking anew. (R19, R24)
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"
#include "ceremony/base/secret.h"
#include "p11/token.h"

enum p11_user {
    P11_USER,
    P11_SO
};

struct p11_session;

/* Who is asked for the PIN of a key that wants one before each signature (CKA_ALWAYS_AUTHENTICATE, R19). */
struct p11_pin_source {
    /* Before each try; `refused`: how many the token has refused for this signature. NULL is given for the
     * token's own keypad. An error ends the signature, so that there is a last try. */
    struct error *(*ask)(void *self, unsigned refused, struct secret **ret_pin);
    /* The token took it. */
    struct error *(*taken)(void *self);
    void *self;
};

MUST_CHECK struct error *p11_session_open(struct p11_module *module, unsigned long slot,
                                          struct p11_session **ret_session);
void p11_session_close(struct p11_session *session);
DEFINE_AUTO(p11_session, p11_session_close);

struct p11_module *p11_session_module(struct p11_session *session);
unsigned long p11_session_slot(const struct p11_session *session);

/* PIN NULL: protected path. Errors: pin (not accepted), pin-last (refused before it was sent, since
 * the token says the next wrong one locks it), pin-locked, refused (PIN not set yet), token,
 * token-gone. Read the token again after an error: its flags tell what to say. */
MUST_CHECK struct error *p11_login(struct p11_session *session, enum p11_user user,
                                   const struct secret *pin);
/* Already logged out is fine. Private handles die. */
MUST_CHECK struct error *p11_logout(struct p11_session *session);
/* For the one operation that was begun on this session (CKU_CONTEXT_SPECIFIC); errors as above. */
MUST_CHECK struct error *p11_login_for_operation(struct p11_session *session,
                                                 const struct secret *pin);
/* Signers made with this session ask there; without it they refuse such keys. `source` is copied. */
void p11_session_set_pin_source(struct p11_session *session,
                                const struct p11_pin_source *source);
/* What the token itself says (C_GetSessionInfo): logged in as user, as SO, or not. */
MUST_CHECK struct error *p11_login_state(struct p11_session *session, bool *ret_user,
                                         bool *ret_so);
/* The SO, logged in, sets the user's PIN. */
MUST_CHECK struct error *p11_init_pin(struct p11_session *session, const struct secret *pin);
/* The one who is logged in changes the own PIN. */
MUST_CHECK struct error *p11_set_pin(struct p11_session *session, const struct secret *old_pin,
                                     const struct secret *new_pin);
/* C_GenerateRandom. */
MUST_CHECK struct error *p11_random(struct p11_session *session, void *ret_data, size_t len);

/* A PIN typed in two halves by two people, joined. */
MUST_CHECK struct error *p11_pin_join(const struct secret *first, const struct secret *second,
                                      struct secret **ret_pin);
