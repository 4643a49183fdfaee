/* SPDX-License-Identifier: Apache-2.0
 *
 * A block of the signing line: items that are reserved together in the ledger, signed, and written
 * together. While it is under way it also stands in a journal file, so that after an interruption the
 * very same bytes are signed, whatever became of the medium. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ceremony/base/bytes.h"
#include "ceremony/batch/item.h"
#include "ceremony/ledger/blocks.h"

enum batch_fate {
    BATCH_TO_SIGN,
    BATCH_NOT_SIGNED, /* refused */
    BATCH_HAD_BEFORE, /* signed by an earlier run; nothing is signed anew */
};

/* One item on its way. */
struct batch_entry {
    enum batch_fate fate;
    uint64_t index;
    struct batch_item *item; /* until its bytes are built */
    const char *extra;       /* the line's own reason to refuse, or NULL */
    struct bytes der;        /* to be signed, then the certificate */
    struct bytes
        line;     /* of results.jsonl, with its newline; the certificate's hash still zeros */
    char *device; /* serial number, or what else names the subject; never NULL when signed */
    unsigned char serial[LEDGER_SERIAL_MAX];
    size_t serial_len;
    unsigned char spki[32];
    unsigned char request[32];
    unsigned char tbs[32];
    unsigned char certificate[32];
    struct bytes modulus; /* of an RSA key */
    struct bytes wrapped; /* the private half of a key that was made here */
};

struct batch_block {
    uint64_t number; /* in the batch, from 1 */
    uint64_t
        seq; /* in the ledger, once it is reserved; 0 for a block without anything to sign */
    struct batch_entry *entries;
    size_t count;
    size_t room;
    size_t *to_sign; /* the entries that are signed, in order */
    size_t sign_count;
    struct bytes envelope; /* the key that wrapped them, for whom they are */
    size_t size;           /* octets held, roughly */
    bool resigned;         /* signed again after an interruption */
};

void batch_block_free(struct batch_block *block);
DEFINE_AUTO(batch_block, batch_block_free);
MUST_CHECK struct error *batch_block_new(uint64_t number, size_t room,
                                         struct batch_block **ret_block);
/* The next entry, empty. */
MUST_CHECK struct error *batch_block_add(struct batch_block *block,
                                         struct batch_entry **ret_entry);
/* After the last entry: lists those that are to be signed. */
MUST_CHECK struct error *batch_block_close(struct batch_block *block);
/* Its rows for the ledger; borrowed. */
struct ledger_row_source batch_block_rows(struct batch_block *block);

#define BATCH_JOURNAL_NAME 32
/* "block-000012". */
void batch_journal_name(uint64_t number, char ret_name[BATCH_JOURNAL_NAME]);
/* The journal of a block, flushed with its folder, which is for journals alone. */
MUST_CHECK struct error *batch_block_save(const struct batch_block *block, const char *folder);
/* Errors: not-found, verification (it is not whole). */
MUST_CHECK struct error *batch_block_load(const char *folder, uint64_t number,
                                          struct batch_block **ret_block);
/* Missing is fine. */
MUST_CHECK struct error *batch_block_forget(const char *folder, uint64_t number);
/* What is to be signed is what the ledger reserved as `seq`. Errors: verification. */
MUST_CHECK struct error *batch_block_match(struct batch_block *block, struct ledger *ledger,
                                           uint64_t seq);
