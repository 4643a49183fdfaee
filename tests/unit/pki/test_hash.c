/* SPDX-License-Identifier: Apache-2.0
 *
 * The examples of FIPS 180-4 for "abc". */
#include "ceremony/pki/hash.h"
#include "tests/support/check.h"

static void
test_abc(void **state)
{
    (void)state;
    char sha256[65];
    char sha384[97];
    check_ok(pki_sha256_hex("abc", 3, sha256));
    check_ok(pki_sha384_hex("abc", 3, sha384));
    assert_string_equal(sha256,
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_string_equal(sha384,
                        "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                        "8086072ba1e7cc2358baeca134c825a7");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_abc)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
