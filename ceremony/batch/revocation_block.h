/* SPDX-License-Identifier: Apache-2.0
 *
 * Revocations on their way into the ledger, entered a block at a time. */
#pragma once

#include "ceremony/base/cleanup.h"
#include "ceremony/ledger/blocks.h"

struct revocation_block;

void revocation_block_free(struct revocation_block *block);
DEFINE_AUTO(revocation_block, revocation_block_free);
/* The three are borrowed. */
MUST_CHECK struct error *revocation_block_new(struct ledger *ledger, const char *ceremony,
                                              const char *issuer_spki_sha256,
                                              struct revocation_block **ret_block);
/* Copied; entered when the block is full. */
MUST_CHECK struct error *revocation_block_add(struct revocation_block *block,
                                              const struct ledger_revocation *row);
/* Enters what is left. */
MUST_CHECK struct error *revocation_block_end(struct revocation_block *block);
