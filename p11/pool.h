/* SPDX-License-Identifier: Apache-2.0
 *
 * Internal to this folder: sessions for signing. One operation has one session; several threads in
 * one session crash SoftHSM (FACTS 2). After an error a session is closed, since the failed operation
 * may still be active in it. */
#pragma once

#include "p11/ck.h"

struct p11_pool;

MUST_CHECK struct error *p11_pool_new(struct p11_module *module, CK_SLOT_ID slot,
                                      struct p11_pool **ret_pool);
/* Closes all sessions; none may be out. */
void p11_pool_free(struct p11_pool *pool);
DEFINE_AUTO(p11_pool, p11_pool_free);

MUST_CHECK struct error *p11_pool_take(struct p11_pool *pool, struct p11_session **ret_session);
/* Back for the next one, or closed when not `sound`. NULL is fine. */
void p11_pool_give(struct p11_pool *pool, struct p11_session *session, bool sound);
