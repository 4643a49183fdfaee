/* SPDX-License-Identifier: Apache-2.0
 *
 * Roots and CRLs of every key type, made in two phases. With JUDGES_DIR set, the objects are written
 * there for other programs to judge (tests/vectors/test_judges.sh). */
#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/words.h"
#include "ceremony/pki/show.h"
#include "tests/unit/pki/fixture.h"

static const char *const types[] = {"ec-p256",  "ec-p384",  "ec-p521", "ed25519",
                                    "rsa-2048", "rsa-3072", "rsa-4096"};

static void
write_for_judges(const char *type, const char *what, const char *label, const struct bytes *der)
{
    const char *folder = getenv("JUDGES_DIR");
    if (folder == NULL)
        return;
    char path[512];
    AUTO_BYTES pem = {0};
    check_ok(pki_pem(label, der->data, der->len, &pem));
    snprintf(path, sizeof path, "%s/%s.%s.pem", folder, type, what);
    check_ok(file_replace(path, pem.data, pem.len));
}

static void
check_lint(const struct bytes *der, const struct fixture *f, const struct pki_profile *profile,
           bool specimen)
{
    struct pki_lint_context context = {
        .profile = profile, .specimen_signature = specimen, .now = f->now};
    AUTO_LINT_REPORT report = {0};
    AUTO_BYTES text = {0};
    if (profile->kind == PKI_PROFILE_CRL || der != &f->certificate) {
        context.issuer = f->certificate.data;
        context.issuer_len = f->certificate.len;
    }
    check_ok(pki_lint(der->data, der->len, &context, &report));
    check_ok(pki_lint_text(&report, &text));
    if (report.faults + report.warnings != 0)
        print_error("%s", bytes_text(&text));
    assert_int_equal(report.faults, 0);
    assert_int_equal(report.warnings, 0);
    assert_true(report.checks > 40);
    check_ok(pki_lint_require(&report, "the object"));
}

static void
check_type(const char *type)
{
    struct fixture f;
    fixture_open(&f, type);
    check_ok(pki_certificate_verify(f.certificate.data, f.certificate.len, NULL, 0));
    check_lint(&f.certificate, &f, &f.root, false);

    struct pki_revocation revoked[] = {
        {.serial = {0x7f, 1}, .serial_len = 2, .date = f.now - 10,    .reason = 4                   },
        {.serial = {0x05},
         .serial_len = 1,
         .date = f.now - 20,
         .reason = -1,
         .invalidity_date = f.now - 30},
        {.serial = {0x00, 0x80},                   .serial_len = 2,             .date = f.now - 20, .reason = 0},
    };
    struct pki_crl_order order = fixture_crl_order(&f);
    AUTO_DRAFT empty = {0};
    AUTO_DRAFT full = {0};
    AUTO_BYTES empty_crl = {0};
    AUTO_BYTES full_crl = {0};
    check_ok(pki_crl_draft(&order, &empty));
    check_lint(&empty.specimen, &f, &f.crl, true);
    check_ok(pki_draft_sign(&empty, f.key, NULL, f.spki.data, f.spki.len, &empty_crl));
    order.number = 2;
    order.revocations = revoked;
    order.revocation_count = 3;
    check_ok(pki_crl_draft(&order, &full));
    check_ok(pki_draft_sign(&full, f.key, NULL, f.spki.data, f.spki.len, &full_crl));
    check_lint(&full_crl, &f, &f.crl, false);
    check_ok(
        pki_crl_verify(full_crl.data, full_crl.len, f.certificate.data, f.certificate.len));

    write_for_judges(type, "root", "CERTIFICATE", &f.certificate);
    write_for_judges(type, "empty", "X509 CRL", &empty_crl);
    write_for_judges(type, "full", "X509 CRL", &full_crl);
    fixture_close(&f);
}

static void
test_every_type(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        check_type(types[i]);
}

