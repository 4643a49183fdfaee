/* SPDX-License-Identifier: Apache-2.0
 *
 * All faults of all files in one run, each with file:line:column. */
#pragma once

#include <stddef.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"

struct fault {
    char *file;
    unsigned line; /* 0: the file as a whole */
    unsigned column;
    char *text;
};

struct faults {
    struct fault *items;
    size_t count;
};

void faults_clear(struct faults *faults);
#define AUTO_FAULTS __attribute__((cleanup(faults_clear))) struct faults

MUST_CHECK struct error *faults_add(struct faults *faults, const char *file, unsigned line,
                                    unsigned column, const char *format, ...) PRINTF_LIKE(5, 6);
/* "file:line:column: text" a line, in order of file and place. */
MUST_CHECK struct error *faults_text(const struct faults *faults, struct bytes *ret_text);
/* NULL if there is none, else an input error that quotes the first and says how many there are. */
MUST_CHECK struct error *faults_as_error(const struct faults *faults);
