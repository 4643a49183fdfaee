/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines of rows into the tables; for the ledger's own files only. */
#pragma once

#include <stdbool.h>

#include "ceremony/ledger/rows.h"
#include "ceremony/ledger/store.h"

/* Where a row stands. */
struct row_place {
    const char *kind;   /* of its block */
    int64_t block;      /* the block's entry */
    int64_t row;        /* its number, from 1 */
    const char *issuer; /* of revocations; hash of its SPKI */
};

bool rows_read_is_block(const char *kind);
/* One line without its newline. Errors: verification (its form, or a serial number that stands twice). */
MUST_CHECK struct error *rows_read_add(struct store *store, const struct row_place *place,
                                       const char *text, size_t len);