/* BR 7.1.3: the bytes of the SPKI's and the signature's AlgorithmIdentifier. */
static void
test_algorithm_bytes(void **state)
{
    static const struct {
        const char *type;
        const char *spki;
        const char *signature;
    } rows[] = {
        {"ec-p256",  "301306072a8648ce3d020106082a8648ce3d030107", "300a06082a8648ce3d040302"      },
        {"ec-p384",  "301006072a8648ce3d020106052b81040022",       "300a06082a8648ce3d040303"      },
        {"ec-p521",  "301006072a8648ce3d020106052b81040023",       "300a06082a8648ce3d040304"      },
        {"rsa-2048", "300d06092a864886f70d0101010500",             "300d06092a864886f70d01010b0500"},
        {"ed25519",  "300506032b6570",                             "300506032b6570"                },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fixture f;
        fixture_open(&f, rows[i].type);
        AUTO_FREE char *spki = NULL;
        AUTO_FREE char *certificate = NULL;
        check_ok(hex_encode_new(f.spki.data, f.spki.len, &spki));
        check_ok(hex_encode_new(f.certificate.data, f.certificate.len, &certificate));
        const char *found = strstr(spki, rows[i].spki);
        assert_non_null(found);
        assert_true(found - spki <= 12);
        const char *first = strstr(certificate, rows[i].signature);
        assert_non_null(first);
        assert_non_null(strstr(first + 1, rows[i].signature)); /* inside and outside */
        fixture_close(&f);
    }
}

/* RSA takes the profile's digest. */
static void
test_rsa_digest(void **state)
{
    static char sha384[] = "sha384";
    static char sha1[] = "sha1";
    (void)state;
    struct fixture f;
    fixture_open(&f, "rsa-2048");
    f.root.digest = sha384;
    struct pki_certificate_order order = fixture_order(&f);
    AUTO_DRAFT draft = {0};
    check_ok(pki_certificate_draft(&order, &draft));
    assert_string_equal(draft.digest, "sha384");
    f.root.digest = sha1;
    check_error_says(pki_certificate_draft(&order, &draft), ERROR_INPUT, "sha1");
    fixture_close(&f);
}

static void
test_two_phases(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "ec-p384");
    struct pki_certificate_order order = fixture_order(&f);
    AUTO_DRAFT draft = {0};
    AUTO_DRAFT again = {0};
    AUTO_BYTES der = {0};
    const unsigned char *tbs = NULL;
    size_t tbs_len = 0;
    check_ok(pki_certificate_draft(&order, &draft));
    check_lint(&draft.specimen, &f, &f.root, true);
    /* The specimen is not the root key's. */
    check_error(pki_certificate_verify(draft.specimen.data, draft.specimen.len, NULL, 0),
                ERROR_VERIFICATION);
    check_ok(pki_draft_sign(&draft, f.key, NULL, f.spki.data, f.spki.len, &der));
    check_ok(pki_tbs_of(der.data, der.len, &tbs, &tbs_len));
    assert_int_equal(tbs_len, draft.tbs.len);
    assert_memory_equal(tbs, draft.tbs.data, tbs_len);
    check_ok(pki_draft_from_tbs(tbs, tbs_len, f.spki.data, f.spki.len, &again));
    assert_string_equal(again.tbs_sha384, draft.tbs_sha384);
    assert_memory_equal(again.tbs.data, draft.tbs.data, tbs_len);

    draft.tbs.data[draft.tbs.len - 1] ^= 1;
    check_error_says(pki_draft_sign(&draft, f.key, NULL, f.spki.data, f.spki.len, &der),
                     ERROR_VERIFICATION, "not those that were linted");
    draft.tbs.data[draft.tbs.len - 1] ^= 1;
    EVP_PKEY *other = NULL;
    check_ok(pki_key_make("ec-p384", &other));
    check_error(pki_draft_sign(&draft, other, NULL, f.spki.data, f.spki.len, &der),
                ERROR_VERIFICATION);
    EVP_PKEY_free(other);
    fixture_close(&f);
}

/* What was recorded to be signed is signed with the algorithm that it names, or not at all. */
static void
test_recorded_for_another_key(void **state)
{
    (void)state;
    struct fixture rsa;
    struct fixture ec;
    fixture_open(&rsa, "rsa-2048");
    fixture_open(&ec, "ec-p256"); /* SHA-256 as well */
    struct pki_certificate_order order = fixture_order(&rsa);
    AUTO_DRAFT draft = {0};
    AUTO_DRAFT again = {0};
    check_ok(pki_certificate_draft(&order, &draft));
    check_ok(
        pki_draft_from_tbs(draft.tbs.data, draft.tbs.len, rsa.spki.data, rsa.spki.len, &again));
    check_error_says(
        pki_draft_from_tbs(draft.tbs.data, draft.tbs.len, ec.spki.data, ec.spki.len, &again),
        ERROR_VERIFICATION, "does not use");
    fixture_close(&ec);
    fixture_close(&rsa);
}

