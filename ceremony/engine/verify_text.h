/* SPDX-License-Identifier: Apache-2.0
 *
 * VERIFY.txt: the exact stock commands with which anyone checks the evidence folder, in ten years too.
 * Lines that begin with "$ " are commands; a test executes them as they stand. (R95) */
#pragma once

#include "ceremony/engine/context.h"

MUST_CHECK struct error *verify_text_make(struct engine *engine, struct bytes *ret_text);
