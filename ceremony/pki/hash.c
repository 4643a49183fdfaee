/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/hash.h"

#include <openssl/evp.h>

#include "ceremony/base/encode.h"
#include "ceremony/pki/pki.h"

static struct error *
hash_hex(const EVP_MD *digest, const void *data, size_t len, size_t expected, char *ret_hex)
{
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned hash_len = 0;
    if (EVP_Digest(data, len, hash, &hash_len, digest, NULL) != 1 || hash_len != expected)
        return pki_ossl_error("could not compute a hash");
    hex_encode(hash, expected, ret_hex);
    return NULL;
}

struct error *
pki_sha256_hex(const void *data, size_t len, char ret_hex[65])
{
    return hash_hex(EVP_sha256(), data, len, 32, ret_hex);
}

struct error *
pki_sha384_hex(const void *data, size_t len, char ret_hex[97])
{
    return hash_hex(EVP_sha384(), data, len, 48, ret_hex);
}
