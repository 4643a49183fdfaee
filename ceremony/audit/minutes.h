/* SPDX-License-Identifier: Apache-2.0
 *
 * The report of one closed ceremony on paper, for people to sign by hand (R17; ETSI EN 319 411-1 GEN-6.5.1-13
 * and -14). It repeats what the records say; what no record holds is said to be missing. k, n and the
 * custodians stand in the confidential copy only, and n-k in both (R85). */
#pragma once

#include "ceremony/audit/evidence.h"

struct minutes {
    const struct evidence *evidence; /* closed, and without a fault */
    bool confidential;
    size_t parts; /* numbered so far */
    struct bytes text;
};

/* Checks the folder as verify does, and writes the report of it in pages of 80 columns. Errors: verification
 * (a record or file is not as it was written), refused (the ceremony is not closed), not-found, memory. */
MUST_CHECK struct error *minutes_write(const char *folder, bool confidential,
                                       struct bytes *ret_text);

/* --- parts --- */
MUST_CHECK struct error *minutes_keys(struct minutes *minutes);       /* minutes_acts.c */
MUST_CHECK struct error *minutes_objects(struct minutes *minutes);    /* minutes_acts.c */
MUST_CHECK struct error *minutes_shares(struct minutes *minutes);     /* minutes_acts.c */
MUST_CHECK struct error *minutes_retention(struct minutes *minutes);  /* minutes_acts.c */
MUST_CHECK struct error *minutes_exceptions(struct minutes *minutes); /* minutes_people.c */
MUST_CHECK struct error *minutes_people(struct minutes *minutes);     /* minutes_people.c */
MUST_CHECK struct error *minutes_sign(struct minutes *minutes);       /* minutes_sign.c */

/* --- minutes_text.c --- */
/* "4. Keys", after a blank line. */
MUST_CHECK struct error *minutes_part(struct minutes *minutes, const char *title);
/* A value behind its name; "" is "not recorded". */
MUST_CHECK struct error *minutes_value(struct minutes *minutes, const char *name,
                                       const char *value);
MUST_CHECK struct error *minutes_line(struct minutes *minutes, const char *name,
                                      const char *format, ...) PRINTF_LIKE(3, 4);
/* A sentence without a name. */
MUST_CHECK struct error *minutes_say(struct minutes *minutes, const char *format, ...)
    PRINTF_LIKE(2, 3);
MUST_CHECK struct error *minutes_blank(struct minutes *minutes);
/* Pages of A4, apart by form feeds: an item stays on one page, and each page has `head` and its number. */
MUST_CHECK struct error *minutes_pages(const char *text, const char *head,
                                       struct bytes *ret_pages);
/* "2026-11-23T14:32:07.123Z" of a record, as its line has it. */
void minutes_time(const struct transcript_record *record, char ret_text[32]);
/* The text, or "not recorded" where it is empty. */
const char *minutes_or_missing(const char *text);

/* All people of all roll calls, newest words about each: [{person of roll-call, seq, custodian}]. The caller
 * releases it. Custodians only where the copy is confidential and they can be opened. */
MUST_CHECK struct error *minutes_roster(const struct minutes *minutes, json_t **ret_people);
