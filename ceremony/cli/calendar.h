/* SPDX-License-Identifier: Apache-2.0
 *
 * What is due, for every CA of a ledger: when certificates and CRLs end, when the next CRL must be signed or
 * released at the latest, when shares are to be proven, what is left of each limit. (R58, R70) */
#pragma once

#include "ceremony/ledger/known.h"

/* One thing with a date. */
struct due {
    char ca[KNOWN_TEXT_MAX];
    const char *what; /* "certificate", "crl", "limit", "release", "shares" */
    char which[96];   /* the CRL's scope and number */
    int64_t due;      /* the latest day for the act */
    int64_t ends;
    int64_t left;   /* of a limit by number; -1: none */
    unsigned level; /* of a certificate */
};

struct calendar {
    const char *site;
    struct ledger *ledger;
    int64_t now;
    struct due *rows;
    size_t count;
    const struct known_key *keys;
    size_t key_count;
};

/* Reads the ledger, and orders by date; `site`, `ledger`, `now` and the keys are set by the caller. */
MUST_CHECK struct error *calendar_collect(struct calendar *calendar);
void calendar_clear(struct calendar *calendar); /* its rows */
