/* SPDX-License-Identifier: Apache-2.0
 *
 * What a KEK does in software, and nothing of it elsewhere: its check value, and RFC 5649 both ways. `slip39
 * recover` opens backups with it, `p11` proves by it what a token's mechanism really does. KEKs are AES
 * keys of 16, 24 or 32 bytes; another length is an input error. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"
#include "ceremony/base/secret.h"

#define KEY_WRAP_CHECK_SIZE 8U
#define KEY_WRAP_BLOB_MAX   16384U

/* AES-CMAC (RFC 4493, SP 800-38B) of sixteen zero bytes, its first eight bytes (R78). */
MUST_CHECK struct error *key_wrap_check_value(const struct secret *kek,
                                              uint8_t ret_value[KEY_WRAP_CHECK_SIZE]);

/* AES key wrap with padding (RFC 5649) of `key`, appended. */
MUST_CHECK struct error *key_wrap_encrypt(const struct secret *kek, const struct secret *key,
                                          struct bytes *blob);
/* The exact plaintext, no format asked of it. Errors: input (not this KEK, or a damaged blob). */
MUST_CHECK struct error *key_wrap_decrypt(const struct secret *kek, const void *blob,
                                          size_t len, struct secret **ret_key);
