/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "shamir/backup.h"
#include "tests/support/shares.h"

/* A key as PKCS#8, and the hash of its public key. */
static size_t
give_key(EVP_PKEY *key, uint8_t *ret_pkcs8, size_t room, uint8_t ret_hash[32])
{
    assert_non_null(key);
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    unsigned char *at = ret_pkcs8;
    int size = i2d_PKCS8_PRIV_KEY_INFO(info, NULL);
    assert_in_range(size, 1, room);
    (void)i2d_PKCS8_PRIV_KEY_INFO(info, &at);
    unsigned char *spki = NULL;
    int spki_size = i2d_PUBKEY(key, &spki);
    SHA256(spki, (size_t)spki_size, ret_hash);
    OPENSSL_free(spki);
    PKCS8_PRIV_KEY_INFO_free(info);
    EVP_PKEY_free(key);
    return (size_t)size;
}

static size_t
make_key(uint8_t *ret_pkcs8, size_t room, uint8_t ret_hash[32])
{
    return give_key(EVP_EC_gen("P-256"), ret_pkcs8, room, ret_hash);
}

/* RFC 5649 by OpenSSL. */
static size_t
wrap(const struct secret *kek, const uint8_t *plain, size_t size, uint8_t *ret_blob)
{
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    const EVP_CIPHER *cipher =
        secret_size(kek) == 32 ? EVP_aes_256_wrap_pad() : EVP_aes_128_wrap_pad();
    int out = 0;
    assert_int_equal(EVP_EncryptInit_ex(ctx, cipher, NULL, secret_borrow_const(kek), NULL), 1);
    assert_int_equal(EVP_EncryptUpdate(ctx, ret_blob, &out, plain, (int)size), 1);
    EVP_CIPHER_CTX_free(ctx);
    return (size_t)out;
}

static void
zeros_after_the_key_are_cut_off_and_nothing_else_is(void **state)
{
    (void)state;
    static const size_t kek_sizes[] = {16, 32};
    for (size_t k = 0; k < 2; k++) {
        AUTO(secret) kek = shares_master(kek_sizes[k]);
        uint8_t plain[512] = {0};
        uint8_t blob[600];
        uint8_t hash[32];
        size_t size = make_key(plain, sizeof plain - 8, hash);
        for (size_t zeros = 0; zeros <= 7; zeros++) {
            AUTO(secret) found = NULL;
            check_ok(backup_unwrap(kek, blob, wrap(kek, plain, size + zeros, blob), &found));
            assert_int_equal(secret_size(found), size);
            assert_memory_equal(secret_borrow_const(found), plain, size);
            uint8_t found_hash[BACKUP_HASH_SIZE];
            check_ok(backup_spki_hash(found, found_hash));
            assert_memory_equal(found_hash, hash, sizeof hash);
        }
        AUTO(secret) none = NULL;
        check_error_says(backup_unwrap(kek, blob, wrap(kek, plain, size + 8, blob), &none),
                         ERROR_INPUT, "not a private key");
        plain[size + 2] = 1;
        check_error_says(backup_unwrap(kek, blob, wrap(kek, plain, size + 3, blob), &none),
                         ERROR_INPUT, "something other than zeros");
        check_error_says(backup_unwrap(kek, blob, wrap(kek, plain, size - 1, blob), &none),
                         ERROR_INPUT, "not a private key");
        assert_null(none);
    }
}

/* Its length takes two octets, where that of an EC key takes one. */
static void
a_key_of_many_octets_comes_back(void **state)
{
    (void)state;
    AUTO(secret) kek = shares_master(32);
    AUTO(secret) found = NULL;
    static uint8_t plain[2048];
    static uint8_t blob[2100];
    uint8_t hash[32];
    uint8_t found_hash[BACKUP_HASH_SIZE];
    size_t size = give_key(EVP_RSA_gen(2048), plain, sizeof plain - 8, hash);
    assert_true(size > 256);
    check_ok(backup_unwrap(kek, blob, wrap(kek, plain, size + 5, blob), &found));
    assert_int_equal(secret_size(found), size);
    check_ok(backup_spki_hash(found, found_hash));
    assert_memory_equal(found_hash, hash, sizeof hash);
    secret_free(TAKE(found));
    plain[1] = 0x83; /* three octets of length: no key is that long */
    check_error_says(backup_unwrap(kek, blob, wrap(kek, plain, size, blob), &found),
                     ERROR_INPUT, "not a private key");
    plain[1] = 0x80; /* none: indefinite */
    check_error_says(backup_unwrap(kek, blob, wrap(kek, plain, size, blob), &found),
                     ERROR_INPUT, "not a private key");
}

static void
what_does_not_open_is_refused(void **state)
{
    (void)state;
    AUTO(secret) kek = shares_master(32);
    AUTO(secret) other = shares_master(32);
    secret_borrow(other)[31] ^= 1U;
    uint8_t plain[512] = {0};
    uint8_t blob[600];
    uint8_t hash[32];
    size_t size = wrap(kek, plain, make_key(plain, sizeof plain, hash), blob);
    AUTO(secret) found = NULL;
    check_error_says(backup_unwrap(other, blob, size, &found), ERROR_INPUT, "does not open");
    for (size_t i = 0; i < size; i++) {
        blob[i] ^= 0x40U;
        check_error_says(backup_unwrap(kek, blob, size, &found), ERROR_INPUT, "does not open");
        blob[i] ^= 0x40U;
    }
    check_error_says(backup_unwrap(kek, blob, size - 8, &found), ERROR_INPUT, "does not open");
    check_error_says(backup_unwrap(kek, blob, size - 1, &found), ERROR_INPUT, "no wrapped key");
    check_error_says(backup_unwrap(kek, blob, 0, &found), ERROR_INPUT, "0 bytes");
    memcpy(plain, "\x30\x03\x02\x01\x00", 5);
    check_error_says(backup_unwrap(kek, blob, wrap(kek, plain, 5, blob), &found), ERROR_INPUT,
                     "cannot be read");
    assert_null(found);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zeros_after_the_key_are_cut_off_and_nothing_else_is),
        cmocka_unit_test(a_key_of_many_octets_comes_back),
        cmocka_unit_test(what_does_not_open_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
