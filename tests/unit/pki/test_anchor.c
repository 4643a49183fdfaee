/* SPDX-License-Identifier: Apache-2.0
 *
 * A trust anchor as certificate, SPKI and bare key. What OpenSSL says of the key is the judge. */
#include <openssl/bn.h>
#include <openssl/core_names.h>

#include "ceremony/base/encode.h"
#include "ceremony/pki/anchor.h"
#include "ceremony/pki/hash.h"
#include "tests/unit/pki/fixture.h"

static void
check_number(const EVP_PKEY *key, const char *name, const struct bytes *found)
{
    BIGNUM *number = NULL;
    unsigned char octets[1024];
    assert_int_equal(EVP_PKEY_get_bn_param(key, name, &number), 1);
    assert_int_equal(BN_num_bytes(number), found->len);
    BN_bn2bin(number, octets);
    assert_memory_equal(octets, found->data, found->len);
    BN_free(number);
}

static void
check_octets(const EVP_PKEY *key, const char *name, const struct bytes *found)
{
    unsigned char octets[200];
    size_t len = 0;
    assert_int_equal(EVP_PKEY_get_octet_string_param(key, name, octets, sizeof octets, &len),
                     1);
    assert_int_equal(len, found->len);
    assert_memory_equal(octets, found->data, len);
}

static void
check_hash(const struct bytes *data, const char *sha256)
{
    char hex[65];
    check_ok(pki_sha256_hex(data->data, data->len, hex));
    assert_string_equal(hex, sha256);
}

static void
test_export(void **state)
{
    static const struct {
        const char *type;
        const char *form;
        size_t key_len;
    } rows[] = {
        {"ec-p256",  "EC point",    65 },
        {"ec-p521",  "EC point",    133},
        {"rsa-2048", "RSA modulus", 256},
        {"ed25519",  "Ed25519",     32 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fixture f;
        AUTO_ANCHOR anchor = {0};
        fixture_open(&f, rows[i].type);
        check_ok(pki_anchor_export(f.certificate.data, f.certificate.len, &anchor));
        assert_non_null(strstr(anchor.key_form, rows[i].form));
        assert_int_equal(anchor.key.len, rows[i].key_len);
        assert_int_equal(anchor.spki.len, f.spki.len);
        assert_memory_equal(anchor.spki.data, f.spki.data, f.spki.len);
        assert_memory_equal(anchor.certificate.data, f.certificate.data, f.certificate.len);
        check_hash(&anchor.certificate, anchor.certificate_sha256);
        check_hash(&anchor.spki, anchor.spki_sha256);
        check_hash(&anchor.key, anchor.key_sha256);
        if (EVP_PKEY_is_a(f.key, "RSA")) {
            check_number(f.key, OSSL_PKEY_PARAM_RSA_N, &anchor.key);
            check_number(f.key, OSSL_PKEY_PARAM_RSA_E, &anchor.exponent);
        } else {
            check_octets(f.key, OSSL_PKEY_PARAM_PUB_KEY, &anchor.key);
            assert_int_equal(anchor.exponent.len, 0);
        }
        fixture_close(&f);
    }
}

/* A certificate of another issuer, of no CA, or with a wrong signature is no anchor. */
static void
test_refused(void **state)
{
    static char other[] = "Example Issuing CA 1";
    (void)state;
    struct fixture f;
    AUTO_ANCHOR anchor = {0};
    AUTO_DRAFT draft = {0};
    AUTO_BYTES spki = {0};
    EVP_PKEY *key = NULL;
    fixture_open(&f, "ec-p256");
    struct pki_certificate_order order = fixture_order(&f);
    check_ok(pki_certificate_draft(&order, &draft));
    check_error(pki_anchor_export(draft.specimen.data, draft.specimen.len, &anchor),
                ERROR_VERIFICATION);
    f.root.certificate.is_ca = false;
    check_ok(pki_certificate_draft(&order, &draft));
    check_error_says(pki_anchor_export(draft.specimen.data, draft.specimen.len, &anchor),
                     ERROR_REFUSED, "no anchor");
    f.root.certificate.is_ca = true;
    f.root.certificate.validity_years = 5;
    f.parts[2].value = other;
    check_ok(pki_key_make("ec-p256", &key));
    check_ok(pki_spki_of(key, &spki));
    EVP_PKEY_free(key);
    order.subject_spki = spki.data;
    order.subject_spki_len = spki.len;
    order.issuer_certificate = f.certificate.data;
    order.issuer_certificate_len = f.certificate.len;
    check_ok(pki_certificate_draft(&order, &draft));
    check_error_says(pki_anchor_export(draft.specimen.data, draft.specimen.len, &anchor),
                     ERROR_REFUSED, "no anchor");
    assert_int_equal(anchor.key.len, 0);
    fixture_close(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_export),
                                       cmocka_unit_test(test_refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
