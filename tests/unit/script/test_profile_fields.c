/* SPDX-License-Identifier: Apache-2.0
 *
 * `fields:` of a profile, and where they stand: read as data, every fault at its place (R68). */
#include "ceremony/script/script_read.h"
#include "tests/unit/script/sandbox.h"

static const char profile_text[] =
    "schema: 1\n"                                                                      /* 1 */
    "profile: device\n"                                                                /* 2 */
    "version: 1.0.0\n"                                                                 /* 3 */
    "title: A device\n"                                                                /* 4 */
    "policy: CPS 7\n"                                                                  /* 5 */
    "kind: certificate\n"                                                              /* 6 */
    "trust: private\n"                                                                 /* 7 */
    "certificate:\n"                                                                   /* 8 */
    "  fields:\n"                                                                      /* 9 */
    "    serial: {from: item, form: printable, min: 4, max: 20, sample: \"A-0001\",\n" /* 10 */
    "             pattern: \"[A-Z]-[0-9]+\"}\n"                                        /* 11 */
    "    mac: {from: item, form: mac, sample: \"00:00:5e:00:53:01\"}\n"                /* 12 */
    "    chip: {from: item, form: octets, sample: 0a0b0c, optional: yes}\n"            /* 13 */
    "    hosts: {from: request, part: dns, form: hostname, most: 5, optional: yes,\n"  /* 14 */
    "            sample: a.example.com}\n"                                             /* 15 */
    "  subject:\n"                                                                     /* 16 */
    "    - O: Example\n"                                                               /* 17 */
    "    - serialNumber: {field: serial}\n"                                            /* 18 */
    "  validity: {until: forever}\n"                                                   /* 19 */
    "  extensions:\n"                                                                  /* 20 */
    "    key-usage: {critical: yes, usages: [digitalSignature]}\n"                     /* 21 */
    "    subject-alt-name:\n"                                                          /* 22 */
    "      critical: if-no-subject\n"                                                  /* 23 */
    "      names:\n"                                                                   /* 24 */
    "        - mac-address: {field: mac}\n"                                            /* 25 */
    "        - hardware-module: {type: 1.3.6.1.4.1.99999.1, serial: {field: chip}}\n"  /* 26 */
    "        - hardware-module: {type: 1.3.6.1.4.1.99999.2, text: {field: serial}}\n"  /* 27 */
    "        - hardware-module: {type: 1.3.6.1.4.1.99999.3, serial: \"00:01\"}\n"      /* 28 */
    "        - dns: {field: hosts}\n";                                                 /* 29 */

static struct pki_profile *
read_text(const char *text, struct bytes *ret_faults)
{
    const char *path = sandbox_text("device.yaml", text);
    AUTO_FAULTS faults = {0};
    AUTO(places) places = NULL;
    AUTO_BYTES said = {0};
    struct pki_profile *profile = NULL;
    check_ok(places_new(&places));
    check_ok(profile_read(path, &faults, places, &profile));
    check_ok(faults_text(&faults, &said));
    /* Without the sandbox's folder. */
    size_t folder = strlen(sandbox_folder) + 1;
    for (const char *line = bytes_text(&said); *line != '\0'; line = strchr(line, '\n') + 1)
        check_ok(bytes_format(ret_faults, "%.*s",
                              (int)(strchr(line, '\n') + 1 - line - (int)folder),
                              line + folder));
    return profile;
}

