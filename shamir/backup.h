/* SPDX-License-Identifier: Apache-2.0
 *
 * What lies in a backup: the wrapped private key, and the public key that must come out. Software only;
 * used by `slip39 recover` and by anyone who has to compare. The cipher is that of key_wrap.h. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/error.h"
#include "ceremony/base/secret.h"

#define BACKUP_HASH_SIZE 32U

/* Unwraps (AES key wrap with padding, RFC 5649) a PKCS#8 PrivateKeyInfo. 0 .. 7 zero bytes after the
 * DER are accepted and cut off: SoftHSM pads before it wraps. Errors: input (not this KEK or a
 * damaged blob; what is inside is not PKCS#8). */
MUST_CHECK struct error *backup_unwrap(const struct secret *kek, const void *blob, size_t len,
                                       struct secret **ret_pkcs8);

/* SHA-256 of the DER SubjectPublicKeyInfo that belongs to the private key (R30). Errors: input. */
MUST_CHECK struct error *backup_spki_hash(const struct secret *pkcs8,
                                          uint8_t ret_hash[BACKUP_HASH_SIZE]);
