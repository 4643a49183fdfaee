/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys made to be weak, each found and named, as a whole request (R63, R65, R66). */
#include <unistd.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/weak_list.h"
#include "ceremony/pki/weak_point.h"
#include "ceremony/pki/weak_rsa.h"
#include "tests/unit/pki/request_fixture.h"

struct primes {
    gmp_randstate_t chance;
    mpz_t p;
    mpz_t q;
};

static void
primes_open(struct primes *primes)
{
    gmp_randinit_mt(primes->chance);
    gmp_randseed_ui(primes->chance, 2026);
    mpz_inits(primes->p, primes->q, NULL);
}

static void
primes_close(struct primes *primes)
{
    mpz_clears(primes->p, primes->q, NULL);
    gmp_randclear(primes->chance);
}

static void
check_code(const struct primes *primes, const struct request_rules *rules, const char *code)
{
    AUTO_BYTES der = {0};
    EVP_PKEY *key = fixture_rsa(primes->p, primes->q, 65537);
    fixture_request(key, "device 1", "SHA256", false, &der);
    EVP_PKEY_free(key);
    assert_string_equal(fixture_first_code(&der, rules), code);
}

static void
a_sound_key_is_accepted(void **state)
{
    (void)state;
    struct primes primes;
    struct request_rules rules = fixture_rules();
    primes_open(&primes);
    fixture_prime(primes.chance, 1024, primes.p);
    fixture_prime(primes.chance, 1024, primes.q);
    check_code(&primes, &rules, "");
    primes_close(&primes);
}

static void
a_roca_key_is_named(void **state)
{
    (void)state;
    struct primes primes;
    struct request_rules rules = fixture_rules();
    primes_open(&primes);
    fixture_roca_prime(primes.chance, primes.p);
    fixture_roca_prime(primes.chance, primes.q);
    check_code(&primes, &rules, "rsa-roca");
    primes_close(&primes);
}

static void
a_fermat_weak_key_is_named(void **state)
{
    (void)state;
    struct primes primes;
    struct request_rules rules = fixture_rules();
    primes_open(&primes);
    fixture_prime(primes.chance, 1024, primes.p);
    mpz_setbit(primes.p, 1024 - 3); /* so that the next one is as long */
    mpz_nextprime(primes.p, primes.p);
    mpz_set(primes.q, primes.p);
    for (int i = 0; i < 3; i++)
        mpz_nextprime(primes.q, primes.q);
    check_code(&primes, &rules, "rsa-fermat");
    primes_close(&primes);
}

/* 90 rounds are within the 100 of BR 6.1.1.3: q lies where (p + q) / 2 is 90 above the root of n. */
static void
a_fermat_weak_key_is_named_up_to_the_last_round(void **state)
{
    (void)state;
    struct primes primes;
    struct request_rules rules = fixture_rules();
    mpz_t distance;
    primes_open(&primes);
    mpz_init(distance);
    fixture_prime(primes.chance, 1024, primes.p);
    /* (q - p)^2 / (8 root) = 90 */
    mpz_mul_ui(distance, primes.p, 8 * 90);
    mpz_sqrt(distance, distance);
    mpz_add(primes.q, primes.p, distance);
    mpz_nextprime(primes.q, primes.q);
    check_code(&primes, &rules, "rsa-fermat");
    mpz_mul_ui(distance, primes.p, 8 * 120); /* and beyond */
    mpz_sqrt(distance, distance);
    mpz_add(primes.q, primes.p, distance);
    mpz_nextprime(primes.q, primes.q);
    check_code(&primes, &rules, "");
    mpz_clear(distance);
    primes_close(&primes);
}

static void
a_small_factor_is_named(void **state)
{
    (void)state;
    struct primes primes;
    struct request_rules rules = fixture_rules();
    primes_open(&primes);
    mpz_set_ui(primes.p, 65521); /* the greatest below 2^16 */
    fixture_prime(primes.chance, 2032, primes.q);
    mpz_setbit(primes.q, 2031);
    check_code(&primes, &rules, "rsa-small-factor");
    primes_close(&primes);
}

