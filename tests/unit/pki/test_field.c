/* SPDX-License-Identifier: Apache-2.0
 *
 * Fields of profiles: what an item or a request may bring, checked, filled in, read back (R68). */
#include "ceremony/pki/field.h"
#include "ceremony/pki/pattern.h"
#include "ceremony/pki/x509.h"
#include "tests/unit/pki/fixture.h"

static void
test_pattern(void **state)
{
    static const struct {
        const char *pattern;
        const char *text;
        bool matches;
    } rows[] = {
        {"abc",                 "abc",                                    true },
        {"abc",                 "abcd",                                   false},
        {"abc",                 "ab",                                     false},
        {"[A-Z]{2}-[0-9]{4,6}", "XY-12345",                               true },
        {"[A-Z]{2}-[0-9]{4,6}", "XY-123",                                 false},
        {"[A-Z]{2}-[0-9]{4,6}", "XY-1234567",                             false},
        {"[A-Z]{2}-[0-9]{4,6}", "xY-1234",                                false},
        {"a*a*a*a*a*a*a*a*b",   "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
        {"a?b+",                "bbb",                                    true },
        {"a?b+",                "aab",                                    false},
        {"[^/ ]+",              "x-y",                                    true },
        {"[^/ ]+",              "x/y",                                    false},
        {"[^/ ]+",              "x\x01y",                                 false},
        {"[^/ ]+",              "x\xc3\xa4",                              false},
        {"\\.[.\\]-]{2}",       "..]",                                    true },
        {"[a-z-]+[0-9]?",       "a-b",                                    true },
        {"[a-z]{0,3}",          "",                                       true },
        {"[a-z]{0,3}",          "abcd",                                   false},
        {"urn:dev:ops:[0-9]+",  "urn:dev:ops:7",                          true },
    };

    static const char *const wrong[] = {"",   "a.b", "(a)", "a|b", "^a",     "a$",   "[",
                                        "[]", "[z",  "a{",  "a{2", "a{3,2}", "a{0}", "a{9999}",
                                        "*",  "a\\", "[a",  "a]",  "a}",     "a**",  "a\x01"};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        print_message("%s ~ %s\n", rows[i].pattern, rows[i].text);
        assert_null(pattern_check(rows[i].pattern));
        assert_int_equal(pattern_matches(rows[i].pattern, rows[i].text), rows[i].matches);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        print_message("wrong: %s\n", wrong[i]);
        assert_non_null(pattern_check(wrong[i]));
        assert_false(pattern_matches(wrong[i], "a"));
    }
    char text[PATTERN_TEXT_MAX + 2];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    assert_false(pattern_matches("a*", text));
    text[PATTERN_TEXT_MAX] = '\0';
    assert_true(pattern_matches("a*a*a*", text));
}

static char name_serial[] = "serial", name_mac[] = "mac", name_cn[] = "name",
            name_hosts[] = "hosts", no_text[] = "", part_cn[] = "CN", part_dns[] = "dns",
            digits[] = "[0-9]{2,8}", sample_serial[] = "0001",
            sample_mac[] = "00:00:5e:00:53:01", sample_cn[] = "Device 1",
            sample_host[] = "device.example.com";

static char underscore[] = "A_1";

/* clang-format off */
static struct pki_field fields[] = {
    {.name = name_serial, .part = no_text, .form = PKI_FORM_PRINTABLE, .min = 2, .max = 8,
     .most = 1, .pattern = digits, .sample = sample_serial},
    {.name = name_mac, .part = no_text, .form = PKI_FORM_MAC, .min = 1, .max = 23,
     .most = 1, .pattern = no_text, .sample = sample_mac},
    {.name = name_cn, .source = PKI_FROM_REQUEST, .part = part_cn, .form = PKI_FORM_TEXT,
     .min = 1, .max = 20, .most = 1, .optional = true, .pattern = no_text,
     .sample = sample_cn},
    {.name = name_hosts, .source = PKI_FROM_REQUEST, .part = part_dns,
     .form = PKI_FORM_HOSTNAME, .min = 1, .max = 64, .most = 2, .optional = true,
     .pattern = no_text, .sample = sample_host},
};

