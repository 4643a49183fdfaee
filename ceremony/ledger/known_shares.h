/* SPDX-License-Identifier: Apache-2.0
 *
 * What later ceremonies ask of the ledger about custody: which share set holds the PIN of a token, which sets there
 * are, when shares of one were proven last, what lies in which bag. (R23, R58) */
#pragma once

#include "ceremony/ledger/known.h"

struct known_pin_set {
    unsigned set_id;
    char state[KNOWN_TEXT_MAX]; /* "made", "proven", "in-use", "void" */
};

struct known_set {
    char spki_sha256[65];        /* of a key; "" for one that holds a PIN */
    char serial[KNOWN_TEXT_MAX]; /* of the token whose PIN it holds; "" */
    char user[8];                /* "user" or "SO"; "" */
    unsigned set_id;
    char state[KNOWN_TEXT_MAX]; /* live until "void" */
};

/* All sets that held or hold this PIN, by number; the caller frees the array. */
MUST_CHECK struct error *known_pin_sets(struct ledger *ledger, const char *serial,
                                        const char *user, struct known_pin_set **ret_sets,
                                        size_t *ret_count);
/* The set whose PIN the token has; false: none. */
MUST_CHECK struct error *known_pin_set_in_use(struct ledger *ledger, const char *serial,
                                              const char *user, unsigned *ret_set_id,
                                              bool *ret_found);
/* All share sets, of keys and of PINs, void ones too; the caller frees the array. */
MUST_CHECK struct error *known_sets(struct ledger *ledger, struct known_set **ret_sets,
                                    size_t *ret_count);
/* Whether a set that is not void has this number. */
MUST_CHECK struct error *known_set_live(struct ledger *ledger, unsigned set_id, bool *ret_live);

struct known_proof {
    int64_t time;             /* seconds since 1970; 0: never */
    char how[KNOWN_TEXT_MAX]; /* "typed back", "opened", "checked"; "" for never */
    char ceremony[KNOWN_TEXT_MAX];
};

/* When shares of the live set with this number were proven last. */
MUST_CHECK struct error *known_last_proof(struct ledger *ledger, unsigned set_id,
                                          struct known_proof *ret_proof);

struct known_bag {
    char ceremony[KNOWN_TEXT_MAX];
    char number[KNOWN_TEXT_MAX];
    char content[KNOWN_TEXT_MAX]; /* "medium 1", "token \"primary\", serial 4711" */
};

/* The bags in which things lie now, in the order in which they were sealed: of a token the last one, whatever
 * it was called, of media those of every ceremony. The caller frees the array. */
MUST_CHECK struct error *known_bags(struct ledger *ledger, struct known_bag **ret_bags,
                                    size_t *ret_count);
/* The bag in which the token of this serial number was sealed last. Not found: `*ret_bag` is empty texts. */
MUST_CHECK struct error *known_bag_of_token(struct ledger *ledger, const char *serial,
                                            struct known_bag *ret_bag);
/* The label bound to a token's serial; "" for none. The caller frees it. */
MUST_CHECK struct error *known_token_name(struct ledger *ledger, const char *serial,
                                          char **ret_name);
