/* SPDX-License-Identifier: Apache-2.0
 *
 * The judgement on a single request: the corpus of tests/vectors/csr, every kind of key and signature,
 * and what a profile takes from a request (R62, R64, R65, R68). */
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "tests/unit/pki/request_fixture.h"

#define VECTORS TEST_SOURCE_DIR "/tests/vectors/csr/"

static void
read_vector(const char *name, struct bytes *ret_der)
{
    AUTO_FREE char *path = NULL;
    check_ok(text_format(&path, VECTORS "%s", name));
    check_ok(file_read(path, 1 << 20, ret_der));
}

/* One line of cases.tsv: file, label, decision, code. */
static void
judge_case(struct request_checker *checker, char *line)
{
    char *rest = NULL;
    const char *file = strtok_r(line, "\t", &rest);
    const char *label = strtok_r(NULL, "\t", &rest);
    const char *decision = strtok_r(NULL, "\t", &rest);
    const char *code = strtok_r(NULL, "\t", &rest);
    assert_non_null(code);
    if (!text_ends_with(file, ".der"))
        return;
    AUTO_BYTES der = {0};
    struct request_judgement judgement;
    struct request_rules rules = fixture_rules();
    size_t count = 0;
    read_vector(file, &der);
    check_ok(request_check(checker, der.data, der.len, &rules, &judgement));
    const char *found =
        judgement.code_count == 0 ? "-" : request_rows(&count)[judgement.codes[0]].code;
    bool refused = strcmp(decision, "refused") == 0;
    if (judgement.refused != refused || strcmp(found, code) != 0)
        fail_msg("%s: %s, \"%s\" instead of \"%s\"", file,
                 judgement.refused ? "refused" : "accepted", found, code);
    if (label[0] != 'P')
        assert_int_equal(judgement.refused, label[0] == 'R');
    for (const char *p = judgement.detail; *p != '\0'; p++)
        assert_in_range(*p, 0x20, 0x7e);
}

static void
every_case_is_decided_as_the_table_says(void **state)
{
    (void)state;
    AUTO(request_checker) checker = NULL;
    AUTO_BYTES table = {0};
    size_t cases = 0;
    check_ok(request_checker_new(&checker));
    check_ok(file_read(VECTORS "cases.tsv", 1 << 20, &table));
    AUTO_FREE char *text = NULL;
    check_ok(bytes_take_text(&table, &text));
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        if (line[0] == '#')
            continue;
        judge_case(checker, line);
        cases++;
    }
    assert_int_equal(cases, 116);
}

static void
every_kind_of_key_and_signature_proves_possession(void **state)
{
    (void)state;

    static const struct {
        const char *algorithm;
        const char *group;
        unsigned bits;
        const char *digest;
        bool pss;
    } kinds[] = {
        {"EC",      "P-256", 0,    "SHA256", false},
        {"EC",      "P-256", 0,    "SHA512", false},
        {"EC",      "P-384", 0,    "SHA384", false},
        {"EC",      "P-521", 0,    "SHA512", false},
        {"RSA",     NULL,    2048, "SHA256", false},
        {"RSA",     NULL,    2048, "SHA256", true },
        {"RSA",     NULL,    2048, "SHA384", true },
        {"RSA",     NULL,    3072, "SHA512", true },
        {"ED25519", NULL,    0,    NULL,     false},
        {"ED448",   NULL,    0,    NULL,     false},
    };
    struct request_rules rules = fixture_rules();
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        EVP_PKEY *key = kinds[i].group != NULL ? EVP_EC_gen(kinds[i].group)
                        : kinds[i].bits > 0    ? EVP_RSA_gen(kinds[i].bits)
                                            : EVP_PKEY_Q_keygen(NULL, NULL, kinds[i].algorithm);
        AUTO_BYTES der = {0};
        fixture_request(key, "device 1", kinds[i].digest, kinds[i].pss, &der);
        assert_string_equal(fixture_first_code(&der, &rules), "");
        der.data[der.len - 1] ^= 1;
        const char *code = fixture_first_code(&der, &rules);
        if (strcmp(code, "possession") != 0)
            fail_msg("%s %s: a changed signature gives \"%s\"", kinds[i].algorithm,
                     kinds[i].group == NULL ? "" : kinds[i].group, code);
        EVP_PKEY_free(key);
    }
}