/* clang-format on */

static void
test_check(void **state)
{
    static const struct {
        enum pki_field_form form;
        const char *value;
        const char *fault; /* NULL: none */
    } rows[] = {
        {PKI_FORM_TEXT,      "Zürich 7",                                  NULL             },
        {PKI_FORM_TEXT,      "",                                           "0 characters"   },
        {PKI_FORM_TEXT,      "a\tb",                                       "control"        },
        {PKI_FORM_TEXT,      "a\xe2\x80\xae-",                             "bidirectional"  },
        {PKI_FORM_TEXT,      "a\xe2\x80\x8b-",                             "invisible"      },
        {PKI_FORM_TEXT,      "a\xff",                                      "UTF-8"          },
        {PKI_FORM_TEXT,      " a",                                         "blank"          },
        {PKI_FORM_TEXT,      "a ",                                         "blank"          },
        {PKI_FORM_TEXT,      "a  b",                                       "blank"          },
        {PKI_FORM_TEXT,      "äöüäöüäöüäöüäöüäöüäö",   NULL             },
        {PKI_FORM_TEXT,      "äöüäöüäöüäöüäöüäöüäöü", "21 characters"  },
        {PKI_FORM_PRINTABLE, "A-1 (2)",                                    NULL             },
        {PKI_FORM_PRINTABLE, "A_1",                                        "PrintableString"},
        {PKI_FORM_PRINTABLE, "A*1",                                        "PrintableString"},
        {PKI_FORM_HOSTNAME,  "a.example.com",                              NULL             },
        {PKI_FORM_HOSTNAME,  "*.example.com",                              "domain name"    },
        {PKI_FORM_HOSTNAME,  "a b.example",                                "domain name"    },
        {PKI_FORM_HOSTNAME,  "-a.example",                                 "domain name"    },
        {PKI_FORM_HOSTNAME,  "a_b.example",                                "domain name"    },
        {PKI_FORM_HOSTNAME,  "a..example",                                 "domain name"    },
        {PKI_FORM_HOSTNAME,  "a.example.",                                 "domain name"    },
        {PKI_FORM_HOSTNAME,  "10.0.0.1",                                   "domain name"    },
        {PKI_FORM_HOSTNAME,  "xn--bcher.example",                          NULL             },
        {PKI_FORM_WILDCARD,  "*.example.com",                              NULL             },
        {PKI_FORM_WILDCARD,  "*.",                                         "domain name"    },
        {PKI_FORM_WILDCARD,  "a.*.example",                                "domain name"    },
        {PKI_FORM_IP,        "192.0.2.1",                                  NULL             },
        {PKI_FORM_IP,        "2001:db8::1",                                NULL             },
        {PKI_FORM_IP,        "192.0.2.256",                                "IP address"     },
        {PKI_FORM_IP,        "192.0.2.0/24",                               "IP address"     },
        {PKI_FORM_EMAIL,     "a@example.com",                              NULL             },
        {PKI_FORM_EMAIL,     "a@",                                         "e-mail"         },
        {PKI_FORM_URI,       "https://a.test/x",                           NULL             },
        {PKI_FORM_URI,       "/x",                                         "absolute"       },
        {PKI_FORM_OCTETS,    "0a0B",                                       NULL             },
        {PKI_FORM_OCTETS,    "0a:0b",                                      NULL             },
        {PKI_FORM_OCTETS,    "0a-0b",                                      NULL             },
        {PKI_FORM_OCTETS,    "0a-0b:0c",                                   "hexadecimal"    },
        {PKI_FORM_OCTETS,    "0a:",                                        "hexadecimal"    },
        {PKI_FORM_OCTETS,    "0a0",                                        "hexadecimal"    },
        {PKI_FORM_OCTETS,    "",                                           "hexadecimal"    },
        {PKI_FORM_OCTETS,    "000102030405060708090a0b0c0d0e0f1011121314", "21 octets"      },
        {PKI_FORM_MAC,       "00005e005301",                               NULL             },
        {PKI_FORM_MAC,       "00-00-5e-ff-fe-00",                          NULL             },
        {PKI_FORM_MAC,       "00:00:5e:00:53",                             "six or eight"   },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pki_field field = fields[2];
        field.form = rows[i].form;
        print_message("%s: %s\n", pki_field_forms[field.form], rows[i].value);
        if (rows[i].fault == NULL)
            check_ok(pki_field_check(&field, rows[i].value));
        else
            check_error_says(pki_field_check(&field, rows[i].value), ERROR_INPUT,
                             rows[i].fault);
    }
    check_ok(pki_field_check(&fields[0], "1234"));
    check_error_says(pki_field_check(&fields[0], "12a4"), ERROR_INPUT, "does not look like");
}

