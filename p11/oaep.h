/* SPDX-License-Identifier: Apache-2.0
 *
 * Internal to this folder: RSA-OAEP (RFC 8017 7.1), MGF1 with the same hash, no label. */
#pragma once

#include <openssl/evp.h>

#include "ceremony/base/secret.h"
#include "p11/ck.h"
#include "p11/decrypt.h"

#define OAEP_MAX 512U /* octets of a ciphertext: RSA 4096 */

struct oaep_hash {
    const char *name; /* OpenSSL's */
    CK_MECHANISM_TYPE hash;
    CK_RSA_PKCS_MGF_TYPE mgf;
};

const struct oaep_hash *oaep_hash(enum p11_oaep hash);
CK_RSA_PKCS_OAEP_PARAMS oaep_params(const struct oaep_hash *hash);
/* `*ret_len`: in, the room; out, what was used. */
bool oaep_encrypt(EVP_PKEY *key, const struct oaep_hash *hash, const struct secret *plain,
                  unsigned char *ret_cipher, size_t *ret_len);
