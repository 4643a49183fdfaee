/* SPDX-License-Identifier: Apache-2.0
 *
 * Text as people meet it: copies, UTF-8, safe display, "did you mean". */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"

/* Formatted copy; the caller frees. */
MUST_CHECK struct error *text_format(char **ret_text, const char *format, ...)
    PRINTF_LIKE(2, 3);
MUST_CHECK struct error *text_copy(const char *text, char **ret_text);

bool text_is_utf8(const void *data, size_t len);
/* As much of UTF-8 as fits into `size` octets with the NUL: whole characters, so that it stays UTF-8 (a record takes
 * nothing else). */
void text_fit(const char *text, char *ret_text, size_t size);

bool text_starts_with(const char *text, const char *prefix);
bool text_ends_with(const char *text, const char *suffix);
bool text_equal_nocase(const char *a, const char *b); /* ASCII only */
/* Glob with '*' only; case-sensitive. */
bool text_matches(const char *pattern, const char *text);

/* Appends `len` bytes so that nothing in them can steer a terminal or mislead a reader: C0, DEL, C1,
 * bidirectional controls, zero-width and invalid UTF-8 become visible escapes (\x1B, \u202E). A
 * newline is kept only if `keep_newlines`. (TRUST 1.4, T14) */
MUST_CHECK struct error *text_append_safe(struct bytes *bytes, const void *data, size_t len,
                                          bool keep_newlines);
/* The same as a new string; the caller frees. NULL data gives "". */
MUST_CHECK struct error *text_safe(const void *data, size_t len, char **ret_text);

/* The candidate nearest to `word` (Damerau-Levenshtein <= 2 and less than half its length), or NULL. */
const char *text_nearest(const char *word, const char *const *candidates, size_t count);

/* Splits at blanks, tabs and newlines, in place; keeps the first `max` words, returns how many there
 * are (which may be more than `max`). */
size_t text_split_words(char *text, char **ret_words, size_t max);
