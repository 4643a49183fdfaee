/* SPDX-License-Identifier: Apache-2.0 */
#include "shamir/key_wrap.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#define BLOCK    16U
#define HALF     8U
#define BLOB_MIN 16U

static const struct {
    size_t size;
    const char *cbc;
    const char *wrap_pad;
} ciphers[] = {
    {16, "AES-128-CBC", "AES-128-WRAP-PAD"},
    {24, "AES-192-CBC", "AES-192-WRAP-PAD"},
    {32, "AES-256-CBC", "AES-256-WRAP-PAD"},
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

/* Tokens of this process may leave errors of their own in OpenSSL's queue; ours do not stay there. */
static bool
compute_cmac(const struct secret *kek, const char *cbc, unsigned char ret_mac[BLOCK])
{
    static const unsigned char zeros[BLOCK];
    char cipher[sizeof "AES-128-CBC"];
    memcpy(cipher, cbc, sizeof cipher);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0),
        OSSL_PARAM_construct_end(),
    };
    size_t len = 0;
    (void)ERR_set_mark();
    EVP_MAC *cmac = EVP_MAC_fetch(NULL, "CMAC", NULL);
    EVP_MAC_CTX *context = cmac != NULL ? EVP_MAC_CTX_new(cmac) : NULL;
    bool done =
        context != NULL
        && EVP_MAC_init(context, secret_borrow_const(kek), secret_size(kek), params) == 1
        && EVP_MAC_update(context, zeros, sizeof zeros) == 1
        && EVP_MAC_final(context, ret_mac, &len, BLOCK) == 1 && len == BLOCK;
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(cmac);
    (void)ERR_pop_to_mark();
    return done;
}

struct error *
key_wrap_check_value(const struct secret *kek, uint8_t ret_value[KEY_WRAP_CHECK_SIZE])
{
    size_t row = 0;
    unsigned char mac[BLOCK];
    TRY(cipher_of(kek, &row));
    if (!compute_cmac(kek, ciphers[row].cbc, mac))
        return ERROR(ERROR_UNSUPPORTED, "the OpenSSL library did not compute AES-CMAC");
    memcpy(ret_value, mac, KEY_WRAP_CHECK_SIZE);
    secret_wipe(mac, sizeof mac);
    return NULL;
}

static bool
run_cipher(bool encrypt, const struct secret *kek, const char *name, const unsigned char *in,
           size_t in_len, unsigned char *out, size_t *ret_len)
{
    (void)ERR_set_mark();
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int len = 0;
    int more = 0;
    bool done = false;
    if (cipher != NULL && context != NULL) {
        EVP_CIPHER_CTX_set_flags(context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
        done = EVP_CipherInit_ex2(context, cipher, secret_borrow_const(kek), NULL,
                                  encrypt ? 1 : 0, NULL)
                   == 1
               && EVP_CipherUpdate(context, out, &len, in, (int)in_len) == 1
               && EVP_CipherFinal_ex(context, out + len, &more) == 1;
    }
    EVP_CIPHER_CTX_free(context);
    EVP_CIPHER_free(cipher);
    (void)ERR_pop_to_mark();
    *ret_len = (size_t)len + (size_t)more;
    return done;
}

struct error *
key_wrap_encrypt(const struct secret *kek, const struct secret *key, struct bytes *blob)
{
    size_t row = 0;
    size_t len = 0;
    TRY(cipher_of(kek, &row));
    BUG_ON(secret_size(key) > KEY_WRAP_BLOB_MAX - (size_t)BLOCK);
    unsigned char *out = calloc(1, secret_size(key) + 2 * (size_t)HALF);
    if (out == NULL)
        return error_memory();
    struct error *error = NULL;
    if (run_cipher(true, kek, ciphers[row].wrap_pad, secret_borrow_const(key), secret_size(key),
                   out, &len))
        error = bytes_append(blob, out, len);
    else
        error = ERROR(ERROR_UNSUPPORTED, "the OpenSSL library did not wrap a key (RFC 5649)");
    free(out);
    return error;
}

struct error *
key_wrap_decrypt(const struct secret *kek, const void *blob, size_t len,
                 struct secret **ret_key)
{
    size_t row = 0;
    size_t size = 0;
    TRY(cipher_of(kek, &row));
    if (len < BLOB_MIN || len % HALF != 0 || len > KEY_WRAP_BLOB_MAX)
        return ERROR(ERROR_INPUT, "the blob has %zu bytes, which no wrapped key (RFC 5649) has",
                     len);
    AUTO(secret) key = NULL;
    TRY(secret_new(len, &key));
    if (!run_cipher(false, kek, ciphers[row].wrap_pad, blob, len, secret_borrow(key), &size)
        || size == 0 || size > len)
        return error_hint(ERROR(ERROR_INPUT, "the blob does not open with this key (RFC 5649)"),
                          "It was wrapped under another key, or it is damaged.");
    secret_shrink(key, size);
    *ret_key = TAKE(key);
    return NULL;
}