static void
a_profile_says_which_keys_it_takes(void **state)
{
    (void)state;
    char type[] = "ec-p384";
    char *types[] = {type};
    struct pki_texts keys = {types, 1};
    struct request_rules rules = fixture_rules();
    AUTO_BYTES der = {0};
    read_vector("ok-ec256.der", &der);
    rules.keys = &keys;
    assert_string_equal(fixture_first_code(&der, &rules), "key-not-allowed");
    memcpy(type, "ec-p256", sizeof type);
    assert_string_equal(fixture_first_code(&der, &rules), "");
}

static void
nothing_is_taken_that_the_profile_does_not_name(void **state)
{
    (void)state;
    struct request_rules rules = fixture_rules();
    AUTO_BYTES der = {0};
    read_vector("ok-san.der", &der);
    rules.alt_names = NULL;
    assert_string_equal(fixture_first_code(&der, &rules), "alt-name-not-allowed");
    rules = fixture_rules();
    rules.subject = NULL;
    assert_string_equal(fixture_first_code(&der, &rules), "subject-not-allowed");
}

static void
what_is_taken_is_in_the_notation_of_a_profile(void **state)
{
    (void)state;
    struct request_rules rules = fixture_rules();
    struct pki_name subject;
    struct pki_general_names names;
    AUTO_BYTES der = {0};
    read_vector("ok-san.der", &der);
    check_ok(request_asked(der.data, der.len, &rules, &subject, &names));
    assert_int_equal(subject.count, 3);
    assert_string_equal(subject.parts[0].type, "O");
    assert_string_equal(subject.parts[0].value, "Example Devices GmbH");
    assert_string_equal(subject.parts[2].type, "serialNumber");
    assert_string_equal(subject.parts[2].value, "SN0001");
    assert_int_equal(names.count, 1);
    assert_string_equal(names.items[0].type, "dns");
    assert_string_equal(names.items[0].value, "dev1.example.com");
    request_asked_clear(&subject, &names);
}

static void
a_small_exponent_is_taken_where_the_profile_says_so(void **state)
{
    (void)state;
    struct request_rules rules = fixture_rules();
    AUTO_BYTES der = {0};
    read_vector("key-rsa-e3.der", &der);
    rules.small_exponent = true;
    assert_string_equal(fixture_first_code(&der, &rules), "");
}

static void
a_wildcard_is_taken_where_the_profile_says_so_but_never_of_a_whole_top(void **state)
{
    (void)state;
    struct request_rules rules = fixture_rules();
    AUTO_BYTES der = {0};
    read_vector("ext-san-wild.der", &der); /* "*.com" */
    rules.wildcards = true;
    assert_string_equal(fixture_first_code(&der, &rules), "alt-name-wildcard");
}

static void
of_a_challenge_password_only_the_hash_is_kept(void **state)
{
    (void)state;
    AUTO(request_checker) checker = NULL;
    struct request_judgement judgement;
    struct request_rules rules = fixture_rules();
    AUTO_BYTES der = {0};
    read_vector("ok-challenge.der", &der);
    check_ok(request_checker_new(&checker));
    check_ok(request_check(checker, der.data, der.len, &rules, &judgement));
    assert_true(judgement.has_challenge);
    /* sha256("hunter2") */
    assert_string_equal(judgement.challenge_sha256,
                        "f52fbd32b2b3b86ff88ef6c490628285f482af15ddcb29541f94bcf526a3f6c7");
    assert_null(memmem(judgement.detail, sizeof judgement.detail, "hunter2", 7));
}

static void
a_request_beyond_the_limit_is_refused_unread(void **state)
{
    (void)state;
    struct request_rules rules = fixture_rules();
    AUTO_BYTES der = {0};
    read_vector("ok-ec256.der", &der);
    rules.size_max = der.len - 1;
    assert_string_equal(fixture_first_code(&der, &rules), "request-size");
    bytes_clear(&der);
    read_vector("nesting-20000.der", &der);
    rules.size_max = 1 << 20;
    assert_string_equal(fixture_first_code(&der, &rules), "request-der");
}

/* Every byte of good requests changed in several ways, and every length: no crash, always a
 * decision, and never accepted, since each byte is signed or signs. */
static void
a_changed_byte_is_never_accepted(void **state)
{
    (void)state;
    static const char *const files[] = {"ok-ec256.der", "ok-san.der"};
    static const unsigned char changes[] = {0x01, 0x20, 0x80, 0xff};
    AUTO(request_checker) checker = NULL;
    struct request_rules rules = fixture_rules();
    struct request_judgement judgement;
    check_ok(request_checker_new(&checker));
    for (size_t f = 0; f < 2; f++) {
        AUTO_BYTES der = {0};
        read_vector(files[f], &der);
        for (size_t i = 0; i < der.len; i++) {
            for (size_t c = 0; c < sizeof changes; c++) {
                der.data[i] ^= changes[c];
                check_ok(request_check(checker, der.data, der.len, &rules, &judgement));
                assert_true(judgement.refused);
                assert_true(judgement.code_count > 0);
                der.data[i] ^= changes[c];
            }
            check_ok(request_check(checker, der.data, i, &rules, &judgement));
            assert_true(judgement.refused);
        }
    }
}

