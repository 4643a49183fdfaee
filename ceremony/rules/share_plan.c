/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/rules/share_plan.h"

#include <string.h>

static struct error *
check_group_sizes(const struct share_plan *plan, const struct share_group *group)
{
    if (group->count == 0)
        return ERROR(ERROR_INPUT, "group '%s' of the share plan '%s' has no holders",
                     group->name, plan->name);
    if (group->threshold == 0)
        return ERROR(ERROR_INPUT,
                     "the threshold of group '%s' is 0: everybody could recover the key",
                     group->name);
    if (group->threshold > group->count)
        return ERROR(ERROR_INPUT, "group '%s' needs %u shares, and only %zu are given out",
                     group->name, group->threshold, group->count);
    if (group->threshold == 1 && group->count > 1)
        return ERROR(
            ERROR_INPUT,
            "group '%s' has %zu shares of which 1 is enough: each would be a plain copy",
            group->name, group->count);
    if (group->count == 1 && plan->group_threshold == 1)
        return ERROR(ERROR_INPUT, "group '%s' has one share that recovers the key alone",
                     group->name);
    return NULL;
}

static bool
group_has(const struct share_group *group, const char *person)
{
    for (size_t i = 0; i < group->count; i++)
        if (strcmp(group->holders[i].person, person) == 0)
            return true;
    return false;
}

static struct error *
check_group_names(const struct share_plan *plan, size_t index)
{
    for (size_t other = 0; other < index; other++)
        if (strcmp(plan->groups[other].name, plan->groups[index].name) == 0)
            return ERROR(ERROR_INPUT, "two groups of the share plan are called '%s'",
                         plan->groups[index].name);
    return NULL;
}

static struct error *
check_group_people(const struct share_plan *plan, size_t index)
{
    const struct share_group *group = &plan->groups[index];
    for (size_t i = 0; i < group->count; i++) {
        const char *person = group->holders[i].person;
        for (size_t j = 0; j < i; j++)
            if (strcmp(group->holders[j].person, person) == 0)
                return ERROR(ERROR_INPUT, "%s holds two shares of group '%s'", person,
                             group->name);
        for (size_t other = 0; other < plan->group_count; other++)
            if (other != index && group->threshold == 1
                && group_has(&plan->groups[other], person))
                return ERROR(ERROR_INPUT,
                             "%s alone is group '%s', and holds a share of group '%s' too",
                             person, group->name, plan->groups[other].name);
    }
    return NULL;
}

struct error *
share_plan_check(const struct share_plan *plan, bool one_player)
{
    if (plan->group_count == 0 || plan->group_count > SHARE_GROUPS_MAX)
        return ERROR(ERROR_INPUT, "the share plan '%s' has %zu groups; 1 to %d are possible",
                     plan->name, plan->group_count, SHARE_GROUPS_MAX);
    if (plan->group_threshold == 0 || plan->group_threshold > plan->group_count)
        return ERROR(ERROR_INPUT, "the share plan '%s' needs %u groups, and has %zu",
                     plan->name, plan->group_threshold, plan->group_count);
    for (size_t i = 0; i < plan->group_count; i++) {
        TRY(check_group_sizes(plan, &plan->groups[i]));
        TRY(check_group_names(plan, i));
        if (!one_player)
            TRY(check_group_people(plan, i));
    }
    return NULL;
}

size_t
share_plan_shares(const struct share_plan *plan)
{
    size_t count = 0;
    for (size_t i = 0; i < plan->group_count; i++)
        count += plan->groups[i].count;
    return count;
}

size_t
share_plan_least(const struct share_plan *plan)
{
    bool taken[SHARE_GROUPS_MAX] = {false};
    size_t shares = 0;
    for (unsigned n = 0; n < plan->group_threshold && n < plan->group_count; n++) {
        size_t best = SHARE_GROUPS_MAX;
        for (size_t i = 0; i < plan->group_count; i++)
            if (!taken[i]
                && (best == SHARE_GROUPS_MAX
                    || plan->groups[i].threshold < plan->groups[best].threshold))
                best = i;
        BUG_ON(best == SHARE_GROUPS_MAX);
        taken[best] = true;
        shares += plan->groups[best].threshold;
    }
    return shares;
}

/* Sums and products that stop at UINT64_MAX. */
static uint64_t
add_saturating(uint64_t a, uint64_t b)
{
    uint64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static uint64_t
multiply_saturating(uint64_t a, uint64_t b)
{
    uint64_t product = 0;
    return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

/* n over k; exact at every step, n is at most SHARE_MEMBERS_MAX. */
static uint64_t
choose(uint64_t n, uint64_t k)
{
    uint64_t value = k > n ? 0 : 1;
    for (uint64_t i = 0; i < k && value > 0; i++)
        value = value * (n - i) / (i + 1);
    return value;
}

/* The sum over all choices of GT groups of the products of their T-of-N choices: the elementary
 * symmetric polynomial of degree GT, built group by group. */
uint64_t
share_plan_subsets(const struct share_plan *plan)
{
    uint64_t ways[SHARE_GROUPS_MAX + 1] = {1};
    if (plan->group_threshold > SHARE_GROUPS_MAX)
        return 0;
    for (size_t i = 0; i < plan->group_count; i++) {
        uint64_t here = choose(plan->groups[i].count, plan->groups[i].threshold);
        for (size_t degree = i + 1; degree > 0; degree--)
            ways[degree] =
                add_saturating(ways[degree], multiply_saturating(ways[degree - 1], here));
    }
    return ways[plan->group_threshold];
}

static bool
is_present(const char *const *present, size_t count, const char *person)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(present[i], person) == 0)
            return true;
    return false;
}

bool
share_plan_can_meet(const struct share_plan *plan, const char *const *present,
                    size_t present_count)
{
    size_t groups = 0;
    for (size_t i = 0; i < plan->group_count; i++) {
        const struct share_group *group = &plan->groups[i];
        size_t here = 0;
        for (size_t j = 0; j < group->count; j++)
            if (is_present(present, present_count, group->holders[j].person))
                here++;
        if (here >= group->threshold)
            groups++;
    }
    return groups >= plan->group_threshold;
}

/* A group is lost with the share that leaves it below its threshold; the cheapest groups go first. */
bool
share_plan_margin(const struct share_plan *plan, const char *const *good, size_t good_count,
                  size_t *ret_margin)
{
    size_t costs[SHARE_GROUPS_MAX] = {0};
    size_t groups = 0;
    *ret_margin = 0;
    for (size_t i = 0; i < plan->group_count; i++) {
        size_t here = 0;
        for (size_t j = 0; j < plan->groups[i].count; j++)
            here += is_present(good, good_count, plan->groups[i].holders[j].person) ? 1 : 0;
        if (here < plan->groups[i].threshold)
            continue;
        size_t at = groups++;
        for (; at > 0 && costs[at - 1] > here - plan->groups[i].threshold + 1; at--)
            costs[at] = costs[at - 1];
        costs[at] = here - plan->groups[i].threshold + 1;
    }
    if (groups < plan->group_threshold)
        return false;
    for (size_t i = 0; i < groups - plan->group_threshold + 1; i++)
        *ret_margin += costs[i];
    (*ret_margin)--;
    return true;
}
