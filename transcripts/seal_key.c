/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates and plain signatures of those who seal. `context` is where a private key lives; all
 * that is public stays in the default one. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/file.h"
#include "ceremony/base/random.h"
#include "ceremony/base/secret.h"
#include "transcripts/ossl_error.h"
#include "transcripts/seal.h"

#define CERTIFICATE_YEARS 10
#define SERIAL_SIZE       20
#define SIGNER_FILE_LIMIT ((size_t)65536)
#define SIGNATURE_MAX     ((size_t)1024)

static bool
add_extension(X509 *certificate, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool done = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

static bool
set_serial(X509 *certificate, const unsigned char serial[SERIAL_SIZE])
{
    BIGNUM *number = BN_bin2bn(serial, SERIAL_SIZE, NULL);
    bool done = number != NULL
                && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
    BN_free(number);
    return done;
}

static bool
set_fields(X509 *certificate, EVP_PKEY *public_key, const char *subject_cn, int64_t not_before)
{
    const unsigned char *cn = (const unsigned char *)subject_cn;
    X509_NAME *name = X509_get_subject_name(certificate);
    int64_t not_after = clock_add_years(not_before, CERTIFICATE_YEARS);
    return X509_set_version(certificate, X509_VERSION_3) == 1
           && X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, cn, -1, -1, 0)
                  == 1
           && X509_set_issuer_name(certificate, name) == 1
           && ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)not_before) != NULL
           && ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)not_after) != NULL
           && X509_set_pubkey(certificate, public_key) == 1
           && add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE")
           && add_extension(certificate, NID_key_usage, "critical,digitalSignature")
           && add_extension(certificate, NID_subject_key_identifier, "hash");
}

static struct error *
sign_certificate(X509 *certificate, EVP_PKEY *signing_key, EVP_PKEY *public_key,
                 OSSL_LIB_CTX *context)
{
    EVP_MD_CTX *signing = EVP_MD_CTX_new();
    bool done =
        signing != NULL
        && EVP_DigestSignInit_ex(signing, NULL, "SHA256", context, NULL, signing_key, NULL) == 1
        && X509_sign_ctx(certificate, signing) > 0;
    EVP_MD_CTX_free(signing);
    if (!done)
        return TRANSCRIPT_OSSL_ERROR(ERROR_TOKEN,
                                     "the signer's certificate could not be signed");
    if (X509_verify(certificate, public_key) != 1)
        return TRANSCRIPT_OSSL_ERROR(ERROR_TOKEN,
                                     "the signature in the signer's certificate does "
                                     "not fit its public key");
    return NULL;
}

static struct error *
encode_certificate(X509 *certificate, struct bytes *ret_der)
{
    unsigned char *der = NULL;
    int len = i2d_X509(certificate, &der);
    if (len <= 0)
        return TRANSCRIPT_OSSL_ERROR(ERROR_MEMORY,
                                     "the signer's certificate could not be encoded");
    struct error *error = bytes_copy(ret_der, der, (size_t)len);
    OPENSSL_free(der);
    return error;
}

struct error *
seal_certificate_make(EVP_PKEY *signing_key, EVP_PKEY *public_key, OSSL_LIB_CTX *context,
                      const char *subject_cn, int64_t not_before, struct bytes *ret_der)
{
    unsigned char serial[SERIAL_SIZE];
    TRY(random_bytes(serial, sizeof serial));
    serial[0] = (unsigned char)((serial[0] & 0x3f) | 0x40); /* positive, always 20 octets */
    X509 *certificate = X509_new();
    struct error *error = NULL;
    if (certificate == NULL || !set_serial(certificate, serial)
        || !set_fields(certificate, public_key, subject_cn, not_before))
        error =
            TRANSCRIPT_OSSL_ERROR(ERROR_INPUT, "the signer's certificate could not be made");
    if (error == NULL)
        error = sign_certificate(certificate, signing_key, public_key, context);
    if (error == NULL)
        error = encode_certificate(certificate, ret_der);
    X509_free(certificate);
    return error;
}

struct error *
seal_sign_bytes(EVP_PKEY *key, OSSL_LIB_CTX *context, const void *data, size_t len,
                struct bytes *ret_signature)
{
    unsigned char signature[SIGNATURE_MAX];
    size_t signature_len = sizeof signature;
    EVP_MD_CTX *signing = EVP_MD_CTX_new();
    bool done = signing != NULL
                && EVP_DigestSignInit_ex(signing, NULL, "SHA256", context, NULL, key, NULL) == 1
                && EVP_DigestSign(signing, signature, &signature_len, data, len) == 1;
    EVP_MD_CTX_free(signing);
    if (!done)
        return TRANSCRIPT_OSSL_ERROR(ERROR_TOKEN, "the key could not sign");
    return bytes_copy(ret_signature, signature, signature_len);
}

