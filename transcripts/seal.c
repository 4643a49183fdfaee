/* SPDX-License-Identifier: Apache-2.0
 *
 * The CMS over SHA256SUMS (RFC 5652). Signed attributes are set here one by one, so that a signer
 * added later signs the bytes that lie there, not a digest copied from an earlier signer. */
#include "transcripts/seal.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/cms.h>
#include <openssl/ess.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/clock.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "transcripts/digest.h"
#include "transcripts/ossl_error.h"

#define SUMS_LIMIT      ((size_t)64 << 20)
#define SIGNATURE_LIMIT ((size_t)16 << 20)
#define SIGN_FLAGS      (CMS_PARTIAL | CMS_DETACHED | CMS_BINARY)
#define SIGNER_FLAGS    (CMS_PARTIAL | CMS_CADES | CMS_NOSMIMECAP | CMS_BINARY)

static void
cms_clear(CMS_ContentInfo **cms)
{
    CMS_ContentInfo_free(*cms);
}

#define AUTO_CMS __attribute__((cleanup(cms_clear))) CMS_ContentInfo

/* All bytes, no more; keys of `context` can be added to the result. */
static struct error *
decode_cms(const struct bytes *der, OSSL_LIB_CTX *context, CMS_ContentInfo **ret_cms)
{
    AUTO_CMS *cms = CMS_ContentInfo_new_ex(context, NULL);
    if (cms == NULL)
        return TRANSCRIPT_OSSL_ERROR(ERROR_MEMORY, "the seal could not be read");
    const unsigned char *at = der->data;
    if (der->len == 0 || d2i_CMS_ContentInfo(&cms, &at, (long)der->len) == NULL
        || at != der->data + der->len || OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed
        || CMS_is_detached(cms) != 1)
        return TRANSCRIPT_OSSL_ERROR(ERROR_VERIFICATION,
                                     "the seal is not a detached signature in DER (CMS)");
    *ret_cms = TAKE(cms);
    return NULL;
}

/* --- signing --- */

static const EVP_MD *
digest_for(EVP_PKEY *key)
{
    int bits = EVP_PKEY_is_a(key, "EC") ? EVP_PKEY_get_bits(key) : 0;
    if (bits > 384)
        return EVP_sha512();
    return bits > 256 ? EVP_sha384() : EVP_sha256();
}

static bool
add_signing_time(CMS_SignerInfo *signer)
{
    struct clock_reading now;
    clock_read(&now);
    ASN1_TIME *time = ASN1_TIME_set(NULL, (time_t)(now.wall_ms / 1000));
    bool done =
        time != NULL
        && CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_signingTime, time->type, time, -1)
               == 1;
    ASN1_TIME_free(time);
    return done;
}

static struct error *
add_signer(CMS_ContentInfo *cms, const struct bytes *content, EVP_PKEY *key, X509 *certificate)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_len = 0;
    const EVP_MD *algorithm = digest_for(key);
    CMS_SignerInfo *signer = CMS_add1_signer(cms, certificate, key, algorithm, SIGNER_FLAGS);
    if (signer == NULL)
        return TRANSCRIPT_OSSL_ERROR(ERROR_INPUT, "the signer could not be added to the seal");
    if (EVP_Digest(content->data, content->len, digest, &digest_len, algorithm, NULL) != 1
        || CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_contentType, V_ASN1_OBJECT,
                                       OBJ_nid2obj(NID_pkcs7_data), -1)
               != 1
        || CMS_signed_add1_attr_by_NID(signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING,
                                       digest, (int)digest_len)
               != 1
        || !add_signing_time(signer))
        return TRANSCRIPT_OSSL_ERROR(ERROR_MEMORY, "the seal's attributes could not be made");
    if (CMS_SignerInfo_sign(signer) != 1)
        return TRANSCRIPT_OSSL_ERROR(ERROR_TOKEN, "the key could not sign the seal");
    return NULL;
}

static struct error *
encode_cms(CMS_ContentInfo *cms, struct bytes *ret_der)
{
    unsigned char *der = NULL;
    int len = i2d_CMS_ContentInfo(cms, &der);
    if (len <= 0)
        return TRANSCRIPT_OSSL_ERROR(ERROR_MEMORY, "the seal could not be encoded");
    struct error *error = bytes_copy(ret_der, der, (size_t)len);
    OPENSSL_free(der);
    return error;
}

/* --- checking --- */

/* The signed attribute of this kind, if there is just one of this type. */
static void *
attribute(const CMS_SignerInfo *signer, int nid, int type)
{
    return CMS_signed_get0_data_by_OBJ(signer, OBJ_nid2obj(nid), -3, type);
}

