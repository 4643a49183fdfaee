/* SPDX-License-Identifier: Apache-2.0
 *
 * Revocations as the evidence has them: rows of the ledger's blocks, and the entries of a CRL, which are
 * compared with one another. (R52, R56, R102) */
#pragma once

#include "ceremony/audit/ledger_lines.h"
#include "ceremony/ledger/merkle.h"
#include "ceremony/pki/crl_previous.h"

#define REVOKED_RELEASED 8

/* A row; of several with one serial number the last one counts. */
struct revoked_row {
    struct pki_revocation is;
    size_t order;
};

struct revoked_rows {
    struct revoked_row *items;
    size_t count;
    size_t room;
};

void revoked_rows_clear(struct revoked_rows *rows);
#define AUTO_REVOKED_ROWS __attribute__((cleanup(revoked_rows_clear))) struct revoked_rows

MUST_CHECK struct error *revoked_rows_add(struct revoked_rows *rows,
                                          const struct pki_revocation *revocation);
/* The same, for pki_crl_previous_each; `user` is the rows. */
MUST_CHECK struct error *revoked_rows_take(void *user, const struct pki_revocation *entry);
/* Sorted; of each serial number the last row. `*ret_released`: how many of them release. */
void revoked_rows_keep_last(struct revoked_rows *rows, size_t *ret_released);
/* The one with this serial number, NULL if there is none; the rows are sorted. */
const struct revoked_row *revoked_rows_find(const struct revoked_rows *entries,
                                            const struct pki_revocation *wanted);

/* Whether a line of the ledger stands for rows of revocations, and whether it is of this ceremony. */
bool revoked_is_block(const json_t *entry);
bool revoked_is_ours(const struct evidence *evidence, const json_t *entry);
/* The file of its rows: "rows/17.jsonl". */
MUST_CHECK struct error *revoked_rows_name(const json_t *entry, char **ret_name);
/* All lines of one block, and the root that they have. */
MUST_CHECK struct error *revoked_rows_read(const struct evidence *evidence, const char *name,
                                           struct revoked_rows *rows,
                                           char ret_root[2 * MERKLE_HASH + 1]);
/* The rows of this ceremony for the issuer, entered before the ledger's entry `crl`; `*ret_all`: there are no
 * others of it. */
MUST_CHECK struct error *revoked_rows_before(const struct evidence *evidence,
                                             const struct ledger_lines *ledger,
                                             const json_t *crl, const char *issuer,
                                             struct revoked_rows *rows, bool *ret_all);
/* Whether the entries say what was entered. Errors: verification, with the serial number. */
MUST_CHECK struct error *revoked_rows_compare(const struct revoked_rows *rows,
                                              const struct revoked_rows *entries,
                                              size_t released, bool all);
