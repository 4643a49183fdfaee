/* SPDX-License-Identifier: Apache-2.0
 *
 * The level of a certificate in its hierarchy, counted from the trust anchor: that is level 1, what it signs is
 * level 2. A certificate that two anchors lead to (a cross-certificate beside it) has the shorter way.
 * (REQUIREMENTS 1, PKI levels) */
#pragma once

#include <stddef.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"

#define PKI_LEVEL_UNKNOWN 0U

/* `known`: certificates in DER among which the issuers are looked for, in any order; what cannot be read is left
 * out. Issuers are found by name and, where both have one, key identifier; signatures are not verified here.
 * Returns PKI_LEVEL_UNKNOWN where no way leads to a self-issued certificate. */
unsigned pki_level(const void *der, size_t len, const struct bytes *known, size_t count);
/* The same among the *.der files that lie in these folders; one that is not there is left out. Errors: io, memory. */
MUST_CHECK struct error *pki_level_among(const char *const *folders, size_t folder_count,
                                         const void *der, size_t len, unsigned *ret_level);
/* One line for people: "Level        2 (the trust anchor is level 1)". */
MUST_CHECK struct error *pki_level_line(struct bytes *body, unsigned level);
