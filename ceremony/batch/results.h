/* SPDX-License-Identifier: Apache-2.0
 *
 * results.jsonl: what became of every item, one line each in the order of the source, and the Merkle
 * root of the lines, by which one certificate is proven to belong to the batch (R69;
 * docs/formats/batch.md). Lines are appended a block at a time and flushed before the ledger calls
 * the block issued; what an interruption left behind the last such block is cut off. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/batch/block.h"
#include "ceremony/ledger/merkle.h"

struct batch_totals {
    uint64_t items;
    uint64_t issued; /* certificates of this batch, those signed twice counted once */
    uint64_t refused;
    uint64_t before; /* had been issued by an earlier batch */
    uint64_t resigned;
    uint64_t blocks;
    unsigned char root[MERKLE_HASH]; /* of the lines */
};

/* Builds the entry's line from its item. `code_name` gives the names of its codes, `extra` is one more
 * of the line's own, or NULL. The hash of a certificate that is not known yet is zeros. */
MUST_CHECK struct error *batch_line_build(struct batch_entry *entry, uint64_t block,
                                          const char *(*code_name)(unsigned code),
                                          const char *extra);
/* Puts the certificate's hash in, and that it was signed again. */
MUST_CHECK struct error *batch_line_finish(struct batch_entry *entry, bool resigned);

struct batch_results;

/* Opens or makes the file; lines of blocks after `last_block` are cut off, those before are counted
 * and hashed again. Errors: verification (a line is not ours). */
MUST_CHECK struct error *batch_results_open(const char *path, uint64_t last_block,
                                            struct batch_results **ret_results);
void batch_results_free(struct batch_results *results);
DEFINE_AUTO(batch_results, batch_results_free);

/* All lines of a block, flushed. */
MUST_CHECK struct error *batch_results_append(struct batch_results *results,
                                              const struct batch_block *block);
/* The totals so far, and the root. */
MUST_CHECK struct error *batch_results_totals(struct batch_results *results,
                                              struct batch_totals *ret_totals);
