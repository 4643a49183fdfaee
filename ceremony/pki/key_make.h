/* SPDX-License-Identifier: Apache-2.0
 *
 * A device's key pair from bits that the caller drew or derived: FIPS 186-5 A.2.1 (extra random bits) for
 * EC keys, the octets themselves for Ed25519 (RFC 8032 5.1.5). The private half exists in `struct secret`
 * and in OpenSSL's secure heap only, and is wiped in both. Safe from several threads. */
#pragma once

#include <stddef.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"
#include "ceremony/base/secret.h"
#include "ceremony/pki/algorithm.h"

/* How many octets a pair of this kind is made from: 40 for P-256, 56 for P-384 (64 bits more than the
 * order has), 32 for Ed25519; 0: keys of this kind are not made from bits. */
size_t key_make_size(const struct key_kind *kind);

/* `bits` has exactly that size. `ret_spki`: the public half, DER SubjectPublicKeyInfo. `ret_pkcs8`: the
 * private half, DER PrivateKeyInfo (RFC 5208, 5915, 8410); NULL: it is wiped at once. Errors: input (kind,
 * size), memory. */
MUST_CHECK struct error *key_make(const struct key_kind *kind, const struct secret *bits,
                                  struct bytes *ret_spki, struct secret **ret_pkcs8);