static void
test_dates(void **state)
{
    (void)state;
    struct fixture f;
    int64_t from = 0;
    int64_t until = 0;
    fixture_open(&f, "ec-p256");
    check_ok(pki_validity_of(f.certificate.data, f.certificate.len, &from, &until));
    assert_int_equal(from, NOW);
    assert_int_equal(until, INT64_C(2584362127) - 1); /* 2051-11-23 14:22:07Z less a second */
    AUTO_BYTES text = {0};
    check_ok(pki_show(f.certificate.data, f.certificate.len, 76, &text));
    assert_non_null(strstr(bytes_text(&text), "(25 years)"));
    assert_non_null(
        strstr(bytes_text(&text), "CN=Example Root X1, O=Example Trust Services, C=CH"));
    assert_non_null(strstr(bytes_text(&text), "certificate signing, CRL signing (critical)"));
    assert_non_null(strstr(bytes_text(&text), "CA, no path length (critical)"));

    struct pki_certificate_order order = fixture_order(&f);
    AUTO_DRAFT draft = {0};
    f.root.certificate.validity_years = 0;
    check_error(pki_certificate_draft(&order, &draft), ERROR_INPUT);
    f.root.certificate.not_after = NOW - 1;
    check_error(pki_certificate_draft(&order, &draft), ERROR_INPUT);
    f.root.certificate.not_after = PKI_NOT_AFTER_FOREVER;
    check_ok(pki_certificate_draft(&order, &draft));
    fixture_close(&f);
}

static void
test_child(void **state)
{
    static char reason[] = "IDevIDs outlive their issuer";
    (void)state;
    struct fixture f;
    fixture_open(&f, "ec-p256");
    struct pki_certificate_order order = fixture_order(&f);
    AUTO_DRAFT draft = {0};
    AUTO_BYTES der = {0};
    EVP_PKEY *key = NULL;
    AUTO_BYTES spki = {0};
    check_ok(pki_key_make("ed25519", &key));
    check_ok(pki_spki_of(key, &spki));
    order.subject_spki = spki.data;
    order.subject_spki_len = spki.len;
    order.issuer_certificate = f.certificate.data;
    order.issuer_certificate_len = f.certificate.len;
    order.now = NOW + 10;
    order.practice = true;
    check_error_says(pki_certificate_draft(&order, &draft), ERROR_REFUSED, "outlive");
    f.root.certificate.outlives_issuer = true;
    check_error_says(pki_certificate_draft(&order, &draft), ERROR_REFUSED, "without a reason");
    f.root.certificate.outlives_reason = reason;
    check_ok(pki_certificate_draft(&order, &draft));
    f.root.certificate.outlives_issuer = false;
    f.root.certificate.validity_years = 5;
    check_ok(pki_certificate_draft(&order, &draft));
    check_ok(pki_draft_sign(&draft, f.key, NULL, f.spki.data, f.spki.len, &der));
    check_ok(pki_certificate_verify(der.data, der.len, f.certificate.data, f.certificate.len));
    AUTO_FREE char *subject = NULL;
    check_ok(pki_certificate_subject(der.data, der.len, &subject));
    assert_string_equal(subject, "CN=PRACTICE Example Root X1, O=Example Trust Services, C=CH");
    /* Its own issuer it is not, and it may not begin before its issuer. */
    check_error(pki_certificate_verify(der.data, der.len, NULL, 0), ERROR_VERIFICATION);
    order.now = NOW - 10;
    check_error_says(pki_certificate_draft(&order, &draft), ERROR_REFUSED, "begin before");
    order.now = NOW + 10;
    order.issuer_certificate = der.data;
    order.issuer_certificate_len = der.len;
    check_error_says(pki_certificate_draft(&order, &draft), ERROR_REFUSED, "another key");
    EVP_PKEY_free(key);
    fixture_close(&f);
}

