/* SPDX-License-Identifier: Apache-2.0
 *
 * The kinds of sources behind one table; inside batch/ only. */
#pragma once

#include "ceremony/batch/check_codes.h"
#include "ceremony/batch/source.h"

struct source_kind {
    const char *text;
    struct error *(*open)(struct batch_source *source, const char *path);
    /* Fills name, input hash, request or codes; *ret_more false at the end. `skip`: only counts. */
    struct error *(*next)(struct batch_source *source, struct batch_item *item, bool skip,
                          bool *ret_more);
    void (*close)(void *state);
};

struct batch_source {
    const struct source_kind *kind;
    struct batch_limits limits;
    bool list;      /* items bring no requests */
    uint64_t index; /* of the next item */
    bool ended;     /* the kind is not asked again */
    void *state;    /* the kind's own */
    bool judged; /* items come judged by another process; what is refused keeps its request */
    const struct seeds_list *seeds; /* of source_seeds.c */
};

extern const struct source_kind source_folder;
extern const struct source_kind source_pem;
extern const struct source_kind source_tar;
extern const struct source_kind source_json_lines;
extern const struct source_kind source_csv;

/* A regular file, opened without following links or waiting; input error if it is none. */
MUST_CHECK struct error *source_open_file(const char *path, int *ret_file);

/* The item's hash and its request, from the bytes of a file or member: DER, or one PEM block. */
MUST_CHECK struct error *source_take_file(struct batch_item *item,
                                          const struct bytes *contents);
/* The item's hash over these bytes. */
MUST_CHECK struct error *source_hash(struct batch_item *item, const void *data, size_t len);
/* A field of the manifest, checked. */
MUST_CHECK struct error *source_add_field(struct batch_item *item, const char *name,
                                          const char *value);
/* The base64 of a request into the item. */
MUST_CHECK struct error *source_take_base64(struct batch_item *item, const char *base64);
