/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys and digests as the builders see them. Foreign OpenSSL results become errors in
 * pki_ossl_error() alone. */
#pragma once

#include <stddef.h>

#include <openssl/evp.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"

struct error *pki_ossl_error(const char *format, ...) PRINTF_LIKE(1, 2);

/* A throw-away software key of the same algorithm and size as the public key in `spki` (R36). */
MUST_CHECK struct error *pki_key_like(const void *spki, size_t spki_len, EVP_PKEY **ret_key);
/* By name of the key type: "ec-p256", ..., "rsa-4096", "ed25519". */
MUST_CHECK struct error *pki_key_make(const char *type, EVP_PKEY **ret_key);
MUST_CHECK struct error *pki_spki_of(EVP_PKEY *key, struct bytes *ret_spki);
MUST_CHECK struct error *pki_key_from_spki(const void *spki, size_t spki_len,
                                           EVP_PKEY **ret_key);
/* "EC P-384", "RSA 4096", "Ed25519". */
MUST_CHECK struct error *pki_key_describe(const void *spki, size_t spki_len, char **ret_text);
/* SHA-256 of the DER SPKI (R30), hexadecimal; and the RFC 5280 SKI (SHA-1 of the key bits). */
MUST_CHECK struct error *pki_spki_hash(const void *spki, size_t spki_len, char ret_hex[65]);
MUST_CHECK struct error *pki_spki_ski(const void *spki, size_t spki_len, int method,
                                      unsigned char ret_ski[20]);
/* Possession (R31): what the key signs: a tag that can never parse as a to-be-signed structure,
 * ceremony id, step id, SPKI hash. */
MUST_CHECK struct error *pki_possession_message(const char *ceremony, const char *step,
                                                const char *spki_sha256,
                                                struct bytes *ret_message);
/* Signs a message (hash fixed by the key: P-256 SHA-256, P-384 SHA-384, P-521 SHA-512, RSA SHA-256
 * unless `digest` says otherwise, Ed25519 none) and verifies it with the public key. */
MUST_CHECK struct error *pki_sign(EVP_PKEY *key, OSSL_LIB_CTX *context, const char *digest,
                                  const void *message, size_t len, struct bytes *ret_signature);
MUST_CHECK struct error *pki_verify(const void *spki, size_t spki_len, const char *digest,
                                    const void *message, size_t len, const void *signature,
                                    size_t signature_len);
