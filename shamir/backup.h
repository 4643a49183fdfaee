/* SPDX-License-Identifier: Apache-2.0
 *
 * What a KEK opens: the check value that tells the right one, the wrapped key (RFC 5649), and the
 * public key that must come out. Software only; used by `slip39 recover` and by anyone who has to
 * compare. KEKs are AES keys of 16, 24 or 32 bytes; another length is an input error. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/error.h"
#include "ceremony/base/secret.h"

#define BACKUP_KCV_SIZE  8U
#define BACKUP_HASH_SIZE 32U
#define BACKUP_BLOB_MAX  16384U

/* AES-CMAC (RFC 4493, SP 800-38B) of sixteen zero bytes, its first eight bytes. */
MUST_CHECK struct error *backup_kcv(const struct secret *kek, uint8_t ret_kcv[BACKUP_KCV_SIZE]);

/* Unwraps (AES key wrap with padding, RFC 5649) a PKCS#8 PrivateKeyInfo. 0 .. 7 zero bytes after the
 * DER are accepted and cut off: SoftHSM pads before it wraps. Errors: input (not this KEK or a
 * damaged blob; what is inside is not PKCS#8). */
MUST_CHECK struct error *backup_unwrap(const struct secret *kek, const void *blob, size_t len,
                                       struct secret **ret_pkcs8);

/* SHA-256 of the DER SubjectPublicKeyInfo that belongs to the private key (R30). Errors: input. */
MUST_CHECK struct error *backup_spki_hash(const struct secret *pkcs8,
                                          uint8_t ret_hash[BACKUP_HASH_SIZE]);