static void
test_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        check_ok(pki_field_check_rule(&fields[i]));
    struct pki_field field = fields[0];
    field.sample = underscore;
    check_error_says(pki_field_check_rule(&field), ERROR_INPUT, "PrintableString");
    field = fields[0];
    field.pattern = sample_host;
    check_error_says(pki_field_check_rule(&field), ERROR_INPUT, "pattern");
    field = fields[0];
    field.min = 9;
    check_error_says(pki_field_check_rule(&field), ERROR_INPUT, "no length");
    field = fields[1];
    field.pattern = digits;
    check_error_says(pki_field_check_rule(&field), ERROR_INPUT, "no one way");
}

/* A device below a root: serial number in the subject, MAC address and host names beside it. */
struct device {
    struct fixture f;
    struct pki_name_part parts[3];
    struct pki_general_name names[3];
    struct pki_profile profile;
    struct bytes spki;
    struct pki_certificate_order order;
};

static char type_serial[] = "serialNumber", type_mac[] = "mac-address", type_dns[] = "dns",
            type_hardware[] = "hardware-module", hardware_oid[] = "1.3.6.1.4.1.99999.1";

static void
open_device(struct device *d)
{
    EVP_PKEY *key = NULL;
    memset(d, 0, sizeof *d);
    fixture_open(&d->f, "ec-p256");
    check_ok(pki_key_make("ec-p256", &key));
    check_ok(pki_spki_of(key, &d->spki));
    EVP_PKEY_free(key);
    d->profile = d->f.root;
    d->parts[0] = (struct pki_name_part){.type = text_o, .value = text_org};
    d->parts[1] = (struct pki_name_part){.type = text_cn, .field = name_cn};
    d->parts[2] = (struct pki_name_part){.type = type_serial, .field = name_serial};
    d->names[0] = (struct pki_general_name){.type = type_mac, .field = name_mac};
    d->names[1] = (struct pki_general_name){.type = type_dns, .field = name_hosts};
    d->names[2] = (struct pki_general_name){.type = type_hardware,
                                            .field = name_serial,
                                            .hardware_type = hardware_oid,
                                            .serial_is_text = true};
    struct pki_certificate_profile *p = &d->profile.certificate;
    p->fields = (struct pki_fields){fields, sizeof fields / sizeof fields[0]};
    p->subject = (struct pki_name){d->parts, 3};
    p->subject_alt_name = PKI_CRITICAL_IF_NO_SUBJECT;
    p->subject_alt_names = (struct pki_general_names){d->names, 3};
    p->validity_years = 10;
    p->is_ca = false;
    p->key_usage_bits = PKI_KU_DIGITAL_SIGNATURE;
    p->subject_key_id = PKI_ABSENT;
    d->order = (struct pki_certificate_order){
        .profile = &d->profile,
        .subject_spki = d->spki.data,
        .subject_spki_len = d->spki.len,
        .issuer_certificate = d->f.certificate.data,
        .issuer_certificate_len = d->f.certificate.len,
        .serial = d->f.serial,
        .serial_len = d->f.serial_len,
        .now = NOW,
    };
}

static void
close_device(struct device *d)
{
    bytes_clear(&d->spki);
    fixture_close(&d->f);
}