/* Everything that a profile can express, in one certificate; read back in words. */
static void
test_all_extensions(void **state)
{
    static char client[] = "clientAuth", dotted[] = "1.3.6.1.4.1.99999.1",
                policy[] = "2.23.140.1.2.1", crl_uri[] = "http://crl.example.com/x1.crl",
                issuer_uri[] = "http://example.com/x1.cer",
                ocsp_uri[] = "http://ocsp.example.com/", dns[] = "dns", email[] = "email",
                ip[] = "ip", uri[] = "uri", dir[] = "dir-name",
                other[] = "other:1.3.6.1.5.5.7.8.4", dns_value[] = "example.com",
                email_value[] = "pki@example.com", ip_value[] = "2001:db8::1",
                uri_value[] = "https://example.com/a", dir_value[] = "C=CH, O=Example\\, Inc",
                other_value[] = "1.3.6.1.4.1.99999.2/0a0b", net[] = "10.0.0.0/8",
                net6[] = "::/0";
    (void)state;
    struct fixture f;
    fixture_open(&f, "ec-p384");
    struct pki_certificate_order order = fixture_order(&f);
    struct pki_certificate_profile *p = &f.root.certificate;
    char *purposes[] = {client, dotted};
    char *policies[] = {policy};
    char *crls[] = {crl_uri};
    char *issuers[] = {issuer_uri};
    char *responders[] = {ocsp_uri};
    struct pki_general_name names[] = {
        {.type = dns,   .value = dns_value  },
        {.type = email, .value = email_value},
        {.type = ip,    .value = ip_value   },
        {.type = uri,   .value = uri_value  },
        {.type = dir,   .value = dir_value  },
        {.type = other, .value = other_value}
    };
    struct pki_general_name permitted[] = {
        {.type = dns, .value = dns_value},
        {.type = ip,  .value = net      }
    };
    struct pki_general_name excluded[] = {
        {.type = ip, .value = net6}
    };
    p->validity_years = 10;
    p->path_len = 0;
    p->ext_key_usage = p->policies = p->crl_distribution = p->authority_info =
        p->subject_alt_name = PKI_NONCRITICAL;
    p->name_constraints = PKI_CRITICAL;
    p->ext_key_usages = (struct pki_texts){purposes, 2};
    p->policy_oids = (struct pki_texts){policies, 1};
    p->crl_uris = (struct pki_texts){crls, 1};
    p->ca_issuers_uris = (struct pki_texts){issuers, 1};
    p->ocsp_uris = (struct pki_texts){responders, 1};
    p->subject_alt_names = (struct pki_general_names){names, 6};
    p->permitted = (struct pki_general_names){permitted, 2};
    p->excluded = (struct pki_general_names){excluded, 1};
    order.issuer_certificate = f.certificate.data;
    order.issuer_certificate_len = f.certificate.len;
    order.practice = true; /* another subject than the issuer's */
    AUTO_DRAFT draft = {0};
    AUTO_BYTES der = {0};
    AUTO_BYTES text = {0};
    AUTO_BYTES spki = {0};
    EVP_PKEY *key = NULL;
    check_ok(pki_key_make("ec-p256", &key));
    check_ok(pki_spki_of(key, &spki));
    EVP_PKEY_free(key);
    order.subject_spki = spki.data;
    order.subject_spki_len = spki.len;
    check_ok(pki_certificate_draft(&order, &draft));
    check_ok(pki_draft_sign(&draft, f.key, NULL, f.spki.data, f.spki.len, &der));
    check_lint(&der, &f, &f.root, false);
    check_ok(pki_show(der.data, der.len, 200, &text));
    assert_non_null(strstr(bytes_text(&text), "dir:O=Example\\, Inc, C=CH"));
    assert_non_null(
        strstr(bytes_text(&text), "hardwareModuleName type 1.3.6.1.4.1.99999.2 serial 0a0b"));
    assert_non_null(
        strstr(bytes_text(&text), "only names within dns:example.com, ip:10.0.0.0/8"));
    assert_non_null(strstr(bytes_text(&text), "clientAuth, 1.3.6.1.4.1.99999.1"));
    write_for_judges("all", "extensions", "CERTIFICATE", &der);
    write_for_judges("all", "issuer", "CERTIFICATE", &f.certificate);

    p->no_rev_avail = PKI_NONCRITICAL;
    check_ok(pki_certificate_draft(&order, &draft));
    AUTO_LINT_REPORT report = {0};
    struct pki_lint_context context = {.profile = &f.root, .specimen_signature = true};
    check_ok(pki_lint(draft.specimen.data, draft.specimen.len, &context, &report));
    check_error_says(pki_lint_require(&report, "it"), ERROR_REFUSED, "no-rev-avail-alone");
    ip_value[0] = 'x';
    check_error_says(pki_certificate_draft(&order, &draft), ERROR_INPUT, "IP address");
    fixture_close(&f);
}

