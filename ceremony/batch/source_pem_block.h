/* SPDX-License-Identifier: Apache-2.0
 *
 * PEM (RFC 7468) a line at a time, strictly; inside batch/ only. Both labels of requests are taken,
 * lines of any length, text around the blocks as long as it cannot steer a terminal. */
#pragma once

#include <stdbool.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"

#define PEM_OUTSIDE_MAX 65536

struct pem_reader {
    bool inside;
    char label[32];      /* of the block that is open */
    struct bytes base64; /* its letters so far */
    size_t outside;      /* bytes of text since the last block */
    int code;            /* enum batch_code of the first fault of this block, or -1 */
    size_t base64_max;
};

enum pem_event {
    PEM_NOTHING,
    PEM_BLOCK,      /* a block ended; its letters and code stand in the reader */
    PEM_BLOCK_AGAIN /* a block ended without its END, and this line begins another: give it again
                     * after pem_next */
};

void pem_init(struct pem_reader *reader, size_t base64_max);
void pem_clear(struct pem_reader *reader);
/* A line without its line feed. */
MUST_CHECK struct error *pem_line(struct pem_reader *reader, const unsigned char *line,
                                  size_t len, enum pem_event *ret_event);
/* The end of the input; a block that is open is at fault. */
enum pem_event pem_end(struct pem_reader *reader);
/* Ready for the next block. */
void pem_next(struct pem_reader *reader);
