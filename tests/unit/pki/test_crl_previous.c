/* SPDX-License-Identifier: Apache-2.0
 *
 * CRLs brought along: the good ones of the vectors are taken, every hostile one is refused with the
 * code of the rule that it breaks, deltas and other parts are no base (R53). */
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/crl_previous.h"
#include "tests/support/crl_vectors.h"
#include "tests/unit/pki/fixture.h"

#define VECTORS TEST_SOURCE_DIR "/tests/vectors/crl"
#define AT      INT64_C(1795600000)

/* Why a CRL cannot be gone on from: "" it can. NULL: the file is no vector. */
static const char *
expected(const char *name)
{
    for (size_t i = 0; i < sizeof crl_faulty / sizeof crl_faulty[0]; i++)
        if (strcmp(crl_faulty[i].name, name) == 0)
            return crl_faulty[i].lint;
    if (strcmp(name, "ok-delta.der") == 0)
        return "crl-base-is-delta";
    return text_starts_with(name, "ok-") ? "" : NULL;
}

static struct error *
count_entry(void *user, const struct pki_revocation *entry)
{
    uint64_t *count = user;
    assert_true(entry->serial_len > 0);
    ++*count;
    return NULL;
}

static void
test_vectors(void **state)
{
    (void)state;
    AUTO_BYTES issuer = {0};
    AUTO_FOLDER_LIST names = {0};
    size_t seen = 0;
    check_ok(file_read(VECTORS "/_issuer.der", 1 << 16, &issuer));
    check_ok(folder_list(VECTORS, false, true, &names));
    for (size_t i = 0; i < names.count; i++) {
        const char *code = expected(names.names[i]);
        if (code == NULL)
            continue;
        AUTO_FREE char *path = NULL;
        AUTO_BYTES der = {0};
        struct pki_crl_previous previous = {0};
        char found[64];
        check_ok(path_join(VECTORS, names.names[i], &path));
        check_ok(file_read(path, 1 << 20, &der));
        struct error *error = pki_crl_previous_read(der.data, der.len, issuer.data, issuer.len,
                                                    AT, &previous, found);
        if (strcmp(found, code) != 0)
            fail_msg("%s: \"%s\", not \"%s\"", names.names[i], found, code);
        assert_int_equal(error == NULL, code[0] == '\0');
        error_free(error);
        uint64_t count = 0;
        if (code[0] == '\0') {
            assert_true(previous.number > 0);
            assert_true(previous.next_update > previous.this_update);
            check_ok(pki_crl_previous_each(der.data, der.len, count_entry, &count));
            assert_int_equal(count, previous.entries);
        }
        seen++;
    }
    assert_int_equal(seen, sizeof crl_faulty / sizeof crl_faulty[0] + 3); /* the ok-* */
}

static void
test_parts(void **state)
{
    static char uri[] = "http://crl.example.com/{partition}.crl";
    static char *uris[] = {uri};
    (void)state;
    struct fixture f;
    struct fixture other;
    fixture_open(&f, "ec-p256");
    fixture_open(&other, "ec-p256");
    struct pki_crl_order order = fixture_crl_order(&f);
    struct pki_revocation entry = {.serial = {9},
                                   .serial_len = 1,
                                   .date = NOW - 5,
                                   .reason = 4,
                                   .invalidity_date = NOW - 9};
    order.revocations = &entry;
    order.revocation_count = 1;
    order.number = 77;
    for (int part = 0; part < 4; part++) {
        AUTO_DRAFT draft = {0};
        AUTO_BYTES der = {0};
        struct pki_crl_previous previous = {0};
        char code[64];
        f.crl.crl = (struct pki_crl_profile){.next_update_days = 9,
                                             .only_ca_certs = part == 1,
                                             .only_reasons = part == 2 ? 1U << 4 : 0,
                                             .indirect = part == 3};
        if (part == 0) {
            f.crl.crl.partitions = 1;
            f.crl.crl.distribution_uris = (struct pki_texts){uris, 1};
        }
        order.partition = part == 0;
        check_ok(pki_crl_draft(&order, &draft));
        check_ok(pki_draft_sign(&draft, f.key, NULL, f.spki.data, f.spki.len, &der));
        if (part == 0) {
            check_ok(pki_crl_previous_read(der.data, der.len, f.certificate.data,
                                           f.certificate.len, NOW, &previous, code));
            assert_int_equal(previous.number, 77);
            assert_int_equal(previous.entries, 1);
            check_error_says(pki_crl_previous_read(der.data, der.len, other.certificate.data,
                                                   other.certificate.len, NOW, &previous, code),
                             ERROR_REFUSED, "cannot be used");
            continue;
        }
        check_error_says(pki_crl_previous_read(der.data, der.len, f.certificate.data,
                                               f.certificate.len, NOW, &previous, code),
                         ERROR_REFUSED, "crl-base-is-partial");
    }
    struct pki_crl_previous previous = {0};
    char code[64];
    check_error(pki_crl_previous_read(f.certificate.data, f.certificate.len, f.certificate.data,
                                      f.certificate.len, NOW, &previous, code),
                ERROR_REFUSED);
    assert_string_equal(code, "crl-not-crl");
    fixture_close(&f);
    fixture_close(&other);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vectors),
                                       cmocka_unit_test(test_parts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
