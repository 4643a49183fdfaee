/* SPDX-License-Identifier: Apache-2.0
 *
 * Text for 80 columns. */
#pragma once

#include <stddef.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"

#define TEXT_COLUMNS 80U

/* Appends `text` broken at blanks so that no line is longer than TEXT_COLUMNS characters (longer words
 * are cut), the first line after `first`, all others behind `indent` blanks; a newline at the end. */
MUST_CHECK struct error *wrap_text(struct bytes *bytes, const char *first, size_t indent,
                                   const char *text);
