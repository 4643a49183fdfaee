/* SPDX-License-Identifier: Apache-2.0 */
#include "shamir/backup.h"

#include <stdbool.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#define BLOCK_SIZE   16U
#define PADDING_MAX  7U
#define BLOB_MIN     16U
#define DER_SEQUENCE 0x30U

static void
cipher_ctx_clear(EVP_CIPHER_CTX **ctx)
{
    EVP_CIPHER_CTX_free(*ctx);
}

static void
mac_clear(EVP_MAC **mac)
{
    EVP_MAC_free(*mac);
}

static void
mac_ctx_clear(EVP_MAC_CTX **ctx)
{
    EVP_MAC_CTX_free(*ctx);
}

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

static const struct {
    size_t size;
    const char *cbc;
    const EVP_CIPHER *(*wrap_pad)(void);
} ciphers[] = {
    {16, "AES-128-CBC", EVP_aes_128_wrap_pad},
    {24, "AES-192-CBC", EVP_aes_192_wrap_pad},
    {32, "AES-256-CBC", EVP_aes_256_wrap_pad},
};

static struct error *
cipher_of(const struct secret *kek, size_t *ret_row)
{
    for (size_t i = 0; i < sizeof ciphers / sizeof ciphers[0]; i++)
        if (ciphers[i].size == secret_size(kek)) {
            *ret_row = i;
            return NULL;
        }
    return ERROR(ERROR_INPUT,
                 "the secret has %zu bytes; a key for wrapping (AES) has 16, 24 or 32",
                 secret_size(kek));
}

struct error *
backup_kcv(const struct secret *kek, uint8_t ret_kcv[BACKUP_KCV_SIZE])
{
    size_t row = 0;
    TRY(cipher_of(kek, &row));
    CLEARED(mac_clear) EVP_MAC *mac = EVP_MAC_fetch(NULL, "CMAC", NULL);
    CLEARED(mac_ctx_clear) EVP_MAC_CTX *ctx = mac == NULL ? NULL : EVP_MAC_CTX_new(mac);
    char name[sizeof "AES-128-CBC"];
    memcpy(name, ciphers[row].cbc, sizeof name);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, name, 0),
        OSSL_PARAM_construct_end(),
    };
    static const uint8_t zero[BLOCK_SIZE];
    uint8_t full[BLOCK_SIZE];
    size_t size = 0;
    if (ctx == NULL
        || EVP_MAC_init(ctx, secret_borrow_const(kek), secret_size(kek), parameters) != 1
        || EVP_MAC_update(ctx, zero, sizeof zero) != 1
        || EVP_MAC_final(ctx, full, &size, sizeof full) != 1) {
        ERR_clear_error();
        return ERROR(ERROR_UNSUPPORTED, "the OpenSSL library did not compute AES-CMAC");
    }
    memcpy(ret_kcv, full, BACKUP_KCV_SIZE);
    return NULL;
}

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
    size_t row = 0;
    TRY(cipher_of(kek, &row));
    if (len < BLOB_MIN || len % 8 != 0 || len > BACKUP_BLOB_MAX)
        return ERROR(ERROR_INPUT, "the blob has %zu bytes, which no wrapped key (RFC 5649) has",
                     len);
    AUTO(secret) plain = NULL;
    TRY(secret_new(len, &plain));
    CLEARED(cipher_ctx_clear) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    if (ctx == NULL)
        return error_memory();
    EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    int size = 0;
    if (EVP_DecryptInit_ex(ctx, ciphers[row].wrap_pad(), NULL, secret_borrow_const(kek), NULL)
            != 1
        || EVP_DecryptUpdate(ctx, secret_borrow(plain), &size, blob, (int)len) != 1
        || size <= 0) {
        ERR_clear_error();
        return error_hint(ERROR(ERROR_INPUT, "the blob does not open with this key (RFC 5649)"),
                          "It was wrapped under another key, or it is damaged.");
    }
    secret_shrink(plain, (size_t)size);
    TRY(trim(plain));
    CLEARED(key_clear) EVP_PKEY *key = NULL;
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
