/* SPDX-License-Identifier: Apache-2.0
 *
 * One entry of the ledger, its line, and the chain of hashes through them. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"

#define LEDGER_HASH      32
#define LEDGER_HASH_TEXT 65

struct ledger_entry {
    uint64_t seq;
    const char *time; /* "2026-11-23T14:32:07.123Z" */
    const char *ceremony;
    const char *kind;
    const char *data; /* canonical JSON object */
    const char *prev; /* hexadecimal hash of the line before */
};

/* All zeros is the empty ledger. */
struct ledger_chain {
    uint64_t count;
    unsigned char head[LEDGER_HASH];
};

/* Appends the line, with its newline. */
MUST_CHECK struct error *ledger_entry_format(const struct ledger_entry *entry,
                                             struct bytes *bytes);
/* `entry` must be the next; `line` is its line. Moves the chain on. Errors: verification. */
MUST_CHECK struct error *ledger_chain_follow(struct ledger_chain *chain,
                                             const struct ledger_entry *entry,
                                             const struct bytes *line);
void ledger_chain_head_text(const struct ledger_chain *chain, char ret_text[LEDGER_HASH_TEXT]);