static size_t
count_faults(const struct device *d, const struct pki_draft *draft)
{
    struct pki_lint_context context = {.issuer = d->f.certificate.data,
                                       .issuer_len = d->f.certificate.len,
                                       .profile = &d->profile,
                                       .specimen_signature = true,
                                       .now = NOW};
    AUTO_LINT_REPORT report = {0};
    AUTO_BYTES text = {0};
    check_ok(pki_lint(draft->specimen.data, draft->specimen.len, &context, &report));
    check_ok(pki_lint_text(&report, &text));
    print_message("%s", bytes_text(&text));
    return report.faults + report.warnings;
}

static const struct pki_field_value all[] = {
    {name_serial, "0042"             },
    {name_mac,    "00:00:5E:00:53:2A"},
    {name_cn,     "Kühlschrank"     },
    {name_hosts,  "b.example.com"    },
    {name_hosts,  "a.example.com"    },
};

static void
check_read_back(const struct device *d, const struct pki_draft *draft, bool practice,
                const struct pki_field_value *wanted, size_t count)
{
    AUTO_FIELD_VALUES values = {0};
    check_ok(pki_fields_read(&d->profile, draft->specimen.data, draft->specimen.len, practice,
                             &values));
    assert_int_equal(values.count, count);
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        for (size_t j = 0; j < values.count; j++)
            found = found
                    || (strcmp(values.items[j].field, wanted[i].field) == 0
                        && strcmp(values.items[j].value, wanted[i].value) == 0);
        print_message("%s = %s\n", wanted[i].field, wanted[i].value);
        assert_true(found);
    }
}

static void
test_draft(void **state)
{
    (void)state;
    struct device d;
    AUTO_DRAFT draft = {0};
    AUTO_FREE char *subject = NULL;
    open_device(&d);
    d.order.fields = all;
    d.order.field_count = 5;
    check_ok(pki_certificate_draft(&d.order, &draft));
    assert_int_equal(count_faults(&d, &draft), 0);
    check_ok(pki_certificate_subject(draft.specimen.data, draft.specimen.len, &subject));
    assert_string_equal(subject, "serialNumber=0042, CN=Kühlschrank, O=Example Trust Services");
    struct pki_field_value wanted[5];
    memcpy(wanted, all, sizeof wanted);
    wanted[1].value = "00005e00532a";
    check_read_back(&d, &draft, false, wanted, 5);
    d.order.practice = true;
    check_ok(pki_certificate_draft(&d.order, &draft));
    assert_int_equal(count_faults(&d, &draft), 0);
    check_read_back(&d, &draft, true, wanted, 5);
    close_device(&d);
}

static void
check_order_says(struct device *d, const struct pki_field_value *values, size_t count,
                 const char *words)
{
    AUTO_DRAFT draft = {0};
    d->order.fields = values;
    d->order.field_count = count;
    check_error_says(pki_certificate_draft(&d->order, &draft), ERROR_INPUT, words);
}

static void
test_wrong_values(void **state)
{
    (void)state;
    struct device d;
    open_device(&d);
    check_order_says(&d, all, 1, "'mac' has no value");
    struct pki_field_value values[6];
    memcpy(values, all, sizeof all);
    values[2].value = "a\x1b[31m";
    check_order_says(&d, values, 5, "control");
    values[2].value = "ok";
    values[5] = (struct pki_field_value){name_hosts, "c.example.com"};
    check_order_says(&d, values, 6, "3 values; 2");
    values[5] = (struct pki_field_value){"O", "Somebody else"};
    check_order_says(&d, values, 6, "takes no field 'O'");
    values[5] = (struct pki_field_value){name_serial, "0043"};
    check_order_says(&d, values, 6, "2 values; 1");
    close_device(&d);
}

/* Optional ones are left out; without a subject the alternative names are critical, without any they
 * are not there. */
