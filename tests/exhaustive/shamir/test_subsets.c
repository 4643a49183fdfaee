/* SPDX-License-Identifier: Apache-2.0
 *
 * Every subset of k of n shares for all k <= n <= 8 gives the secret; every smaller one is refused. */
#include "tests/support/shares.h"

static void
check_subset(const struct slip39_set *set, const struct secret *master, unsigned threshold,
             uint32_t mask)
{
    unsigned size = (unsigned)__builtin_popcount(mask);
    if (size == 0 || size > threshold)
        return;
    AUTO(slip39_collector) collector = shares_collect(set, mask);
    AUTO(secret) found = NULL;
    if (size < threshold) {
        assert_false(slip39_collector_is_complete(collector));
        check_error_says(slip39_combine(collector, NULL, &found), ERROR_REFUSED, "missing");
        return;
    }
    check_ok(slip39_combine(collector, NULL, &found));
    assert_true(secret_equal(found, master));
}

static void
every_subset_up_to_eight(void **state)
{
    (void)state;
    AUTO(secret) master = shares_master(16);
    for (unsigned count = 2; count <= 8; count++)
        for (unsigned threshold = 2; threshold <= count; threshold++) {
            struct slip39_plan plan = shares_plan(threshold, count);
            AUTO(slip39_set) set = shares_split(&plan, 16);
            for (uint32_t mask = 0; mask < 1U << count; mask++)
                check_subset(set, master, threshold, mask);
        }
}

/* 2 of 3 groups (2 of 3, 3 of 4, 1 of 1): a subset is enough exactly when two groups are complete. */
static void
every_subset_of_groups(void **state)
{
    (void)state;
    struct slip39_plan plan = {
        .group_threshold = 2,
        .group_count = 3,
        .groups = {{2, 3}, {3, 4}, {1, 1}},
    };
    AUTO(secret) master = shares_master(16);
    AUTO(slip39_set) set = shares_split(&plan, 16);
    unsigned enough = 0;
    for (uint32_t mask = 1; mask < 1U << 8; mask++) {
        unsigned of[3] = {(unsigned)__builtin_popcount(mask & 0x07U),
                          (unsigned)__builtin_popcount(mask & 0x78U),
                          (unsigned)__builtin_popcount(mask & 0x80U)};
        unsigned done =
            (of[0] == 2 ? 1U : 0U) + (of[1] == 3 ? 1U : 0U) + (of[2] == 1 ? 1U : 0U);
        if (of[0] > 2 || of[1] > 3 || done > 2)
            continue; /* a share too many is refused; tests/unit */
        AUTO(slip39_collector) collector = NULL;
        check_ok(slip39_collector_new(&collector));
        /* Groups that are not complete first, or the set is complete before their shares come. */
        for (int complete = 0; complete < 2; complete++)
            for (size_t i = 0; i < 8; i++) {
                unsigned group = slip39_set_info(set, i).group_index;
                bool is_complete = of[group] == plan.groups[group].threshold;
                if ((mask >> i & 1U) != 0 && is_complete == (complete == 1))
                    check_ok(slip39_collector_add(collector, shares_share(set, i)));
            }
        AUTO(secret) found = NULL;
        assert_int_equal(slip39_collector_is_complete(collector), done == 2);
        if (done == 2) {
            check_ok(slip39_combine(collector, NULL, &found));
            assert_true(secret_equal(found, master));
            enough++;
        } else {
            check_error(slip39_combine(collector, NULL, &found), ERROR_REFUSED);
        }
    }
    assert_true(enough >= 3 * 4 + 3 + 4);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_subset_up_to_eight),
        cmocka_unit_test(every_subset_of_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