/* The scope of a CRL, and what public trust asks of it. */
static void
check_public_crl(struct fixture *f, const struct pki_crl_order *order, const char *lint)
{
    AUTO_DRAFT draft = {0};
    AUTO_LINT_REPORT report = {0};
    struct pki_lint_context context = {.issuer = f->certificate.data,
                                       .issuer_len = f->certificate.len,
                                       .profile = &f->crl,
                                       .specimen_signature = true,
                                       .now = f->now};
    check_ok(pki_crl_draft(order, &draft));
    check_ok(pki_lint(draft.specimen.data, draft.specimen.len, &context, &report));
    if (lint == NULL)
        check_ok(pki_lint_require(&report, "the CRL"));
    else
        check_error_says(pki_lint_require(&report, "the CRL"), ERROR_REFUSED, lint);
}

static void
test_public_crl(void **state)
{
    static char crl_uri[] = "http://crl.example.com/x1.crl";
    char *uris[] = {crl_uri};
    (void)state;
    struct fixture f;
    fixture_open(&f, "ec-p256");
    struct pki_crl_order order = fixture_crl_order(&f);
    struct pki_revocation revoked = {.serial = {9}, .serial_len = 1, .date = NOW, .reason = -1};
    f.crl.trust = PKI_TRUST_PUBLIC;
    check_public_crl(&f, &order, NULL);
    f.crl.crl.next_update_months = 13;
    check_public_crl(&f, &order, "br-crl-next-update");
    f.crl.crl.next_update_months = 12;
    f.crl.crl.only_ca_certs = true;
    check_public_crl(&f, &order, "br-crl-point-missing");
    f.crl.crl.distribution_uris = (struct pki_texts){uris, 1};
    check_public_crl(&f, &order, NULL);
    order.revocations = &revoked;
    order.revocation_count = 1;
    check_public_crl(&f, &order, "br-crl-reason-missing");
    revoked.reason = 5;
    check_public_crl(&f, &order, NULL);
    fixture_close(&f);
}

static void
test_refused_names(void **state)
{
    static char bad_country[] = "ch";
    static char bad_control[] = "a\nb";
    static char bad_utf8[] = "a\xff";
    static char unknown[] = "XY";
    char *values[] = {bad_country, bad_control, bad_utf8};
    (void)state;
    struct fixture f;
    fixture_open(&f, "ec-p256");
    struct pki_certificate_order order = fixture_order(&f);
    AUTO_DRAFT draft = {0};
    for (size_t i = 0; i < 3; i++) {
        char *kept = f.parts[i].value;
        f.parts[i].value = values[i];
        check_error(pki_certificate_draft(&order, &draft), ERROR_INPUT);
        f.parts[i].value = kept;
    }
    f.parts[2].type = unknown;
    check_error_says(pki_certificate_draft(&order, &draft), ERROR_INPUT, "XY");
    f.parts[2].type = text_cn;
    memset(f.serial, 0, sizeof f.serial);
    check_error_says(pki_certificate_draft(&order, &draft), ERROR_INPUT, "serial");
    fixture_close(&f);
}

static void
test_crl_refusals(void **state)
{
    (void)state;
    struct fixture f;
    fixture_open(&f, "ec-p256");
    struct pki_revocation revoked[2] = {
        {.serial = {5},    .serial_len = 1, .date = NOW, .reason = 7},
        {.serial = {0, 5}, .serial_len = 2, .date = NOW, .reason = 1},
    };
    struct pki_crl_order order = fixture_crl_order(&f);
    AUTO_DRAFT draft = {0};
    order.revocations = revoked;
    order.revocation_count = 1;
    check_error(pki_crl_draft(&order, &draft), ERROR_INPUT);
    revoked[0].reason = 8;
    check_error(pki_crl_draft(&order, &draft), ERROR_REFUSED);
    revoked[0].reason = 6;
    check_ok(pki_crl_draft(&order, &draft));
    f.crl.trust = PKI_TRUST_PUBLIC;
    check_error_says(pki_crl_draft(&order, &draft), ERROR_REFUSED, "hold");
    revoked[0].reason = 1;
    order.revocation_count = 2;
    check_error_says(pki_crl_draft(&order, &draft), ERROR_INPUT, "twice");
    order.revocation_count = 1;
    f.crl.crl.next_update_months = 12 * 26;
    check_error_says(pki_crl_draft(&order, &draft), ERROR_REFUSED, "outlive");
    fixture_close(&f);
}

