/* SPDX-License-Identifier: Apache-2.0
 *
 * The kinds of CRLs: each as its profile says, and refused where it contradicts itself or the trust
 * model (R52-R57). With JUDGES_DIR set, each is written for other programs. */
#include <string.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/x509.h"
#include "ceremony/rules/crl_partition.h"
#include "tests/unit/pki/fixture.h"

static char uri_part[] = "http://crl.example.com/x1-{partition}.crl",
            uri_full[] = "http://crl.example.com/x1.crl",
            uri_delta[] = "http://crl.example.com/x1-delta.crl",
            uri_issuer[] = "http://ca.example.com/x1.cer";
static char *parts[] = {uri_part}, *fulls[] = {uri_full}, *deltas[] = {uri_delta},
            *issuers[] = {uri_issuer};

/* C=CH, as a Name. */
static const unsigned char other_issuer[] = {0x30, 0x0d, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03,
                                             0x55, 0x04, 0x06, 0x13, 0x02, 'C',  'H'};

static void
write_for_judges(const char *name, const char *label, const void *der, size_t len)
{
    const char *folder = getenv("JUDGES_DIR");
    if (folder == NULL)
        return;
    AUTO_BYTES pem = {0};
    AUTO_FREE char *path = NULL;
    check_ok(pki_pem(label, der, len, &pem));
    check_ok(text_format(&path, "%s/%s.pem", folder, name));
    check_ok(file_write_new(path, pem.data, pem.len));
}

/* Drafted, signed, linted without a fault; `ret` holds it. */
static void
make(struct fixture *f, const struct pki_crl_order *order, const char *name, struct bytes *ret)
{
    AUTO_DRAFT draft = {0};
    AUTO_LINT_REPORT report = {0};
    struct pki_lint_context context = {.issuer = f->certificate.data,
                                       .issuer_len = f->certificate.len,
                                       .profile = &f->crl,
                                       .now = f->now};
    check_ok(pki_crl_draft(order, &draft));
    check_ok(pki_draft_sign(&draft, f->key, NULL, f->spki.data, f->spki.len, ret));
    check_ok(pki_lint(ret->data, ret->len, &context, &report));
    check_ok(pki_lint_require(&report, name));
    assert_int_equal(report.notes, 0);
    check_ok(pki_crl_verify(ret->data, ret->len, f->certificate.data, f->certificate.len));
    write_for_judges(name, "X509 CRL", ret->data, ret->len);
}

static bool
is_critical(const struct x509 *crl, enum oid id)
{
    const struct x509_extension *extension = x509_find(crl, id);
    assert_non_null(extension);
    return extension->critical;
}

static const struct pki_revocation some[] = {
    {.serial = {1, 5},
     .serial_len = 2,
     .date = NOW - 90,
     .reason = 1,
     .invalidity_date = NOW - 4000},
    {.serial = {1, 6},                .serial_len = 2, .date = NOW - 80, .reason = 4},
    {.serial = {1, 8},                .serial_len = 2, .date = NOW - 70, .reason = -1},
    {.serial = {0x90},                .serial_len = 1, .date = NOW - 60, .reason = 6},
};

static void
test_full(void **state)
{
    (void)state;
    struct fixture f;
    struct x509 crl;
    AUTO_BYTES der = {0};
    fixture_open(&f, "ec-p256");
    f.crl.crl.freshest_uris = (struct pki_texts){deltas, 1};
    f.crl.crl.ca_issuers_uris = (struct pki_texts){issuers, 1};
    f.crl.crl.expired_certs_from = NOW - 1000000;
    struct pki_crl_order order = fixture_crl_order(&f);
    order.number = 7;
    order.revocations = some;
    order.revocation_count = 4;
    make(&f, &order, "full", &der);
    check_ok(x509_read(der.data, der.len, KIND_CRL, "it", &crl));
    assert_int_equal(crl.extensions.count, 5);
    assert_false(is_critical(&crl, OID_FRESHEST_CRL));
    assert_false(is_critical(&crl, OID_AUTHORITY_INFO_ACCESS));
    assert_false(is_critical(&crl, OID_EXPIRED_CERTS_ON_CRL));
    struct x509_revoked entry;
    struct der list = crl.revoked.body;
    assert_null(x509_next_revoked(&list, &entry)); /* 0x90 is the smallest number */
    assert_true(der_is_bytes(entry.serial.body, "\x00\x90", 2));
    write_for_judges("full.issuer", "CERTIFICATE", f.certificate.data, f.certificate.len);
    fixture_close(&f);
}

