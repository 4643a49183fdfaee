/* SPDX-License-Identifier: Apache-2.0
 *
 * The CMAC vector was computed with the stock command:
 * head -c16 /dev/zero | openssl mac -cipher AES-256-CBC -macopt hexkey:KEY CMAC */
#include "p11/wrap.h"
#include "p11/wrap_software.h"
#include "tests/support/check.h"

static struct secret *
key_of(unsigned char first)
{
    unsigned char value[32];
    for (size_t i = 0; i < sizeof value; i++)
        value[i] = (unsigned char)(first + i);
    struct secret *key = NULL;
    check_ok(secret_from(value, sizeof value, &key));
    return key;
}

static void
the_check_value_is_the_one_of_stock_openssl(void **state)
{
    (void)state;
    AUTO(secret) kek = key_of(0);
    unsigned char value[8];
    check_ok(p11_kek_check_value(kek, value));
    static const unsigned char expected[8] = {0x37, 0x78, 0x22, 0xc0, 0x93, 0x48, 0xad, 0x3b};
    assert_memory_equal(value, expected, sizeof value);
}

static void
wrapping_survives_the_way_there_and_back_at_every_length(void **state)
{
    (void)state;
    AUTO(secret) kek = key_of(7);
    for (size_t len = 1; len <= 40; len++) {
        unsigned char plain[40];
        memset(plain, 0xa5, sizeof plain);
        AUTO(secret) key = NULL;
        check_ok(secret_from(plain, len, &key));
        AUTO_BYTES blob = {0};
        check_ok(wrap_software(kek, key, &blob));
        assert_int_equal(blob.len, (len + 7) / 8 * 8 + 8);
        AUTO(secret) back = NULL;
        check_ok(unwrap_software(kek, blob.data, blob.len, &back));
        assert_true(secret_equal(key, back));
    }
}

static void
damage_and_a_wrong_key_are_noticed(void **state)
{
    (void)state;
    AUTO(secret) kek = key_of(7);
    AUTO(secret) other = key_of(8);
    AUTO(secret) key = key_of(100);
    AUTO_BYTES blob = {0};
    check_ok(wrap_software(kek, key, &blob));
    struct secret *back = NULL;
    check_error(unwrap_software(other, blob.data, blob.len, &back), ERROR_VERIFICATION);
    for (size_t bit = 0; bit < blob.len * 8; bit++) {
        blob.data[bit / 8] ^= (unsigned char)(1U << bit % 8);
        check_error(unwrap_software(kek, blob.data, blob.len, &back), ERROR_VERIFICATION);
        blob.data[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
    for (size_t len = 0; len < blob.len; len++)
        check_error(unwrap_software(kek, blob.data, len, &back), ERROR_VERIFICATION);
}

static void
unwrap_of(const unsigned char *plain, size_t len, size_t expected)
{
    AUTO(secret) kek = key_of(1);
    AUTO(secret) key = NULL;
    check_ok(secret_from(plain, len, &key));
    AUTO_BYTES blob = {0};
    check_ok(wrap_software(kek, key, &blob));
    AUTO(secret) back = NULL;
    if (expected == 0) {
        check_error(p11_software_unwrap(kek, blob.data, blob.len, &back), ERROR_VERIFICATION);
        return;
    }
    check_ok(p11_software_unwrap(kek, blob.data, blob.len, &back));
    assert_int_equal(secret_size(back), expected);
}

static void
only_zeros_may_follow_the_private_key(void **state)
{
    (void)state;
    static const unsigned char exact[] = {0x30, 3, 2, 1, 0};
    static const unsigned char padded[] = {0x30, 3, 2, 1, 0, 0, 0, 0};
    static const unsigned char dirty[] = {0x30, 3, 2, 1, 0, 0, 1, 0};
    static const unsigned char too_many[] = {0x30, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    static const unsigned char too_short[] = {0x30, 9, 2, 1, 0};
    static const unsigned char no_sequence[] = {0x04, 3, 2, 1, 0};
    unwrap_of(exact, sizeof exact, 5);
    unwrap_of(padded, sizeof padded, 5);
    unwrap_of(dirty, sizeof dirty, 0);
    unwrap_of(too_many, sizeof too_many, 0);
    unwrap_of(too_short, sizeof too_short, 0);
    unwrap_of(no_sequence, sizeof no_sequence, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_check_value_is_the_one_of_stock_openssl),
        cmocka_unit_test(wrapping_survives_the_way_there_and_back_at_every_length),
        cmocka_unit_test(damage_and_a_wrong_key_are_noticed),
        cmocka_unit_test(only_zeros_may_follow_the_private_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