static void
test_optional(void **state)
{
    (void)state;
    struct device d;
    AUTO_DRAFT draft = {0};
    struct x509 x509;
    open_device(&d);
    d.order.fields = all;
    d.order.field_count = 2;
    check_ok(pki_certificate_draft(&d.order, &draft));
    assert_int_equal(count_faults(&d, &draft), 0);
    check_ok(x509_read(draft.specimen.data, draft.specimen.len, KIND_CERTIFICATE, "x", &x509));
    assert_false(x509_find(&x509, OID_SUBJECT_ALT_NAME)->critical);
    /* Practice without a common name: the mark is before the organisation. */
    d.order.practice = true;
    check_ok(pki_certificate_draft(&d.order, &draft));
    assert_int_equal(count_faults(&d, &draft), 0);
    AUTO_FREE char *subject = NULL;
    check_ok(pki_certificate_subject(draft.specimen.data, draft.specimen.len, &subject));
    assert_string_equal(subject, "serialNumber=0042, O=PRACTICE Example Trust Services");
    /* With nothing to carry it: refused below an issuer without the mark. */
    d.profile.certificate.subject.count = 0;
    check_error_says(pki_certificate_draft(&d.order, &draft), ERROR_REFUSED, "practice");
    d.order.practice = false;
    check_ok(pki_certificate_draft(&d.order, &draft));
    assert_int_equal(count_faults(&d, &draft), 0);
    check_ok(x509_read(draft.specimen.data, draft.specimen.len, KIND_CERTIFICATE, "x", &x509));
    assert_int_equal(x509.subject.body.len, 0);
    assert_true(x509_find(&x509, OID_SUBJECT_ALT_NAME)->critical);
    d.names[0] = d.names[1];
    d.profile.certificate.subject.count = 3;
    d.profile.certificate.subject_alt_names.count = 1;
    d.profile.certificate.fields.count = 1;
    d.order.field_count = 1;
    d.profile.certificate.subject.parts[1] = d.profile.certificate.subject.parts[0];
    check_ok(pki_certificate_draft(&d.order, &draft));
    assert_int_equal(count_faults(&d, &draft), 0);
    check_ok(x509_read(draft.specimen.data, draft.specimen.len, KIND_CERTIFICATE, "x", &x509));
    assert_null(x509_find(&x509, OID_SUBJECT_ALT_NAME));
    close_device(&d);
}

/* A rehearsal's device without CN and O stands below an issuer that carries the mark (R4). */
static void
test_practice_below_a_marked_issuer(void **state)
{
    (void)state;
    struct device d;
    AUTO_DRAFT draft = {0};
    AUTO_DRAFT root = {0};
    open_device(&d);
    struct pki_certificate_order order = fixture_order(&d.f);
    order.practice = true;
    check_ok(pki_certificate_draft(&order, &root));
    check_ok(
        pki_draft_sign(&root, d.f.key, NULL, d.f.spki.data, d.f.spki.len, &d.f.certificate));
    d.order.issuer_certificate = d.f.certificate.data;
    d.order.issuer_certificate_len = d.f.certificate.len;
    d.profile.certificate.subject.parts = &d.parts[2];
    d.profile.certificate.subject.count = 1;
    d.order.fields = all;
    d.order.field_count = 2;
    d.order.practice = true;
    check_ok(pki_certificate_draft(&d.order, &draft));
    assert_int_equal(count_faults(&d, &draft), 0);
    close_device(&d);
}

/* What is not the profile's is found, field or not. */
static void
test_lint_of_another(void **state)
{
    (void)state;
    struct device d;
    AUTO_DRAFT draft = {0};
    open_device(&d);
    d.order.fields = all;
    d.order.field_count = 5;
    check_ok(pki_certificate_draft(&d.order, &draft));
    fields[0].max = 3; /* the serial number is too long now */
    assert_true(count_faults(&d, &draft) > 0);
    fields[0].max = 8;
    assert_int_equal(count_faults(&d, &draft), 0);
    d.parts[0].value = text_root; /* another organisation */
    assert_true(count_faults(&d, &draft) > 0);
    d.parts[0].value = text_org;
    fields[3].most = 1; /* one host name too many */
    assert_true(count_faults(&d, &draft) > 0);
    fields[3].most = 2;
    d.names[2].serial_is_text = false; /* other octets */
    assert_true(count_faults(&d, &draft) > 0);
    close_device(&d);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pattern),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_draft),
        cmocka_unit_test(test_wrong_values),
        cmocka_unit_test(test_optional),
        cmocka_unit_test(test_practice_below_a_marked_issuer),
        cmocka_unit_test(test_lint_of_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