static void
test_delta(void **state)
{
    (void)state;
    struct fixture f;
    struct x509 crl;
    AUTO_BYTES der = {0};
    AUTO_DRAFT draft = {0};
    struct pki_revocation back = {.serial = {3}, .serial_len = 1, .date = NOW - 5, .reason = 8};
    fixture_open(&f, "ec-p384");
    f.crl.crl.delta = true;
    struct pki_crl_order order = fixture_crl_order(&f);
    order.number = 9;
    order.base_number = 7;
    order.revocations = &back;
    order.revocation_count = 1;
    make(&f, &order, "delta", &der);
    check_ok(x509_read(der.data, der.len, KIND_CRL, "it", &crl));
    assert_true(is_critical(&crl, OID_DELTA_CRL_INDICATOR));
    order.base_number = 9;
    check_error_says(pki_crl_draft(&order, &draft), ERROR_REFUSED, "base");
    order.base_number = 0;
    check_error_says(pki_crl_draft(&order, &draft), ERROR_REFUSED, "base");
    order.base_number = 7;
    f.crl.crl.freshest_uris = (struct pki_texts){deltas, 1};
    check_error_says(pki_crl_draft(&order, &draft), ERROR_INPUT, "delta");
    f.crl.crl.freshest_uris.count = 0;
    f.crl.trust = PKI_TRUST_PUBLIC;
    check_error_says(pki_crl_draft(&order, &draft), ERROR_REFUSED, "delta");
    f.crl.trust = PKI_TRUST_PRIVATE;
    f.crl.crl.delta = false;
    check_error_says(pki_crl_draft(&order, &draft), ERROR_INPUT, "base");
    order.base_number = 0; /* and removeFromCRL stands in deltas only */
    check_error_says(pki_crl_draft(&order, &draft), ERROR_REFUSED, "remove");
    fixture_close(&f);
}

static void
test_partitions(void **state)
{
    (void)state;
    struct fixture f;
    AUTO_DRAFT draft = {0};
    fixture_open(&f, "ec-p256");
    f.crl.crl.partitions = 2;
    f.crl.crl.distribution_uris = (struct pki_texts){parts, 1};
    struct pki_crl_order order = fixture_crl_order(&f);
    size_t entries = 0;
    for (int partition = 1; partition <= 2; partition++) {
        struct pki_revocation mine[4];
        AUTO_BYTES der = {0};
        char name[16];
        char uri[64];
        order.partition = partition;
        order.revocations = mine;
        order.revocation_count = 0;
        for (size_t i = 0; i < 4; i++)
            if (crl_partition_of(some[i].serial, some[i].serial_len, 2) == partition)
                mine[order.revocation_count++] = some[i];
        entries += order.revocation_count;
        (void)snprintf(name, sizeof name, "partition-%d", partition);
        make(&f, &order, name, &der);
        (void)snprintf(uri, sizeof uri, "http://crl.example.com/x1-%d.crl", partition);
        assert_non_null(memmem(der.data, der.len, uri, strlen(uri)));
    }
    assert_int_equal(entries, 4);
    order.revocations = some; /* some of these are the other partition's */
    order.revocation_count = 4;
    check_error_says(pki_crl_draft(&order, &draft), ERROR_REFUSED, "partition");
    order.revocation_count = 0;
    order.partition = 3;
    check_error_says(pki_crl_draft(&order, &draft), ERROR_INPUT, "partition 3 of 2");
    order.partition = 1;
    f.crl.crl.distribution_uris = (struct pki_texts){fulls, 1};
    check_error_says(pki_crl_draft(&order, &draft), ERROR_INPUT, "{partition}");
    fixture_close(&f);
}

