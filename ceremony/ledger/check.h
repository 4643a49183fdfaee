/* SPDX-License-Identifier: Apache-2.0
 *
 * A ledger checked by doing it all again: every entry hashed and applied to a scratch store, then
 * the tables compared. Memory stays flat: the scratch store spills to a temporary file. */
#pragma once

#include "ceremony/ledger/entry.h"
#include "ceremony/ledger/store.h"

/* One entry applied where it is replayed. Errors: verification, naming the entry. */
MUST_CHECK struct error *check_replay(struct store *scratch, const struct ledger_entry *entry);
/* A whole store: entries, chain, rules, schema and tables. */
MUST_CHECK struct error *check_store(struct store *store, struct ledger_chain *ret_chain);
/* The rows of all blocks against the table of blocks, which was compared before. Memory stays flat. */
MUST_CHECK struct error *check_blocks(struct store *store);
/* Lines as ledger_export writes them, applied to `scratch`; each whole line is also handed to `each`
 * unless that is NULL. */
MUST_CHECK struct error *check_lines(struct store *scratch, const char *lines, size_t len,
                                     struct error *(*each)(void *user,
                                                           const struct ledger_entry *entry,
                                                           const char *hash),
                                     void *user, struct ledger_chain *ret_chain);
