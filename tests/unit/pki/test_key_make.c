/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys from bits, against numbers that Python computed by itself (FIPS 186-5 A.2.1) and RFC 8032; and
 * secrets that only the recipient opens. */
#include <openssl/cms.h>
#include <openssl/x509.h>

#include "ceremony/base/encode.h"
#include "ceremony/pki/envelope.h"
#include "ceremony/pki/key_make.h"
#include "tests/support/check.h"

static struct secret *
bits_of(const char *hex)
{
    struct secret *bits = NULL;
    AUTO_BYTES bytes = {0};
    check_ok(hex_decode_append(hex, &bytes));
    check_ok(secret_from(bytes.data, bytes.len, &bits));
    return bits;
}

/* The pair that OpenSSL reads from both halves is this one. */
static void
check_pair(const struct secret *pkcs8, const struct bytes *spki)
{
    const unsigned char *at = secret_borrow_const(pkcs8);
    EVP_PKEY *private = d2i_AutoPrivateKey(NULL, &at, (long)secret_size(pkcs8));
    assert_non_null(private);
    assert_ptr_equal(at, secret_borrow_const(pkcs8) + secret_size(pkcs8));
    at = spki->data;
    EVP_PKEY *public = d2i_PUBKEY(NULL, &at, (long)spki->len);
    assert_non_null(public);
    assert_int_equal(EVP_PKEY_eq(private, public), 1);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(private, NULL);
    assert_int_equal(EVP_PKEY_pairwise_check(context), 1);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(private);
    EVP_PKEY_free(public);
}

static void
check_made(const char *type, const char *hex, const char *spki_end)
{
    AUTO(secret) bits = bits_of(hex);
    AUTO(secret) pkcs8 = NULL;
    AUTO_BYTES spki = {0};
    AUTO_FREE char *text = NULL;
    check_ok(key_make(key_kind_by_type(type), bits, &spki, &pkcs8));
    check_pair(pkcs8, &spki);
    check_ok(hex_encode_new(spki.data, spki.len, &text));
    assert_string_equal(text + strlen(text) - strlen(spki_end), spki_end);
}

