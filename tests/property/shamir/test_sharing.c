/* SPDX-License-Identifier: Apache-2.0
 *
 * What a dealer may get wrong: plans drawn at random, shares that are not uniform, and k-1 shares
 * that say something. */
#include "ceremony/base/random.h"
#include "shamir/shamir_core.h"
#include "shamir/slip39_internal.h"
#include "tests/support/shares.h"

#define PLANS         60U
#define SPLITS        1000000U
#define TEST_SIZE     16U
#define CHI_SQUARE_HI 377.0 /* 255 degrees of freedom, one in a million */
#define CHI_SQUARE_LO 160.0

static unsigned
draw(unsigned below)
{
    uint32_t value = 0;
    check_ok(random_below(below, &value));
    return value;
}

static struct slip39_plan
random_plan(void)
{
    struct slip39_plan plan = {
        .group_count = 1 + draw(5),
        .extendable = draw(2) == 1,
    };
    plan.group_threshold = 1 + draw((unsigned)plan.group_count);
    for (size_t i = 0; i < plan.group_count; i++) {
        unsigned count = 1 + draw(16);
        bool lone = count == 1 && plan.group_threshold > 1;
        if (count == 1 && !lone)
            count = 2;
        plan.groups[i].count = count;
        plan.groups[i].threshold = lone ? 1 : 2 + draw(count - 1);
    }
    return plan;
}

static void
random_plans_come_back_from_a_random_choice(void **state)
{
    (void)state;
    for (unsigned n = 0; n < PLANS; n++) {
        struct slip39_plan plan = random_plan();
        size_t size = SLIP39_MASTER_MIN + 2 * draw(25);
        AUTO(secret) master = NULL;
        check_ok(secret_new(size, &master));
        check_ok(random_bytes(secret_borrow(master), size));
        AUTO(slip39_set) set = NULL;
        check_ok(slip39_split(&plan, master, NULL, NULL, &set));
        AUTO(slip39_collector) collector = NULL;
        check_ok(slip39_collector_new(&collector));
        /* Shares in random order; those too many are refused, until there are enough. */
        while (!slip39_collector_is_complete(collector)) {
            AUTO(secret) none = NULL;
            check_error(slip39_combine(collector, NULL, &none), ERROR_REFUSED);
            struct slip39_share *share =
                shares_share(set, draw((unsigned)slip39_set_count(set)));
            error_free(slip39_collector_add(collector, share));
        }
        AUTO(secret) found = NULL;
        check_ok(slip39_combine(collector, NULL, &found));
        assert_true(secret_equal(master, found));
    }
}

/* One secret split a million times, 3 of 5: shares 1 and 2 are a value each, and share 3 given both is
 * what a missing coefficient would betray. */
static void
share_bytes_are_uniform_given_the_others(void **state)
{
    (void)state;

    enum {
        COUNT = 5,
        THRESHOLD = 3
    };

    static unsigned seen[COUNT][256];
    static unsigned third[256];
    uint8_t secret[TEST_SIZE] = {0};
    uint8_t scratch[TEST_SIZE];
    uint8_t values[COUNT][TEST_SIZE];
    uint8_t *shares[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        shares[i] = values[i];
    for (unsigned n = 0; n < SPLITS; n++) {
        check_ok(slip39_level_split(NULL, (struct slip39_group){THRESHOLD, COUNT}, secret,
                                    TEST_SIZE, scratch, shares));
        /* Byte 5: past the digest, whose bytes depend on the rest. */
        for (size_t i = 0; i < COUNT; i++)
            seen[i][values[i][5]]++;
        /* The coefficient of x^2 of the polynomial through 0, 1, 2 in byte 5. */
        const uint8_t xs[] = {0, 1, 2};
        uint8_t top = 0;
        for (unsigned i = 0; i < 3; i++) {
            uint8_t below = 1;
            for (unsigned k = 0; k < 3; k++)
                if (k != i)
                    below = shamir_gf_mul_ct(below, (uint8_t)(xs[i] ^ xs[k]));
            top ^= shamir_gf_mul_ct(values[i][5], shamir_gf_inv_ct(below));
        }
        third[top]++;
    }
    for (size_t row = 0; row <= COUNT; row++) {
        const unsigned *counts = row < COUNT ? seen[row] : third;
        double expected = SPLITS / 256.0;
        double chi = 0;
        for (size_t v = 0; v < 256; v++)
            chi += (counts[v] - expected) * (counts[v] - expected) / expected;
        print_message("          row %zu: chi square %.1f, zeros %u of about %.0f\n", row, chi,
                      counts[0], expected);
        assert_true(chi < CHI_SQUARE_HI && chi > CHI_SQUARE_LO);
        assert_in_range(counts[0], 3500, 4300); /* six standard deviations */
    }
}

/* Any k-1 shares fit any secret: for each of the 256 values a point at 255 is found that completes
 * them, all different at the index that is missing. */
static void
fewer_shares_fit_every_secret(void **state)
{
    (void)state;
    for (unsigned threshold = 2; threshold <= 16; threshold++) {
        uint8_t xs[16];
        uint8_t values[16];
        const uint8_t *ys[16];
        for (unsigned i = 0; i < threshold; i++) {
            xs[i] = (uint8_t)i;
            values[i] = (uint8_t)draw(256);
            ys[i] = &values[i];
        }
        xs[threshold - 1] = SLIP39_SECRET_INDEX;
        bool used[256] = {false};
        for (unsigned secret = 0; secret < 256; secret++) {
            values[threshold - 1] = (uint8_t)secret;
            uint8_t missing = 0;
            shamir_interpolate_ct(xs, ys, threshold, 1, (uint8_t)(threshold - 1), &missing);
            assert_false(used[missing]);
            used[missing] = true;
        }
    }
}

/* A bit flipped in one share's value, with the checksum made right again: the digest notices. */
static void
a_flipped_bit_is_noticed_by_the_digest(void **state)
{
    (void)state;
    struct slip39_plan plan = shares_plan(3, 5);
    AUTO(slip39_set) set = shares_split(&plan, 16);
    for (unsigned bit = 0; bit < 128; bit++) {
        AUTO(slip39_collector) collector = shares_collect(set, 0x3);
        AUTO(slip39_share) share = shares_share(set, 4);
        struct slip39_info info = slip39_share_info(share);
        uint8_t value[TEST_SIZE];
        memcpy(value, slip39_share_value(share), sizeof value);
        value[bit / 8] ^= (uint8_t)(1U << bit % 8);
        uint16_t words[SLIP39_WORDS_MAX];
        slip39_words_encode(&info, value, sizeof value, words);
        struct slip39_share *flipped = NULL;
        check_ok(slip39_share_from_words(words, info.word_count, &flipped));
        check_ok(slip39_collector_add(collector, flipped));
        AUTO(secret) found = NULL;
        check_error_says(slip39_combine(collector, NULL, &found), ERROR_INPUT, "digest");
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_plans_come_back_from_a_random_choice),
        cmocka_unit_test(share_bytes_are_uniform_given_the_others),
        cmocka_unit_test(fewer_shares_fit_every_secret),
        cmocka_unit_test(a_flipped_bit_is_noticed_by_the_digest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
