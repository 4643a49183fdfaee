/* SPDX-License-Identifier: Apache-2.0
 *
 * Where OpenSSL does not compute what it is asked for, nothing comes out that looks like a value. */
#include <dlfcn.h>

#include <openssl/evp.h>

#include "shamir/key_wrap.h"
#include "tests/support/check.h"
#include "tests/support/shares.h"

static bool fails;

int
EVP_MAC_final(EVP_MAC_CTX *context, unsigned char *out, size_t *len, size_t size)
{
    int (*real)(EVP_MAC_CTX *, unsigned char *, size_t *, size_t) = NULL;
    *(void **)(void *)&real = dlsym(RTLD_NEXT, "EVP_MAC_final");
    return fails ? 0 : real(context, out, len, size);
}

int
EVP_CipherFinal_ex(EVP_CIPHER_CTX *context, unsigned char *out, int *len)
{
    int (*real)(EVP_CIPHER_CTX *, unsigned char *, int *) = NULL;
    *(void **)(void *)&real = dlsym(RTLD_NEXT, "EVP_CipherFinal_ex");
    return fails ? 0 : real(context, out, len);
}

static void
no_check_value_and_no_blob(void **state)
{
    (void)state;
    static const uint8_t untouched[KEY_WRAP_CHECK_SIZE] = {7, 7, 7, 7, 7, 7, 7, 7};
    uint8_t value[KEY_WRAP_CHECK_SIZE];
    AUTO(secret) kek = shares_master(32);
    AUTO(secret) back = NULL;
    AUTO_BYTES blob = {0};
    memcpy(value, untouched, sizeof value);
    fails = true;
    check_error_says(key_wrap_check_value(kek, value), ERROR_UNSUPPORTED, "CMAC");
    assert_memory_equal(value, untouched, sizeof value);
    check_error_says(key_wrap_encrypt(kek, kek, &blob), ERROR_UNSUPPORTED, "did not wrap");
    assert_int_equal(blob.len, 0);
    fails = false;
    check_ok(key_wrap_check_value(kek, value));
    check_ok(key_wrap_encrypt(kek, kek, &blob));
    fails = true;
    check_error(key_wrap_decrypt(kek, blob.data, blob.len, &back), ERROR_INPUT);
    assert_null(back);
    fails = false;
    check_ok(key_wrap_decrypt(kek, blob.data, blob.len, &back));
    assert_true(secret_equal(kek, back));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_check_value_and_no_blob)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
