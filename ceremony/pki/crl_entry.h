/* SPDX-License-Identifier: Apache-2.0
 *
 * The entries of a CRL, one after the other: each is checked against the order (scope, reasons,
 * dates, ascending serials) and encoded. What is remembered between two entries is here, so a list of
 * any length needs no more memory than its longest entry. Inside pki/ only. (R52-R57) */
#pragma once

#include "ceremony/pki/build.h"
#include "ceremony/pki/der.h"

struct crl_date { /* the last day that was written */
    int64_t day;
    char text[9]; /* "20261123" */
};

struct crl_entries {
    const struct pki_crl_order *order;
    struct crl_date revoked;
    struct crl_date invalid;
    unsigned char previous[20];
    size_t previous_len;
    unsigned char *issuer; /* certificateIssuer in force, owned; NULL: the CRL's own */
    size_t issuer_len;
    uint64_t count;
}; /* zero-initialise with its order */

void crl_entries_clear(struct crl_entries *entries);
#define AUTO_CRL_ENTRIES __attribute__((cleanup(crl_entries_clear))) struct crl_entries

/* The serial without leading zeros. */
struct der crl_serial(const struct pki_revocation *revocation);
/* As CRLs are sorted: by issuer (the CRL's own first), then by serial as a number. */
int crl_compare(const struct pki_revocation *a, const struct pki_revocation *b);
/* The next entry, appended. Errors: input (bad values, not ascending, twice), refused (a reason or a
 * certificate that does not belong into this CRL). */
MUST_CHECK struct error *crl_entries_put(struct crl_entries *entries,
                                         const struct pki_revocation *revocation,
                                         struct bytes *out);
