/* SPDX-License-Identifier: Apache-2.0
 *
 * One program at a time works with a token, also where two ceremonies have folders and ledgers of their own. The lock is
 * a name in the kernel, made of the token's own facts and of its store, where the site names one. It holds for all users
 * of one computer (one network namespace), leaves no file, and is gone with the process, however that ends. (T21) */
#pragma once

#include "ceremony/engine/context.h"
#include "p11/token.h"

/* Before a running ceremony uses the token; held until token_locks_release. Under another serial number (initialised
 * meanwhile) it is another token. A blank one without a serial number has no name to lock.
 * Errors: refused, when another program has it. */
MUST_CHECK struct error *token_lock_take(struct engine *engine, struct engine_token *token,
                                         const struct p11_token_info *info);
void token_locks_release(struct engine *engine);
