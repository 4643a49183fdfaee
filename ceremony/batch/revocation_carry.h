/* SPDX-License-Identifier: Apache-2.0
 *
 * Entries of a CRL that was brought along and that the ledger lacks: they are revoked, so they become
 * rows of the ledger, and stand in every CRL from then on. (R52, R53, R56) */
#pragma once

#include "ceremony/batch/revocation_list.h"

#define CARRY_SHOWN 20

struct revocation_carry {
    uint64_t entries;
    uint64_t lacking;
    uint64_t
        held; /* of the lacking: certificateHold, which no CRL of a public PKI may list (R56) */
    struct ledger_revocation first[CARRY_SHOWN]; /* of those that the ledger lacks */
};

/* The entries as they were received (revocation_wire.h). Nothing is written. */
MUST_CHECK struct error *revocation_carry_count(struct ledger *ledger,
                                                const char *issuer_spki_sha256,
                                                struct revocation_list *entries,
                                                struct revocation_carry *ret_carry);
/* Enters them with this reference; again after an interruption, only the rest. */
MUST_CHECK struct error *revocation_carry_enter(struct ledger *ledger, const char *ceremony,
                                                const char *issuer_spki_sha256,
                                                const char *reference,
                                                struct revocation_list *entries);
