/* SPDX-License-Identifier: Apache-2.0 */
#include "transcripts/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/file_stage.h"
#include "transcripts/ossl_error.h"

#define FILE_BLOCK 65536

static struct error *
digest(const EVP_MD *algorithm, const void *data, size_t len, unsigned char *ret_digest)
{
    if (EVP_Digest(data, len, ret_digest, NULL, algorithm, NULL) != 1)
        return TRANSCRIPT_OSSL_ERROR(ERROR_MEMORY, "a hash could not be computed");
    return NULL;
}

struct error *
digest_sha1(const void *data, size_t len, unsigned char ret_digest[20])
{
    return digest(EVP_sha1(), data, len, ret_digest);
}

struct error *
digest_sha256(const void *data, size_t len, unsigned char ret_digest[32])
{
    return digest(EVP_sha256(), data, len, ret_digest);
}

struct error *
digest_sha384(const void *data, size_t len, unsigned char ret_digest[48])
{
    return digest(EVP_sha384(), data, len, ret_digest);
}

struct error *
digest_sha256_text(const void *data, size_t len, char ret_text[DIGEST_SHA256_TEXT])
{
    unsigned char hash[DIGEST_SHA256_SIZE];
    TRY(digest_sha256(data, len, hash));
    hex_encode(hash, sizeof hash, ret_text);
    return NULL;
}

struct error *
digest_sha384_text(const void *data, size_t len, char ret_text[DIGEST_SHA384_TEXT])
{
    unsigned char hash[DIGEST_SHA384_SIZE];
    TRY(digest_sha384(data, len, hash));
    hex_encode(hash, sizeof hash, ret_text);
    return NULL;
}

static struct error *
digest_descriptor(int descriptor, const char *path, EVP_MD_CTX *context,
                  unsigned long long *ret_size)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0)
        return ERROR_ERRNO(errno, "the file \"%s\" could not be looked at", path_name(path));
    if (!S_ISREG(status.st_mode))
        return ERROR(ERROR_INPUT, "\"%s\" is not a regular file", path_name(path));
    AUTO_FREE unsigned char *block = malloc(FILE_BLOCK);
    if (block == NULL)
        return error_memory();
    unsigned long long size = 0;
    for (;;) {
        ssize_t got = read(descriptor, block, FILE_BLOCK);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ERROR_ERRNO(errno, "the file \"%s\" could not be read", path_name(path));
        if (got == 0)
            break;
        if (EVP_DigestUpdate(context, block, (size_t)got) != 1)
            return TRANSCRIPT_OSSL_ERROR(ERROR_MEMORY, "a hash could not be computed");
        size += (unsigned long long)got;
    }
    *ret_size = size;
    return NULL;
}

struct error *
digest_sha256_file(const char *path, char ret_text[DIGEST_SHA256_TEXT],
                   unsigned long long *ret_size)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    if (context == NULL || EVP_DigestInit_ex(context, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(context);
        return TRANSCRIPT_OSSL_ERROR(ERROR_MEMORY, "a hash could not be begun");
    }
    struct error *error = NULL;
    unsigned long long size = 0;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0) {
        error = ERROR_ERRNO(errno, "the file \"%s\" could not be opened", path_name(path));
    } else {
        error = digest_descriptor(descriptor, path, context, &size);
        (void)close(descriptor);
    }
    unsigned char hash[DIGEST_SHA256_SIZE];
    if (error == NULL && EVP_DigestFinal_ex(context, hash, NULL) != 1)
        error = TRANSCRIPT_OSSL_ERROR(ERROR_MEMORY, "a hash could not be computed");
    EVP_MD_CTX_free(context);
    TRY(error);
    hex_encode(hash, sizeof hash, ret_text);
    if (ret_size != NULL)
        *ret_size = size;
    return NULL;
}

struct error *
digest_copy_file(const char *from, const char *to)
{
    char wanted[DIGEST_SHA256_TEXT];
    char there[DIGEST_SHA256_TEXT] = "";
    TRY(digest_sha256_file(from, wanted, NULL));
    if (file_exists(to))
        TRY(digest_sha256_file(to, there, NULL));
    if (strcmp(there, wanted) == 0)
        return NULL;
    TRY(file_copy(from, to));
    TRY(digest_sha256_file(to, there, NULL));
    return strcmp(there, wanted) == 0
               ? NULL
               : ERROR(ERROR_IO, "the copy \"%s\" reads back otherwise than it was written",
                       path_name(to));
}

/* OpenSSL's parameters are not const, but HKDF only reads them. */
static OSSL_PARAM
octets(const char *key, const void *data, size_t len)
{
    union {
        const void *in;
        void *out;
    } pointer = {.in = len == 0 ? "" : data};

    return OSSL_PARAM_construct_octet_string(key, pointer.out, len);
}

struct error *
digest_hkdf_sha256(const void *key, size_t key_len, const void *salt, size_t salt_len,
                   const char *info, void *ret_output, size_t output_len)
{
    char name[] = "SHA256";
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, name, 0),
        octets(OSSL_KDF_PARAM_KEY, key, key_len),
        octets(OSSL_KDF_PARAM_SALT, salt, salt_len),
        octets(OSSL_KDF_PARAM_INFO, info, strlen(info)),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *context = kdf == NULL ? NULL : EVP_KDF_CTX_new(kdf);
    bool done =
        context != NULL && EVP_KDF_derive(context, ret_output, output_len, parameters) == 1;
    EVP_KDF_CTX_free(context);
    EVP_KDF_free(kdf);
    if (!done)
        return TRANSCRIPT_OSSL_ERROR(ERROR_BUG, "two sources of randomness could not be mixed");
    return NULL;
}
