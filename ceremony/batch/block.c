/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/block.h"

#include <stdlib.h>
#include <string.h>

#include "transcripts/digest.h"

static void
entry_clear(struct batch_entry *entry)
{
    batch_item_free(entry->item);
    bytes_clear(&entry->der);
    bytes_clear(&entry->line);
    bytes_clear(&entry->modulus);
    bytes_clear(&entry->wrapped);
    free(entry->device);
    *entry = (struct batch_entry){0};
}

void
batch_block_free(struct batch_block *block)
{
    if (block == NULL)
        return;
    for (size_t i = 0; i < block->count; i++)
        entry_clear(&block->entries[i]);
    free(block->entries);
    free(block->to_sign);
    bytes_clear(&block->envelope);
    free(block);
}

struct error *
batch_block_new(uint64_t number, size_t room, struct batch_block **ret_block)
{
    AUTO(batch_block) block = calloc(1, sizeof *block);
    if (block == NULL)
        return error_memory();
    block->number = number;
    block->room = room;
    block->entries = calloc(room, sizeof *block->entries);
    block->to_sign = calloc(room, sizeof *block->to_sign);
    if (block->entries == NULL || block->to_sign == NULL)
        return error_memory();
    *ret_block = TAKE(block);
    return NULL;
}

struct error *
batch_block_add(struct batch_block *block, struct batch_entry **ret_entry)
{
    if (block->count == block->room)
        return ERROR(ERROR_BUG, "a block of the line was filled beyond its size");
    *ret_entry = &block->entries[block->count++];
    return NULL;
}

struct error *
batch_block_close(struct batch_block *block)
{
    block->sign_count = 0;
    for (size_t i = 0; i < block->count; i++) {
        if (block->entries[i].fate == BATCH_TO_SIGN)
            block->to_sign[block->sign_count++] = i;
    }
    return NULL;
}

static struct error *
row_of(void *user, size_t index, struct ledger_row *ret_row)
{
    const struct batch_block *block = user;
    const struct batch_entry *entry = &block->entries[block->to_sign[index]];
    *ret_row = (struct ledger_row){
        .serial_len = entry->serial_len,
        .device = entry->device,
        .modulus = entry->modulus.data,
        .modulus_len = entry->modulus.len,
    };
    memcpy(ret_row->serial, entry->serial, sizeof ret_row->serial);
    memcpy(ret_row->spki, entry->spki, sizeof ret_row->spki);
    memcpy(ret_row->request, entry->request, sizeof ret_row->request);
    memcpy(ret_row->tbs, entry->tbs, sizeof ret_row->tbs);
    return NULL;
}

struct ledger_row_source
batch_block_rows(struct batch_block *block)
{
    return (struct ledger_row_source){row_of, block, block->sign_count};
}

/* --- against the ledger --- */

struct match {
    struct batch_block *block;
    size_t at;
    bool same;
};

/* All that the ledger announced; what is to be signed by its own bytes, not by what the journal says of them. */
static bool
is_reserved(const struct batch_entry *entry, const unsigned char hash[32],
            const struct ledger_row *row)
{
    return entry->serial_len == row->serial_len
           && memcmp(entry->serial, row->serial, row->serial_len) == 0
           && memcmp(hash, row->tbs, sizeof row->tbs) == 0
           && memcmp(entry->tbs, row->tbs, sizeof row->tbs) == 0
           && memcmp(entry->spki, row->spki, sizeof row->spki) == 0
           && memcmp(entry->request, row->request, sizeof row->request) == 0
           && strcmp(entry->device == NULL ? "" : entry->device,
                     row->device == NULL ? "" : row->device)
                  == 0
           && entry->modulus.len == row->modulus_len
           && (row->modulus_len == 0
               || memcmp(entry->modulus.data, row->modulus, row->modulus_len) == 0);
}

static struct error *
match_row(void *user, const struct ledger_row *row)
{
    struct match *match = user;
    if (match->at >= match->block->sign_count) {
        match->same = false;
        return NULL;
    }
    const struct batch_entry *entry =
        &match->block->entries[match->block->to_sign[match->at++]];
    unsigned char hash[DIGEST_SHA256_SIZE];
    TRY(digest_sha256(entry->der.data, entry->der.len, hash));
    match->same = match->same && is_reserved(entry, hash, row);
    return NULL;
}

struct error *
batch_block_match(struct batch_block *block, struct ledger *ledger, uint64_t seq)
{
    struct match match = {.block = block, .same = true};
    TRY(ledger_each_row(ledger, seq, match_row, &match));
    if (!match.same || match.at != block->sign_count)
        return ERROR(ERROR_VERIFICATION,
                     "the journal of block %llu does not hold what the ledger reserved",
                     (unsigned long long)block->number);
    block->seq = seq;
    return NULL;
}
