/* SPDX-License-Identifier: Apache-2.0
 *
 * Keeps secrets out of free text: remembers which PINs were typed today without keeping them, and
 * knows what share words look like. (R24, R92) */
#pragma once

#include <stdbool.h>

#include "ceremony/base/error.h"
#include "ceremony/engine/context.h"

/* Remembers a keyed hash of the PIN, and how long it is. */
MUST_CHECK struct error *privacy_remember_pin(struct engine *engine, const struct secret *pin);
/* Four share words in a row, or a PIN of today, whatever stands around it that is no letter or digit. */
bool privacy_looks_secret(const struct engine *engine, const char *text);
