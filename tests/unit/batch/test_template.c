/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates by template are, byte for byte, those of the slow path: for every profile that the
 * program ships, for profiles with everything that a field can fill, for all kinds of keys (R36). */
#include <dirent.h>

#include "ceremony/base/file.h"
#include "ceremony/base/random.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/pki.h"
#include "tests/support/batch/batch.h"
#include "tests/support/check.h"

static char folder[256];
static char file[300];

static int
make_folder(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/template.XXXXXX", TEST_BINARY_DIR);
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(file, sizeof file, "%s/profile.yaml", folder);
    return 0;
}

static int
remove_folder(void **state)
{
    (void)state;
    char command[400];
    (void)snprintf(command, sizeof command, "rm -r -- '%s'", folder);
    return system(command);
}

#define HEAD(certificate)                                                                      \
    "schema: 1\nprofile: p\nversion: 1.0.0\ntitle: T\npolicy: CPS 7\nkind: certificate\n"      \
    "trust: private\ncertificate:\n" certificate

/* Everything that differs from item to item, and partitions. */
static const char full_profile[] = HEAD(
    "  fields:\n"
    "    serial: {from: item, form: printable, max: 40, sample: SN-1}\n"
    "    chip: {from: item, form: octets, sample: 0a0b0c, optional: yes}\n"
    "    name: {from: request, part: CN, form: text, optional: yes, sample: Name}\n"
    "    hosts: {from: request, part: dns, form: hostname, most: 5, optional: yes,\n"
    "            sample: a.example.com}\n"
    "  subject:\n"
    "    - O: Example\n"
    "    - CN: {field: name}\n"
    "    - serialNumber: {field: serial}\n"
    "  validity: {days: 90}\n"
    "  extensions:\n"
    "    basic-constraints: {critical: no, ca: no}\n"
    "    key-usage: {critical: yes, usages: [digitalSignature]}\n"
    "    ext-key-usage: {critical: no, usages: [serverAuth, clientAuth]}\n"
    "    subject-key-id: {critical: no, method: sha256-160}\n"
    "    authority-key-id: {critical: no}\n"
    "    subject-alt-name:\n"
    "      critical: no\n"
    "      names:\n"
    "        - hardware-module: {type: 1.3.6.1.4.1.99999.1, serial: {field: chip}}\n"
    "        - dns: {field: hosts}\n"
    "    policies: {critical: no, oids: [1.3.6.1.4.1.99999.7]}\n"
    "    crl-distribution: {critical: no, uris: [\"http://crl.example.com/{partition}.crl\"],\n"
    "                       partitions: 16}\n"
    "    freshest-crl: {critical: no, uris: [\"http://crl.example.com/d{partition}.crl\"]}\n"
    "    authority-info: {critical: no, ocsp: [\"http://ocsp.example.com\"]}\n");

/* No subject, names only. */
static const char bare_profile[] =
    HEAD("  fields:\n"
         "    name: {from: request, part: O, form: text, optional: yes, sample: Name}\n"
         "    hosts: {from: request, part: dns, form: hostname, sample: a.example.com}\n"
         "  subject:\n"
         "    - O: {field: name}\n"
         "  validity: {years: 2}\n"
         "  extensions:\n"
         "    subject-alt-name:\n"
         "      critical: if-no-subject\n"
         "      names:\n"
         "        - dns: {field: hosts}\n");

/* Nothing differs but serial number and key. */
static const char plain_profile[] = HEAD("  subject:\n"
                                         "    - CN: The same\n"
                                         "  validity: {years: 2}\n"
                                         "  serial-bits: 64\n"
                                         "  extensions:\n"
                                         "    key-usage: {critical: yes, usages: "
                                         "[digitalSignature]}\n"
                                         "    subject-alt-name:\n"
                                         "      critical: no\n"
                                         "      names:\n"
                                         "        - dns: device.example.com\n");

static const char *const key_types[] = {"ec-p256", "ec-p384", "ec-p521", "ed25519", "rsa-2048"};

