/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/envelope.h"

#include <string.h>

#include <openssl/cms.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "ceremony/pki/ossl.h"

#define RSA_MIN 2048

struct envelope {
    X509 *certificate;
    CMS_ContentInfo *cms;
    BIO *pipe;
};

static void
envelope_clear(struct envelope *envelope)
{
    BIO_free_all(envelope->pipe);
    CMS_ContentInfo_free(envelope->cms);
    X509_free(envelope->certificate);
}

#define AUTO_ENVELOPE __attribute__((cleanup(envelope_clear))) struct envelope

static struct error *
read_certificate(const void *der, size_t len, X509 **ret_certificate)
{
    const unsigned char *at = der;
    *ret_certificate = d2i_X509(NULL, &at, (long)len);
    if (*ret_certificate == NULL || at != (const unsigned char *)der + len)
        return ERROR(ERROR_INPUT, "the recipient's certificate cannot be read");
    return NULL;
}

/* --- who may be a recipient --- */

static bool
is_nist_curve(EVP_PKEY *key)
{
    static const char *const curves[] = {"prime256v1", "secp384r1", "secp521r1"};
    char group[32];
    if (EVP_PKEY_get_group_name(key, group, sizeof group, NULL) != 1)
        return false;
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++)
        if (strcmp(group, curves[i]) == 0)
            return true;
    return false;
}

static const char *
fault_of_key(X509 *certificate)
{
    EVP_PKEY *key = X509_get0_pubkey(certificate);
    uint32_t usage = X509_get_key_usage(certificate); /* all bits without the extension */
    if (key != NULL && EVP_PKEY_is_a(key, "RSA")) {
        if (EVP_PKEY_get_bits(key) < RSA_MIN)
            return "its RSA key has less than 2,048 bits";
        return (usage & KU_KEY_ENCIPHERMENT) != 0 ? NULL
                                                  : "its key usage has no keyEncipherment";
    }
    if (key == NULL || !is_nist_curve(key))
        return "its key is neither RSA nor one of P-256, P-384, P-521";
    return (usage & KU_KEY_AGREEMENT) != 0 ? NULL : "its key usage has no keyAgreement";
}

static const char *
fault_of(X509 *certificate, time_t now)
{
    if (X509_cmp_time(X509_get0_notBefore(certificate), &now) >= 0)
        return "it is not valid yet";
    if (X509_cmp_time(X509_get0_notAfter(certificate), &now) <= 0)
        return "it has expired";
    return fault_of_key(certificate);
}

struct error *
envelope_check_recipient(const void *certificate, size_t len, int64_t now)
{
    AUTO_ENVELOPE envelope = {0};
    TRY(read_certificate(certificate, len, &envelope.certificate));
    const char *fault = fault_of(envelope.certificate, (time_t)now);
    if (fault == NULL)
        return NULL;
    return error_hint(
        ERROR(ERROR_REFUSED, "nothing is encrypted to the recipient's certificate: %s", fault),
        "Ask the recipient for another certificate.");
}

/* --- sealed --- */

static bool
set_key_transport(CMS_RecipientInfo *recipient)
{
    EVP_PKEY_CTX *context = CMS_RecipientInfo_get0_pkey_ctx(recipient);
    return context != NULL && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1
           && EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()) == 1
           && EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1;
}

static bool
set_key_agreement(CMS_RecipientInfo *recipient)
{
    EVP_PKEY_CTX *context = CMS_RecipientInfo_get0_pkey_ctx(recipient);
    return context != NULL && EVP_PKEY_CTX_set_ecdh_kdf_md(context, EVP_sha256()) == 1;
}

static bool
add_recipient(const struct envelope *envelope)
{
    CMS_RecipientInfo *recipient =
        CMS_add1_recipient_cert(envelope->cms, envelope->certificate, CMS_KEY_PARAM);
    if (recipient == NULL)
        return false;
    return CMS_RecipientInfo_type(recipient) == CMS_RECIPINFO_TRANS
               ? set_key_transport(recipient)
               : set_key_agreement(recipient);
}

/* Written straight from the secret's pages into the cipher: CMS_encrypt would copy it on the way. */
static bool
fill(struct envelope *envelope, const struct secret *content)
{
    int len = (int)secret_size(content);
    envelope->pipe = CMS_dataInit(envelope->cms, NULL);
    return envelope->pipe != NULL
           && BIO_write(envelope->pipe, secret_borrow_const(content), len) == len
           && BIO_flush(envelope->pipe) == 1
           && CMS_dataFinal(envelope->cms, envelope->pipe) == 1;
}

static struct error *
encode(CMS_ContentInfo *cms, struct bytes *ret_der)
{
    unsigned char *der = NULL;
    int len = i2d_CMS_ContentInfo(cms, &der);
    if (len <= 0)
        return error_memory();
    struct error *error = bytes_copy(ret_der, der, (size_t)len);
    OPENSSL_free(der);
    return error;
}

struct error *
envelope_seal(const void *certificate, size_t len, const struct secret *content,
              struct bytes *ret_der)
{
    AUTO_ENVELOPE envelope = {0};
    TRY(read_certificate(certificate, len, &envelope.certificate));
    envelope.cms = CMS_EnvelopedData_create(EVP_aes_256_cbc());
    if (envelope.cms == NULL || CMS_set_detached(envelope.cms, 0) != 1
        || !add_recipient(&envelope) || !fill(&envelope, content))
        return ERROR(ERROR_UNSUPPORTED,
                     "the OpenSSL library did not encrypt to the recipient's certificate");
    return encode(envelope.cms, ret_der);
}
