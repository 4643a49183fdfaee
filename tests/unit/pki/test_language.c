/* SPDX-License-Identifier: Apache-2.0
 *
 * What a profile can express beside names: dates, padding, policies with an address, places of delta
 * and indirect CRLs, types of keys, the name of an existing certificate (R38, R39, R49, R51). */
#include "ceremony/base/encode.h"
#include "ceremony/pki/show.h"
#include "ceremony/pki/x509.h"
#include "tests/unit/pki/fixture.h"

static struct x509
parsed(const struct bytes *der)
{
    struct x509 x509;
    check_ok(x509_read(der->data, der->len, KIND_CERTIFICATE, "the object", &x509));
    return x509;
}

static size_t
count_findings(const struct fixture *f, const struct bytes *der, const struct bytes *existing,
               const char *lint)
{
    struct pki_lint_context context = {.profile = &f->root,
                                       .specimen_signature = true,
                                       .issuer = f->certificate.data,
                                       .issuer_len = f->certificate.len,
                                       .now = NOW};
    AUTO_LINT_REPORT report = {0};
    AUTO_BYTES text = {0};
    size_t count = 0;
    if (existing != NULL) {
        context.existing = existing->data;
        context.existing_len = existing->len;
    }
    check_ok(pki_lint(der->data, der->len, &context, &report));
    check_ok(pki_lint_text(&report, &text));
    print_message("%s", bytes_text(&text));
    for (size_t i = 0; i < report.count; i++)
        count += lint == NULL || strcmp(report.findings[i].lint, lint) == 0 ? 1 : 0;
    return count;
}

/* BR 7.1.3.2.1: the bytes of RSASSA-PSS; its own verification, and that of the lint. */
static void
test_pss(void **state)
{
    static char sha256[] = "sha256", sha384[] = "sha384", sha512[] = "sha512";

    static const struct {
        char *digest;
        const char *hex;
    } rows[] = {
        {sha256, "304106092a864886f70d01010a3034a00f300d0609608648016503040201"
                 "0500a11c301a06092a864886f70d010108300d06096086480165030402010500a203020120"},
        {sha384, "304106092a864886f70d01010a3034a00f300d0609608648016503040202"
                 "0500a11c301a06092a864886f70d010108300d06096086480165030402020500a203020130"},
        {sha512, "304106092a864886f70d01010a3034a00f300d0609608648016503040203"
                 "0500a11c301a06092a864886f70d010108300d06096086480165030402030500a203020140"},
    };

    (void)state;
    struct fixture f;
    fixture_open(&f, "rsa-2048");
    for (size_t i = 0; i < 3; i++) {
        struct pki_certificate_order order = fixture_order(&f);
        AUTO_DRAFT draft = {0};
        AUTO_DRAFT again = {0};
        AUTO_FREE char *hex = NULL;
        AUTO_BYTES der = {0};
        f.root.digest = rows[i].digest;
        f.root.pss = true;
        check_ok(pki_certificate_draft(&order, &draft));
        assert_true(draft.pss);
        check_ok(hex_encode_new(draft.algorithm.data, draft.algorithm.len, &hex));
        assert_string_equal(hex, rows[i].hex);
        check_ok(pki_draft_sign(&draft, f.key, NULL, f.spki.data, f.spki.len, &der));
        check_ok(pki_certificate_verify(der.data, der.len, NULL, 0));
        check_ok(
            pki_draft_from_tbs(draft.tbs.data, draft.tbs.len, f.spki.data, f.spki.len, &again));
        assert_true(again.pss);
    }
    fixture_close(&f);
    fixture_open(&f, "ec-p256");
    struct pki_certificate_order order = fixture_order(&f);
    AUTO_DRAFT draft = {0};
    f.root.pss = true;
    check_error_says(pki_certificate_draft(&order, &draft), ERROR_INPUT, "PSS");
    fixture_close(&f);
}

static void
test_explicit_dates(void **state)
{
    (void)state;
    struct fixture f;
    int64_t from = 0;
    int64_t until = 0;
    fixture_open(&f, "ec-p256");
    struct pki_certificate_order order = fixture_order(&f);
    AUTO_DRAFT draft = {0};
    f.root.certificate.not_before = INT64_C(1767225600); /* 2026-01-01 */
    check_ok(pki_certificate_draft(&order, &draft));
    check_ok(pki_validity_of(draft.specimen.data, draft.specimen.len, &from, &until));
    assert_int_equal(from, INT64_C(1767225600));
    assert_int_equal(count_findings(&f, &draft.specimen, NULL, "profile-validity"), 0);
    f.root.certificate.not_before++;
    assert_int_equal(count_findings(&f, &draft.specimen, NULL, "profile-validity"), 1);
    /* Forever is 99991231235959Z, as a GeneralizedTime (RFC 5280 4.1.2.5). */
    f.root.certificate.not_before = 0;
    f.root.certificate.validity_years = 0;
    f.root.certificate.not_after = PKI_NOT_AFTER_FOREVER;
    check_ok(pki_certificate_draft(&order, &draft));
    struct x509 x509 = parsed(&draft.specimen);
    assert_int_equal(x509.until.tag, DER_GENERALIZED_TIME);
    assert_int_equal(x509.until.body.len, 15);
    assert_memory_equal(x509.until.body.p, "99991231235959Z", 15);
    assert_int_equal(x509.from.tag, DER_UTC_TIME);
    fixture_close(&f);
}

