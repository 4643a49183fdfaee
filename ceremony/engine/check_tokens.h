/* SPDX-License-Identifier: Apache-2.0
 *
 * What a token cannot do of what the script asks of it, said before the first step. (DESIGN 1, R79) */
#pragma once

#include "ceremony/engine/context.h"

/* Keys to be made, restored or shared again. The modules are loaded; nobody logs
 * in. What is missing is a fault; errors only when a token cannot be asked. */
MUST_CHECK struct error *check_tokens(struct engine *engine, struct faults *faults);
/* The same of one token, when it is first looked at in the room: it may have lain in its bag until then. Errors:
 * unsupported, refused, naming what it lacks; nothing on it was changed. */
MUST_CHECK struct error *check_token_able(struct engine *engine,
                                          const struct engine_token *token);
/* A fault for a file, made of what an error says, why, and what to do. Takes the error. */
MUST_CHECK struct error *check_fault(struct faults *faults, const char *file,
                                     const struct script_place *place, struct error *error);
