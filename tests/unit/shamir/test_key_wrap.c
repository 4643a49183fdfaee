/* SPDX-License-Identifier: Apache-2.0
 *
 * The CMAC vector was computed with the stock command:
 * head -c16 /dev/zero | openssl mac -cipher AES-256-CBC -macopt hexkey:KEY CMAC */
#include "shamir/key_wrap.h"
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
    check_ok(key_wrap_check_value(kek, value));
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
        check_ok(key_wrap_encrypt(kek, key, &blob));
        assert_int_equal(blob.len, (len + 7) / 8 * 8 + 8);
        AUTO(secret) back = NULL;
        check_ok(key_wrap_decrypt(kek, blob.data, blob.len, &back));
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
    check_ok(key_wrap_encrypt(kek, key, &blob));
    struct secret *back = NULL;
    check_error(key_wrap_decrypt(other, blob.data, blob.len, &back), ERROR_INPUT);
    for (size_t bit = 0; bit < blob.len * 8; bit++) {
        blob.data[bit / 8] ^= (unsigned char)(1U << bit % 8);
        check_error(key_wrap_decrypt(kek, blob.data, blob.len, &back), ERROR_INPUT);
        blob.data[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
    for (size_t len = 0; len < blob.len; len++)
        check_error(key_wrap_decrypt(kek, blob.data, len, &back), ERROR_INPUT);
    AUTO_FREE unsigned char *longest = calloc(1, KEY_WRAP_BLOB_MAX + 8);
    assert_non_null(longest);
    check_error_says(key_wrap_decrypt(kek, longest, KEY_WRAP_BLOB_MAX, &back), ERROR_INPUT,
                     "does not open");
    check_error_says(key_wrap_decrypt(kek, longest, KEY_WRAP_BLOB_MAX + 8, &back), ERROR_INPUT,
                     "which no wrapped key");
}

static void
a_key_of_another_length_is_refused(void **state)
{
    (void)state;
    unsigned char value[KEY_WRAP_CHECK_SIZE];
    AUTO(secret) odd = NULL;
    AUTO(secret) key = key_of(100);
    AUTO_BYTES blob = {0};
    struct secret *back = NULL;
    check_ok(secret_from("eighteen bytes ...", 18, &odd));
    check_error_says(key_wrap_check_value(odd, value), ERROR_INPUT, "18 bytes");
    check_error_says(key_wrap_encrypt(odd, key, &blob), ERROR_INPUT, "18 bytes");
    check_error_says(key_wrap_decrypt(odd, value, sizeof value, &back), ERROR_INPUT,
                     "18 bytes");
}

/* The example of RFC 5649, section 6: a KEK of 24 bytes. */
static void
wrapping_is_that_of_the_standard(void **state)
{
    (void)state;
    static const unsigned char kek_bytes[24] = {0x58, 0x40, 0xdf, 0x6e, 0x29, 0xb0, 0x2a, 0xf1,
                                                0xab, 0x49, 0x3b, 0x70, 0x5b, 0xf1, 0x6e, 0xa1,
                                                0xae, 0x83, 0x38, 0xf4, 0xdc, 0xc1, 0x76, 0xa8};
    static const unsigned char plain[7] = {0x46, 0x6f, 0x72, 0x50, 0x61, 0x73, 0x69};
    static const unsigned char wrapped[16] = {0xaf, 0xbe, 0xb0, 0xf0, 0x7d, 0xfb, 0xf5, 0x41,
                                              0x92, 0x00, 0xf2, 0xcc, 0xb5, 0x0b, 0xb2, 0x4f};
    AUTO(secret) kek = NULL;
    AUTO(secret) key = NULL;
    AUTO(secret) back = NULL;
    AUTO_BYTES blob = {0};
    check_ok(secret_from(kek_bytes, sizeof kek_bytes, &kek));
    check_ok(secret_from(plain, sizeof plain, &key));
    check_ok(key_wrap_encrypt(kek, key, &blob));
    assert_int_equal(blob.len, sizeof wrapped);
    assert_memory_equal(blob.data, wrapped, sizeof wrapped);
    check_ok(key_wrap_decrypt(kek, wrapped, sizeof wrapped, &back));
    assert_true(secret_equal(key, back));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_check_value_is_the_one_of_stock_openssl),
        cmocka_unit_test(wrapping_survives_the_way_there_and_back_at_every_length),
        cmocka_unit_test(damage_and_a_wrong_key_are_noticed),
        cmocka_unit_test(a_key_of_another_length_is_refused),
        cmocka_unit_test(wrapping_is_that_of_the_standard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