static void
test_keys(void **state)
{
    static char p256[] = "ec-p256", p384[] = "ec-p384";
    (void)state;
    struct fixture f;
    fixture_open(&f, "ec-p256");
    struct pki_certificate_order order = fixture_order(&f);
    AUTO_DRAFT draft = {0};
    char *types[] = {p384, p256};
    f.root.certificate.keys = (struct pki_texts){types, 1};
    check_error_says(pki_certificate_draft(&order, &draft), ERROR_REFUSED,
                     "not for keys of the type EC P-256");
    f.root.certificate.keys.count = 2;
    check_ok(pki_certificate_draft(&order, &draft));
    fixture_close(&f);
}

static void
check_value(const struct bytes *der, enum oid oid, const char *wanted)
{
    struct x509 x509 = parsed(der);
    const struct x509_extension *extension = x509_find(&x509, oid);
    AUTO_FREE char *hex = NULL;
    assert_non_null(extension);
    check_ok(hex_encode_new(extension->value.p, extension->value.len, &hex));
    assert_string_equal(hex, wanted);
}

static void
test_pointers(void **state)
{
    static char policy[] = "1.3.6.1.4.1.99999.5", cps[] = "http://c.test",
                crl[] = "http://a.test", delta[] = "http://d.test", signer[] = "O=E, CN=S";
    (void)state;
    struct fixture f;
    fixture_open(&f, "ec-p256");
    struct pki_certificate_order order = fixture_order(&f);
    struct pki_certificate_profile *p = &f.root.certificate;
    AUTO_DRAFT draft = {0};
    char *policies[] = {policy};
    char *crls[] = {crl};
    char *deltas[] = {delta};
    p->policies = p->crl_distribution = p->freshest_crl = PKI_NONCRITICAL;
    p->policy_oids = (struct pki_texts){policies, 1};
    p->policy_cps = cps;
    p->crl_uris = (struct pki_texts){crls, 1};
    p->freshest_uris = (struct pki_texts){deltas, 1};
    p->crl_issuer = signer;
    check_ok(pki_certificate_draft(&order, &draft));
    check_value(&draft.specimen, OID_CERTIFICATE_POLICIES,
                "302a302806092b06010401868d1f05301b301906082b06010505070201"
                "160d687474703a2f2f632e74657374");
    check_value(&draft.specimen, OID_FRESHEST_CRL,
                "30153013a011a00f860d687474703a2f2f642e74657374");
    check_value(&draft.specimen, OID_CRL_DISTRIBUTION_POINTS,
                "30333031a011a00f860d687474703a2f2f612e74657374a21ca41a3018"
                "310a300806035504"
                "0a0c0145310a300806035504030c0153");
    assert_int_equal(count_findings(&f, &draft.specimen, NULL, "profile-extensions"), 0);
    order.practice =
        true; /* the other CRL issuer has the mark in its name, so it has it here (R4) */
    check_ok(pki_certificate_draft(&order, &draft));
    check_value(&draft.specimen, OID_CRL_DISTRIBUTION_POINTS,
                "303c303aa011a00f860d687474703a2f2f612e74657374a225a4233021"
                "310a300806035504"
                "0a0c01453113301106035504030c0a50524143544943452053");
    assert_int_equal(count_findings(&f, &draft.specimen, NULL, "profile-extensions"), 0);
    signer[0] = 'L'; /* "L=E, CN=S" has a place for it, "L=E, L=S" has none */
    signer[5] = 'L';
    signer[6] = '=';
    signer[7] = 'S';
    signer[8] = '\0';
    check_error_says(pki_certificate_draft(&order, &draft), ERROR_REFUSED,
                     "cannot be marked as practice");
    order.practice = false;
    signer[0] = 'O';
    cps[4] = ' ';
    check_error_says(pki_certificate_draft(&order, &draft), ERROR_INPUT, "address of the CPS");
    fixture_close(&f);
}