static void
test_data(void **state)
{
    (void)state;
    AUTO_BYTES faults = {0};
    AUTO(pki_profile) profile = read_text(profile_text, &faults);
    assert_string_equal(bytes_text(&faults), "");
    const struct pki_certificate_profile *p = &profile->certificate;
    assert_int_equal(p->fields.count, 4);
    const struct pki_field *serial = &p->fields.items[0];
    assert_string_equal(serial->name, "serial");
    assert_int_equal(serial->source, PKI_FROM_ITEM);
    assert_int_equal(serial->form, PKI_FORM_PRINTABLE);
    assert_int_equal(serial->min, 4);
    assert_int_equal(serial->max, 20);
    assert_int_equal(serial->most, 1);
    assert_false(serial->optional);
    assert_string_equal(serial->pattern, "[A-Z]-[0-9]+");
    const struct pki_field *hosts = &p->fields.items[3];
    assert_int_equal(hosts->source, PKI_FROM_REQUEST);
    assert_string_equal(hosts->part, "dns");
    assert_int_equal(hosts->most, 5);
    assert_int_equal(hosts->max, 253);
    assert_true(hosts->optional);
    assert_null(p->subject.parts[0].field);
    assert_string_equal(p->subject.parts[1].field, "serial");
    assert_null(p->subject.parts[1].value);
    assert_int_equal(p->subject_alt_name, PKI_CRITICAL_IF_NO_SUBJECT);
    const struct pki_general_name *names = p->subject_alt_names.items;
    assert_int_equal(p->subject_alt_names.count, 5);
    assert_string_equal(names[1].hardware_type, "1.3.6.1.4.1.99999.1");
    assert_string_equal(names[1].field, "chip");
    assert_false(names[1].serial_is_text);
    assert_true(names[2].serial_is_text);
    assert_string_equal(names[3].value, "00:01");
    assert_null(names[3].field);
}

/* Dates, limits, padding, keys, pointers: as data. */
static void
test_more_data(void **state)
{
    (void)state;
    AUTO_BYTES faults = {0};
    AUTO_FREE char *padded = replaced(profile_text, "trust: private",
                                      "trust: private\npadding: pss\ndigest: sha384");
    AUTO_FREE char *dated =
        replaced(padded, "{until: forever}",
                 "{years: 3, from: 2026-11-23}\n  keys: [ec-p256, ed25519]\n"
                 "  limits: {count: 1000, until: {years: 2}, validity: {days: 90}}");
    AUTO_FREE char *text =
        replaced(dated, "    subject-alt-name:\n",
                 "    policies: {critical: no, oids: [1.2.3], cps: \"http://a.test\"}\n"
                 "    freshest-crl: {critical: no, uris: [\"http://d.test\"]}\n"
                 "    crl-distribution: {critical: no, uris: [\"http://c.test\"], crl-issuer: "
                 "\"O=E, CN=S\"}\n"
                 "    subject-alt-name:\n");
    AUTO(pki_profile) profile = read_text(text, &faults);
    assert_string_equal(bytes_text(&faults), "");
    const struct pki_certificate_profile *p = &profile->certificate;
    assert_true(profile->pss);
    assert_int_equal(p->not_before, INT64_C(1795392000));
    assert_int_equal(p->validity_years, 3);
    assert_string_equal(p->keys.items[1], "ed25519");
    assert_int_equal(p->limits.count, 1000);
    assert_int_equal(p->limits.until_years, 2);
    assert_int_equal(p->limits.validity_days, 90);
    assert_string_equal(p->policy_cps, "http://a.test");
    assert_string_equal(p->freshest_uris.items[0], "http://d.test");
    assert_string_equal(p->crl_issuer, "O=E, CN=S");
}

static void
test_of_existing(void **state)
{
    (void)state;
    AUTO_BYTES faults = {0};
    AUTO_FREE char *first = replaced(profile_text, "    - O: Example\n", "");
    AUTO_FREE char *second = replaced(first, "    - serialNumber: {field: serial}\n", "");
    AUTO_FREE char *text = replaced(second, "subject:", "subject: of-existing");
    AUTO(pki_profile) profile = read_text(text, &faults);
    assert_string_equal(bytes_text(&faults), "");
    assert_true(profile->certificate.subject_of_existing);
    assert_int_equal(profile->certificate.subject.count, 0);
    AUTO_FREE char *none = replaced(second, "subject:", "subject: none");
    AUTO(pki_profile) empty = read_text(none, &faults);
    assert_string_equal(bytes_text(&faults), "");
    assert_int_equal(empty->certificate.subject.count, 0);
    assert_false(empty->certificate.subject_of_existing);
    AUTO_FREE char *wrong = replaced(second, "subject:", "subject: anybody");
    AUTO(pki_profile) other = read_text(wrong, &faults);
    assert_non_null(other);
    assert_string_equal(
        bytes_text(&faults),
        "device.yaml:16:12: 'subject' must be a list, 'none' or 'of-existing'\n");
}

