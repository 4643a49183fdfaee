/* SPDX-License-Identifier: Apache-2.0 */
#include "shamir/slip39_internal.h"

#define PLAN_HINT                                                                              \
    "Change the share plan: 2 or more of at most 16 shares in each group, or 1 of 1."

static struct error *
check_group(const struct slip39_plan *plan, size_t i)
{
    unsigned threshold = plan->groups[i].threshold;
    unsigned count = plan->groups[i].count;
    if (count < 1 || count > SLIP39_MEMBERS_MAX)
        return error_hint(ERROR(ERROR_REFUSED, "group %zu has %u shares; 1 to %u are possible",
                                i + 1, count, SLIP39_MEMBERS_MAX),
                          PLAN_HINT);
    if (threshold < 1 || threshold > count)
        return error_hint(
            ERROR(ERROR_REFUSED, "group %zu asks for %u of %u shares", i + 1, threshold, count),
            PLAN_HINT);
    if (threshold == 1 && count > 1)
        return error_hint(
            ERROR(ERROR_REFUSED,
                  "group %zu asks for 1 of %u shares, which would all be the same", i + 1,
                  count),
            PLAN_HINT);
    if (threshold == 1 && plan->group_threshold == 1)
        return error_hint(ERROR(ERROR_REFUSED,
                                "a single share, that of group %zu, would give the secret",
                                i + 1),
                          PLAN_HINT);
    return NULL;
}

struct error *
slip39_plan_check(const struct slip39_plan *plan)
{
    if (plan->group_count < 1 || plan->group_count > SLIP39_GROUPS_MAX)
        return error_hint(ERROR(ERROR_REFUSED, "the plan has %zu groups; 1 to %u are possible",
                                plan->group_count, SLIP39_GROUPS_MAX),
                          PLAN_HINT);
    if (plan->group_threshold < 1 || plan->group_threshold > plan->group_count)
        return error_hint(ERROR(ERROR_REFUSED, "the plan asks for %u of %zu groups",
                                plan->group_threshold, plan->group_count),
                          PLAN_HINT);
    for (size_t i = 0; i < plan->group_count; i++)
        TRY(check_group(plan, i));
    if (plan->exponent > 15)
        return error_hint(
            ERROR(ERROR_REFUSED, "the iteration exponent %u is more than 15", plan->exponent),
            "Use 1.");
    if (plan->id_given && plan->id > SLIP39_ID_MASK)
        return error_hint(
            ERROR(ERROR_REFUSED, "the set number %u is more than %u", plan->id, SLIP39_ID_MASK),
            "Leave it to the program.");
    return NULL;
}

size_t
slip39_plan_share_count(const struct slip39_plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->group_count; i++)
        count += plan->groups[i].count;
    return count;
}

static uint64_t
binomial(unsigned n, unsigned k)
{
    uint64_t result = 1;
    for (unsigned i = 1; i <= k; i++)
        result = result * (n - k + i) / i;
    return result;
}

static uint64_t
add_capped(uint64_t a, uint64_t b)
{
    uint64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static uint64_t
multiply_capped(uint64_t a, uint64_t b)
{
    uint64_t product = 0;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

uint64_t
slip39_plan_subset_count(const struct slip39_plan *plan)
{
    /* ways[k]: subsets of k of the groups seen so far, and just enough shares of each. */
    uint64_t ways[SLIP39_GROUPS_MAX + 1] = {1};
    for (size_t i = 0; i < plan->group_count; i++) {
        uint64_t of_group = binomial(plan->groups[i].count, plan->groups[i].threshold);
        for (size_t k = i + 1; k >= 1; k--)
            ways[k] = add_capped(ways[k], multiply_capped(ways[k - 1], of_group));
    }
    return ways[plan->group_threshold];
}
