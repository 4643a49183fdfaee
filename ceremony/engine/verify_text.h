/* SPDX-License-Identifier: Apache-2.0
 *
 * VERIFY.txt: the exact stock commands with which anyone checks the evidence folder, in ten years too.
 * Lines that begin with "$ " are commands; a test executes them as they stand. (R95) */
#pragma once

#include "ceremony/engine/context.h"

/* Whose keys will sign the sums: a ceremony that was aborted may have no recorder, or have lost its token,
 * and the people may all have signed in ink. */
struct verify_seal {
    bool by_anyone;
    bool by_recorder;
};

MUST_CHECK struct error *verify_text_make(struct engine *engine, const struct verify_seal *seal,
                                          struct bytes *ret_text);