/* Several bytes at once, of every vector, by a fixed sequence. */
static void
mutated_requests_always_get_a_decision(void **state)
{
    (void)state;
    static const char *const files[] = {
        "ok-rsa2048.der",     "ok-challenge.der",   "ok-san.der",       "ext-two-attrs.der",
        "name-1000-rdns.der", "attr-unordered.der", "name-wide-cjk.der"};
    AUTO(request_checker) checker = NULL;
    struct request_rules rules = fixture_rules();
    struct request_judgement judgement;
    uint64_t chance = 0x9e3779b97f4a7c15;
    check_ok(request_checker_new(&checker));
    for (size_t f = 0; f < sizeof files / sizeof files[0]; f++) {
        AUTO_BYTES der = {0};
        read_vector(files[f], &der);
        for (int round = 0; round < 2000; round++) {
            AUTO_BYTES copy = {0};
            check_ok(bytes_copy(&copy, der.data, der.len));
            for (int change = 0; change < 1 + round % 4; change++) {
                chance = chance * 6364136223846793005U + 1442695040888963407U;
                copy.data[(chance >> 33) % copy.len] = (unsigned char)(chance >> 24);
            }
            check_ok(request_check(checker, copy.data, copy.len, &rules, &judgement));
            assert_true(!judgement.refused || judgement.code_count > 0);
            struct pki_name subject = {0};
            struct pki_general_names names = {0};
            error_free(request_asked(copy.data, copy.len, &rules, &subject, &names));
            request_asked_clear(&subject, &names);
        }
    }
}

/* An EC key under the name of an RSA signature: told as that, before any signature is looked at. */
static void
a_signature_of_another_kind_than_the_key_is_refused(void **state)
{
    (void)state;
    const struct request_rules rules = fixture_rules();
    EVP_PKEY *key = EVP_EC_gen("P-256");
    AUTO_BYTES der = {0};
    AUTO_BYTES changed = {0};
    fixture_request(key, "device 1", "SHA256", false, &der);
    assert_string_equal(fixture_first_code(&der, &rules), "");
    const unsigned char *at = der.data;
    X509_REQ *request = d2i_X509_REQ(NULL, &at, (long)der.len);
    assert_non_null(request);
    const ASN1_BIT_STRING *signature = NULL;
    const X509_ALGOR *algorithm = NULL;
    X509_REQ_get0_signature(request, &signature, &algorithm);
    X509_ALGOR *other = X509_ALGOR_new();
    assert_int_equal(
        X509_ALGOR_set0(other, OBJ_nid2obj(NID_sha256WithRSAEncryption), V_ASN1_NULL, NULL), 1);
    assert_int_equal(X509_REQ_set1_signature_algo(request, other), 1);
    unsigned char *out = NULL;
    int len = i2d_X509_REQ(request, &out);
    assert_true(len > 0);
    check_ok(bytes_copy(&changed, out, (size_t)len));
    assert_string_equal(fixture_first_code(&changed, &rules), "signature-fit");
    OPENSSL_free(out);
    X509_ALGOR_free(other);
    X509_REQ_free(request);
    EVP_PKEY_free(key);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_case_is_decided_as_the_table_says),
        cmocka_unit_test(every_kind_of_key_and_signature_proves_possession),
        cmocka_unit_test(a_profile_says_which_keys_it_takes),
        cmocka_unit_test(nothing_is_taken_that_the_profile_does_not_name),
        cmocka_unit_test(what_is_taken_is_in_the_notation_of_a_profile),
        cmocka_unit_test(a_small_exponent_is_taken_where_the_profile_says_so),
        cmocka_unit_test(
            a_wildcard_is_taken_where_the_profile_says_so_but_never_of_a_whole_top),
        cmocka_unit_test(of_a_challenge_password_only_the_hash_is_kept),
        cmocka_unit_test(a_request_beyond_the_limit_is_refused_unread),
        cmocka_unit_test(a_changed_byte_is_never_accepted),
        cmocka_unit_test(a_signature_of_another_kind_than_the_key_is_refused),
        cmocka_unit_test(mutated_requests_always_get_a_decision),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
