/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys from seeds, against the published vectors, which Python computed by itself
 * (tests/vectors/test_seed_vectors.py). */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "ceremony/base/encode.h"
#include "ceremony/batch/derivation.h"
#include "ceremony/pki/key_make.h"
#include "ceremony/rules/key_origin.h"
#include "tests/support/check.h"

#define VECTORS TEST_SOURCE_DIR "/tests/vectors/seeds/fips186-hkdf-sha256.tsv"
#define COLUMNS 6

static void
check_hex(const void *data, size_t len, const char *hex)
{
    AUTO_FREE char *text = NULL;
    check_ok(hex_encode_new(data, len, &text));
    assert_string_equal(text, hex);
}

static void
check_private(const struct secret *pkcs8, const char *hex)
{
    BIGNUM *scalar = NULL;
    unsigned char octets[48];
    const unsigned char *at = secret_borrow_const(pkcs8);
    EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &at, (long)secret_size(pkcs8));
    assert_non_null(key);
    assert_int_equal(EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &scalar), 1);
    int size = (int)strlen(hex) / 2;
    assert_int_equal(BN_bn2binpad(scalar, octets, size), size);
    check_hex(octets, (size_t)size, hex);
    BN_clear_free(scalar);
    EVP_PKEY_free(key);
}

/* kind, serial, seed, bits, private, spki */
static void
check_vector(char *const cells[COLUMNS])
{
    const struct derivation *derivation = derivation_find("fips186-hkdf-sha256");
    const struct key_kind *kind = key_kind_by_type(cells[0]);
    unsigned char seed[SEED_SIZE];
    AUTO(secret) bits = NULL;
    AUTO(secret) pkcs8 = NULL;
    AUTO_BYTES spki = {0};
    assert_non_null(derivation);
    assert_true(derivation->makes(kind));
    check_ok(hex_decode(cells[2], seed, sizeof seed));
    check_ok(derivation->derive(seed, cells[1], kind, &bits));
    check_hex(secret_borrow_const(bits), secret_size(bits), cells[3]);
    check_ok(key_make(kind, bits, &spki, &pkcs8));
    check_private(pkcs8, cells[4]);
    check_hex(spki.data, spki.len, cells[5]);
}

static void
every_vector_comes_out(void **state)
{
    (void)state;
    char line[2048];
    size_t count = 0;
    FILE *file = fopen(VECTORS, "re");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file)); /* names */
    while (fgets(line, sizeof line, file) != NULL) {
        char *cells[COLUMNS] = {0};
        char *rest = line;
        for (size_t i = 0; i < COLUMNS; i++)
            cells[i] = strsep(&rest, "\t\n");
        assert_non_null(cells[COLUMNS - 1]);
        check_vector(cells);
        count++;
    }
    assert_int_equal(count, 10);
    assert_int_equal(fclose(file), 0);
}

static void
every_name_has_a_row_and_no_other(void **state)
{
    (void)state;
    for (size_t i = 0; key_derivation_names[i] != NULL; i++) {
        const struct derivation *row = derivation_find(key_derivation_names[i]);
        assert_non_null(row);
        assert_string_equal(row->name, key_derivation_names[i]);
    }
    assert_null(derivation_find("fips186"));
    const struct derivation *row = derivation_find("fips186-hkdf-sha256");
    assert_true(row->makes(key_kind_by_type("ec-p384")));
    assert_false(row->makes(key_kind_by_type("ed25519")));
    assert_false(row->makes(key_kind_by_type("ec-p521")));
    assert_false(row->makes(key_kind_by_type("rsa-2048")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_vector_comes_out),
        cmocka_unit_test(every_name_has_a_row_and_no_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
