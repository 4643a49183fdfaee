/* SPDX-License-Identifier: Apache-2.0
 *
 * Hashes for everyone who may not see OpenSSL's types. */
#pragma once

#include <stddef.h>

#include "ceremony/base/error.h"

#define DIGEST_SHA1_SIZE   20
#define DIGEST_SHA256_SIZE 32
#define DIGEST_SHA384_SIZE 48
#define DIGEST_SHA256_TEXT 65 /* hexadecimal with NUL */
#define DIGEST_SHA384_TEXT 97

MUST_CHECK struct error *digest_sha1(const void *data, size_t len,
                                     unsigned char ret_digest[20]);
MUST_CHECK struct error *digest_sha256(const void *data, size_t len,
                                       unsigned char ret_digest[32]);
MUST_CHECK struct error *digest_sha384(const void *data, size_t len,
                                       unsigned char ret_digest[48]);
/* Lower-case hexadecimal. */
MUST_CHECK struct error *digest_sha256_text(const void *data, size_t len,
                                            char ret_text[DIGEST_SHA256_TEXT]);
MUST_CHECK struct error *digest_sha384_text(const void *data, size_t len,
                                            char ret_text[DIGEST_SHA384_TEXT]);
/* A file's, read in pieces (regular file, links not followed), and its size. */
MUST_CHECK struct error *digest_sha256_file(const char *path, char ret_text[DIGEST_SHA256_TEXT],
                                            unsigned long long *ret_size);
/* A copy of a file of any size, read back; an equal file is left, and another one of the name is replaced. */
MUST_CHECK struct error *digest_copy_file(const char *from, const char *to);
/* HKDF-SHA-256 (RFC 5869) for mixing randomness of two sources (R73). */
MUST_CHECK struct error *digest_hkdf_sha256(const void *key, size_t key_len, const void *salt,
                                            size_t salt_len, const char *info, void *ret_output,
                                            size_t output_len);
