/* SPDX-License-Identifier: Apache-2.0 */
#include "shamir/shamir_core.h"

#define GF_REDUCTION 0x1BU /* x^8 = x^4 + x^3 + x + 1 */
#define GF_BITS      8U

/* All ones if the lowest bit of `bit` is set, else zero. The empty assembly keeps the compiler from
 * knowing that there are only two cases, which it might otherwise turn into a branch. */
static inline uint32_t
mask_ct(uint32_t bit)
{
    uint32_t mask = 0U - (bit & 1U);
    __asm__("" : "+r"(mask));
    return mask;
}

uint8_t
shamir_gf_mul_ct(uint8_t a, uint8_t b)
{
    uint32_t left = a;
    uint32_t right = b;
    uint32_t product = 0;
    for (unsigned bit = 0; bit < GF_BITS; bit++) {
        product ^= mask_ct(right >> bit) & left;
        left = (left << 1) ^ (mask_ct(left >> (GF_BITS - 1)) & (0x100U | GF_REDUCTION));
    }
    return (uint8_t)product;
}

uint8_t
shamir_gf_inv_ct(uint8_t a)
{
    /* a^254: the product of a^2, a^4 ... a^128. */
    uint8_t square = a;
    uint8_t inverse = 1;
    for (unsigned bit = 1; bit < GF_BITS; bit++) {
        square = shamir_gf_mul_ct(square, square);
        inverse = shamir_gf_mul_ct(inverse, square);
    }
    return inverse;
}

uint8_t
shamir_lagrange_var(const uint8_t *xs, size_t count, size_t i, uint8_t x)
{
    uint8_t above = 1;
    uint8_t below = 1;
    for (size_t j = 0; j < count; j++) {
        if (j == i)
            continue;
        above = shamir_gf_mul_ct(above, (uint8_t)(x ^ xs[j]));
        below = shamir_gf_mul_ct(below, (uint8_t)(xs[i] ^ xs[j]));
    }
    return shamir_gf_mul_ct(above, shamir_gf_inv_ct(below));
}

void
shamir_interpolate_ct(const uint8_t *xs, const uint8_t *const *ys, size_t count, size_t len,
                      uint8_t x, uint8_t *ret_y)
{
    for (size_t k = 0; k < len; k++)
        ret_y[k] = 0;
    for (size_t i = 0; i < count; i++) {
        uint8_t coefficient = shamir_lagrange_var(xs, count, i, x);
        for (size_t k = 0; k < len; k++)
            ret_y[k] = (uint8_t)(ret_y[k] ^ shamir_gf_mul_ct(coefficient, ys[i][k]));
    }
}

void
shamir_split_ct(const uint8_t *xs, const uint8_t *const *ys, size_t threshold, size_t len,
                uint8_t *const *shares, size_t count)
{
    for (size_t k = 0; k < count; k++) {
        size_t given = 0;
        while (given < threshold && ys[given] != shares[k])
            given++;
        if (given == threshold)
            shamir_interpolate_ct(xs, ys, threshold, len, (uint8_t)k, shares[k]);
    }
}
