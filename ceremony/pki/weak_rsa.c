/* SPDX-License-Identifier: Apache-2.0
 *
 * Small factors: one gcd with the product of all primes below 65,537. Powers: GMP. ROCA: the moduli of
 * that library lie, modulo each small prime, in the group that 65,537 generates. Fermat: n is a
 * difference of squares near its root (BR 6.1.1.3 asks for 100 rounds). Wiener: a private exponent
 * below the fourth root of n appears among the convergents of e / n. */
#include "ceremony/pki/weak_rsa.h"

#include <stdbool.h>
#include <stdint.h>

#include <gmp.h>

#define SMALL_FACTORS_BELOW 65537U
#define FERMAT_ROUNDS       100
#define GENERATOR           65537U
#define PRIME_ROUNDS        2

/* The primes that ROCA moduli are tried with. */
static const unsigned char roca_primes[] = {
    3,  5,  7,  11, 13, 17,  19,  23,  29,  31,  37,  41,  43,  47,  53,  59,  61,  67,  71,
    73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167};
#define ROCA_COUNT (sizeof roca_primes)

struct weak_rsa_bench {
    mpz_t small_primes; /* their product */
    mpz_t n;
    mpz_t e;
    mpz_t work[8];
    bool roca[ROCA_COUNT][256]; /* which residues lie in the group */
};

#define WORK_COUNT 8

struct error *
weak_rsa_bench_new(struct weak_rsa_bench **ret_bench)
{
    struct weak_rsa_bench *bench = calloc(1, sizeof *bench);
    if (bench == NULL)
        return error_memory();
    mpz_inits(bench->small_primes, bench->n, bench->e, NULL);
    for (size_t i = 0; i < WORK_COUNT; i++)
        mpz_init(bench->work[i]);
    mpz_primorial_ui(bench->small_primes, SMALL_FACTORS_BELOW - 1);
    for (size_t i = 0; i < ROCA_COUNT; i++) {
        unsigned prime = roca_primes[i];
        unsigned power = 1;
        do {
            bench->roca[i][power] = true;
            power = power * (GENERATOR % prime) % prime;
        } while (power != 1);
    }
    *ret_bench = bench;
    return NULL;
}

void
weak_rsa_bench_free(struct weak_rsa_bench *bench)
{
    if (bench == NULL)
        return;
    mpz_clears(bench->small_primes, bench->n, bench->e, NULL);
    for (size_t i = 0; i < WORK_COUNT; i++)
        mpz_clear(bench->work[i]);
    free(bench);
}

static bool
has_small_factor(struct weak_rsa_bench *bench)
{
    mpz_t *work = bench->work;
    mpz_mod(work[0], bench->small_primes, bench->n);
    mpz_gcd(work[1], work[0], bench->n);
    return mpz_cmp_ui(work[1], 1) != 0;
}

static bool
is_roca(const struct weak_rsa_bench *bench)
{
    for (size_t i = 0; i < ROCA_COUNT; i++)
        if (!bench->roca[i][mpz_fdiv_ui(bench->n, roca_primes[i])])
            return false;
    return true;
}

static bool
is_fermat_near(struct weak_rsa_bench *bench)
{
    mpz_t *work = bench->work;
    mpz_sqrt(work[0], bench->n);
    for (int i = 0; i < FERMAT_ROUNDS; i++) {
        mpz_add_ui(work[0], work[0], 1);
        mpz_mul(work[1], work[0], work[0]);
        mpz_sub(work[1], work[1], bench->n);
        if (mpz_perfect_square_p(work[1]) != 0)
            return true;
    }
    return false;
}

/* Is d, with e d = 1 + k phi, the private exponent? Then n - phi + 1 = p + q, whose square less 4 n
 * is a square. */
static bool
is_private(struct weak_rsa_bench *bench, const mpz_t k, const mpz_t d)
{
    mpz_t *work = bench->work;
    if (mpz_sgn(k) == 0)
        return false;
    mpz_mul(work[6], bench->e, d);
    mpz_sub_ui(work[6], work[6], 1);
    if (mpz_divisible_p(work[6], k) == 0)
        return false;
    mpz_divexact(work[6], work[6], k); /* phi */
    mpz_sub(work[6], bench->n, work[6]);
    mpz_add_ui(work[6], work[6], 1); /* p + q */
    mpz_mul(work[7], work[6], work[6]);
    mpz_submul_ui(work[7], bench->n, 4);
    return mpz_sgn(work[7]) >= 0 && mpz_perfect_square_p(work[7]) != 0;
}

/* work: 0, 1 the remainders; 2, 3 numerators; 4, 5 denominators of the last two convergents. */
static bool
has_small_private(struct weak_rsa_bench *bench)
{
    mpz_t *work = bench->work;
    mpz_set(work[0], bench->e);
    mpz_set(work[1], bench->n);
    mpz_set_ui(work[2], 0);
    mpz_set_ui(work[3], 1);
    mpz_set_ui(work[4], 1);
    mpz_set_ui(work[5], 0);
    size_t limit = mpz_sizeinbase(bench->n, 2) / 4 + 2;
    while (mpz_sgn(work[1]) != 0 && mpz_sizeinbase(work[5], 2) <= limit) {
        mpz_fdiv_qr(work[6], work[7], work[0], work[1]);
        mpz_swap(work[0], work[1]);
        mpz_swap(work[1], work[7]);
        mpz_addmul(work[2], work[6], work[3]);
        mpz_swap(work[2], work[3]);
        mpz_addmul(work[4], work[6], work[5]);
        mpz_swap(work[4], work[5]);
        if (is_private(bench, work[3], work[5]))
            return true;
    }
    return false;
}

enum weak_rsa
weak_rsa_find(struct weak_rsa_bench *bench, struct der modulus, struct der exponent)
{
    mpz_import(bench->n, modulus.len, 1, 1, 1, 0, modulus.p);
    mpz_import(bench->e, exponent.len, 1, 1, 1, 0, exponent.p);
    if (has_small_factor(bench))
        return WEAK_RSA_FACTOR;
    if (mpz_perfect_power_p(bench->n) != 0 || mpz_probab_prime_p(bench->n, PRIME_ROUNDS) != 0)
        return WEAK_RSA_POWER;
    if (is_roca(bench))
        return WEAK_RSA_ROCA;
    if (is_fermat_near(bench))
        return WEAK_RSA_FERMAT;
    if (mpz_sizeinbase(bench->e, 2) > 64 && has_small_private(bench))
        return WEAK_RSA_WIENER;
    return WEAK_RSA_NONE;
}
