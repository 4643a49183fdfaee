/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates below another: what the issuer's certificate allows and what it does not (R39, R48,
 * R50, R51; RFC 5280 6.1). */
#include "ceremony/pki/x509.h"
#include "tests/unit/pki/fixture.h"

static char text_dns[] = "dns", text_ip[] = "ip", text_email[] = "email", text_uri[] = "uri",
            text_dir[] = "dir-name", text_other[] = "other:1.3.6.1.4.1.99999.7",
            text_child[] = "Example Issuing CA 1";

/* A root that the test may change, and an order for a certificate of another key below it. */
struct below {
    struct fixture f;
    struct pki_name_part parts[3];
    struct pki_profile child;
    struct bytes spki;
    struct pki_certificate_order order;
    EVP_PKEY *key;
};

static void
sign_root(struct below *b)
{
    struct pki_certificate_order order = fixture_order(&b->f);
    AUTO_DRAFT draft = {0};
    check_ok(pki_certificate_draft(&order, &draft));
    check_ok(pki_draft_sign(&draft, b->f.key, NULL, b->f.spki.data, b->f.spki.len,
                            &b->f.certificate));
    b->order.issuer_certificate = b->f.certificate.data;
    b->order.issuer_certificate_len = b->f.certificate.len;
}

static void
open_below(struct below *b)
{
    memset(b, 0, sizeof *b);
    fixture_open(&b->f, "ec-p384");
    check_ok(pki_key_make("ec-p256", &b->key));
    check_ok(pki_spki_of(b->key, &b->spki));
    memcpy(b->parts, b->f.parts, sizeof b->parts);
    b->parts[2].value = text_child;
    b->child = b->f.root;
    b->child.certificate.subject.parts = b->parts;
    b->child.certificate.validity_years = 10;
    b->child.certificate.path_len = 0;
    b->order = (struct pki_certificate_order){
        .profile = &b->child,
        .subject_spki = b->spki.data,
        .subject_spki_len = b->spki.len,
        .serial = b->f.serial,
        .serial_len = b->f.serial_len,
        .now = NOW + 10,
    };
    sign_root(b);
}

static void
close_below(struct below *b)
{
    EVP_PKEY_free(b->key);
    bytes_clear(&b->spki);
    fixture_close(&b->f);
}

static void
check_refused(struct below *b, const char *words)
{
    AUTO_DRAFT draft = {0};
    check_error_says(pki_certificate_draft(&b->order, &draft), ERROR_REFUSED, words);
}

static void
check_drafted(struct below *b)
{
    AUTO_DRAFT draft = {0};
    check_ok(pki_certificate_draft(&b->order, &draft));
}

/* Issuer's name and key identifier come from its certificate, and so does the key that signs. */
static void
test_subordinate(void **state)
{
    (void)state;
    struct below b;
    struct x509 issuer;
    struct x509 object;
    AUTO_DRAFT draft = {0};
    AUTO_BYTES der = {0};
    open_below(&b);
    check_ok(pki_certificate_draft(&b.order, &draft));
    check_ok(pki_draft_sign(&draft, b.f.key, NULL, b.f.spki.data, b.f.spki.len, &der));
    check_ok(
        pki_certificate_verify(der.data, der.len, b.f.certificate.data, b.f.certificate.len));
    check_ok(x509_read(b.f.certificate.data, b.f.certificate.len, KIND_CERTIFICATE, "issuer",
                       &issuer));
    check_ok(x509_read(der.data, der.len, KIND_CERTIFICATE, "object", &object));
    assert_true(der_equal(object.issuer.whole, issuer.subject.whole)); /* R48 */
    assert_true(der_is_bytes(object.spki.whole, b.spki.data, b.spki.len));
    const struct x509_extension *key = x509_find(&object, OID_AUTHORITY_KEY_IDENTIFIER);
    struct der ski = x509_ski(&issuer);
    assert_int_equal(key->value.len, ski.len + 4); /* SEQUENCE { [0] } alone: R50 */
    assert_memory_equal(key->value.p + 4, ski.p, ski.len);

    struct pki_lint_context context = {.issuer = b.f.certificate.data,
                                       .issuer_len = b.f.certificate.len,
                                       .profile = &b.child,
                                       .now = NOW};
    AUTO_LINT_REPORT report = {0};
    check_ok(pki_lint(der.data, der.len, &context, &report));
    assert_int_equal(report.faults + report.warnings, 0);
    close_below(&b);
}

