/* SPDX-License-Identifier: Apache-2.0
 *
 * What a CRL covers, by the name that the ledger has for it ("full", "user-certificates-partition-1-of-4-reasons-2"), and
 * the revocations that are of it. Read from the name alone, by a reader of its own. (R52, R54) */
#pragma once

#include "ceremony/audit/revoked_rows.h"

struct revoked_scope {
    bool only_ca_certs;
    bool only_user_certs;
    int partition; /* of `partitions`, from 1; 0: all */
    int partitions;
    unsigned reasons; /* bits of ReasonFlags; 0: all */
};

/* Whether the name is of a whole CRL with one issuer: no delta, and not "indirect". */
bool revoked_scope_read(const char *name, struct revoked_scope *ret_scope);
/* Takes the rows out that the CRL does not cover, and counts those that release. `issuer`: SHA-256 of its SPKI, whose CA
 * certificates the ledger knows. */
void revoked_scope_keep(const struct revoked_scope *scope, const struct ledger_lines *ledger,
                        const char *issuer, struct revoked_rows *rows, size_t *ret_released);
