/* SPDX-License-Identifier: Apache-2.0
 *
 * From the KEK's making to the proof of restore is one unit. An interruption voids it: wrapped key,
 * restored copy and written forms of that share set are destroyed and recorded, and the unit begins
 * anew under another KEK. (DESIGN 2 Interruption) */
#pragma once

#include "ceremony/engine/context.h"

/* Does nothing when the unit was not begun, or is proven. */
MUST_CHECK struct error *share_void_if_open(struct engine *engine);
