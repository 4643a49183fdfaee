/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of revocations from inside; for its own files only. */
#pragma once

#include "ceremony/batch/revocation_list.h"
#include "ceremony/batch/source_lines.h"

#define REVOCATION_LINE_MAX 16384U

enum revocation_field_name {
    FIELD_SERIAL,
    FIELD_CERTIFICATE,
    FIELD_DATE,
    FIELD_REASON,
    FIELD_REFERENCE,
    FIELD_INVALIDITY,
    REVOCATION_FIELDS
};

struct revocation_field {
    bool given;
    size_t column;
    struct bytes text;
};

struct revocation_list {
    struct revocation_rules rules;
    struct source_lines lines;
    struct source_line line;
    bool
        received; /* judged lines from another process, in a file of memory (revocation_wire.h) */
    char sha256[65]; /* of these lines */
    bool json;
    bool again; /* the line that was looked at to tell the format is the first one */
    int columns[REVOCATION_FIELDS];
    size_t column_count;
    struct revocation_field fields[REVOCATION_FIELDS];
};

/* The next line of a list that was received. */
MUST_CHECK struct error *revocation_next_received(struct revocation_list *list,
                                                  struct revocation_line *ret_line,
                                                  bool *ret_end);
/* What every line that was judged without a fault keeps to, whoever judged it. An entry of a CRL: where the rules are
 * about nothing but `now`. */
bool revocation_row_fits(const struct revocation_rules *rules,
                         const struct ledger_revocation *row);
/* The fields of one line into its row, or the first fault. */
MUST_CHECK struct error *revocation_judge(struct revocation_list *list,
                                          struct revocation_line *line);