static void
a_power_is_named(void **state)
{
    (void)state;
    struct primes primes;
    AUTO(weak_rsa_bench) bench = NULL;
    unsigned char octets[256];
    static const unsigned char exponent[] = {1, 0, 1};
    primes_open(&primes);
    check_ok(weak_rsa_bench_new(&bench));
    fixture_prime(primes.chance, 1024, primes.p);
    mpz_mul(primes.q, primes.p, primes.p);
    mpz_export(octets, NULL, 1, 1, 1, 0, primes.q);
    assert_int_equal(weak_rsa_find(bench, der_view(octets, 256), der_view(exponent, 3)),
                     WEAK_RSA_POWER);
    primes_close(&primes);
}

/* d of 500 bits is below the fourth root of n; e is then as long as n. */
static void
a_small_private_exponent_is_named(void **state)
{
    (void)state;
    struct primes primes;
    AUTO(weak_rsa_bench) bench = NULL;
    mpz_t n;
    mpz_t phi;
    mpz_t d;
    mpz_t e;
    unsigned char modulus[256];
    unsigned char exponent[256] = {0};
    size_t len = 0;
    primes_open(&primes);
    mpz_inits(n, phi, d, e, NULL);
    check_ok(weak_rsa_bench_new(&bench));
    fixture_prime(primes.chance, 1024, primes.p);
    fixture_prime(primes.chance, 1024, primes.q);
    fixture_prime(primes.chance, 500, d);
    mpz_mul(n, primes.p, primes.q);
    mpz_sub(phi, n, primes.p);
    mpz_sub(phi, phi, primes.q);
    mpz_add_ui(phi, phi, 1);
    assert_int_not_equal(mpz_invert(e, d, phi), 0);
    mpz_export(modulus, NULL, 1, 1, 1, 0, n);
    mpz_export(exponent, &len, 1, 1, 1, 0, e);
    assert_int_equal(
        weak_rsa_find(bench, der_view(modulus, sizeof modulus), der_view(exponent, len)),
        WEAK_RSA_WIENER);
    mpz_clears(n, phi, d, e, NULL);
    primes_close(&primes);
}

/* A block of the list: 15 octets of SHA-256 over the number, and the collection. */
static void
append_block(const unsigned char *number, size_t len, unsigned char collection,
             unsigned char block[16])
{
    unsigned char hash[32];
    EVP_Q_digest(NULL, "SHA256", NULL, number, len, hash, NULL);
    memcpy(block, hash, 15);
    block[15] = collection;
}

static int
compare_blocks(const void *a, const void *b)
{
    return memcmp(a, b, 15);
}

/* Stands for a key of CVE-2008-0166: what makes such a key weak is that it is in the list. */
static void
a_debian_weak_key_is_found_with_the_list_and_only_with_it(void **state)
{
    (void)state;
    struct primes primes;
    unsigned char blocks[101][16];
    unsigned char modulus[256];
    char path[] = "/tmp/blocklist-XXXXXX";
    AUTO(weak_list) list = NULL;
    struct request_rules rules = fixture_rules();
    primes_open(&primes);
    fixture_prime(primes.chance, 1024, primes.p);
    fixture_prime(primes.chance, 1024, primes.q);
    check_code(&primes, &rules, "");

    mpz_t n;
    mpz_init(n);
    mpz_mul(n, primes.p, primes.q);
    mpz_export(modulus, NULL, 1, 1, 1, 0, n);
    mpz_clear(n);
    for (unsigned char i = 0; i < 100; i++)
        append_block(&i, 1, 2, blocks[i]);
    append_block(modulus, sizeof modulus, 1, blocks[100]);
    qsort(blocks, 101, 16, compare_blocks);
    int file = mkstemp(path);
    assert_int_equal(write(file, blocks, sizeof blocks), sizeof blocks);
    close(file);

    check_ok(weak_list_open(path, NULL, &list));
    assert_int_equal(weak_list_count(list), 101);
    rules.list = list;
    check_code(&primes, &rules, "key-listed");
    assert_int_equal(weak_list_find(list, der_view(modulus, sizeof modulus)), 1);
    modulus[255] ^= 2;
    assert_int_equal(weak_list_find(list, der_view(modulus, sizeof modulus)), -1);
    unlink(path);
    primes_close(&primes);
}