/* A certificate names the CRL that will hold it (R54): the same bytes as in that CRL's scope. */
static void
test_certificate_names_partition(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "ec-p256");
    f.root.certificate.crl_distribution = PKI_NONCRITICAL;
    f.root.certificate.crl_uris = (struct pki_texts){parts, 1};
    f.root.certificate.crl_partitions = 7;
    for (int i = 0; i < 20; i++) {
        AUTO_DRAFT draft = {0};
        AUTO_LINT_REPORT report = {0};
        char uri[64];
        check_ok(pki_serial_make(159, f.serial, &f.serial_len));
        struct pki_certificate_order order = fixture_order(&f);
        struct pki_lint_context context = {
            .profile = &f.root, .specimen_signature = true, .now = f.now};
        check_ok(pki_certificate_draft(&order, &draft));
        (void)snprintf(uri, sizeof uri, "http://crl.example.com/x1-%d.crl",
                       crl_partition_of(f.serial, f.serial_len, 7));
        assert_non_null(memmem(draft.tbs.data, draft.tbs.len, uri, strlen(uri)));
        check_ok(pki_lint(draft.specimen.data, draft.specimen.len, &context, &report));
        check_ok(pki_lint_require(&report, "the certificate"));
        f.root.certificate.crl_partitions = 1024; /* another profile sees that it is another */
        if (crl_partition_of(f.serial, f.serial_len, 7)
            != crl_partition_of(f.serial, f.serial_len, 1024)) {
            check_ok(pki_lint(draft.specimen.data, draft.specimen.len, &context, &report));
            check_error(pki_lint_require(&report, "the certificate"), ERROR_REFUSED);
        }
        f.root.certificate.crl_partitions = 7;
    }
    fixture_close(&f);
}

/* ... and its issuer's key, of a root itself and of what is below it. */
static void
test_certificate_names_issuer(void **state)
{
    static char marked[] = "http://crl.example.com/{issuer}-{partition}.crl";
    static char *uris[] = {marked};
    (void)state;
    struct fixture f;
    fixture_open(&f, "ec-p256");
    f.root.certificate.crl_distribution = PKI_NONCRITICAL;
    f.root.certificate.crl_uris = (struct pki_texts){uris, 1};
    f.root.certificate.crl_partitions = 7;
    for (int below = 0; below < 2; below++) {
        AUTO_DRAFT draft = {0};
        AUTO_LINT_REPORT report = {0};
        AUTO_BYTES spki = {0};
        EVP_PKEY *key = NULL;
        struct pki_certificate_order order = fixture_order(&f);
        struct pki_lint_context context = {
            .profile = &f.root, .specimen_signature = true, .now = f.now};
        check_ok(pki_key_make("ec-p256", &key));
        check_ok(pki_spki_of(key, &spki));
        EVP_PKEY_free(key);
        if (below == 1) {
            order.issuer_certificate = context.issuer = f.certificate.data;
            order.issuer_certificate_len = context.issuer_len = f.certificate.len;
            order.practice = true; /* another subject than the issuer's */
            order.subject_spki = spki.data;
            order.subject_spki_len = spki.len;
        }
        check_ok(pki_certificate_draft(&order, &draft));
        assert_null(memmem(draft.tbs.data, draft.tbs.len, "{issuer}", 8));
        check_ok(pki_lint(draft.specimen.data, draft.specimen.len, &context, &report));
        check_ok(pki_lint_require(&report, "the certificate"));
    }
    fixture_close(&f);
}

