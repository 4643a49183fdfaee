/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that people bring to a ceremony, as octets that nobody has looked into yet. The process that signs reads each
 * once and hands the very same octets to the process that takes them apart (reader.h): nothing on the medium can change
 * in between, and what is hashed is what was judged. (T17) */
#pragma once

#include "ceremony/base/bytes.h"
#include "ceremony/script/site.h"

#define DOCUMENTS_MAX 8

struct document {
    char *name; /* of the input */
    const unsigned char
        *data; /* borrowed: from `file`, from the caller, or from the memory that came over */
    size_t len;
    struct bytes file;
    struct error *fault; /* why it could not be read; told when somebody asks for it */
};

struct documents { /* zero-initialise */
    struct document items[DOCUMENTS_MAX];
    size_t count;
    void *memory; /* mapped, in the process that reads */
    size_t memory_len;
};

void documents_clear(struct documents *documents);
#define AUTO_DOCUMENTS __attribute__((cleanup(documents_clear))) struct documents

/* --- the process that signs --- */

/* The file of that input, if the site names one. Only memory is an error; what is wrong with the file is kept. */
MUST_CHECK struct error *documents_read(struct documents *documents, const struct site *site,
                                        const char *name, size_t limit);
/* All of them in a file of memory, for another process. The caller closes it. Errors: io, memory. */
MUST_CHECK struct error *documents_pack(const struct documents *documents, int *ret_file);
/* Whether the file is this DER, or PEM of it: what another process says that it found there. */
bool documents_hold(const struct documents *documents, const char *name,
                    const struct bytes *der);
/* An error that came back: where it is the fault of a file, that, with all that it knows. Takes `error`. */
struct error *documents_own_error(struct documents *documents, struct error *error);

/* --- the process that reads --- */

/* Views of what was packed. */
MUST_CHECK struct error *documents_open(int file, struct documents *ret_documents);
/* The file, or why it could not be read. */
MUST_CHECK struct error *documents_get(const struct documents *documents, const char *name,
                                       const struct document **ret_document);