struct error *
seal_verify_bytes(EVP_PKEY *public_key, const void *data, size_t len, const void *signature,
                  size_t signature_len)
{
    EVP_MD_CTX *verifying = EVP_MD_CTX_new();
    bool begun =
        verifying != NULL
        && EVP_DigestVerifyInit_ex(verifying, NULL, "SHA256", NULL, NULL, public_key, NULL)
               == 1;
    int result = begun ? EVP_DigestVerify(verifying, signature, signature_len, data, len) : -1;
    EVP_MD_CTX_free(verifying);
    if (!begun)
        return TRANSCRIPT_OSSL_ERROR(ERROR_INPUT, "the key cannot check signatures");
    if (result != 1)
        return TRANSCRIPT_OSSL_ERROR(ERROR_VERIFICATION, "the signature does not fit");
    return NULL;
}

/* Private keys never pass through growing buffers. */
static struct error *
read_secret_file(const char *path, struct secret **ret_secret)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
        return ERROR_ERRNO(errno, "the key file \"%s\" could not be opened", path_name(path));
    struct stat status;
    AUTO(secret) secret = NULL;
    struct error *error = NULL;
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode) || status.st_size <= 0
        || (size_t)status.st_size > SIGNER_FILE_LIMIT)
        error = ERROR(ERROR_INPUT, "\"%s\" is not a file with one key", path_name(path));
    if (error == NULL)
        error = secret_new((size_t)status.st_size, &secret);
    if (error == NULL
        && read(descriptor, secret_borrow(secret), (size_t)status.st_size) != status.st_size)
        error = ERROR(ERROR_IO, "the key file \"%s\" could not be read", path_name(path));
    (void)close(descriptor);
    TRY(error);
    *ret_secret = TAKE(secret);
    return NULL;
}

/* OpenSSL would otherwise ask on the terminal. */
static int
/* NOLINTNEXTLINE(readability-non-const-parameter): the type is OpenSSL's */
no_passphrase(char *buffer, int size, int writing, void *user)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)user;
    return -1;
}

static struct error *
load_key(const char *path, EVP_PKEY **ret_key)
{
    AUTO(secret) text = NULL;
    TRY(read_secret_file(path, &text));
    BIO *bio = BIO_new_mem_buf(secret_borrow_const(text), (int)secret_size(text));
    EVP_PKEY *key =
        bio == NULL ? NULL : PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    if (key == NULL)
        return TRANSCRIPT_OSSL_ERROR(
            ERROR_INPUT, "\"%s\" holds no private key without passphrase", path_name(path));
    *ret_key = key;
    return NULL;
}

static struct error *
load_certificate(const char *path, X509 **ret_certificate)
{
    AUTO_BYTES text = {0};
    TRY(file_read(path, SIGNER_FILE_LIMIT, &text));
    BIO *bio = BIO_new_mem_buf(bytes_text(&text), (int)text.len);
    X509 *certificate = bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, no_passphrase, NULL);
    BIO_free(bio);
    if (certificate == NULL)
        return TRANSCRIPT_OSSL_ERROR(ERROR_INPUT, "\"%s\" holds no certificate",
                                     path_name(path));
    *ret_certificate = certificate;
    return NULL;
}

struct error *
seal_load_signer(const char *key_file, const char *certificate_file, EVP_PKEY **ret_key,
                 X509 **ret_certificate)
{
    EVP_PKEY *key = NULL;
    X509 *certificate = NULL;
    TRY(load_key(key_file, &key));
    struct error *error = load_certificate(certificate_file, &certificate);
    if (error == NULL && X509_check_private_key(certificate, key) != 1)
        error = TRANSCRIPT_OSSL_ERROR(ERROR_INPUT,
                                      "the certificate \"%s\" does not belong to the "
                                      "key \"%s\"",
                                      path_name(certificate_file), path_name(key_file));
    if (error != NULL) {
        EVP_PKEY_free(key);
        X509_free(certificate);
        return error;
    }
    *ret_key = key;
    *ret_certificate = certificate;
    return NULL;
}