static void
compare(const struct batch_template *template, const struct pki_field_value *values,
        size_t count, const char *key_type)
{
    AUTO_BYTES spki = {0};
    AUTO_BYTES quick = {0};
    AUTO_BYTES slow = {0};
    EVP_PKEY *key = NULL;
    unsigned char serial[20];
    check_ok(pki_key_make(key_type, &key));
    check_ok(pki_spki_of(key, &spki));
    EVP_PKEY_free(key);
    for (size_t len = 1; len <= sizeof serial; len += 4) {
        check_ok(random_bytes(serial, sizeof serial));
        serial[0] = len == 20 || serial[0] == 0 ? 0x31 : serial[0];
        struct batch_subject subject = {spki.data, spki.len, values, count, serial, len};
        check_ok(batch_template_build(template, &subject, &quick));
        check_ok(batch_template_slow(template, &subject, &slow));
        assert_int_equal(quick.len, slow.len);
        assert_memory_equal(quick.data, slow.data, slow.len);
    }
}

/* All subsets of the values, one after the other, with all kinds of keys. */
static void
compare_all(const struct pki_profile *profile, const struct pki_field_value *values,
            size_t count, bool practice, const char *issuer_key)
{
    struct batch_issuer issuer;
    check_ok(batch_issuer_make(&issuer, issuer_key, practice));
    {
        AUTO(batch_template) template = NULL;
        struct batch_template_order order = {profile, issuer.certificate.data,
                                             issuer.certificate.len, BATCH_NOW, practice};
        check_ok(batch_template_new(&order, &template));
        for (size_t used = 1; used <= count; used++)
            compare(template, values, used, key_types[used % 4]);
        for (size_t i = 0; i < sizeof key_types / sizeof key_types[0]; i++)
            compare(template, values, count, key_types[i]);
    }
    batch_issuer_clear(&issuer);
}

static void
test_fields(void **state)
{
    (void)state;
    static const struct pki_field_value values[] = {
        {"serial", "A B'()+,-./:=?"            },
        {"hosts",  "one.example.com"           },
        {"hosts",  "two.example.com"           },
        {"name",   "Z\xc3\xbcrich \xe2\x82\xac"},
        {"chip",   "00:11:22:33:44:55:66"      },
        {"hosts",  "three.example.com"         },
    };
    AUTO(pki_profile) profile = NULL;
    check_ok(batch_profile(file, full_profile, &profile));
    compare_all(profile, values, 6, false, "ec-p256");
    compare_all(profile, values, 6, true, "ec-p384");
    compare_all(profile, values, 3, false, "ed25519");
}

static void
test_no_subject(void **state)
{
    (void)state;
    static const struct pki_field_value values[] = {
        {"hosts", "one.example.com"},
        {"name",  "Example"        }
    };
    AUTO(pki_profile) profile = NULL;
    check_ok(batch_profile(file, bare_profile, &profile));
    compare_all(profile, values, 2, false, "ec-p256");
}

static void
test_nothing_differs(void **state)
{
    (void)state;
    AUTO(pki_profile) profile = NULL;
    check_ok(batch_profile(file, plain_profile, &profile));
    compare_all(profile, NULL, 0, false, "rsa-2048");
    compare_all(profile, NULL, 0, true, "ec-p256");
}

/* The file's text with its parameters filled in. */
static void
fill_parameters(const char *path, struct bytes *text)
{
    static const char *const samples[][2] = {
        {"country",   "CH"                      },
        {"-address",  "http://pki.example.com/a"},
        {"addresses", "10.0.0.0/8"              },
        {"-oid",      "1.3.6.1.4.1.99999.1"     }
    };
    AUTO_BYTES raw = {0};
    check_ok(file_read(path, 65536, &raw));
    const char *at = bytes_text(&raw);
    for (const char *mark = strstr(at, "${"); mark != NULL; mark = strstr(at, "${")) {
        const char *end = strchr(mark, '}');
        const char *value = "example.com";
        for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++)
            if (memmem(mark, (size_t)(end - mark), samples[i][0], strlen(samples[i][0]))
                != NULL)
                value = samples[i][1];
        check_ok(bytes_append(text, at, (size_t)(mark - at)));
        check_ok(bytes_append_text(text, value));
        at = strchr(mark, '}') + 1;
    }
    check_ok(bytes_append_text(text, at));
}

