/* SPDX-License-Identifier: Apache-2.0
 *
 * What a profile takes from a request (R68), and requests too large to be honest. */
#include <openssl/x509v3.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/algorithm.h"
#include "ceremony/pki/der_write.h"
#include "ceremony/pki/name.h"
#include "ceremony/pki/request_profile.h"
#include "tests/unit/pki/request_fixture.h"

static char names[][16] = {"CN", "dns", "O", "serialNumber", "ec-p256", "clientAuth"};

static const char *
judge(const struct pki_profile *profile, const char *file)
{
    AUTO_REQUEST_RULES rules = {0};
    AUTO_BYTES der = {0};
    AUTO_FREE char *path = NULL;
    check_ok(text_format(&path, TEST_SOURCE_DIR "/tests/vectors/csr/%s", file));
    check_ok(file_read(path, 1 << 20, &der));
    check_ok(request_rules_of_profile(profile, &rules));
    return fixture_first_code(&der, &rules.rules);
}

static void
fields_say_what_is_taken_and_the_subject_what_may_stand_there(void **state)
{
    (void)state;
    struct pki_field fields[] = {
        {.source = PKI_FROM_REQUEST, .part = names[0], .form = PKI_FORM_TEXT    },
        {.source = PKI_FROM_REQUEST, .part = names[1], .form = PKI_FORM_HOSTNAME},
    };
    struct pki_name_part parts[] = {{.type = names[0]}, {.type = names[2]}, {.type = names[3]}};
    struct pki_profile profile = {0};
    profile.certificate.fields = (struct pki_fields){fields, 2};
    profile.certificate.subject = (struct pki_name){parts, 3};
    assert_string_equal(judge(&profile, "ok-san.der"), "");
    assert_string_equal(judge(&profile, "ext-san-wild.der"), "alt-name-wildcard");
    assert_string_equal(judge(&profile, "name-empty-subject.der"), "subject-empty");
    assert_string_equal(judge(&profile, "name-unknown-oid.der"), "subject-not-allowed");

    struct pki_name subject;
    struct pki_general_names asked;
    AUTO_REQUEST_RULES rules = {0};
    AUTO_BYTES der = {0};
    check_ok(file_read(TEST_SOURCE_DIR "/tests/vectors/csr/ok-san.der", 1 << 20, &der));
    check_ok(request_rules_of_profile(&profile, &rules));
    check_ok(request_asked(der.data, der.len, &rules.rules, &subject, &asked));
    assert_int_equal(subject.count, 1); /* O and serialNumber stand there, and are not taken */
    assert_string_equal(subject.parts[0].value, "Model X");
    assert_int_equal(asked.count, 1);
    request_asked_clear(&subject, &asked);

    profile.certificate.fields.count = 1; /* no host names */
    assert_string_equal(judge(&profile, "ok-san.der"), "alt-name-not-allowed");
    profile.certificate.fields.count = 0; /* nothing at all: the manifest names the device */
    assert_string_equal(judge(&profile, "ok-ec256.der"), "");
    assert_string_equal(judge(&profile, "name-empty-subject.der"), "");
    profile.certificate.subject.count = 1; /* CN only */
    assert_string_equal(judge(&profile, "ok-ec256.der"), "subject-not-allowed");
}

static void
keys_and_usages_are_the_profile_s(void **state)
{
    (void)state;
    struct pki_name_part parts[] = {{.type = names[0]}, {.type = names[2]}, {.type = names[3]}};
    char *types[] = {names[4]};
    struct pki_profile profile = {0};
    profile.certificate.subject = (struct pki_name){parts, 3};
    assert_string_equal(judge(&profile, "ok-rsa2048.der"), "");
    profile.certificate.keys = (struct pki_texts){types, 1};
    assert_string_equal(judge(&profile, "ok-rsa2048.der"), "key-not-allowed");
    assert_string_equal(judge(&profile, "ok-ec256.der"), "");
    assert_string_equal(judge(&profile, "ext-ca-true.der"), "extension-ca");
}

enum large {
    LARGE_NAME,
    LARGE_ALT_NAMES,
    LARGE_ATTRIBUTE
};

/* Requests that a program of good will never makes; the size alone refuses them, before anything in
 * them is looked at. */