static void
test_path_length(void **state)
{
    (void)state;
    struct below b;
    open_below(&b);
    b.f.root.certificate.path_len = 1;
    sign_root(&b);
    check_drafted(&b);
    b.child.certificate.path_len = 1;
    check_refused(&b, "path length of 1");
    b.child.certificate.path_len = -1;
    check_refused(&b, "path length of 1");
    /* The same name again, as in a rollover: it does not count. */
    b.parts[2].value = text_root;
    b.child.certificate.path_len = 1;
    check_drafted(&b);
    b.child.certificate.path_len = 2;
    check_refused(&b, "path length of 1");
    b.parts[2].value = text_child;
    b.f.root.certificate.path_len = 0;
    sign_root(&b);
    b.child.certificate.path_len = 0;
    check_refused(&b, "path length of 0");
    b.child.certificate.is_ca = false; /* an end entity may follow */
    b.child.certificate.path_len = -1;
    b.child.certificate.key_usage_bits = PKI_KU_DIGITAL_SIGNATURE;
    check_drafted(&b);
    close_below(&b);
}

static void
test_dates(void **state)
{
    (void)state;
    struct below b;
    open_below(&b);
    b.child.certificate.validity_years = 25;
    check_refused(&b, "outlive");
    b.child.certificate.validity_years = 10;
    b.order.now = NOW - 1;
    check_refused(&b, "begin before");
    b.order.now = NOW + INT64_C(26) * 366 * 86400;
    check_refused(&b, "has ended");
    close_below(&b);
}

static void
test_keys(void **state)
{
    (void)state;
    struct below b;
    open_below(&b);
    b.order.subject_spki = b.f.spki.data;
    b.order.subject_spki_len = b.f.spki.len;
    check_refused(&b, "the issuer's own");
    b.order.issuer_spki = b.spki.data;
    b.order.issuer_spki_len = b.spki.len;
    check_refused(&b, "another key");
    b.f.root.certificate.key_usage_bits = PKI_KU_CRL_SIGN;
    sign_root(&b);
    check_refused(&b, "does not allow");
    b.f.root.certificate.is_ca = false; /* who is no CA does not become one by a usage */
    b.f.root.certificate.path_len = -1;
    b.f.root.certificate.key_usage_bits = PKI_KU_DIGITAL_SIGNATURE;
    sign_root(&b);
    check_refused(&b, "does not allow");
    close_below(&b);
}

struct constraint_case {
    char *kind; /* of the constraint */
    const char *base;
    char *name_kind; /* of the alternative name; NULL: none */
    const char *name;
    bool permitted; /* as a permitted subtree; as an excluded one it must be the opposite */
};

static const struct constraint_case cases[] = {
    {text_dns,   "example.com",                                                   text_dns,   "example.com",                    true },
    {text_dns,   "example.com",                                                   text_dns,   "a.b.EXAMPLE.com",                true },
    {text_dns,   "example.com",                                                   text_dns,   "notexample.com",                 false},
    {text_dns,   "example.com",                                                   text_dns,   "com",                            false},
    {text_dns,   "",                                                              text_dns,   "anything.test",                  true },
    {text_ip,    "10.0.0.0/8",                                                    text_ip,    "10.1.2.3",                       true },
    {text_ip,    "10.0.0.0/8",                                                    text_ip,    "11.1.2.3",                       false},
    {text_ip,    "10.0.0.0/8",                                                    text_ip,    "::a01:203",                      false},
    {text_ip,    "2001:db8::/33",                                                 text_ip,    "2001:db8:7fff::1",               true },
    {text_ip,    "2001:db8::/33",                                                 text_ip,    "2001:db8:8000::1",               false},
    {text_ip,    "::/0",                                                          text_ip,    "2001:db8::1",                    true },
    {text_email, "example.com",                                                   text_email, "a@example.com",                  true },
    {text_email, "example.com",                                                   text_email, "a@b.example.com",                false},
    {text_email, ".example.com",                                                  text_email, "a@b.example.com",                true },
    {text_email, "a@example.com",                                                 text_email, "a@EXAMPLE.com",                  true },
    {text_email, "a@example.com",                                                 text_email, "A@example.com",                  false},
    {text_uri,   "example.com",                                                   text_uri,   "https://example.com:8443/x?y",   true },
    {text_uri,   "example.com",                                                   text_uri,   "https://u@example.com/",         true },
    {text_uri,   "example.com",                                                   text_uri,   "https://example.com@evil.test/", false},
    {text_uri,   ".example.com",                                                  text_uri,   "coap://d.example.com",           true },
    {text_uri,   "example.com",                                                   text_uri,   "urn:x://",                       false},
    {text_dir,   "C=CH, O=Example Trust Services",                                NULL,       "",                               true },
    {text_dir,   "C=CH, O=EXAMPLE  trust services",                               NULL,       "",                               true },
    {text_dir,   "C=CH, O=Other",                                                 NULL,       "",                               false},
    {text_dir,   "O=Example Trust Services",                                      NULL,       "",                               false},
    {text_dir,   "C=CH",                                                          text_dir,   "C=DE, O=Example",                false},
    {text_dir,   "C=CH, O=Example Trust Services, CN=Example Issuing CA 1, OU=x", NULL,       "",
     false                                                                                                                           },
};

