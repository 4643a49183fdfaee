/* SPDX-License-Identifier: Apache-2.0
 *
 * What changed since the last ceremony of the same ledger: script, profiles, program, modules, what a
 * token holds. Computed from the transcripts of both, shown to the witnesses before anything is
 * touched. (R7, R8, R22, R102) */
#pragma once

#include "ceremony/engine/context.h"
#include "p11/object.h"

/* After the welcome; nothing on the first ceremony of a ledger. */
MUST_CHECK struct error *changes_show(struct engine *engine);
/* Appends to `body` how the objects of a token differ from its last inventory before this ceremony. */
MUST_CHECK struct error *changes_of_token(struct engine *engine, const char *serial,
                                          const struct p11_object *objects, size_t count,
                                          struct bytes *body);