/* Every profile of scripts/profiles, with its samples, beneath an issuer that allows everything. */
static void
test_shipped_profiles(void **state)
{
    (void)state;
    DIR *profiles = opendir(TEST_SOURCE_DIR "/scripts/profiles");
    size_t tried = 0;
    assert_non_null(profiles);
    for (struct dirent *one = readdir(profiles); one != NULL; one = readdir(profiles)) {
        AUTO_FREE char *path = NULL;
        AUTO(pki_profile) profile = NULL;
        struct pki_field_value *samples = NULL;
        size_t count = 0;
        if (!text_ends_with(one->d_name, ".yaml"))
            continue;
        check_ok(text_format(&path, TEST_SOURCE_DIR "/scripts/profiles/%s", one->d_name));
        AUTO_BYTES text = {0};
        fill_parameters(path, &text);
        check_ok(batch_profile(file, bytes_text(&text), &profile));
        if (profile->kind != PKI_PROFILE_CERTIFICATE
            || profile->certificate.subject_of_existing) /* never by the thousand */
            continue;
        print_message("%s\n", one->d_name);
        check_ok(pki_field_samples(profile, &samples, &count));
        struct batch_issuer issuer;
        check_ok(batch_issuer_make(&issuer, "ec-p256", false));
        {
            AUTO(batch_template) template = NULL;
            struct batch_template_order order = {profile, issuer.certificate.data,
                                                 issuer.certificate.len, BATCH_NOW, false};
            const struct pki_texts *keys = &profile->certificate.keys;
            check_ok(batch_template_new(&order, &template));
            compare(template, samples, count, keys->count > 0 ? keys->items[0] : "ec-p256");
        }
        batch_issuer_clear(&issuer);
        free(samples);
        tried++;
    }
    (void)closedir(profiles);
    assert_true(tried >= 30);
}

/* What the slow path refuses, the template refuses. */
static void
test_refusals(void **state)
{
    (void)state;
    static const unsigned char serial[] = {0x31, 1};
    static const unsigned char zero[] = {0, 1};
    struct batch_issuer issuer;
    AUTO_BYTES tbs = {0};
    AUTO_FREE char *device = NULL;
    AUTO(pki_profile) profile = NULL;
    check_ok(batch_profile(file, full_profile, &profile));
    check_ok(batch_issuer_make(&issuer, "ec-p256", false));
    {
        AUTO(batch_template) template = NULL;
        struct batch_template_order order = {profile, issuer.certificate.data,
                                             issuer.certificate.len, BATCH_NOW, false};
        struct pki_field_value value = {"serial", "SN-9"};
        struct batch_subject subject = {issuer.spki.data, issuer.spki.len, &value, 1,
                                        serial,           sizeof serial};
        check_ok(batch_template_new(&order, &template));
        check_error_says(batch_template_build(template, &subject, &tbs), ERROR_REFUSED, "own");
        subject.spki_len--;
        check_error(batch_template_build(template, &subject, &tbs), ERROR_UNSUPPORTED);
        subject.spki_len++;
        subject.serial = zero;
        check_error(batch_template_build(template, &subject, &tbs), ERROR_INPUT);
        check_ok(batch_template_device(template, &subject, &device));
        assert_string_equal(device, "SN-9");
        subject.value_count = 0;
        check_error(batch_template_device(template, &subject, &device), ERROR_INPUT);
        order.now -= INT64_C(10) * 86400; /* before the issuer's beginning */
        struct batch_template *early = NULL;
        check_error(batch_template_new(&order, &early), ERROR_REFUSED);
    }
    batch_issuer_clear(&issuer);
}

int
main(void)
{
#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_fields),          IN_FOLDER(test_no_subject),
        IN_FOLDER(test_nothing_differs), IN_FOLDER(test_shipped_profiles),
        IN_FOLDER(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
