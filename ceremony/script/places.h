/* SPDX-License-Identifier: Apache-2.0
 *
 * Where texts stand: a side table from a loaded string (by its address) to file, line and column, so
 * that a check made long after reading can still point at the very word. Private to script/. */
#pragma once

#include <stddef.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"
#include "ceremony/script/faults.h"

struct places;

MUST_CHECK struct error *places_new(struct places **ret_places);
void places_free(struct places *places);
DEFINE_AUTO(places, places_free);

/* `file` is copied once for all its texts. */
MUST_CHECK struct error *places_add(struct places *places, const char *file, const char *text,
                                    unsigned line, unsigned column);
/* The address of a text changed (a parameter was filled in). */
void places_move(struct places *places, const char *from, const char *to);

/* A fault at the text, or at `file` as a whole if its place is not known. */
MUST_CHECK struct error *places_fault(const struct places *places, struct faults *faults,
                                      const char *file, const char *text, const char *format,
                                      ...) PRINTF_LIKE(5, 6);
