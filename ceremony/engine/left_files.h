/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that an interrupted act left in the evidence folder of a ceremony that is aborted. */
#pragma once

#include "ceremony/engine/context.h"

/* A file that got its name, and whose record did not come to be, is recorded as it lies there, and one exception tells
 * of them; nothing is removed. A resumed ceremony finds such files when the step begins again. (R90) */
MUST_CHECK struct error *left_files_record(struct engine *engine);