static void
test_possession_and_pem(void **state)
{
    (void)state;
    struct fixture f;
    AUTO_BYTES message = {0};
    AUTO_BYTES signature = {0};
    AUTO_BYTES pem = {0};
    AUTO_BYTES der = {0};
    char label[32];
    char hash[65];
    fixture_open(&f, "ed25519");
    check_ok(pki_spki_hash(f.spki.data, f.spki.len, hash));
    check_ok(pki_possession_message("c1", "3.1", hash, &message));
    assert_int_not_equal(message.data[0], 0x30);
    check_ok(pki_sign(f.key, NULL, "", message.data, message.len, &signature));
    check_ok(pki_verify(f.spki.data, f.spki.len, "", message.data, message.len, signature.data,
                        signature.len));
    message.data[3] ^= 1;
    check_error(pki_verify(f.spki.data, f.spki.len, "", message.data, message.len,
                           signature.data, signature.len),
                ERROR_VERIFICATION);
    check_error(pki_possession_message("a\nb", "3.1", hash, &message), ERROR_INPUT);

    check_ok(pki_pem("CERTIFICATE", f.certificate.data, f.certificate.len, &pem));
    check_ok(pki_from_file(pem.data, pem.len, &der, label));
    assert_string_equal(label, "CERTIFICATE");
    assert_int_equal(der.len, f.certificate.len);
    check_ok(pki_from_file(f.certificate.data, f.certificate.len, &der, label));
    AUTO_BYTES twice = {0};
    check_ok(bytes_append(&twice, pem.data, pem.len));
    check_ok(bytes_append(&twice, pem.data, pem.len));
    check_error_says(pki_from_file(twice.data, twice.len, &der, label), ERROR_INPUT,
                     "more than one");
    check_ok(pki_pem("X509 CRL", f.certificate.data, f.certificate.len, &pem));
    check_error_says(pki_from_file(pem.data, pem.len, &der, label), ERROR_INPUT, "but holds");
    fixture_close(&f);
}

static void
test_fingerprint(void **state)
{
    static const unsigned char hash[8] = {0xc2, 0x8f, 0x11, 0xa0, 0, 0xff, 0x80, 0x7f};
    (void)state;
    AUTO_BYTES text = {0};
    AUTO_BYTES words = {0};
    char second[128];
    check_ok(pki_show_fingerprint(hash, sizeof hash, &text));
    check_ok(words_pgp_append(&words, hash + 4, 4));
    snprintf(second, sizeof second, "  2  00ff807f  %s\n", bytes_text(&words));
    assert_non_null(strstr(bytes_text(&text), "  1  c28f11a0  snapshot "));
    assert_non_null(strstr(bytes_text(&text), second));
    check_error(pki_show_fingerprint(hash, 3, &text), ERROR_BUG);
}

static void
test_serials(void **state)
{
    (void)state;
    for (int bits = 64; bits <= 159; bits++) {
        unsigned char serial[20];
        size_t len = 0;
        check_ok(pki_serial_make(bits, serial, &len));
        assert_true(len * 8 >= (size_t)bits && len <= 20);
        assert_int_not_equal(serial[0], 0);
        if (len == 20)
            assert_int_equal(serial[0] & 0x80, 0);
    }
    unsigned char serial[20];
    size_t len = 0;
    check_error(pki_serial_make(63, serial, &len), ERROR_INPUT);
    check_error(pki_serial_make(160, serial, &len), ERROR_INPUT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_type),
        cmocka_unit_test(test_algorithm_bytes),
        cmocka_unit_test(test_rsa_digest),
        cmocka_unit_test(test_two_phases),
        cmocka_unit_test(test_recorded_for_another_key),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_child),
        cmocka_unit_test(test_refused_names),
        cmocka_unit_test(test_crl_refusals),
        cmocka_unit_test(test_possession_and_pem),
        cmocka_unit_test(test_serials),
        cmocka_unit_test(test_fingerprint),
        cmocka_unit_test(test_all_extensions),
        cmocka_unit_test(test_public_crl),
    };
    const struct CMUnitTest for_judges[] = {cmocka_unit_test(test_every_type),
                                            cmocka_unit_test(test_all_extensions)};
    if (getenv("JUDGES_DIR") != NULL)
        return cmocka_run_group_tests(for_judges, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
