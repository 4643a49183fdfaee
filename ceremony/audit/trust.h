/* SPDX-License-Identifier: Apache-2.0
 *
 * What was carried home on paper, as a file: a line each,
 *
 *     CEREMONY-ID recorder|signer SHA256-OF-CERTIFICATE
 *     CEREMONY-ID head SHA256-OF-CLOSING-LINE
 *
 * with 64 hexadecimal digits or 32 PGP words; blank lines and lines that begin with '#' are passed
 * over. (DESIGN 3 Recorder, R94) */
#pragma once

#include <stddef.h>

#include "ceremony/base/error.h"

enum trust_kind {
    TRUST_RECORDER,
    TRUST_SIGNER,
    TRUST_HEAD
};

struct trust_line {
    char ceremony[128];
    enum trust_kind kind;
    char sha256[65];
    unsigned line;
};

struct trust {
    struct trust_line *lines;
    size_t count;
};

void trust_clear(struct trust *trust);
#define AUTO_TRUST __attribute__((cleanup(trust_clear))) struct trust

/* Errors: input, naming the line. */
MUST_CHECK struct error *trust_parse(const char *text, size_t len, struct trust *ret_trust);
MUST_CHECK struct error *trust_read(const char *path, struct trust *ret_trust);
