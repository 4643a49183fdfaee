/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests from a medium, one after the other, in an order that is the same in every run. Nothing on
 * the medium is believed: only regular files are opened, by their folder and without following links,
 * each is read once into memory, and the hash of an item is that of the bytes its request was decoded
 * from. What is wrong with one item is its verdict and code, and the source goes on; an error is what
 * makes the whole source useless. Memory holds one item and the names of the folders above it.
 * (T17, T18, R69) */
#pragma once

#include "ceremony/base/flat_pipe.h"
#include "ceremony/batch/item.h"

enum batch_source_kind {
    BATCH_SOURCE_FOLDER,     /* one request a file, PEM or DER; folders nested; names by byte */
    BATCH_SOURCE_PEM,        /* one file, many PEM blocks */
    BATCH_SOURCE_TAR,        /* one archive, one request a member */
    BATCH_SOURCE_JSON_LINES, /* a manifest: {"request": BASE64, "serial": "...", ...} a line */
    BATCH_SOURCE_CSV /* a manifest: a line of names, one of them "request", then lines */
};

/* "folder", "pem", "tar", "json-lines", "csv"; -1 if it is none. */
int batch_source_kind_find(const char *text);
const char *batch_source_kind_text(enum batch_source_kind kind);

struct batch_limits {      /* 0 each: the default */
    size_t request_bytes;  /* of a file, PEM block, member or line: 65,536 */
    uint64_t items;        /* 10,000,000 */
    unsigned folder_depth; /* folders within folders: 8 */
    size_t folder_entries; /* in one folder: 1,000,000 */
};

struct batch_source;

/* Errors: not-found, input (another kind of file, a manifest without its first line), io. */
MUST_CHECK struct error *batch_source_open(const char *path, enum batch_source_kind kind,
                                           const struct batch_limits *limits,
                                           struct batch_source **ret_source);
/* A manifest of devices whose keys are made here: an item is its fields, and a request among them is
 * refused. Input error for a kind that is no manifest. */
MUST_CHECK struct error *batch_source_open_list(const char *path, enum batch_source_kind kind,
                                                const struct batch_limits *limits,
                                                struct batch_source **ret_source);
/* Items that another process reads and judges (serve.h), from its end of a pipe, which is taken, also on an error. They
 * come BATCH_ACCEPTED or BATCH_REFUSED. `next` may also fail with io (the process ended before its items) and
 * verification (it sent what is no answer). */
MUST_CHECK struct error *batch_source_open_stream(struct flat_pipe *pipe,
                                                  struct batch_source **ret_source);
/* The devices of a list of seeds, which must outlive it. */
struct seeds_list;
MUST_CHECK struct error *batch_source_open_seeds(const struct seeds_list *list,
                                                 struct batch_source **ret_source);
void batch_source_free(struct batch_source *source);
DEFINE_AUTO(batch_source, batch_source_free);

/* The next item, BATCH_UNJUDGED or BATCH_REFUSED; NULL at the end. Errors: input (more items or
 * entries than allowed, a damaged archive), io, memory. */
MUST_CHECK struct error *batch_source_next(struct batch_source *source,
                                           struct batch_item **ret_item);
/* Goes on before item `index`, which lies ahead: for a run that was interrupted. Names are passed
 * over without opening their files; of other kinds the bytes are read. Input error if there are
 * fewer items. */
MUST_CHECK struct error *batch_source_skip(struct batch_source *source, uint64_t index);