static void
a_list_out_of_order_or_of_another_hash_is_refused(void **state)
{
    (void)state;
    static const unsigned char backwards[32] = {2, [16] = 1};
    char path[] = "/tmp/blocklist-XXXXXX";
    AUTO(weak_list) list = NULL;
    int file = mkstemp(path);
    assert_int_equal(write(file, backwards, sizeof backwards), sizeof backwards);
    check_error_says(weak_list_open(path, NULL, &list), ERROR_INPUT, "not sorted");
    check_error_says(weak_list_open(path, "00", &list), ERROR_INPUT, "another SHA-256");
    assert_int_equal(ftruncate(file, 31), 0);
    check_error_says(weak_list_open(path, NULL, &list), ERROR_INPUT, "whole blocks");
    unlink(path);
    check_error(weak_list_open(path, NULL, &list), ERROR_NOT_FOUND);
    close(file);
}

static void
points_of_low_order_and_off_the_curve_are_refused(void **state)
{
    (void)state;
    unsigned char ed25519[32] = {0};
    unsigned char ed448[57] = {0};
    static const unsigned char order8[32] = {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f,
                                             0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
                                             0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6,
                                             0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0xfa};
    assert_string_equal(weak_point_check(der_view(ed25519, 32)), "it has a low order");
    assert_string_equal(weak_point_check(der_view(ed448, 57)), "it has a low order");
    ed25519[0] = 1;
    ed448[0] = 1;
    assert_string_equal(weak_point_check(der_view(ed25519, 32)), "it has a low order");
    assert_string_equal(weak_point_check(der_view(ed448, 57)), "it has a low order");
    assert_string_equal(weak_point_check(der_view(order8, 32)), "it has a low order");
    memset(ed25519, 0xff, 32); /* 2^255 - 1 is above the prime */
    assert_string_equal(weak_point_check(der_view(ed25519, 32)),
                        "its coordinate is not reduced");
    assert_string_equal(weak_point_check(der_view(ed25519, 31)), "it has a wrong length");
}

/* About half of all y are on the curve; true keys always are. OpenSSL is asked of neither. */
static void
true_keys_are_on_the_curve_and_half_of_chance_is_not(void **state)
{
    (void)state;

    static const struct {
        const char *algorithm;
        size_t len;
    } kinds[] = {
        {"ED25519", 32},
        {"ED448",   57}
    };

    for (size_t k = 0; k < 2; k++) {
        size_t off = 0;
        for (int i = 0; i < 100; i++) {
            unsigned char octets[57];
            size_t len = sizeof octets;
            EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, kinds[k].algorithm);
            assert_int_equal(EVP_PKEY_get_raw_public_key(key, octets, &len), 1);
            assert_int_equal(len, kinds[k].len);
            assert_null(weak_point_check(der_view(octets, len)));
            octets[3] ^= 0x55;
            off += weak_point_check(der_view(octets, len)) != NULL;
            EVP_PKEY_free(key);
        }
        assert_in_range(off, 20, 80);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_key_is_accepted),
        cmocka_unit_test(a_roca_key_is_named),
        cmocka_unit_test(a_fermat_weak_key_is_named),
        cmocka_unit_test(a_fermat_weak_key_is_named_up_to_the_last_round),
        cmocka_unit_test(a_small_factor_is_named),
        cmocka_unit_test(a_power_is_named),
        cmocka_unit_test(a_small_private_exponent_is_named),
        cmocka_unit_test(a_debian_weak_key_is_found_with_the_list_and_only_with_it),
        cmocka_unit_test(a_list_out_of_order_or_of_another_hash_is_refused),
        cmocka_unit_test(points_of_low_order_and_off_the_curve_are_refused),
        cmocka_unit_test(true_keys_are_on_the_curve_and_half_of_chance_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
