/* SPDX-License-Identifier: Apache-2.0
 *
 * `ceremony-head`: a private data object on every token that holds a CA's key. It names the ledger's head of
 * the last ceremony that used the token, so that an older, copied or forked ledger is refused by the
 * token itself, even where nothing else is left to tell (R53, R102; docs/formats/token-head.md). */
#pragma once

#include "ceremony/engine/context.h"
#include "p11/object.h"

#define TOKEN_HEAD_LABEL "ceremony-head"

/* Compares the head on the token with the ledger, once in a process; the user is logged in. A head that the
 * ledger does not know is refused. None at all, or one before the last that was announced, is a recorded
 * fact, and an exception where the ledger says that there should be another. */
MUST_CHECK struct error *token_head_check(struct engine *engine, struct engine_token *token);
/* Whether the current step is the last that looks at this token. */
bool token_head_is_due(const struct engine *engine, const struct engine_token *token);
/* Announces a new head in the ledger, writes it on the token if that holds a key, and destroys the ones
 * before; the user is logged in. A token that cannot keep it is a recorded exception. */
MUST_CHECK struct error *token_head_write(struct engine *engine, struct engine_token *token);
/* Whether the object is one. */
bool token_head_is(const struct p11_object *object);
