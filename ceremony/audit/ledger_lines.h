/* SPDX-License-Identifier: Apache-2.0
 *
 * The ledger's lines of an evidence folder, checked by the ledger's own rules and then looked into. */
#pragma once

#include "ceremony/audit/evidence.h"

struct ledger_line {
    unsigned char hash[32]; /* of the line with its newline */
    const json_t *object;   /* borrowed */
};

struct ledger_lines {
    char name[64]; /* the file; "" nothing was read */
    struct ledger_line *rows;
    size_t count;
    json_t *objects; /* keeps them */
};

/* The file that was written last (an interrupted closing writes a second one). Errors: verification,
 * not-found, memory. */
MUST_CHECK struct error *ledger_lines_read(const struct evidence *evidence,
                                           struct ledger_lines *ret_lines);
void ledger_lines_clear(struct ledger_lines *lines);
#define AUTO_LEDGER_LINES __attribute__((cleanup(ledger_lines_clear))) struct ledger_lines

/* An entry of this ceremony (NULL: of any) and kind whose data has `key` = `value`. */
bool ledger_lines_has(const struct ledger_lines *lines, const char *ceremony, const char *kind,
                      const char *key, const char *value);
/* Whether it holds this wrapped key of this key in this set, in any state. */
bool ledger_lines_has_backup(const struct ledger_lines *lines, const char *spki_sha256,
                             const char *blob_sha256, int64_t set);
