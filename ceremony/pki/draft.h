/* SPDX-License-Identifier: Apache-2.0
 *
 * What the builders share to finish a draft; inside pki/ only. */
#pragma once

#include "ceremony/pki/algorithm.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/x509.h"

/* What the key in `spki` signs with, with the digest and padding of a profile. */
MUST_CHECK struct error *draft_choose_algorithm(const void *spki, size_t spki_len,
                                                const char *digest, bool pss,
                                                const struct signature_kind **ret_kind);
/* Takes the TBS bytes over (leaves `tbs` empty), fills the hashes, makes the specimen. */
MUST_CHECK struct error *draft_finish(struct bytes *tbs, const struct signature_kind *kind,
                                      const void *spki, size_t spki_len,
                                      struct pki_draft *ret_draft);

/* The two dates of a certificate, seconds since 1970; both belong to it. */
struct draft_validity {
    int64_t from;
    int64_t until;
};

/* notBefore from a profile and the time of the signature. */
int64_t draft_not_before(const struct pki_certificate_profile *profile, int64_t now);
/* notAfter from a profile and a notBefore. */
MUST_CHECK struct error *draft_not_after(const struct pki_certificate_profile *profile,
                                         int64_t not_before, int64_t *ret_not_after);
/* nextUpdate from a profile and a thisUpdate. */
MUST_CHECK struct error *draft_next_update(const struct pki_crl_profile *profile,
                                           int64_t this_update, int64_t *ret_next_update);

/* What the issuer's certificate allows: to sign certificates at all, with this key; for so long (R51);
 * this very draft, by depth, key and names. Refused errors. */
MUST_CHECK struct error *issuer_check(const struct pki_certificate_order *order,
                                      const struct x509 *issuer);
MUST_CHECK struct error *issuer_check_validity(const struct pki_certificate_order *order,
                                               const struct x509 *issuer,
                                               const struct draft_validity *validity);
MUST_CHECK struct error *issuer_check_draft(const struct pki_certificate_order *order,
                                            const struct x509 *issuer,
                                            const struct pki_draft *draft);
