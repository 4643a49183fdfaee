/* SPDX-License-Identifier: Apache-2.0
 *
 * Levels counted from the trust anchor, and what must not be taken for a way up. */
#include "ceremony/pki/level.h"
#include "ceremony/pki/x509.h"
#include "tests/unit/pki/fixture.h"

static char names[][8] = {"One", "Two", "Three"};

/* A certificate of this name and key below an issuer (NULL: by itself). */
static void
make(struct fixture *f, const char *name, EVP_PKEY *key, EVP_PKEY *signer,
     const struct bytes *issuer, struct bytes *ret_der)
{
    AUTO_BYTES spki = {0}, issuer_spki = {0};
    AUTO_DRAFT draft = {0};
    check_ok(pki_spki_of(key, &spki));
    check_ok(pki_spki_of(signer, &issuer_spki));
    f->parts[2].value = (char *)(uintptr_t)name;
    struct pki_certificate_order order = fixture_order(f);
    order.subject_spki = spki.data;
    order.subject_spki_len = spki.len;
    order.issuer_spki = issuer_spki.data;
    order.issuer_spki_len = issuer_spki.len;
    order.issuer_certificate = issuer == NULL ? NULL : issuer->data;
    order.issuer_certificate_len = issuer == NULL ? 0 : issuer->len;
    check_ok(pki_certificate_draft(&order, &draft));
    check_ok(pki_draft_sign(&draft, signer, NULL, issuer_spki.data, issuer_spki.len, ret_der));
}

static void
test_levels(void **state)
{
    (void)state;
    struct fixture f;
    struct bytes known[4] = {0};
    EVP_PKEY *other = NULL;
    EVP_PKEY *keys[3] = {0};
    AUTO_BYTES third = {0};
    fixture_open(&f, "ec-p256");
    check_ok(pki_key_make("ec-p256", &other));
    for (size_t i = 0; i < 3; i++)
        check_ok(pki_key_make("ec-p256", &keys[i]));
    make(&f, names[0], keys[0], keys[0], NULL, &known[0]);
    f.root.certificate.validity_years = 20;
    make(&f, names[1], keys[1], keys[0], &known[0], &known[1]);
    f.root.certificate.validity_years = 15;
    make(&f, names[2], keys[2], keys[1], &known[1], &third);
    assert_int_equal(pki_level(known[0].data, known[0].len, NULL, 0), 1);
    assert_int_equal(pki_level(known[1].data, known[1].len, known, 2), 2);
    assert_int_equal(pki_level(third.data, third.len, known, 2), 3);
    assert_int_equal(pki_level(third.data, third.len, known, 1), PKI_LEVEL_UNKNOWN);
    assert_int_equal(pki_level(third.data, third.len - 1, known, 2), PKI_LEVEL_UNKNOWN);
    /* A root of the same name and another key leads nowhere. */
    make(&f, names[0], other, other, NULL, &known[2]);
    assert_int_equal(pki_level(known[1].data, known[1].len, known + 2, 1), PKI_LEVEL_UNKNOWN);
    /* The second one as a trust anchor of its own: the way from there is shorter. */
    make(&f, names[1], keys[1], keys[1], NULL, &known[3]);
    assert_int_equal(pki_level(third.data, third.len, known, 4), 2);
    /* New with old: the same name above and below, and yet not self-signed. */
    AUTO_BYTES cross = {0};
    f.root.certificate.validity_years = 10;
    make(&f, names[0], other, keys[0], &known[0], &cross);
    assert_int_equal(pki_level(cross.data, cross.len, known, 1), 2);
    for (size_t i = 0; i < 4; i++)
        bytes_clear(&known[i]);
    for (size_t i = 0; i < 3; i++)
        EVP_PKEY_free(keys[i]);
    EVP_PKEY_free(other);
    fixture_close(&f);
}

/* Two certificates that name each other as issuers: no anchor, and an end. */
static void
test_circle(void **state)
{
    (void)state;
    struct fixture f;
    struct bytes known[2] = {0};
    EVP_PKEY *keys[2] = {0};
    AUTO_BYTES first = {0}, second = {0};
    fixture_open(&f, "ec-p256");
    for (size_t i = 0; i < 2; i++)
        check_ok(pki_key_make("ec-p256", &keys[i]));
    make(&f, names[0], keys[0], keys[0], NULL, &first);
    make(&f, names[1], keys[1], keys[1], NULL, &second);
    f.root.certificate.validity_years = 10;
    make(&f, names[1], keys[1], keys[0], &first, &known[0]);
    make(&f, names[0], keys[0], keys[1], &second, &known[1]);
    assert_int_equal(pki_level(known[0].data, known[0].len, known, 2), PKI_LEVEL_UNKNOWN);
    for (size_t i = 0; i < 2; i++) {
        bytes_clear(&known[i]);
        EVP_PKEY_free(keys[i]);
    }
    fixture_close(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels),
        cmocka_unit_test(test_circle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
