/* SPDX-License-Identifier: Apache-2.0 */
#include "p11/wrap_software.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "p11/wrap.h"

#define CIPHER    "AES-256-WRAP-PAD" /* RFC 5649 */
#define BLOCK     8U
#define BLOB_MIN  16U
#define BLOB_MAX  32768U
#define ZEROS_MAX 7U
#define CMAC_SIZE 16U

static bool
run_cipher(bool encrypt, const struct secret *kek, const unsigned char *in, size_t in_len,
           unsigned char *out, size_t *ret_len)
{
    (void)ERR_set_mark();
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, CIPHER, NULL);
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
wrap_software(const struct secret *kek, const struct secret *key, struct bytes *blob)
{
    BUG_ON(secret_size(kek) != P11_KEK_SIZE);
    unsigned char *out = calloc(1, secret_size(key) + 2 * (size_t)BLOCK);
    if (out == NULL)
        return error_memory();
    size_t len = 0;
    struct error *error = NULL;
    if (run_cipher(true, kek, secret_borrow_const(key), secret_size(key), out, &len))
        error = bytes_append(blob, out, len);
    else
        error = error_memory();
    free(out);
    return error;
}

struct error *
unwrap_software(const struct secret *kek, const void *blob, size_t blob_len,
                struct secret **ret_key)
{
    BUG_ON(secret_size(kek) != P11_KEK_SIZE);
    if (blob_len < BLOB_MIN || blob_len > BLOB_MAX || blob_len % BLOCK != 0)
        return ERROR(ERROR_VERIFICATION,
                     "what should be a wrapped key has a length of %zu bytes, "
                     "which no wrapped key has",
                     blob_len);
    AUTO(secret) key = NULL;
    TRY(secret_new(blob_len, &key));
    size_t len = 0;
    if (!run_cipher(false, kek, blob, blob_len, secret_borrow(key), &len) || len == 0
        || len > blob_len)
        return error_hint(
            ERROR(ERROR_VERIFICATION, "the wrapped key does not open: it is damaged, "
                                      "or was wrapped under another key-encryption "
                                      "key"),
            "Compare the check value of the key-encryption key and the SHA-256 of "
            "the file with the transcript.");
    secret_shrink(key, len);
    *ret_key = TAKE(key);
    return NULL;
}

/* The length of the outer DER SEQUENCE with its head; 0 if there is none that fits. */
static size_t
der_length(const unsigned char *data, size_t len)
{
    if (len < 4 || data[0] != 0x30)
        return 0;
    size_t head = 2;
    size_t body = data[1];
    if (data[1] == 0x81) {
        head = 3;
        body = data[2];
    } else if (data[1] == 0x82) {
        head = 4;
        body = (size_t)data[2] << 8 | data[3];
    } else if (data[1] >= 0x80) {
        return 0;
    }
    return head + body <= len ? head + body : 0;
}

struct error *
p11_software_unwrap(const struct secret *kek, const void *blob, size_t blob_len,
                    struct secret **ret_pkcs8)
{
    AUTO(secret) key = NULL;
    TRY(unwrap_software(kek, blob, blob_len, &key));
    const unsigned char *data = secret_borrow_const(key);
    size_t len = der_length(data, secret_size(key));
    size_t rest = secret_size(key) - len;
    bool zeros = len > 0 && rest <= ZEROS_MAX;
    for (size_t i = len; zeros && i < secret_size(key); i++)
        zeros = data[i] == 0;
    if (!zeros)
        return ERROR(ERROR_VERIFICATION, "the wrapped key opens, but what is inside is not a "
                                         "private key (PKCS#8)");
    secret_shrink(key, len);
    *ret_pkcs8 = TAKE(key);
    return NULL;
}

struct error *
p11_kek_check_value(const struct secret *kek, unsigned char ret_value[8])
{
    BUG_ON(secret_size(kek) != P11_KEK_SIZE);
    static const unsigned char zeros[16];
    char cipher[] = "AES-256-CBC";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, cipher, 0),
        OSSL_PARAM_construct_end(),
    };
    unsigned char mac[CMAC_SIZE];
    size_t len = 0;
    EVP_MAC *cmac = EVP_MAC_fetch(NULL, "CMAC", NULL);
    EVP_MAC_CTX *context = cmac != NULL ? EVP_MAC_CTX_new(cmac) : NULL;
    bool done =
        context != NULL
        && EVP_MAC_init(context, secret_borrow_const(kek), secret_size(kek), params) == 1
        && EVP_MAC_update(context, zeros, sizeof zeros) == 1
        && EVP_MAC_final(context, mac, &len, sizeof mac) == 1 && len == sizeof mac;
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(cmac);
    if (!done)
        return error_memory();
    memcpy(ret_value, mac, 8);
    secret_wipe(mac, sizeof mac);
    return NULL;
}
