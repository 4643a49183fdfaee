/* SPDX-License-Identifier: Apache-2.0
 *
 * All objects of a token, listed and compared with what the ceremony and the ledger explain; each
 * unexplained one is an exception (R22). */
#pragma once

#include "ceremony/engine/context.h"

/* Lists in the present login state and records; `when`: "before", "after". */
MUST_CHECK struct error *inventory_take(struct engine *engine, struct engine_token *token,
                                        const char *when);
/* A line for each object and what it is for, to be shown. */
MUST_CHECK struct error *inventory_show(struct engine *engine, struct engine_token *token,
                                        struct bytes *body);
/* For a token that this ceremony found blank: what the state cannot explain. Halves of keys without id
 * and label (SoftHSM leaves them) are noted, destroyed and proven absent; about anything else people
 * are asked. The user is logged in for it. */
MUST_CHECK struct error *inventory_sweep(struct engine *engine, struct engine_token *token);
