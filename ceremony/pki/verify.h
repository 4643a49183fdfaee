/* SPDX-License-Identifier: Apache-2.0
 *
 * Verification of whole objects by their parts, in software; inside pki/ only. */
#pragma once

#include "ceremony/pki/algorithm.h"
#include "ceremony/pki/lint.h"
#include "ceremony/pki/pki.h"
#include "ceremony/pki/x509.h"

#define VERIFY_RSA_BITS_MAX 8192

/* `digest` NULL for Ed25519. Verification error if the signature is wrong. */
MUST_CHECK struct error *verify_with(const void *spki, size_t spki_len, const char *digest,
                                     bool pss, struct der message, struct der signature,
                                     const struct pki_passing *passing);
/* pki_sign; `pss`: RSASSA-PSS with a salt as long as the digest. */
MUST_CHECK struct error *sign_with(EVP_PKEY *key, OSSL_LIB_CTX *context, const char *digest,
                                   bool pss, const void *message, size_t len,
                                   struct bytes *ret_signature);
/* The object's signature by this key; algorithm as the object names it, outside and inside alike. */
MUST_CHECK struct error *verify_object(const struct x509 *x509, struct der spki,
                                       const struct pki_passing *passing);
