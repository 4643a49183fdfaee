/* SPDX-License-Identifier: Apache-2.0
 *
 * An issuer's name constraints against the names of a certificate below it (RFC 5280 4.2.1.10,
 * 6.1.3 (b), (c)). Inside pki/ only. */
#pragma once

#include "ceremony/base/bytes.h"
#include "ceremony/pki/x509.h"

/* Appends, safe to show, the first name of `object` that `issuer` does not allow and why; appends
 * nothing if all are allowed. A self-issued CA certificate is not held against them. A constraint
 * on a kind of name that cannot be compared here allows no name of that kind. */
MUST_CHECK struct error *constraints_find(const struct x509 *issuer, const struct x509 *object,
                                          struct bytes *ret_fault);