static void
make_large(enum large large, struct bytes *ret_der)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509_REQ *request = X509_REQ_new();
    X509_REQ_set_pubkey(request, key);
    unsigned char *text = malloc(1000000);
    memset(text, 'a', 1000000);
    if (large == LARGE_NAME) {
        X509_NAME_ENTRY *entry = X509_NAME_ENTRY_new();
        X509_NAME_ENTRY_set_object(entry, OBJ_nid2obj(NID_commonName));
        X509_NAME_ENTRY_set_data(entry, V_ASN1_UTF8STRING, text, 1000000);
        X509_NAME *name = X509_NAME_new();
        X509_NAME_add_entry(name, entry, -1, 0);
        X509_REQ_set_subject_name(request, name);
        X509_NAME_free(name);
        X509_NAME_ENTRY_free(entry);
    } else if (large == LARGE_ATTRIBUTE) {
        X509_REQ_add1_attr_by_txt(request, "unstructuredName", MBSTRING_ASC, text, 1000000);
    } else {
        STACK_OF(GENERAL_NAME) *hosts = sk_GENERAL_NAME_new_null();
        for (int i = 0; i < 100000; i++) {
            GENERAL_NAME *host = GENERAL_NAME_new();
            ASN1_IA5STRING *value = ASN1_IA5STRING_new();
            char name[32];
            snprintf(name, sizeof name, "h%d.example.com", i);
            ASN1_STRING_set(value, name, -1);
            GENERAL_NAME_set0_value(host, GEN_DNS, value);
            sk_GENERAL_NAME_push(hosts, host);
        }
        STACK_OF(X509_EXTENSION) *extensions = NULL;
        X509V3_add1_i2d(&extensions, NID_subject_alt_name, hosts, 0, 0);
        X509_REQ_add_extensions(request, extensions);
        sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
        GENERAL_NAMES_free(hosts);
    }
    X509_REQ_sign(request, key, EVP_sha256());
    unsigned char *der = NULL;
    int len = i2d_X509_REQ(request, &der);
    assert_true(len > 900000);
    check_ok(bytes_copy(ret_der, der, (size_t)len));
    OPENSSL_free(der);
    free(text);
    X509_REQ_free(request);
    EVP_PKEY_free(key);
}

static void
requests_of_megabytes_are_refused_by_their_size_or_their_numbers(void **state)
{
    (void)state;
    static const char *const codes[] = {[LARGE_NAME] = "subject-length",
                                        [LARGE_ALT_NAMES] = "extension-request",
                                        [LARGE_ATTRIBUTE] = "subject-empty"};
    for (enum large large = LARGE_NAME; large <= LARGE_ATTRIBUTE; large++) {
        AUTO_BYTES der = {0};
        struct request_rules rules = fixture_rules();
        make_large(large, &der);
        assert_string_equal(fixture_first_code(&der, &rules), "request-size");
        rules.size_max = (size_t)1 << 24; /* and were the size allowed, their numbers do */
        rules.empty_subject = large == LARGE_ALT_NAMES;
        assert_string_equal(fixture_first_code(&der, &rules), codes[large]);
    }
}

/* A modulus of a million bits: nothing is computed with it. */
static void
a_modulus_of_a_megabit_is_refused_unused(void **state)
{
    (void)state;
    static unsigned char modulus[131072];
    AUTO_BYTES der = {0};
    AUTO_BYTES bits = {0};
    struct request_rules rules = fixture_rules();
    const struct key_kind *rsa = key_kind_by_type("rsa-2048");
    const struct signature_kind *signature = signature_kind_for(rsa, NULL, false);
    memset(modulus, 0xa5, sizeof modulus);
    check_ok(der_put_unsigned(&bits, modulus, sizeof modulus));
    check_ok(der_put_number(&bits, 65537));
    check_ok(der_close(&bits, 0, DER_SEQUENCE));
    check_ok(der_put_number(&der, 0));
    check_ok(name_put_text(&der, "CN=device 1", false));
    size_t start = der.len;
    check_ok(der_put_raw(&der, der_view(rsa->algorithm, rsa->algorithm_len)));
    check_ok(der_put_bits(&der, bits.data, bits.len));
    check_ok(der_close(&der, start, DER_SEQUENCE));
    check_ok(der_put(&der, DER_CONTEXT_C(0), "", 0));
    check_ok(der_close(&der, 0, DER_SEQUENCE));
    check_ok(der_put_raw(&der, der_view(signature->der, signature->der_len)));
    check_ok(der_put_bits(&der, modulus, sizeof modulus));
    check_ok(der_close(&der, 0, DER_SEQUENCE));
    assert_string_equal(fixture_first_code(&der, &rules), "request-size");
    rules.size_max = (size_t)1 << 20;
    assert_string_equal(fixture_first_code(&der, &rules), "rsa-size");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_say_what_is_taken_and_the_subject_what_may_stand_there),
        cmocka_unit_test(keys_and_usages_are_the_profile_s),
        cmocka_unit_test(requests_of_megabytes_are_refused_by_their_size_or_their_numbers),
        cmocka_unit_test(a_modulus_of_a_megabit_is_refused_unused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
