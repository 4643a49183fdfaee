/* SPDX-License-Identifier: Apache-2.0
 *
 * All 65,536 products and all inverses against polynomial arithmetic done the long way. */
#include "shamir/shamir_core.h"
#include "tests/support/check.h"

/* The carry-less product, then long division by x^8 + x^4 + x^3 + x + 1. */
static unsigned
product(unsigned a, unsigned b)
{
    unsigned wide = 0;
    for (unsigned i = 0; i < 8; i++)
        if ((b >> i & 1U) != 0)
            wide ^= a << i;
    for (unsigned degree = 14; degree >= 8; degree--)
        if ((wide >> degree & 1U) != 0)
            wide ^= 0x11BU << (degree - 8);
    return wide;
}

static void
all_products(void **state)
{
    (void)state;
    for (unsigned a = 0; a < 256; a++)
        for (unsigned b = 0; b < 256; b++)
            assert_int_equal(shamir_gf_mul_ct((uint8_t)a, (uint8_t)b), product(a, b));
    /* FIPS 197, 4.2: the two worked examples. */
    assert_int_equal(shamir_gf_mul_ct(0x57, 0x83), 0xC1);
    assert_int_equal(shamir_gf_mul_ct(0x57, 0x13), 0xFE);
}

static void
all_inverses(void **state)
{
    (void)state;
    assert_int_equal(shamir_gf_inv_ct(0), 0);
    for (unsigned a = 1; a < 256; a++)
        assert_int_equal(product(a, shamir_gf_inv_ct((uint8_t)a)), 1);
}

/* Every polynomial x -> c0 + c1 x with three points of it, read at every index. */
static void
all_lines(void **state)
{
    (void)state;
    for (unsigned c0 = 0; c0 < 256; c0 += 5)
        for (unsigned c1 = 0; c1 < 256; c1++) {
            uint8_t y0 = (uint8_t)(c0 ^ product(c1, 3));
            uint8_t y1 = (uint8_t)(c0 ^ product(c1, 9));
            const uint8_t xs[] = {3, 9};
            const uint8_t *const ys[] = {&y0, &y1};
            for (unsigned x = 0; x < 256; x += 17) {
                uint8_t y = 0;
                shamir_interpolate_ct(xs, ys, 2, 1, (uint8_t)x, &y);
                assert_int_equal(y, c0 ^ product(c1, x));
            }
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_products),
        cmocka_unit_test(all_inverses),
        cmocka_unit_test(all_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
