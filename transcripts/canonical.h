/* SPDX-License-Identifier: Apache-2.0
 *
 * The one form a JSON value has in evidence: keys sorted by bytes and ASCII, no blanks, no reals,
 * integers below 2^53 in size, no control characters (C0, DEL, C1). Within these limits it equals
 * RFC 8785. transcript_canonical (reader.h) writes it. */
#pragma once

#include <stddef.h>

#include <jansson.h>

#include "ceremony/base/error.h"

#define CANONICAL_DEPTH   32
#define CANONICAL_INTEGER (((json_int_t)1 << 53) - 1)

/* Why the value has no canonical form, or NULL when it has one. */
const char *canonical_fault(const json_t *value);
/* One line, without its newline, which must be an object in exactly the canonical form. Errors:
 * verification, worded to follow "line 3: ". The caller releases the value. */
MUST_CHECK struct error *canonical_parse(const char *text, size_t len, json_t **ret_value);
