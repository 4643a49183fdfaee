/* SPDX-License-Identifier: Apache-2.0
 *
 * Wrapped keys of devices that a batch made (docs/formats/batch.md): one line for each certificate of a block, in
 * the same order, and an envelope with the key that wrapped them. What they hold nobody but their recipient
 * can say. A public extract has none of them. */
#pragma once

#include "ceremony/audit/evidence.h"
#include "ceremony/base/bytes.h"

struct batch_keys {
    bool expected; /* the batch made keys, and they are in this folder */
    struct bytes file;
    size_t at;
};

/* What the batch announced, of which this is the record. */
void batch_keys_init(struct batch_keys *keys, const struct evidence *evidence,
                     const struct transcript_record *record);
void batch_keys_clear(struct batch_keys *keys);
/* A block begins: `prefix` "PRACTICE-" or "". Errors: verification. */
MUST_CHECK struct error *batch_keys_open(struct batch_keys *keys,
                                         const struct evidence *evidence, const char *prefix,
                                         const char *step, int64_t block);
/* The key of the block's next certificate, which is that of this line of the results. */
MUST_CHECK struct error *batch_keys_next(struct batch_keys *keys, const json_t *line);
MUST_CHECK struct error *batch_keys_end(struct batch_keys *keys, int64_t block);
