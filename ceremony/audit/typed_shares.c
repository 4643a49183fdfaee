/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/audit/typed_shares.h"

#include "transcripts/record.h"

static bool
stands_twice(const json_t *list)
{
    size_t count = json_array_size(list);
    for (size_t i = 0; i < count; i++)
        for (size_t k = i + 1; k < count; k++)
            if (json_equal(json_array_get(list, i), json_array_get(list, k)))
                return true;
    return false;
}

/* How many of group `g` were typed; a share that the group does not have is none. */
static size_t
count_of(const json_t *shares, const struct share_plan *plan, size_t g)
{
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(shares); i++) {
        const json_t *row = json_array_get(shares, i);
        int64_t share = data_number(row, "share");
        count += data_number(row, "group") == (int64_t)g + 1 && share >= 1
                         && share <= (int64_t)plan->groups[g].count
                     ? 1
                     : 0;
    }
    return count;
}

static bool
can_open(const json_t *shares, const struct share_plan *plan)
{
    size_t met = 0;
    size_t known = 0;
    for (size_t g = 0; g < plan->group_count; g++) {
        size_t count = count_of(shares, plan, g);
        known += count;
        met += count >= plan->groups[g].threshold ? 1 : 0;
    }
    return met >= plan->group_threshold && known == json_array_size(shares);
}

struct error *
typed_shares_check(const struct evidence *evidence, const struct transcript_record *record,
                   const struct share_plan *plan, struct report *report)
{
    const json_t *said =
        transcript_openings_find(&evidence->openings, data_text(record->data, "details"));
    const json_t *shares = json_object_get(said, "shares");
    size_t count = json_array_size(shares);
    if (count == 0)
        return report_fault(report, CONFIDENTIAL_FILE, record->seq,
                            "nothing says which shares were typed");
    if (count > (size_t)SHARE_GROUPS_MAX * SHARE_MEMBERS_MAX)
        return report_fault(report, CONFIDENTIAL_FILE, record->seq,
                            "%zu shares were typed, more than a set can have", count);
    if (stands_twice(shares))
        return report_fault(report, CONFIDENTIAL_FILE, record->seq,
                            "one share is counted twice");
    if (json_array_size(json_object_get(said, "new_bags")) != count)
        TRY(report_fault(report, CONFIDENTIAL_FILE, record->seq,
                         "%zu shares were typed, and %zu sealed again", count,
                         json_array_size(json_object_get(said, "new_bags"))));
    if (plan != NULL && !can_open(shares, plan))
        return report_fault(report, CONFIDENTIAL_FILE, record->seq,
                            "the %zu shares that were typed are not those that the plan \"%s\" "
                            "takes",
                            count, plan->name);
    return NULL;
}
