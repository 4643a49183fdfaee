/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of the ledger that stand together as blocks, and the line of each: canonical JSON, whose bytes
 * without a newline are the leaf of the block's Merkle tree (docs/formats/ledger.md). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"

#define LEDGER_SERIAL_MAX 20

/* A certificate about to be signed. Pointers are borrowed. */
struct ledger_row {
    unsigned char serial[LEDGER_SERIAL_MAX]; /* no zero octet in front */
    size_t serial_len;
    const char
        *device; /* the device's serial number, or what else names the subject; may be "" */
    unsigned char spki[32]; /* SHA-256 of the public key, the request, the bytes to be signed */
    unsigned char request[32];
    unsigned char tbs[32];
    const unsigned char
        *modulus; /* of an RSA key, big-endian without zeros in front, or NULL */
    size_t modulus_len;
};

#define LEDGER_NO_TIME INT64_MIN

struct ledger_revocation {
    unsigned char serial[LEDGER_SERIAL_MAX];
    size_t serial_len;
    int reason;            /* CRLReason of RFC 5280 5.3.1: 0 to 10 without 7 */
    int64_t time;          /* seconds since 1970 */
    int64_t invalidity;    /* or LEDGER_NO_TIME */
    const char *reference; /* of the request to revoke; may be "" */
};

/* Each appends the line without a newline. Errors: input (a value has the wrong form). */
MUST_CHECK struct error *ledger_row_write(const struct ledger_row *row, struct bytes *line);
MUST_CHECK struct error *ledger_issued_write(const unsigned char certificate[32],
                                             struct bytes *line);
MUST_CHECK struct error *ledger_revocation_write(const struct ledger_revocation *row,
                                                 struct bytes *line);
