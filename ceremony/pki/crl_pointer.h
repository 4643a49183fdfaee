/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a certificate sends its readers to an indirect CRL: one of its CRL distribution points names
 * the CRL's issuer, and an address of the CRL's issuing distribution point if that has one
 * (RFC 5280 6.3.3 (b); R55). */
#pragma once

#include <stddef.h>

#include "ceremony/base/error.h"

/* `crl` may be a sample. Errors: refused, with what is missing. */
MUST_CHECK struct error *pki_crl_is_pointed_at(const void *crl, size_t crl_len,
                                               const void *certificate, size_t len);
