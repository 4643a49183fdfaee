/* SPDX-License-Identifier: Apache-2.0
 *
 * A copy of the engine's progress that the screen may keep. */
#pragma once

#include "ceremony/engine/frontend.h"

MUST_CHECK struct error *progress_copy_new(const struct progress *progress,
                                           struct progress **ret_copy);
/* NULL is fine. */
void progress_copy_free(struct progress *copy);
