/* SPDX-License-Identifier: Apache-2.0
 *
 * A CRL that was brought along: the last one that was published, to be carried forward. It is
 * believed only as far as its signature, and taken apart by the rules that the lints have. (R53) */
#pragma once

#include "ceremony/pki/crl_stream.h"

struct pki_crl_previous {
    uint64_t number;
    int64_t this_update;
    int64_t next_update;
    uint64_t entries;
    char sha256[65];
    char tbs_sha256[65];
};

/* Reads and judges it: of this issuer, signed by it, every lint without a fault, not a delta, not of
 * some reasons, not of one partition unless `partition`'s. Each refusal says a code: that of the lint
 * ("crl-number-missing"), or "crl-base-is-delta", "crl-other-issuer", "crl-number-large",
 * "crl-base-is-partial", "crl-not-crl". `ret_code` (64) gets it, "" for none. */
MUST_CHECK struct error *pki_crl_previous_read(const void *der, size_t len, const void *issuer,
                                               size_t issuer_len, int64_t now,
                                               struct pki_crl_previous *ret_previous,
                                               char ret_code[64]);
/* Its entries, in its own order; names of issuers point into `der`. Only after it was read without an
 * error. */
MUST_CHECK struct error *
pki_crl_previous_each(const void *der, size_t len,
                      struct error *(*each)(void *user, const struct pki_revocation *entry),
                      void *user);
