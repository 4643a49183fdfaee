/* SPDX-License-Identifier: Apache-2.0
 *
 * The reading half of a batch, for a process of its own: items of a source, each judged by itself, as frames (wire.h).
 * (T17) */
#pragma once

#include "ceremony/batch/check.h"

/* All items of the source to `out`, then the end, or what the source failed with. A reader that went away is no error.
 * Errors: io, memory. */
MUST_CHECK struct error *batch_serve(const struct batch_check *check,
                                     struct batch_source *source, int out);
/* A frame with what could not even be opened. Takes the error. */
MUST_CHECK struct error *batch_serve_error(struct error *error, int out);
