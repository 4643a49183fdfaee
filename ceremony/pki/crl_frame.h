/* SPDX-License-Identifier: Apache-2.0
 *
 * What stands before and behind the entries of a CRL: everything of a TBSCertList but the list, which
 * may be too long to hold. Inside pki/ only. (R52-R57) */
#pragma once

#include "ceremony/pki/algorithm.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/x509.h"

struct crl_frame {
    struct bytes head; /* version to nextUpdate */
    struct bytes tail; /* the extensions, with their tag */
    struct bytes spki; /* of the issuer */
    const struct signature_kind *kind;
    int64_t next_update;
}; /* zero-initialise */

void crl_frame_clear(struct crl_frame *frame);
#define AUTO_CRL_FRAME __attribute__((cleanup(crl_frame_clear))) struct crl_frame

/* Refuses what contradicts itself or the trust model: a delta or indirect CRL or one of some reasons
 * for a public PKI, both onlyContains flags, a base not below the number (R54, R55). */
MUST_CHECK struct error *crl_frame_make(const struct pki_crl_order *order,
                                        struct crl_frame *ret_frame);
/* SEQUENCE OF Extension as the profile wants it, for a CRL of this number. */
MUST_CHECK struct error *crl_put_extensions(struct bytes *out,
                                            const struct pki_crl_order *order,
                                            struct der issuer_key_id);
