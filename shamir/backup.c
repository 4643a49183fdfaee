/* SPDX-License-Identifier: Apache-2.0 */
#include "shamir/backup.h"

#include <stdbool.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "shamir/key_wrap.h"

#define PADDING_MAX  7U
#define DER_SEQUENCE 0x30U

static void
info_clear(PKCS8_PRIV_KEY_INFO **info)
{
    PKCS8_PRIV_KEY_INFO_free(*info);
}

static void
key_clear(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

#define CLEARED(release) __attribute__((cleanup(release)))

/* Length of the DER SEQUENCE at the start, header included; 0 if it is none or does not fit. */
static size_t
der_size(const uint8_t *data, size_t size)
{
    if (size < 2 || data[0] != DER_SEQUENCE)
        return 0;
    size_t length = data[1];
    size_t header = 2;
    if (length >= 0x80U) {
        size_t octets = length & 0x7FU;
        if (octets < 1 || octets > 2 || size < 2 + octets)
            return 0;
        length = 0;
        for (size_t i = 0; i < octets; i++)
            length = length << 8 | data[2 + i];
        header += octets;
    }
    return length <= size - header ? header + length : 0;
}

static struct error *
trim(struct secret *plain)
{
    const uint8_t *data = secret_borrow_const(plain);
    size_t size = secret_size(plain);
    size_t length = der_size(data, size);
    if (length == 0 || size - length > PADDING_MAX)
        return ERROR(ERROR_INPUT,
                     "the blob opens, but what is inside is not a private key (PKCS#8)");
    for (size_t i = length; i < size; i++)
        if (data[i] != 0)
            return ERROR(ERROR_INPUT,
                         "the blob opens, but something other than zeros follows the key");
    secret_shrink(plain, length);
    return NULL;
}

static struct error *
parse(const struct secret *pkcs8, EVP_PKEY **ret_key)
{
    const unsigned char *at = secret_borrow_const(pkcs8);
    const unsigned char *end = at + secret_size(pkcs8);
    CLEARED(info_clear)
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)secret_size(pkcs8));
    EVP_PKEY *key = info == NULL || at != end ? NULL : EVP_PKCS82PKEY(info);
    if (key == NULL) {
        ERR_clear_error();
        return ERROR(ERROR_INPUT, "the private key (PKCS#8) cannot be read");
    }
    *ret_key = key;
    return NULL;
}

struct error *
backup_unwrap(const struct secret *kek, const void *blob, size_t len, struct secret **ret_pkcs8)
{
    AUTO(secret) plain = NULL;
    CLEARED(key_clear) EVP_PKEY *key = NULL;
    TRY(key_wrap_decrypt(kek, blob, len, &plain));
    TRY(trim(plain));
    TRY(parse(plain, &key));
    *ret_pkcs8 = TAKE(plain);
    return NULL;
}

struct error *
backup_spki_hash(const struct secret *pkcs8, uint8_t ret_hash[BACKUP_HASH_SIZE])
{
    CLEARED(key_clear) EVP_PKEY *key = NULL;
    TRY(parse(pkcs8, &key));
    unsigned char *der = NULL;
    int size = i2d_PUBKEY(key, &der);
    bool hashed = size > 0 && SHA256(der, (size_t)size, ret_hash) != NULL;
    OPENSSL_free(der);
    if (!hashed) {
        ERR_clear_error();
        return ERROR(ERROR_INPUT, "the public key of the private key cannot be derived");
    }
    return NULL;
}