static bool
digest_fits(CMS_SignerInfo *signer, const struct bytes *content)
{
    X509_ALGOR *algorithm = NULL;
    CMS_SignerInfo_get0_algs(signer, NULL, NULL, &algorithm, NULL);
    const ASN1_OBJECT *oid = NULL;
    X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
    int nid = OBJ_obj2nid(oid);
    if (nid != NID_sha256 && nid != NID_sha384 && nid != NID_sha512)
        return false;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    const ASN1_OCTET_STRING *said =
        attribute(signer, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING);
    return said != NULL
           && EVP_Digest(content->data, content->len, digest, &len, EVP_get_digestbynid(nid),
                         NULL)
                  == 1
           && ASN1_STRING_length(said) == (int)len
           && memcmp(ASN1_STRING_get0_data(said), digest, len) == 0;
}

/* signingCertificateV2 (RFC 5035) must name the certificate that the signature is checked with. */
static bool
names_certificate(const CMS_SignerInfo *signer, X509 *certificate)
{
    const ASN1_STRING *value =
        attribute(signer, NID_id_smime_aa_signingCertificateV2, V_ASN1_SEQUENCE);
    if (value == NULL)
        return false;
    const unsigned char *at = ASN1_STRING_get0_data(value);
    ESS_SIGNING_CERT_V2 *named = d2i_ESS_SIGNING_CERT_V2(NULL, &at, ASN1_STRING_length(value));
    STACK_OF(X509) *chain = sk_X509_new_null();
    bool fits = named != NULL && chain != NULL && sk_X509_push(chain, certificate) > 0
                && OSSL_ESS_check_signing_certs(NULL, named, chain, 1) == 1;
    sk_X509_free(chain);
    ESS_SIGNING_CERT_V2_free(named);
    return fits;
}

static bool
signer_valid(CMS_SignerInfo *signer, X509 *certificate, const struct bytes *content)
{
    const ASN1_OBJECT *type = attribute(signer, NID_pkcs9_contentType, V_ASN1_OBJECT);
    return CMS_signed_get_attr_count(signer) > 0 && type != NULL
           && OBJ_obj2nid(type) == NID_pkcs7_data && digest_fits(signer, content)
           && names_certificate(signer, certificate) && CMS_SignerInfo_verify(signer) == 1;
}

static struct error *
describe_certificate(X509 *certificate, struct seal_signer *row)
{
    unsigned char hash[DIGEST_SHA256_SIZE];
    if (X509_digest(certificate, EVP_sha256(), hash, NULL) != 1)
        return TRANSCRIPT_OSSL_ERROR(ERROR_MEMORY, "a hash could not be computed");
    hex_encode(hash, sizeof hash, row->certificate_sha256);
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio == NULL
        || X509_NAME_print_ex(bio, X509_get_subject_name(certificate), 0,
                              XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB)
               < 0) {
        BIO_free(bio);
        return TRANSCRIPT_OSSL_ERROR(ERROR_MEMORY, "a signer's name could not be read");
    }
    char *text = NULL;
    long len = BIO_get_mem_data(bio, &text);
    AUTO_FREE char *safe = NULL;
    struct error *error = text_safe(text, (size_t)len, &safe);
    BIO_free(bio);
    TRY(error);
    size_t fits = strlen(safe);
    if (fits >= sizeof row->subject) {
        fits = sizeof row->subject - 1;
        while (fits > 0 && ((unsigned char)safe[fits] & 0xc0) == 0x80)
            fits--; /* no half characters */
    }
    memcpy(row->subject, safe, fits);
    row->subject[fits] = '\0';
    return NULL;
}

