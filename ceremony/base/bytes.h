/* SPDX-License-Identifier: Apache-2.0
 *
 * A growable buffer of bytes or text. Not for secrets (see secret.h): growing copies. A text kept in
 * it is always followed by a NUL that `len` does not count. Zero-initialise to start. */
#pragma once

#include <stdarg.h>
#include <stddef.h>

#include "ceremony/base/error.h"

struct bytes {
    unsigned char *data; /* NULL while empty */
    size_t len;
    size_t cap;
};

#define BYTES_MAX ((size_t)1 << 31)

void bytes_clear(struct bytes *bytes);
#define AUTO_BYTES __attribute__((cleanup(bytes_clear))) struct bytes

MUST_CHECK struct error *bytes_append(struct bytes *bytes, const void *data, size_t len);
MUST_CHECK struct error *bytes_append_text(struct bytes *bytes, const char *text);
MUST_CHECK struct error *bytes_append_char(struct bytes *bytes, char c);
MUST_CHECK struct error *bytes_format(struct bytes *bytes, const char *format, ...)
    PRINTF_LIKE(2, 3);
/* The text; "" while empty. Valid until the next change. */
const char *bytes_text(const struct bytes *bytes);
/* Hands the NUL-terminated contents over to the caller, who frees; leaves `bytes` empty. */
MUST_CHECK struct error *bytes_take_text(struct bytes *bytes, char **ret_text);
/* Copies `from` over what `to` held. */
MUST_CHECK struct error *bytes_copy(struct bytes *to, const void *data, size_t len);
