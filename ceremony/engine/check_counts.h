/* SPDX-License-Identifier: Apache-2.0
 *
 * How much a step and a ceremony can sign, said before the first step. */
#pragma once

#include "ceremony/engine/context.h"

/* Steps that list more CRLs, and a script that certifies and lists more, than the program can hold: faults. */
MUST_CHECK struct error *check_counts(const struct script *script, struct faults *faults);
