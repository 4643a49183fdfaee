/* SPDX-License-Identifier: Apache-2.0
 *
 * The script's view of a share plan and the sharing's own (decision 0014) never disagree: the same plans
 * are taken, and the same numbers counted. */
#include "ceremony/rules/share_plan.h"
#include "shamir/slip39.h"
#include "tests/support/check.h"

static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i",
                                    "j", "k", "l", "m", "n", "o", "p", "q"};

static size_t taken;

static void
compare(const struct share_plan *plan)
{
    struct slip39_plan slip = {.group_threshold = plan->group_threshold,
                               .group_count = plan->group_count,
                               .exponent = 1};
    for (size_t g = 0; g < plan->group_count; g++)
        slip.groups[g] =
            (struct slip39_group){plan->groups[g].threshold, (unsigned)plan->groups[g].count};
    struct error *ours = share_plan_check(plan, true);
    struct error *theirs = slip39_plan_check(&slip);
    assert_int_equal(ours == NULL, theirs == NULL);
    if (ours == NULL) {
        taken++;
        assert_int_equal(share_plan_shares(plan), slip39_plan_share_count(&slip));
        assert_true(share_plan_subsets(plan) == slip39_plan_subset_count(&slip));
    }
    error_free(ours);
    error_free(theirs);
}

static void
set_group(struct share_group *group, const char *name, unsigned threshold, size_t count)
{
    *group = (struct share_group){.name = name, .threshold = threshold, .count = count};
    for (size_t i = 0; i < count; i++)
        group->holders[i].person = names[i];
}

static void
every_plan_of_one_group_is_judged_alike(void **state)
{
    (void)state;
    static struct share_plan plan;
    for (unsigned groups = 0; groups <= 2; groups++)
        for (unsigned t = 0; t <= 17; t++)
            for (size_t n = 0; n <= SHARE_MEMBERS_MAX; n++) {
                plan = (struct share_plan){
                    .name = "one", .group_threshold = groups, .group_count = 1};
                set_group(&plan.groups[0], "only", t, n);
                compare(&plan);
            }
    assert_true(taken > 100);
}

/* All plans of up to three groups of up to four shares. */
static void
every_small_plan_of_groups_is_counted_alike(void **state)
{
    (void)state;
    static struct share_plan plan;

    enum {
        SHAPES = 5 * 5
    };

    taken = 0;
    for (unsigned needed = 0; needed <= 4; needed++)
        for (unsigned shape = 0; shape < SHAPES * SHAPES * SHAPES; shape++)
            for (size_t groups = 2; groups <= 3; groups++) {
                plan = (struct share_plan){
                    .name = "some", .group_threshold = needed, .group_count = groups};
                for (unsigned g = 0, rest = shape; g < groups; g++, rest /= SHAPES)
                    set_group(&plan.groups[g], names[g], rest % 5, rest / 5 % 5);
                compare(&plan);
            }
    assert_true(taken > 1000);
}

static void
the_largest_plans_are_counted_alike(void **state)
{
    (void)state;
    static struct share_plan plan;
    for (unsigned needed = 1; needed <= SHARE_GROUPS_MAX; needed++)
        for (unsigned threshold = 1; threshold <= SHARE_MEMBERS_MAX; threshold++) {
            plan = (struct share_plan){
                .name = "large", .group_threshold = needed, .group_count = SHARE_GROUPS_MAX};
            for (unsigned g = 0; g < SHARE_GROUPS_MAX; g++)
                set_group(&plan.groups[g], names[g], threshold, SHARE_MEMBERS_MAX);
            compare(&plan);
        }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_plan_of_one_group_is_judged_alike),
        cmocka_unit_test(every_small_plan_of_groups_is_counted_alike),
        cmocka_unit_test(the_largest_plans_are_counted_alike),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
