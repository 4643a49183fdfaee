/* SPDX-License-Identifier: Apache-2.0
 *
 * What of an issuer is revoked, as a CRL lists it: each serial number once, ascending as a number, as
 * it stands now, or what changed since an earlier entry (a delta). Rows come one by one; nothing is
 * held. (R52, R55) */
#pragma once

#include "ceremony/base/cleanup.h"
#include "ceremony/ledger/ledger.h"
#include "ceremony/ledger/rows.h"

struct ledger_revoked;

/* `since` 0: everything that is revoked now; a certificate that was released from hold is not. Else
 * what changed after the entry `since`, with reason 8 for what was revoked then and is released. What
 * the ledger gets while this is open is not seen; close it before the ledger. */
MUST_CHECK struct error *ledger_revoked_open(struct ledger *ledger,
                                             const char *issuer_spki_sha256, uint64_t since,
                                             struct ledger_revoked **ret_revoked);
void ledger_revoked_close(struct ledger_revoked *revoked);
DEFINE_AUTO(ledger_revoked, ledger_revoked_close);

/* From the first again. */
MUST_CHECK struct error *ledger_revoked_rewind(struct ledger_revoked *revoked);
/* `reference` is left "". */
MUST_CHECK struct error *ledger_revoked_next(struct ledger_revoked *revoked,
                                             struct ledger_revocation *ret_row, bool *ret_end);

struct ledger_serial {
    unsigned char octets[LEDGER_SERIAL_MAX];
    size_t len;
};

/* The serials of all CA certificates that this issuer reserved; the caller frees. */
MUST_CHECK struct error *ledger_ca_serials(struct ledger *ledger,
                                           const char *issuer_spki_sha256,
                                           struct ledger_serial **ret_serials,
                                           size_t *ret_count);

/* --- numbers of CRLs (R53) --- */

/* The highest number that was ever reserved for any CRL of this issuer, 0 if none. */
MUST_CHECK struct error *
ledger_crl_highest(struct ledger *ledger, const char *issuer_spki_sha256, uint64_t *ret_number);

struct ledger_crl {
    char issuer[65];
    char scope[64];
    uint64_t number;
    int64_t this_update;
    int64_t next_update;
    char tbs_sha256[65];
    char sha256[65]; /* "" while it is only reserved */
    uint64_t seq;    /* the entry that reserved it */
};

/* Finds the entry that reserved the CRL, or brought it. Errors: verification. */
MUST_CHECK struct error *ledger_crl_find_seq(struct ledger *ledger, struct ledger_crl *crl);

/* The last CRL of this issuer and scope that was signed, and not only ahead. `*ret_found` false: there is none. */
MUST_CHECK struct error *ledger_crl_last(struct ledger *ledger, const char *issuer_spki_sha256,
                                         const char *scope, struct ledger_crl *ret_crl,
                                         bool *ret_found);
/* Whether this very CRL was reserved: by an interrupted run. */
MUST_CHECK struct error *ledger_crl_is_reserved(struct ledger *ledger,
                                                const char *issuer_spki_sha256,
                                                const char *scope, uint64_t number,
                                                const char *tbs_sha256, bool *ret_reserved);
/* The last one with a number below `number`. */
MUST_CHECK struct error *ledger_crl_before(struct ledger *ledger,
                                           const char *issuer_spki_sha256, const char *scope,
                                           uint64_t number, struct ledger_crl *ret_crl,
                                           bool *ret_found);
/* All CRLs by issuer, scope and number, but those that are only signed ahead; `seq` is left 0. */
MUST_CHECK struct error *
ledger_each_crl(struct ledger *ledger,
                struct error *(*each)(void *user, const struct ledger_crl *crl), void *user);

/* --- CRLs signed ahead (R59) --- */

struct ledger_ahead {
    struct ledger_crl crl; /* `seq` is left 0 */
    char state[16];        /* "unreleased", "sealed", "lost" */
    char bag[64];
};

/* Those of an issuer that are neither released nor destroyed, by scope and number; the caller frees. */
MUST_CHECK struct error *ledger_crls_ahead(struct ledger *ledger,
                                           const char *issuer_spki_sha256,
                                           struct ledger_ahead **ret_rows, size_t *ret_count);