static void
test_faults(void **state)
{
    static const struct {
        const char *from;
        const char *to;
        const char *fault;
    } rows[] = {
        {"serialNumber: {field: serial}",   "serialNumber: {field: seral}",
         "device.yaml:18:29: the profile has no field 'seral'; did you mean 'serial'?\n"     },
        {"dns: {field: hosts}",             "dns: a.example.com",
         "device.yaml:14:5: the field 'hosts' is used nowhere\n"                             },
        {"mac-address: {field: mac}",       "mac-address: {field: hosts}",
         "device.yaml:12:5: the field 'mac' is used nowhere\n"
         "device.yaml:25:32: a field of the form 'hostname' cannot be an alternative name of "
         "the kind 'mac-address'\n"                                                          },
        {"O: Example",                      "C: {field: hosts}",
         "device.yaml:17:18: a field of the form 'hostname' cannot be the 'C' of a subject\n"},
        {"part: dns",                       "part: \"*\"",
         "device.yaml:14:34: '*' is no part of a request that a profile can take\n"          },
        {"part: dns, ",                     "",
         "device.yaml:14:5: the field 'hosts' is from the request and does not say which "
         "'part'\n"                                                                          },
        {"form: octets, sample",            "part: CN, form: octets, sample",
         "device.yaml:13:30: 'part' is for fields from the request\n"                        },
        {"[A-Z]-[0-9]+",                    "[A-Z]-(0)",
         "device.yaml:10:5: the pattern of the field 'serial' cannot be used: a character that "
         "has a meaning of its own stands without \"\\\"\n"                                  },
        {"sample: \"A-0001\"",              "sample: \"B_0001\"",
         "device.yaml:10:5: the field 'serial' has a character that a PrintableString does not "
         "have\n"                                                                            },
        {", sample: \"00:00:5e:00:53:01\"", "",
         "device.yaml:12:11: missing key 'sample' in a field: a value that it may have\n"    },
        {"form: mac",                       "form: mack",
         "device.yaml:12:29: 'form' must be 'text', 'printable', 'hostname', 'wildcard-hostname', 'ip', "
         "'email', 'uri', 'octets' or 'mac', not 'mack'\n"                                   },
        {"serial: {field: chip}}",          "serial: {field: chip}, text: a}",
         "device.yaml:26:29: 'hardware-module' needs exactly one of 'serial' and 'text'\n"   },
        {"critical: if-no-subject",         "critical: perhaps",
         "device.yaml:23:17: 'critical' must be 'yes' or 'no', not 'perhaps'\n"              },
        {"validity: {until: forever}",      "validity: {until: forever, from: soon}",
         "device.yaml:19:36: 'from' must be a date such as 2026-11-23\n"                     },
        {"validity: {until: forever}",      "validity: {from: 2026-11-23}",
         "device.yaml:19:14: 'validity' needs exactly one of 'years', 'days', 'until'\n"     },
        {"  validity: {",                   "  limits: {until: {years: 2, days: 3}}\n  validity: {",
         "device.yaml:19:20: 'until' needs exactly one of 'years', 'days', 'day'\n"          },
        {"  validity: {",                   "  limits: {validity: {}}\n  validity: {",
         "device.yaml:19:12: 'validity' needs exactly one of 'years', 'days'\n"              },
        {"trust: private",                  "trust: private\npadding: oaep",
         "device.yaml:8:10: 'padding' must be 'pkcs1' or 'pss', not 'oaep'\n"                },
        {"{field: mac}",                    "{field: mac, max: 3}",
         "device.yaml:25:37: unknown key 'max' in a value that a field brings\n"             },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        AUTO_FREE char *text = replaced(profile_text, rows[i].from, rows[i].to);
        AUTO_BYTES faults = {0};
        AUTO(pki_profile) profile = read_text(text, &faults);
        assert_non_null(profile);
        print_message("%s -> %s\n", rows[i].from, rows[i].to);
        assert_string_equal(bytes_text(&faults), rows[i].fault);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_more_data), cmocka_unit_test(test_of_existing),
        cmocka_unit_test(test_data), cmocka_unit_test(test_faults)};
    return cmocka_run_group_tests(tests, sandbox_make, sandbox_remove);
}