/* A cross-certificate: name, key and key identifier are the existing certificate's bytes (P2). */
static void
test_cross(void **state)
{
    (void)state;
    struct fixture f;
    struct fixture other; /* whose certificate is crossed */
    AUTO_DRAFT draft = {0};
    fixture_open(&f, "ec-p384");
    fixture_open(&other, "rsa-2048");
    static char other_name[] = "Example Root X2";
    other.parts[2].value = other_name;
    other.root.certificate.ski_method = PKI_SKI_SHA256_160;
    struct pki_certificate_order order = fixture_order(&other);
    check_ok(pki_certificate_draft(&order, &draft));
    check_ok(pki_draft_sign(&draft, other.key, NULL, other.spki.data, other.spki.len,
                            &other.certificate));

    f.root.certificate.subject = (struct pki_name){0};
    f.root.certificate.subject_of_existing = true;
    f.root.certificate.validity_years = 10;
    order = fixture_order(&f);
    order.issuer_spki = NULL;
    order.subject_spki = other.spki.data;
    order.subject_spki_len = other.spki.len;
    order.issuer_certificate = f.certificate.data;
    order.issuer_certificate_len = f.certificate.len;
    check_error_says(pki_certificate_draft(&order, &draft), ERROR_INPUT, "there is none");
    order.existing_certificate = other.certificate.data;
    order.existing_certificate_len = other.certificate.len;
    check_ok(pki_certificate_draft(&order, &draft));
    struct x509 cross = parsed(&draft.specimen);
    struct x509 existing = parsed(&other.certificate);
    assert_true(der_equal(cross.subject.whole, existing.subject.whole));
    assert_true(der_equal(cross.spki.whole, existing.spki.whole));
    assert_true(der_equal(x509_ski(&cross), x509_ski(&existing)));
    assert_int_equal(count_findings(&f, &draft.specimen, &other.certificate, NULL), 0);

    order.practice = true;
    check_error_says(pki_certificate_draft(&order, &draft), ERROR_REFUSED, "practice");
    order.practice = false;
    order.existing_certificate = f.certificate.data;
    order.existing_certificate_len = f.certificate.len;
    check_error_says(pki_certificate_draft(&order, &draft), ERROR_REFUSED, "another key");
    fixture_close(&other);
    fixture_close(&f);
}

/* Each difference from the existing certificate by its own row. */
static void
test_cross_rows(void **state)
{
    static char server[] = "serverAuth", client[] = "clientAuth";
    (void)state;
    struct fixture f;
    AUTO_DRAFT draft = {0};
    AUTO_DRAFT existing = {0};
    char *purposes[] = {server, client};
    fixture_open(&f, "ec-p256");
    struct pki_certificate_order order = fixture_order(&f);
    struct pki_certificate_profile *p = &f.root.certificate;
    p->ext_key_usage = PKI_NONCRITICAL;
    p->ext_key_usages = (struct pki_texts){purposes, 1};
    p->path_len = 1;
    check_ok(pki_certificate_draft(&order, &existing));
    assert_int_equal(count_findings(&f, &existing.specimen, &existing.specimen, "cross-usage"),
                     0);
    p->ext_key_usages.count = 2;
    p->path_len = 2;
    p->key_usage_bits |= PKI_KU_DIGITAL_SIGNATURE;
    p->ski_method = PKI_SKI_SHA256_160;
    p->not_before = NOW - 5;
    p->validity_years = 26;
    f.parts[2].value = text_org;
    check_ok(pki_certificate_draft(&order, &draft));
    assert_int_equal(count_findings(&f, &draft.specimen, &existing.specimen, "cross-usage"), 3);
    assert_int_equal(count_findings(&f, &draft.specimen, &existing.specimen, "cross-subject"),
                     1);
    assert_int_equal(count_findings(&f, &draft.specimen, &existing.specimen, "cross-key-id"),
                     1);
    assert_int_equal(
        count_findings(&f, &draft.specimen, &existing.specimen, "cross-not-before"), 1);
    assert_int_equal(count_findings(&f, &draft.specimen, &existing.specimen, "cross-not-after"),
                     1);
    assert_int_equal(count_findings(&f, &draft.specimen, &existing.specimen, "cross-key"), 0);
    EVP_PKEY *key = NULL;
    AUTO_BYTES spki = {0};
    check_ok(pki_key_make("ec-p256", &key));
    check_ok(pki_spki_of(key, &spki));
    EVP_PKEY_free(key);
    order.subject_spki = order.issuer_spki = spki.data;
    order.subject_spki_len = order.issuer_spki_len = spki.len;
    check_ok(pki_certificate_draft(&order, &draft));
    assert_int_equal(count_findings(&f, &draft.specimen, &existing.specimen, "cross-key"), 1);
    fixture_close(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pss),   cmocka_unit_test(test_explicit_dates),
        cmocka_unit_test(test_keys),  cmocka_unit_test(test_pointers),
        cmocka_unit_test(test_cross), cmocka_unit_test(test_cross_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
