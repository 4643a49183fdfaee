/* SPDX-License-Identifier: Apache-2.0
 *
 * A secret for one other party: CMS EnvelopedData (RFC 5652 6) to the key of a certificate, read with
 * `openssl cms -decrypt -inform DER`. RSA keys by OAEP with SHA-256 (RFC 3560), EC keys by ECDH with the
 * X9.63 KDF and SHA-256 (RFC 5753), contents under AES-256-CBC. What goes in never leaves the secret's pages but
 * as ciphertext. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"
#include "ceremony/base/secret.h"

/* Whether a secret may be enveloped to the key of this certificate (DER) now (seconds since 1970): RSA of at
 * least 2,048 bits or an EC curve of ours, a key usage that allows it, not expired, not too early.
 * Errors: input (no certificate), refused. */
MUST_CHECK struct error *envelope_check_recipient(const void *certificate, size_t len,
                                                  int64_t now);
/* `ret_der`: ContentInfo. Errors: input, memory. */
MUST_CHECK struct error *envelope_seal(const void *certificate, size_t len,
                                       const struct secret *content, struct bytes *ret_der);
