/* SPDX-License-Identifier: Apache-2.0
 *
 * A file or a text line by line, in memory of a bounded size; inside batch/ only. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"

#define SOURCE_BLOCK 65536

struct source_lines {
    int file; /* owned; -1: none, but this text, borrowed: */
    const unsigned char *text;
    size_t text_len;
    size_t text_at;
    size_t at;
    size_t have;
    uint64_t number; /* of the line last given, from 1 */
    unsigned char block[SOURCE_BLOCK];
};

struct source_line {
    struct bytes text; /* without its line feed; cut at the limit */
    bool is_cut;       /* there was more, and it was passed over */
};

/* *ret_more false at the end. The line's text is used again. */
MUST_CHECK struct error *source_next_line(struct source_lines *lines, size_t limit,
                                          struct source_line *line, bool *ret_more);
