/* SPDX-License-Identifier: Apache-2.0
 *
 * What a value must look like, letter by letter: a small part of extended regular expressions, for
 * the whole of a text, in time bounded by its length whatever the pattern. A pattern is a row of
 * characters and classes ("[A-Z0-9-]", "[^/]"), each perhaps with "?", "*", "+", "{4}" or "{4,20}"
 * behind it. "\" takes the next character as it is; ". ( ) | ^ $" stand only so or in a class. ASCII. */
#pragma once

#include <stdbool.h>

/* Texts beyond this match nothing. */
#define PATTERN_TEXT_MAX 1024

/* What is wrong with a pattern, or NULL. */
const char *pattern_check(const char *pattern);
/* Does all of `text` match? False for a pattern that is wrong. */
bool pattern_matches(const char *pattern, const char *text);
