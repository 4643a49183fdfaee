/* SPDX-License-Identifier: Apache-2.0
 *
 * Ed25519 is -x^2 + y^2 = 1 + d x^2 y^2 modulo 2^255 - 19, Ed448 x^2 + y^2 = 1 + d x^2 y^2 modulo
 * 2^448 - 2^224 - 1. A key is y, little-endian, and the sign of x. There is an x when
 * (y^2 - 1) / (d y^2 + 1), for Ed448 (y^2 - 1) / (d y^2 - 1), is a square. The few points of low order
 * are told by their y. */
#include "ceremony/pki/weak_point.h"

#include <string.h>

#include <gmp.h>

struct curve {
    size_t octets;
    const char *prime;      /* hexadecimal */
    const char *d;          /* modulo the prime */
    int v_sign;             /* of the 1 in the denominator */
    const char *const *low; /* y of the points of low order; they end with NULL */
};

/* Orders 1 and 2: y = 1 and -1. Order 4: 0. Order 8 (Ed25519 only): two more. */
static const char *const low_25519[] = {
    "0",
    "1",
    "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec",
    "7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7",
    "05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826",
    NULL,
};
static const char *const low_448[] = {
    "0",
    "1",
    "fffffffffffffffffffffffffffffffffffffffffffffffffffffffe"
    "fffffffffffffffffffffffffffffffffffffffffffffffffffffffe",
    NULL,
};

static const struct curve curves[] = {
    {32, "7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed",
     "52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3",                                                         1,  low_25519},
    {57,
     "fffffffffffffffffffffffffffffffffffffffffffffffffffffffe"
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffff",             "fffffffffffffffffffffffffffffffffffffffffffffffffffffffe"
     "ffffffffffffffffffffffffffffffffffffffffffffffffffff6756", -1, low_448  },
};

/* The octets without the sign bit, as a number. */
static const char *
read_y(const struct curve *curve, struct der octets, const mpz_t prime, mpz_t y)
{
    unsigned char copy[57];
    memcpy(copy, octets.p, curve->octets);
    copy[curve->octets - 1] &= 0x7f;
    mpz_import(y, curve->octets, -1, 1, 0, 0, copy);
    return mpz_cmp(y, prime) < 0 ? NULL : "its coordinate is not reduced";
}

static const char *
judge(const struct curve *curve, struct der octets, mpz_t prime, mpz_t y, mpz_t u, mpz_t v)
{
    const char *fault = read_y(curve, octets, prime, y);
    if (fault != NULL)
        return fault;
    for (const char *const *low = curve->low; *low != NULL; low++) {
        mpz_set_str(u, *low, 16);
        if (mpz_cmp(u, y) == 0)
            return "it has a low order";
    }
    mpz_mul(u, y, y);
    mpz_set_str(v, curve->d, 16);
    mpz_mul(v, v, u);
    if (curve->v_sign > 0)
        mpz_add_ui(v, v, 1);
    else
        mpz_sub_ui(v, v, 1);
    mpz_sub_ui(u, u, 1);
    mpz_mul(u, u, v); /* u / v and u v are squares together */
    mpz_mod(u, u, prime);
    return mpz_legendre(u, prime) >= 0 ? NULL : "it is not on the curve";
}

const char *
weak_point_check(struct der octets)
{
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        if (octets.len != curves[i].octets)
            continue;
        mpz_t prime;
        mpz_t y;
        mpz_t u;
        mpz_t v;
        mpz_inits(prime, y, u, v, NULL);
        mpz_set_str(prime, curves[i].prime, 16);
        const char *fault = judge(&curves[i], octets, prime, y, u, v);
        mpz_clears(prime, y, u, v, NULL);
        return fault;
    }
    return "it has a wrong length";
}
