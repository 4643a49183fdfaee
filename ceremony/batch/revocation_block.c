/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/revocation_block.h"

#include <stdlib.h>

#include "ceremony/base/text.h"

#define BLOCK 10000U

struct revocation_block {
    struct ledger *ledger;
    const char *ceremony;
    const char *issuer;
    struct ledger_revocation rows[BLOCK];
    char *references[BLOCK];
    size_t count;
};

static void
make_empty(struct revocation_block *block)
{
    for (size_t i = 0; i < block->count; i++)
        free(block->references[i]);
    block->count = 0;
}

void
revocation_block_free(struct revocation_block *block)
{
    if (block != NULL)
        make_empty(block);
    free(block);
}

struct error *
revocation_block_new(struct ledger *ledger, const char *ceremony,
                     const char *issuer_spki_sha256, struct revocation_block **ret_block)
{
    struct revocation_block *block = calloc(1, sizeof *block);
    if (block == NULL)
        return error_memory();
    block->ledger = ledger;
    block->ceremony = ceremony;
    block->issuer = issuer_spki_sha256;
    *ret_block = block;
    return NULL;
}

static struct error *
row_of_block(void *user, size_t index, struct ledger_revocation *ret_row)
{
    const struct revocation_block *block = user;
    *ret_row = block->rows[index];
    ret_row->reference = block->references[index];
    return NULL;
}

struct error *
revocation_block_end(struct revocation_block *block)
{
    uint64_t seq = 0;
    struct ledger_revocation_source source = {row_of_block, block, block->count};
    if (block->count == 0)
        return NULL;
    TRY(ledger_revoke_block(block->ledger, block->ceremony, block->issuer, &source, &seq));
    make_empty(block);
    return NULL;
}

struct error *
revocation_block_add(struct revocation_block *block, const struct ledger_revocation *row)
{
    TRY(text_copy(row->reference, &block->references[block->count]));
    block->rows[block->count++] = *row;
    return block->count == BLOCK ? revocation_block_end(block) : NULL;
}
