/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/audit/plan_text.h"

#include <stdlib.h>

static int
by_number(const void *a, const void *b)
{
    unsigned left = *(const unsigned *)a;
    unsigned right = *(const unsigned *)b;
    return left < right ? -1 : left > right ? 1 : 0;
}

/* How many shares may be lost, whichever they are: for one group n-k. */
unsigned
plan_spare(const struct share_plan *plan)
{
    unsigned costs[SHARE_GROUPS_MAX] = {0}; /* of losing a group */
    unsigned spare = 0;
    for (size_t g = 0; g < plan->group_count; g++)
        costs[g] = (unsigned)plan->groups[g].count - plan->groups[g].threshold + 1;
    qsort(costs, plan->group_count, sizeof costs[0], by_number);
    for (size_t g = 0; g + plan->group_threshold < plan->group_count + 1; g++)
        spare += costs[g];
    return spare - 1;
}

struct error *
plan_describe(const struct share_plan *plan, struct bytes *text)
{
    TRY(bytes_format(text, "%u of %zu groups are needed", plan->group_threshold,
                     plan->group_count));
    for (size_t g = 0; g < plan->group_count; g++) {
        const struct share_group *group = &plan->groups[g];
        TRY(bytes_format(text, "; \"%s\": %u of %zu, held by", group->name, group->threshold,
                         group->count));
        for (size_t i = 0; i < group->count; i++)
            TRY(bytes_format(text, "%s %s (%s)", i == 0 ? "" : ",", group->holders[i].person,
                             group->holders[i].place[0] != '\0' ? group->holders[i].place
                                                                : "place not said"));
    }
    return NULL;
}
