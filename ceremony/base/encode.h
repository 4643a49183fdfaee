/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes as letters: hexadecimal and base64 (RFC 4648, with padding, strict). */
#pragma once

#include <stddef.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"

/* `ret_text` holds 2 * len + 1 characters; lower case. */
void hex_encode(const void *data, size_t len, char *ret_text);
/* As a new string. */
MUST_CHECK struct error *hex_encode_new(const void *data, size_t len, char **ret_text);
/* Exactly `len` bytes from 2 * len digits; anything else is an input error. */
MUST_CHECK struct error *hex_decode(const char *text, void *ret_data, size_t len);
/* Any even number of digits, appended. */
MUST_CHECK struct error *hex_decode_append(const char *text, struct bytes *bytes);

MUST_CHECK struct error *base64_encode_new(const void *data, size_t len, char **ret_text);
/* Strict: no white space, canonical padding. Appends. */
MUST_CHECK struct error *base64_decode_append(const char *text, struct bytes *bytes);
