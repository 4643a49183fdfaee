/* SPDX-License-Identifier: Apache-2.0
 *
 * Many rows by one entry: certificates of a batch, revocations by the thousand. The entry holds
 * their number and the Merkle root of their lines; the rows are written in the same transaction,
 * never changed, and hashed again when the ledger is opened. (R69, R102; docs/formats/ledger.md)
 *
 * The protocol of a batch: ledger_reserve_block before the token signs, ledger_issue_block after the
 * output has its name. A block without the second was interrupted; the same bytes are signed again. */
#pragma once

#include "ceremony/ledger/ledger.h"
#include "ceremony/ledger/rows.h"

#define LEDGER_BLOCK_MAX 100000

/* Rows asked for by number, from 0; each is asked for twice and must be the same. */
struct ledger_row_source {
    struct error *(*row)(void *user, size_t index, struct ledger_row *ret_row);
    void *user;
    size_t count;
};

struct ledger_revocation_source {
    struct error *(*row)(void *user, size_t index, struct ledger_revocation *ret_row);
    void *user;
    size_t count;
};

struct ledger_block {
    const char *issuer_spki_sha256;
    const char *batch; /* its id, unique to the batch, such as the ceremony's and the step's */
    uint64_t number;   /* of the block in the batch, from 1 */
    const char *profile;
    int64_t not_before; /* earliest and latest of the block */
    int64_t not_after;
};

/* Serials that were used before by any batch, or by this issuer, are refused, as are more than the
 * issuer's limits allow (R70). `*ret_seq` names the block from then on. */
MUST_CHECK struct error *ledger_reserve_block(struct ledger *ledger, const char *ceremony,
                                              const struct ledger_block *block,
                                              const struct ledger_row_source *rows,
                                              uint64_t *ret_seq);
/* SHA-256 of each certificate, in the order of the rows; the same again is fine. */
MUST_CHECK struct error *ledger_issue_block(struct ledger *ledger, const char *ceremony,
                                            uint64_t seq, const unsigned char (*hashes)[32],
                                            size_t count);
/* A certificate is revoked once; only one that is on hold (6) may be revoked again for another
 * reason or released (8). Anything else is refused, naming the serial number. */
MUST_CHECK struct error *ledger_revoke_block(struct ledger *ledger, const char *ceremony,
                                             const char *issuer_spki_sha256,
                                             const struct ledger_revocation_source *rows,
                                             uint64_t *ret_seq);

/* --- limits (R70) --- */

struct ledger_limits {
    int64_t count; /* certificates in all; 0: no limit */
    int64_t from;  /* seconds since 1970 */
    int64_t until;
};

MUST_CHECK struct error *ledger_set_limits(struct ledger *ledger, const char *ceremony,
                                           const char *issuer_spki_sha256,
                                           const struct ledger_limits *limits);
/* `*ret_found`: there are limits. `*ret_used`: reserved so far, one by one and in blocks. */
MUST_CHECK struct error *ledger_get_limits(struct ledger *ledger,
                                           const char *issuer_spki_sha256,
                                           struct ledger_limits *ret_limits, bool *ret_found,
                                           int64_t *ret_used);
/* 90 % of the number, or of the time, are gone. */
bool ledger_limits_near(const struct ledger_limits *limits, int64_t used, int64_t now);

/* --- looking --- */

/* One row found; texts and octets until the next question to the ledger. */
struct ledger_found {
    struct ledger_row row;
    uint64_t number;                  /* of the row, from 1 */
    uint64_t block;                   /* its entry */
    const unsigned char *certificate; /* SHA-256, or NULL while it is only reserved */
    const char *issuer;               /* hash of its SPKI, hexadecimal */
    const char *batch;
    const char *ceremony;
};

/* Between the two, many look-ups see one state and take the file's lock once instead of for each; nothing is written
 * to the ledger meanwhile. */
MUST_CHECK struct error *ledger_look_begin(struct ledger *ledger);
MUST_CHECK struct error *ledger_look_end(struct ledger *ledger);
/* The newest certificate; where there is none, the newest that is only reserved. `*ret_found` false: none, and
 * `ret_row` is as before. */
MUST_CHECK struct error *ledger_find_spki(struct ledger *ledger, const unsigned char spki[32],
                                          struct ledger_found *ret_row, bool *ret_found);
MUST_CHECK struct error *ledger_find_device(struct ledger *ledger,
                                            const char *issuer_spki_sha256, const char *device,
                                            struct ledger_found *ret_row, bool *ret_found);
MUST_CHECK struct error *ledger_find_serial(struct ledger *ledger,
                                            const char *issuer_spki_sha256,
                                            const unsigned char *serial, size_t serial_len,
                                            struct ledger_found *ret_row, bool *ret_found);
/* Whether a certificate that was made one by one has this key. */
MUST_CHECK struct error *ledger_spki_certified(struct ledger *ledger,
                                               const unsigned char spki[32], bool *ret_found);
/* Every RSA modulus of every block, in order. */
MUST_CHECK struct error *
ledger_each_modulus(struct ledger *ledger,
                    struct error *(*each)(void *user, const unsigned char *modulus, size_t len),
                    void *user);

struct ledger_block_info {
    uint64_t seq;
    uint64_t number; /* in the batch */
    size_t count;
    bool issued;
    char root[65];
};

/* The blocks of a batch by number. */
MUST_CHECK struct error *
ledger_each_block(struct ledger *ledger, const char *batch,
                  struct error *(*each)(void *user, const struct ledger_block_info *),
                  void *user);
/* The next block that this ceremony entered, after the entry `after` (0: the first): of revocations, or of certificates,
 * reserved or issued. */
MUST_CHECK struct error *ledger_next_block(struct ledger *ledger, const char *ceremony,
                                           bool revocations, uint64_t after, uint64_t *ret_seq,
                                           bool *ret_found);
/* The certificate rows of one block, in order. */
MUST_CHECK struct error *
ledger_each_row(struct ledger *ledger, uint64_t seq,
                struct error *(*each)(void *user, const struct ledger_row *), void *user);
/* The newest revocation of a serial. */
MUST_CHECK struct error *ledger_find_revocation(struct ledger *ledger,
                                                const char *issuer_spki_sha256,
                                                const unsigned char *serial, size_t serial_len,
                                                struct ledger_revocation *ret_row,
                                                bool *ret_found);
/* All revocations of an issuer by serial number, ascending as a number, those of
 * one serial by age; `reference` is left "" (it would have to be looked up). */
MUST_CHECK struct error *
ledger_each_revocation(struct ledger *ledger, const char *issuer_spki_sha256,
                       struct error *(*each)(void *user, const struct ledger_revocation *),
                       void *user);
/* The lines of all rows of one block, whatever its kind, each with its newline: what evidence keeps. */
MUST_CHECK struct error *
ledger_each_line(struct ledger *ledger, uint64_t seq,
                 struct error *(*each)(void *user, const char *line, size_t len), void *user);