static void
check_constraint(struct below *b, const struct constraint_case *row, bool excluded)
{
    char base_text[100];
    char name_text[100];
    struct pki_general_name base = {.type = row->kind, .value = base_text};
    struct pki_general_name name = {.type = row->name_kind, .value = name_text};
    snprintf(base_text, sizeof base_text, "%s", row->base);
    snprintf(name_text, sizeof name_text, "%s", row->name);
    struct pki_general_names list = {&base, 1};
    struct pki_certificate_profile *root = &b->f.root.certificate;
    root->name_constraints = PKI_CRITICAL;
    root->permitted = excluded ? (struct pki_general_names){0} : list;
    root->excluded = excluded ? list : (struct pki_general_names){0};
    b->child.certificate.subject_alt_name = row->name_kind ? PKI_NONCRITICAL : PKI_ABSENT;
    b->child.certificate.subject_alt_names = (struct pki_general_names){&name, 1};
    sign_root(b);
    print_message("%s %s, %s %s\n", excluded ? "excluded" : "permitted", row->base,
                  row->name_kind == NULL ? "" : row->name_kind, row->name);
    /* The row of a directory name that is an alternative name has the subject beside it. */
    bool both = row->name_kind == text_dir;
    if (excluded ? (!row->permitted && !both) : row->permitted)
        check_drafted(b);
    else
        check_refused(b, excluded ? "excludes" : "permits");
}

static void
test_name_constraints(void **state)
{
    (void)state;
    struct below b;
    open_below(&b);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        check_constraint(&b, &cases[i], false);
        check_constraint(&b, &cases[i], true);
    }
    close_below(&b);
}

/* Names of other kinds are not touched; those that cannot be compared are not let through. */
static void
test_name_constraints_of_other_kinds(void **state)
{
    static char base_text[] = "example.com", value[] = "x", text_address[] = "10.0.0.1",
                attribute[] = "emailAddress", mailbox[] = "a@other.test";
    (void)state;
    struct below b;
    struct pki_general_name base = {.type = text_dns, .value = base_text};
    struct pki_general_name name = {.type = text_ip, .value = text_address};
    open_below(&b);
    struct pki_certificate_profile *root = &b.f.root.certificate;
    root->name_constraints = PKI_CRITICAL;
    root->permitted = (struct pki_general_names){&base, 1};
    b.child.certificate.subject_alt_name = PKI_NONCRITICAL;
    b.child.certificate.subject_alt_names = (struct pki_general_names){&name, 1};
    sign_root(&b);
    check_drafted(&b);
    base = (struct pki_general_name){.type = text_other, .value = value};
    name = base;
    sign_root(&b);
    check_refused(&b, "permits");
    root->excluded = root->permitted;
    root->permitted = (struct pki_general_names){0};
    sign_root(&b);
    check_refused(&b, "excludes");
    /* An e-mail address in the subject counts where no alternative name has one. */
    b.child.certificate.subject_alt_name = PKI_ABSENT;
    b.parts[1] = (struct pki_name_part){.type = attribute, .value = mailbox};
    base = (struct pki_general_name){.type = text_email, .value = base_text};
    root->permitted = root->excluded;
    root->excluded = (struct pki_general_names){0};
    sign_root(&b);
    check_refused(&b, "a@other.test lies outside");
    /* A self-issued CA certificate is not held against them (RFC 5280 6.1.3). */
    memcpy(b.parts, b.f.parts, sizeof b.parts);
    base = (struct pki_general_name){.type = text_dir, .value = base_text};
    static char other_name[] = "C=DE";
    base.value = other_name;
    sign_root(&b);
    b.child.certificate.path_len = -1;
    check_drafted(&b);
    b.parts[2].value = text_child;
    check_refused(&b, "permits");
    close_below(&b);
}

/* The same by the lint, for certificates made elsewhere. */
static void
test_lint(void **state)
{
    static char base_text[] = "C=DE";
    (void)state;
    struct below b;
    AUTO_DRAFT draft = {0};
    AUTO_LINT_REPORT report = {0};
    struct pki_general_name base = {.type = text_dir, .value = base_text};
    open_below(&b);
    check_ok(pki_certificate_draft(&b.order, &draft));
    b.f.root.certificate.name_constraints = PKI_CRITICAL;
    b.f.root.certificate.permitted = (struct pki_general_names){&base, 1};
    sign_root(&b);
    struct pki_lint_context context = {.issuer = b.f.certificate.data,
                                       .issuer_len = b.f.certificate.len,
                                       .specimen_signature = true,
                                       .now = NOW};
    check_ok(pki_lint(draft.specimen.data, draft.specimen.len, &context, &report));
    assert_int_equal(report.faults, 1);
    assert_string_equal(report.findings[0].lint, "issuer-constraints");
    close_below(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_subordinate),
        cmocka_unit_test(test_path_length),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_name_constraints),
        cmocka_unit_test(test_name_constraints_of_other_kinds),
        cmocka_unit_test(test_lint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