/* ASN1_TIME in UTC as RFC 3339. */
static void
describe_time(const CMS_SignerInfo *signer, struct seal_signer *row)
{
    int at = CMS_signed_get_attr_by_NID(signer, NID_pkcs9_signingTime, -1);
    X509_ATTRIBUTE *found = at < 0 ? NULL : CMS_signed_get_attr(signer, at);
    const ASN1_TYPE *value = found == NULL ? NULL : X509_ATTRIBUTE_get0_type(found, 0);
    struct tm tm;
    if (value == NULL
        || (value->type != V_ASN1_UTCTIME && value->type != V_ASN1_GENERALIZEDTIME)
        || ASN1_TIME_to_tm(value->value.asn1_string, &tm) != 1)
        return;
    if (strftime(row->signing_time, sizeof row->signing_time, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        row->signing_time[0] = '\0';
}

static struct error *
list_signers(CMS_ContentInfo *cms, const struct bytes *content,
             struct seal_signer **ret_signers, size_t *ret_count)
{
    (void)CMS_set1_signers_certs(cms, NULL,
                                 0); /* a signer without certificate is reported below */
    STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
    int count = signers == NULL ? 0 : sk_CMS_SignerInfo_num(signers);
    if (count <= 0)
        return ERROR(ERROR_VERIFICATION, "the seal holds no signature");
    AUTO_FREE struct seal_signer *rows = calloc((size_t)count, sizeof *rows);
    if (rows == NULL)
        return error_memory();
    for (int i = 0; i < count; i++) {
        CMS_SignerInfo *signer = sk_CMS_SignerInfo_value(signers, i);
        X509 *certificate = NULL;
        CMS_SignerInfo_get0_algs(signer, NULL, &certificate, NULL, NULL);
        describe_time(signer, &rows[i]);
        if (certificate == NULL)
            continue;
        TRY(describe_certificate(certificate, &rows[i]));
        rows[i].valid = signer_valid(signer, certificate, content);
    }
    *ret_signers = TAKE(rows);
    *ret_count = (size_t)count;
    return NULL;
}

static struct error *
read_content(const char *folder, struct bytes *content)
{
    AUTO_FREE char *path = NULL;
    TRY(path_join(folder, SEAL_SUMS, &path));
    return file_read(path, SUMS_LIMIT, content);
}

struct error *
seal_signers(const char *folder, const char *signature, struct seal_signer **ret_signers,
             size_t *ret_count)
{
    AUTO_BYTES content = {0};
    AUTO_BYTES der = {0};
    AUTO_FREE char *path = NULL;
    TRY(path_join(folder, signature, &path));
    TRY(read_content(folder, &content));
    TRY(file_read(path, SIGNATURE_LIMIT, &der));
    AUTO_CMS *cms = NULL;
    TRY(decode_cms(&der, NULL, &cms));
    return list_signers(cms, &content, ret_signers, ret_count);
}

/* What is there must be right before anything is added, and must not be by the same signer. */
static struct error *
check_present(const struct bytes *der, const struct bytes *content,
              const char *certificate_sha256)
{
    AUTO_CMS *cms = NULL;
    TRY(decode_cms(der, NULL, &cms));
    AUTO_FREE struct seal_signer *signers = NULL;
    size_t count = 0;
    TRY(list_signers(cms, content, &signers, &count));
    for (size_t i = 0; i < count; i++) {
        if (!signers[i].valid)
            return ERROR(ERROR_VERIFICATION, "the signature of \"%s\" in the seal does not fit",
                         signers[i].subject);
        if (strcmp(signers[i].certificate_sha256, certificate_sha256) == 0)
            return error_hint(
                ERROR(ERROR_EXISTS, "\"%s\" has signed already", signers[i].subject),
                "Nothing is left to do for this signer.");
    }
    return NULL;
}

/* The new encoding, read again: one signer more, all right, the new one among them. */
static struct error *
check_result(const struct bytes *der, const struct bytes *content,
             const char *certificate_sha256)
{
    struct error *error = check_present(der, content, certificate_sha256);
    if (error == NULL)
        return ERROR(ERROR_TOKEN, "the new signature is not in the seal");
    if (error_code(error) != ERROR_EXISTS)
        return error_code(error) == ERROR_VERIFICATION ? error_recode(error, ERROR_TOKEN)
                                                       : error;
    error_free(error);
    return NULL;
}

struct error *
seal_sign(const char *folder, const char *signature, EVP_PKEY *key, X509 *certificate,
          OSSL_LIB_CTX *context)
{
    AUTO_BYTES content = {0};
    AUTO_BYTES before = {0};
    AUTO_BYTES after = {0};
    AUTO_FREE char *path = NULL;
    AUTO_CMS *cms = NULL;
    struct seal_signer self = {0};
    TRY(path_join(folder, signature, &path));
    TRY(read_content(folder, &content));
    TRY(describe_certificate(certificate, &self));
    if (file_exists(path)) {
        TRY(file_read(path, SIGNATURE_LIMIT, &before));
        TRY(check_present(&before, &content, self.certificate_sha256));
        TRY(decode_cms(&before, context, &cms));
    } else {
        cms = CMS_sign_ex(NULL, NULL, NULL, NULL, SIGN_FLAGS, context, NULL);
        if (cms == NULL)
            return TRANSCRIPT_OSSL_ERROR(ERROR_MEMORY, "the seal could not be begun");
    }
    TRY(add_signer(cms, &content, key, certificate));
    TRY(encode_cms(cms, &after));
    TRY(check_result(&after, &content, self.certificate_sha256));
    return file_replace(path, after.data, after.len);
}
