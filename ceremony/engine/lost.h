/* SPDX-License-Identifier: Apache-2.0
 *
 * A token that is gone, locked or broken must not keep a ceremony from being closed: when it is aborted,
 * people decide, by name, to go on without it. Keys that it may still hold are then an exception that
 * stays open. */
#pragma once

#include "ceremony/engine/context.h"

/* Takes `error` (NULL is fine). While aborting, an error that says "this token cannot be used" becomes a
 * recorded exception and NULL, if people decide so; any other is given back. */
MUST_CHECK struct error *lost_accept(struct engine *engine, const char *token,
                                     struct error *error);
/* Whether people have given the token up. */
bool lost_given_up(struct engine *engine, const char *token);
