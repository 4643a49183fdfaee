/* SPDX-License-Identifier: Apache-2.0
 *
 * Text broken at blanks into the page's width. */
#pragma once

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"

#define PAPER_COLUMNS 80U

/* The first line begins with `first`, the others with `rest`; ends with a newline. Words longer than
 * a line stand alone. Line breaks in `text` count as blanks. */
MUST_CHECK struct error *paper_wrap(struct bytes *bytes, const char *first, const char *rest,
                                    const char *text);