/* d is 1: the public half is the curve's generator. */
static void
test_least(void **state)
{
    (void)state;
    check_made(
        "ec-p256",
        "00000000000000000000000000000000000000000000000000000000000000000000000000000000",
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5");
}

/* c is 2 (n - 1) - 1: d is n - 1, and the public half the generator with the other y. */
static void
test_most(void **state)
{
    (void)state;
    check_made(
        "ec-p256",
        "0000000000000001fffffffe00000001ffffffffffffffff79cdf55b4e2f3d09e7739585f8c64a9f",
        "b01cbd1c01e58065711814b583f061e9d431cca994cea1313449bf97c840ae0a");
}

static void
test_counted(void **state)
{
    (void)state;
    check_made(
        "ec-p256",
        "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728",
        "f05ef2661c09ab68aad4eee3adf8fe0e11e0e905b8538736433af32eb8a9acba"
        "9b6c9754655a46f60897f6d79239927b202b3b97cd0b6efb7a05dabdf97e04b9");
    check_made(
        "ec-p384",
        "0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223242526"
        "2728292a2b2c2d2e2f303132333435363738",
        "2d09d55e4913fedd27b85d09019feafdc1c6c1f368ec94653f4d449cba3e8c460a25ff481efd6027"
        "f07d0af43cb8492e444b613aa3ac51f6d5509e3f90acfa309661fa4daa8cfa94b2914c35c2aae92e"
        "d3a7f39634b9bc8d2a3e1032fadb14b3");
}

static void
test_ed25519(void **state)
{
    (void)state; /* RFC 8032 7.1, test 1 */
    check_made("ed25519", "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
               "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
}

static void
test_refused(void **state)
{
    (void)state;
    AUTO(secret) bits = bits_of("00112233");
    AUTO_BYTES spki = {0};
    check_error(key_make(key_kind_by_type("ec-p256"), bits, &spki, NULL), ERROR_INPUT);
    assert_int_equal(key_make_size(key_kind_by_type("ec-p384")), 56);
    assert_int_equal(key_make_size(key_kind_by_type("rsa-2048")), 0);
    assert_int_equal(key_make_size(key_kind_by_type("ec-p521")), 0);
    check_error(key_make(key_kind_by_type("rsa-2048"), bits, &spki, NULL), ERROR_INPUT);
}

/* --- envelopes --- */

struct recipient {
    EVP_PKEY *key;
    X509 *certificate;
    unsigned char *der;
    int len;
};

static void
recipient_make(struct recipient *recipient, EVP_PKEY *key, long from, long until, int usage)
{
    X509 *certificate = X509_new();
    recipient->key = key;
    assert_non_null(key);
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               (const unsigned char *)"Factory", -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    ASN1_TIME_set(X509_getm_notBefore(certificate), from);
    ASN1_TIME_set(X509_getm_notAfter(certificate), until);
    X509_set_pubkey(certificate, key);
    if (usage >= 0) {
        ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();
        ASN1_BIT_STRING_set_bit(bits, usage, 1);
        assert_int_equal(X509_add1_ext_i2d(certificate, NID_key_usage, bits, 1, 0), 1);
        ASN1_BIT_STRING_free(bits);
    }
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    recipient->len = i2d_X509(certificate, &recipient->der);
    recipient->certificate = certificate;
}

static void
recipient_clear(struct recipient *recipient)
{
    OPENSSL_free(recipient->der);
    X509_free(recipient->certificate);
    EVP_PKEY_free(recipient->key);
}

static void
check_opened(EVP_PKEY *key)
{
    struct recipient recipient = {0};
    AUTO(secret)
    content = bits_of("00112233445566778899aabbccddeeff"
                      "00112233445566778899aabbccddeeff");
    AUTO_BYTES sealed = {0};
    unsigned char opened[64];
    recipient_make(&recipient, key, 1000, 3000, -1);
    check_ok(envelope_check_recipient(recipient.der, (size_t)recipient.len, 2000));
    check_ok(envelope_seal(recipient.der, (size_t)recipient.len, content, &sealed));
    assert_null(memmem(sealed.data, sealed.len, secret_borrow_const(content), 16));
    const unsigned char *at = sealed.data;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)sealed.len);
    BIO *out = BIO_new(BIO_s_mem());
    assert_non_null(cms);
    assert_int_equal(CMS_decrypt(cms, key, recipient.certificate, NULL, out, 0), 1);
    assert_int_equal(BIO_read(out, opened, sizeof opened), 32);
    assert_memory_equal(opened, secret_borrow_const(content), 32);
    BIO_free(out);
    CMS_ContentInfo_free(cms);
    recipient_clear(&recipient);
}

static void
test_envelope(void **state)
{
    (void)state;
    check_opened(EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048));
    check_opened(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"));
    check_opened(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-521"));
}

static void
check_recipient(EVP_PKEY *key, long from, long until, int usage, const char *says)
{
    struct recipient recipient = {0};
    recipient_make(&recipient, key, from, until, usage);
    check_error_says(envelope_check_recipient(recipient.der, (size_t)recipient.len, 2000),
                     ERROR_REFUSED, says);
    recipient_clear(&recipient);
}

static void
test_recipients_refused(void **state)
{
    (void)state;
    check_recipient(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"), 1000, 1999, -1, "expired");
    check_recipient(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"), 2001, 3000, -1,
                    "not valid yet");
    check_recipient(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"), 1000, 3000, 0,
                    "keyAgreement");
    check_recipient(EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048), 1000, 3000, 0,
                    "keyEncipherment");
    check_recipient(EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024), 1000, 3000, -1,
                    "2,048");
    check_recipient(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-192"), 1000, 3000, -1,
                    "one of P-256");
    check_recipient(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "brainpoolP256r1"), 1000, 3000, -1,
                    "one of P-256");
    check_error(envelope_check_recipient("abc", 3, 2000), ERROR_INPUT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_least),
        cmocka_unit_test(test_most),
        cmocka_unit_test(test_counted),
        cmocka_unit_test(test_ed25519),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_envelope),
        cmocka_unit_test(test_recipients_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
