/* SPDX-License-Identifier: Apache-2.0
 *
 * Signatures made with any key and verified in software (R32). */
#include <string.h>

#include <openssl/rsa.h>

#include "ceremony/pki/algorithm.h"
#include "ceremony/pki/ossl.h"
#include "ceremony/pki/pki.h"
#include "ceremony/pki/verify.h"

/* The digest a key signs with, or NULL for Ed25519. Works for keys of any provider. */
static struct error *
digest_of_key(const EVP_PKEY *key, const char *wanted, const char **ret_digest)
{
    bool named = wanted != NULL && wanted[0] != '\0';
    if (EVP_PKEY_is_a(key, "ED25519") || EVP_PKEY_is_a(key, "ED448")) {
        if (named)
            return ERROR(ERROR_INPUT, "an EdDSA key signs without a digest, not with %s",
                         wanted);
        *ret_digest = NULL;
        return NULL;
    }
    if (EVP_PKEY_is_a(key, "RSA")) {
        *ret_digest = named ? wanted : "sha256";
        return NULL;
    }
    if (!EVP_PKEY_is_a(key, "EC"))
        return ERROR(ERROR_UNSUPPORTED, "a key of this kind is not used here");
    int bits = EVP_PKEY_get_bits(key);
    const char *own = bits == 256   ? "sha256"
                      : bits == 384 ? "sha384"
                      : bits == 521 ? "sha512"
                                    : NULL;
    if (own == NULL)
        return ERROR(ERROR_UNSUPPORTED, "an EC key of %d bits is not used here", bits);
    if (named && strcmp(wanted, own) != 0)
        return ERROR(ERROR_INPUT, "an EC key of %d bits signs with %s, not with %s", bits, own,
                     wanted);
    *ret_digest = own;
    return NULL;
}

static bool
is_pss_set(EVP_PKEY_CTX *parameters)
{
    return EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) > 0
           && EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) > 0;
}

struct error *
sign_with(EVP_PKEY *key, OSSL_LIB_CTX *context, const char *digest, bool pss,
          const void *message, size_t len, struct bytes *ret_signature)
{
    EVP_PKEY_CTX *parameters = NULL; /* belongs to md */
    const char *name = NULL;
    TRY(digest_of_key(key, digest, &name));
    int room = EVP_PKEY_get_size(key);
    if (room <= 0 || room > 4096)
        return pki_ossl_error("the size of a signature could not be found");
    unsigned char signature[4096];
    size_t signature_len = (size_t)room;
    AUTO_MD_CTX md = EVP_MD_CTX_new();
    if (md == NULL)
        return error_memory();
    if (EVP_DigestSignInit_ex(md, &parameters, name, context, NULL, key, NULL) <= 0
        || (pss && !is_pss_set(parameters))
        || EVP_DigestSign(md, signature, &signature_len, message, len) <= 0)
        return error_recode(pki_ossl_error("the key did not sign"), ERROR_TOKEN);
    return bytes_copy(ret_signature, signature, signature_len);
}

struct error *
pki_sign(EVP_PKEY *key, OSSL_LIB_CTX *context, const char *digest, const void *message,
         size_t len, struct bytes *ret_signature)
{
    return sign_with(key, context, digest, false, message, len, ret_signature);
}

#define PART (1U << 20)

/* 1: right. A digest takes the message in parts, of which those behind are let go. */
static int
verify_in_parts(EVP_MD_CTX *md, const char *digest, struct der message, struct der signature,
                const struct pki_passing *passing)
{
    if (digest == NULL) /* Ed25519 hashes twice */
        return EVP_DigestVerify(md, signature.p, signature.len, message.p, message.len);
    while (message.len > 0) {
        size_t part = message.len < PART ? message.len : PART;
        if (EVP_DigestVerifyUpdate(md, message.p, part) <= 0)
            return 0;
        message = der_view(message.p + part, message.len - part);
        if (passing != NULL)
            passing->passed(passing->self, message.p);
    }
    return EVP_DigestVerifyFinal(md, signature.p, signature.len);
}

struct error *
verify_with(const void *spki, size_t spki_len, const char *digest, bool pss, struct der message,
            struct der signature, const struct pki_passing *passing)
{
    if (key_rsa_bits(der_view(spki, spki_len)) > VERIFY_RSA_BITS_MAX)
        return ERROR(ERROR_INPUT, "an RSA key of %zu bits is larger than any used here",
                     key_rsa_bits(der_view(spki, spki_len)));
    AUTO_PKEY key = NULL;
    TRY(pki_key_from_spki(spki, spki_len, &key));
    AUTO_MD_CTX md = EVP_MD_CTX_new();
    if (md == NULL)
        return error_memory();
    EVP_PKEY_CTX *parameters = NULL; /* belongs to md */
    if (EVP_DigestVerifyInit_ex(md, &parameters, digest, NULL, NULL, key, NULL) <= 0)
        return pki_ossl_error("the public key cannot verify this kind of signature");
    if (pss && !is_pss_set(parameters))
        return pki_ossl_error("the public key cannot verify this kind of signature");
    if (verify_in_parts(md, digest, message, signature, passing) != 1)
        return error_recode(
            pki_ossl_error("the signature does not belong to this key and these "
                           "bytes"),
            ERROR_VERIFICATION);
    return NULL;
}

struct error *
pki_verify(const void *spki, size_t spki_len, const char *digest, const void *message,
           size_t len, const void *signature, size_t signature_len)
{
    AUTO_PKEY key = NULL;
    TRY(pki_key_from_spki(spki, spki_len, &key));
    const char *name = NULL;
    TRY(digest_of_key(key, digest, &name));
    return verify_with(spki, spki_len, name, false, der_view(message, len),
                       der_view(signature, signature_len), NULL);
}