static void
test_scopes(void **state)
{
    (void)state;
    struct fixture f;
    struct x509 crl;
    AUTO_BYTES user = {0};
    AUTO_BYTES reasons = {0};
    AUTO_DRAFT draft = {0};
    fixture_open(&f, "rsa-3072");
    struct pki_crl_order order = fixture_crl_order(&f);
    f.crl.crl.only_user_certs = true;
    make(&f, &order, "only-user", &user);
    check_ok(x509_read(user.data, user.len, KIND_CRL, "it", &crl));
    assert_true(is_critical(&crl, OID_ISSUING_DISTRIBUTION_POINT));
    assert_null(crl.revoked.whole.p); /* absent, not empty */
    f.crl.crl.only_ca_certs = true;
    check_error_says(pki_crl_draft(&order, &draft), ERROR_INPUT, "at once");
    f.crl.crl.only_user_certs = f.crl.crl.only_ca_certs = false;
    f.crl.crl.only_reasons = 1U << 1 | 1U << 4;
    f.crl.crl.distribution_uris = (struct pki_texts){fulls, 1};
    order.revocations = some;
    order.revocation_count = 2;
    make(&f, &order, "only-reasons", &reasons);
    order.revocation_count = 3;
    check_error_says(pki_crl_draft(&order, &draft), ERROR_REFUSED, "reasons");
    f.crl.trust = PKI_TRUST_PUBLIC;
    check_error_says(pki_crl_draft(&order, &draft), ERROR_REFUSED, "reasons");
    fixture_close(&f);
}

static void
test_indirect(void **state)
{
    (void)state;
    struct fixture f;
    struct x509 crl;
    AUTO_BYTES der = {0};
    AUTO_DRAFT draft = {0};
    struct pki_revocation list[3] = {
        {.serial = {7},
         .serial_len = 1,
         .date = NOW,
         .reason = 1,
         .issuer = other_issuer,
         .issuer_len = sizeof other_issuer},
        {.serial = {5},
         .serial_len = 1,
         .date = NOW,
         .reason = -1,
         .issuer = other_issuer,
         .issuer_len = sizeof other_issuer},
        {.serial = {7},                      .serial_len = 1,              .date = NOW,                 .reason = 4},
    };
    fixture_open(&f, "ec-p256");
    f.crl.crl.indirect = true;
    struct pki_crl_order order = fixture_crl_order(&f);
    order.revocations = list;
    order.revocation_count = 3;
    make(&f, &order, "indirect", &der);
    check_ok(x509_read(der.data, der.len, KIND_CRL, "it", &crl));
    struct der left = crl.revoked.body;
    struct x509_revoked entry;
    const size_t extensions[3] = {1, 1, 1}; /* reason; issuer; reason: the issuer still holds */
    for (size_t i = 0; i < 3; i++) {
        assert_null(x509_next_revoked(&left, &entry));
        assert_int_equal(entry.extensions.count, extensions[i]);
    }
    assert_int_equal(entry.serial.body.p[0], 7);
    f.crl.crl.indirect = false;
    check_error_says(pki_crl_draft(&order, &draft), ERROR_REFUSED, "indirect");
    f.crl.crl.indirect = true;
    f.crl.trust = PKI_TRUST_PUBLIC;
    check_error_says(pki_crl_draft(&order, &draft), ERROR_REFUSED, "indirect");
    fixture_close(&f);
}

/* A CRL of one kind is not another's: the profile's lint sees each difference. */
static void
test_other_profile(void **state)
{
    (void)state;
    struct fixture f;
    AUTO_BYTES der = {0};
    fixture_open(&f, "ec-p256");
    struct pki_crl_order order = fixture_crl_order(&f);
    order.number = 2;
    make(&f, &order, "plain", &der);
    struct pki_crl_profile others[] = {
        {.delta = true        },
        {.indirect = true     },
        {.only_ca_certs = true},
        {.only_reasons = 2    },
        {.partitions = 4,       .distribution_uris = {parts, 1}},
        {.freshest_uris = {deltas, 1}                    },
        {.ca_issuers_uris = {issuers, 1}},
        {.expired_certs_from = NOW                    },
    };
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        AUTO_LINT_REPORT report = {0};
        struct pki_lint_context context = {.profile = &f.crl, .now = f.now};
        f.crl.crl = others[i];
        f.crl.crl.next_update_months = 12;
        check_ok(pki_lint(der.data, der.len, &context, &report));
        check_error_says(pki_lint_require(&report, "it"), ERROR_REFUSED,
                         "profile-crl-extensions");
    }
    fixture_close(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_delta),
        cmocka_unit_test(test_scopes),
        cmocka_unit_test(test_partitions),
        cmocka_unit_test(test_certificate_names_partition),
        cmocka_unit_test(test_certificate_names_issuer),
        cmocka_unit_test(test_indirect),
        cmocka_unit_test(test_other_profile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
