/* SPDX-License-Identifier: Apache-2.0
 *
 * Shared primes among many moduli (R67). */
#include <gmp.h>

#include "ceremony/pki/weak_shared.h"
#include "tests/support/check.h"

#define COUNT  1000
#define OCTETS 128

struct hits {
    uint64_t tags[16];
    uint64_t with[16];
    size_t count;
    double last;
    size_t steps;
    size_t stop_after; /* 0: never */
};

static struct error *
note_found(void *user, uint64_t tag, uint64_t with)
{
    struct hits *hits = user;
    assert_true(hits->count < 16);
    hits->tags[hits->count] = tag;
    hits->with[hits->count++] = with;
    return NULL;
}

static struct error *
note_progress(void *user, double part)
{
    struct hits *hits = user;
    assert_true(part > hits->last && part <= 1);
    hits->last = part;
    hits->steps++;
    if (hits->stop_after > 0 && hits->steps >= hits->stop_after)
        return ERROR(ERROR_INTERRUPTED, "stopped");
    return NULL;
}

/* Products of two primes of 512 bits, each prime in one modulus only. */
static void
make_moduli(mpz_t *primes, unsigned char (*moduli)[OCTETS])
{
    gmp_randstate_t chance;
    mpz_t n;
    gmp_randinit_mt(chance);
    gmp_randseed_ui(chance, 67);
    mpz_init(n);
    for (size_t i = 0; i < 2; i++) {
        mpz_init(primes[i]);
        mpz_urandomb(primes[i], chance, 512);
        mpz_setbit(primes[i], 511);
        mpz_setbit(primes[i], 510);
        mpz_nextprime(primes[i], primes[i]);
    }
    for (size_t i = 2; i < 2 * COUNT; i++) {
        mpz_init(primes[i]);
        mpz_nextprime(primes[i], primes[i - 2]);
    }
    for (size_t i = 0; i < COUNT; i++) {
        mpz_mul(n, primes[2 * i], primes[2 * i + 1]);
        mpz_export(moduli[i], NULL, 1, 1, 1, 0, n);
    }
    mpz_clear(n);
    gmp_randclear(chance);
}

static void
add_all(struct weak_shared *shared, unsigned char (*moduli)[OCTETS], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        bool within = false;
        check_ok(weak_shared_add(shared, der_view(moduli[i], OCTETS), i, &within));
        assert_true(within);
    }
}

static void
two_of_a_thousand_are_found_and_no_other(void **state)
{
    (void)state;
    static unsigned char moduli[COUNT][OCTETS];
    static mpz_t primes[2 * COUNT];
    AUTO(weak_shared) shared = NULL;
    struct hits hits = {0};
    struct weak_shared_report report = {&hits, note_progress, note_found};
    mpz_t n;
    make_moduli(primes, moduli);
    mpz_init(n);
    mpz_mul(n, primes[2 * 42], primes[2 * 777 + 1]);
    mpz_export(moduli[777], NULL, 1, 1, 1, 0, n);
    check_ok(weak_shared_new(0, &shared));
    add_all(shared, moduli, COUNT);
    check_ok(weak_shared_find(shared, &report));
    assert_int_equal(hits.count, 2);
    assert_int_equal(hits.tags[0] + hits.tags[1], 42 + 777);
    assert_int_equal(hits.with[0], hits.tags[1]);
    assert_int_equal(hits.with[1], hits.tags[0]);
    assert_true(hits.steps > 10);
    mpz_clear(n);
    for (size_t i = 0; i < 2 * COUNT; i++)
        mpz_clear(primes[i]);
}

/* p q, q r, r p: every modulus is the product of primes that others have. */
static void
a_ring_of_shared_primes_is_found_whole(void **state)
{
    (void)state;
    static const unsigned numbers[] = {101 * 103, 103 * 107, 107 * 101, 109 * 113};
    AUTO(weak_shared) shared = NULL;
    struct hits hits = {0};
    struct weak_shared_report report = {&hits, NULL, note_found};
    check_ok(weak_shared_new(0, &shared));
    for (size_t i = 0; i < 4; i++) {
        unsigned char octets[2] = {(unsigned char)(numbers[i] >> 8), (unsigned char)numbers[i]};
        bool within = false;
        check_ok(weak_shared_add(shared, der_view(octets, 2), i, &within));
    }
    check_ok(weak_shared_find(shared, &report));
    assert_int_equal(hits.count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_true(hits.tags[i] < 3);
}

static void
the_same_modulus_twice_is_not_a_shared_prime(void **state)
{
    (void)state;
    unsigned char octets[2] = {101 * 103 >> 8, 101 * 103 & 0xff};
    AUTO(weak_shared) shared = NULL;
    struct hits hits = {0};
    struct weak_shared_report report = {&hits, NULL, note_found};
    bool within = false;
    check_ok(weak_shared_new(0, &shared));
    check_ok(weak_shared_add(shared, der_view(octets, 2), 1, &within));
    check_ok(weak_shared_add(shared, der_view(octets, 2), 2, &within));
    check_ok(weak_shared_find(shared, &report));
    assert_int_equal(hits.count, 0);
}

static void
beyond_the_bound_nothing_is_taken(void **state)
{
    (void)state;
    static const unsigned char octets[2] = {0x28, 0xa3};
    AUTO(weak_shared) shared = NULL;
    bool within = false;
    check_ok(weak_shared_new(5, &shared));
    check_ok(weak_shared_add(shared, der_view(octets, 2), 1, &within));
    assert_true(within);
    check_ok(weak_shared_add(shared, der_view(octets, 2), 2, &within));
    assert_true(within);
    check_ok(weak_shared_add(shared, der_view(octets, 2), 3, &within));
    assert_false(within);
}

static void
who_watches_may_stop_it(void **state)
{
    (void)state;
    AUTO(weak_shared) shared = NULL;
    struct hits hits = {.stop_after = 2};
    struct weak_shared_report report = {&hits, note_progress, note_found};
    check_ok(weak_shared_new(0, &shared));
    for (unsigned i = 0; i < 100; i++) {
        unsigned number = 60001 + 2 * i;
        unsigned char octets[2] = {(unsigned char)(number >> 8), (unsigned char)number};
        bool within = false;
        check_ok(weak_shared_add(shared, der_view(octets, 2), i, &within));
    }
    check_error(weak_shared_find(shared, &report), ERROR_INTERRUPTED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_of_a_thousand_are_found_and_no_other),
        cmocka_unit_test(a_ring_of_shared_primes_is_found_whole),
        cmocka_unit_test(the_same_modulus_twice_is_not_a_shared_prime),
        cmocka_unit_test(beyond_the_bound_nothing_is_taken),
        cmocka_unit_test(who_watches_may_stop_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
