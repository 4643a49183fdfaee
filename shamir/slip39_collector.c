/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "shamir/slip39_internal.h"

struct group {
    unsigned need; /* 0: no share of it yet */
    unsigned have;
    struct slip39_share *members[SLIP39_MEMBERS_MAX]; /* by member index; NULL: not there */
};

struct slip39_collector {
    size_t shares;
    struct slip39_info first; /* of the first share, which the others have to fit */
    struct group groups[SLIP39_GROUPS_MAX];
};

/* Working memory of one recombination, laid over a secret. */
struct work {
    uint8_t encrypted[SLIP39_MASTER_MAX];
    uint8_t scratch[SLIP39_MASTER_MAX];
    uint8_t groups[SLIP39_GROUPS_MAX][SLIP39_MASTER_MAX];
};

struct error *
slip39_collector_new(struct slip39_collector **ret_collector)
{
    struct slip39_collector *collector = calloc(1, sizeof *collector);
    if (collector == NULL)
        return error_memory();
    *ret_collector = collector;
    return NULL;
}

void
slip39_collector_free(struct slip39_collector *collector)
{
    if (collector == NULL)
        return;
    for (size_t i = 0; i < SLIP39_GROUPS_MAX; i++)
        for (size_t k = 0; k < SLIP39_MEMBERS_MAX; k++)
            slip39_share_free(collector->groups[i].members[k]);
    free(collector);
}

static unsigned
groups_done(const struct slip39_collector *collector)
{
    unsigned done = 0;
    for (size_t i = 0; i < SLIP39_GROUPS_MAX; i++)
        done += collector->groups[i].need > 0
                && collector->groups[i].have == collector->groups[i].need;
    return done;
}

bool
slip39_collector_is_complete(const struct slip39_collector *collector)
{
    return collector->shares > 0 && groups_done(collector) >= collector->first.group_threshold;
}

void
slip39_collector_progress(const struct slip39_collector *collector,
                          struct slip39_progress *ret_progress)
{
    *ret_progress = (struct slip39_progress){
        .shares = collector->shares,
        .groups_done = groups_done(collector),
        .groups_need = collector->first.group_threshold,
        .group_count = collector->first.group_count,
    };
    for (size_t i = 0; i < SLIP39_GROUPS_MAX; i++) {
        ret_progress->groups[i].have = collector->groups[i].have;
        ret_progress->groups[i].need = collector->groups[i].need;
    }
}

/* Whether the share is of the set that was begun. */
static struct error *
check_set(const struct slip39_info *first, const struct slip39_info *info)
{
    if (info->id != first->id)
        return error_hint(
            ERROR(ERROR_ANSWER,
                  "this is a share of another set: its set has the number %u, the "
                  "shares so far are of set %u",
                  info->id, first->id),
            "Shares of one set begin with the same two words. Look for the right one.");
    if (info->extendable != first->extendable || info->exponent != first->exponent)
        return error_hint(
            ERROR(ERROR_ANSWER,
                  "this is a share of another set: both have the number %u, but they "
                  "were made with different settings",
                  info->id),
            "Shares of one set begin with the same two words. Look for the right one.");
    if (info->word_count != first->word_count)
        return error_hint(
            ERROR(ERROR_ANSWER,
                  "this share has %zu words, the shares so far of set %u have %zu",
                  info->word_count, first->id, first->word_count),
            "It is of another set with the same number. Look for the right one.");
    if (info->group_threshold != first->group_threshold
        || info->group_count != first->group_count)
        return error_hint(
            ERROR(ERROR_ANSWER,
                  "this share asks for %u of %u groups, the shares so far of set %u "
                  "ask for %u of %u",
                  info->group_threshold, info->group_count, first->id, first->group_threshold,
                  first->group_count),
            "It is of another set with the same number. Look for the right one.");
    return NULL;
}

static struct error *
check_place(const struct group *group, const struct slip39_share *share)
{
    struct slip39_info info = slip39_share_info(share);
    unsigned group_number = info.group_index + 1U;
    unsigned number = info.member_index + 1U;
    if (group->need > 0 && info.member_threshold != group->need)
        return error_hint(
            ERROR(ERROR_ANSWER,
                  "this share asks for %u shares of group %u, the shares so far ask "
                  "for %u",
                  info.member_threshold, group_number, group->need),
            "It is of another set with the same number. Look for the right one.");
    const struct slip39_share *there = group->members[info.member_index];
    if (there != NULL && slip39_share_equal(there, share))
        return error_hint(
            ERROR(ERROR_ANSWER, "share %u of group %u is there already", number, group_number),
            "Fetch another share; the same one does not count twice.");
    if (there != NULL)
        return error_hint(ERROR(ERROR_ANSWER,
                                "there is another share %u of group %u with other words",
                                number, group_number),
                          "Both cannot be of the same set. Find out where each comes from.");
    if (group->need > 0 && group->have == group->need)
        return error_hint(ERROR(ERROR_ANSWER,
                                "group %u has its %u shares already: share %u is one too many",
                                group_number, group->need, number),
                          "Put it away; it is not needed.");
    return NULL;
}

struct error *
slip39_collector_add(struct slip39_collector *collector, struct slip39_share *taken)
{
    AUTO(slip39_share) share = taken;
    struct slip39_info info = slip39_share_info(share);
    struct group *group = &collector->groups[info.group_index];
    if (collector->shares > 0)
        TRY(check_set(&collector->first, &info));
    TRY(check_place(group, share));
    if (slip39_collector_is_complete(collector))
        return error_hint(
            ERROR(ERROR_ANSWER,
                  "enough shares are there already: share %u of group %u is one too many",
                  info.member_index + 1U, info.group_index + 1U),
            "Put it away; it is not needed.");
    if (collector->shares == 0)
        collector->first = info;
    group->need = info.member_threshold;
    group->have++;
    group->members[info.member_index] = TAKE(share);
    collector->shares++;
    return NULL;
}

static struct error *
missing_shares(const struct slip39_collector *collector)
{
    const char *hint = "Type in the missing shares.";
    if (collector->shares == 0)
        return error_hint(ERROR(ERROR_REFUSED, "there is no share"), "%s", hint);
    for (unsigned i = 0; i < SLIP39_GROUPS_MAX; i++) {
        const struct group *group = &collector->groups[i];
        if (group->have < group->need)
            return error_hint(ERROR(ERROR_REFUSED,
                                    "shares are missing: group %u needs %u shares and has %u",
                                    i + 1U, group->need, group->have),
                              "%s", hint);
    }
    return error_hint(ERROR(ERROR_REFUSED,
                            "shares are missing: the set needs %u groups and has %u",
                            collector->first.group_threshold, groups_done(collector)),
                      "%s", hint);
}

static struct error *
join_group(const struct group *group, unsigned index, size_t size, struct work *work)
{
    struct slip39_points points = {0};
    for (unsigned k = 0; k < SLIP39_MEMBERS_MAX; k++) {
        if (group->members[k] == NULL)
            continue;
        points.xs[points.count] = (uint8_t)k;
        points.ys[points.count++] = slip39_share_value(group->members[k]);
    }
    bool right = false;
    TRY(slip39_level_join(&points, size, work->scratch, work->groups[index], &right));
    if (right)
        return NULL;
    return error_hint(
        ERROR(ERROR_INPUT,
              "the shares of group %u do not belong together: the digest inside them "
              "does not fit",
              index + 1U),
        "At least one of them was not made with the others. Try other shares of the "
        "group in its place.");
}

static struct error *
join_all(const struct slip39_collector *collector, size_t size, struct work *work)
{
    struct slip39_points points = {0};
    for (unsigned i = 0;
         i < SLIP39_GROUPS_MAX && points.count < collector->first.group_threshold; i++) {
        const struct group *group = &collector->groups[i];
        if (group->need == 0 || group->have < group->need)
            continue;
        TRY(join_group(group, i, size, work));
        points.xs[points.count] = (uint8_t)i;
        points.ys[points.count++] = work->groups[i];
    }
    bool right = false;
    TRY(slip39_level_join(&points, size, work->scratch, work->encrypted, &right));
    if (right)
        return NULL;
    return error_hint(
        ERROR(ERROR_INPUT, "the groups do not belong together: the digest inside their "
                           "shares does not fit"),
        "Each group is complete in itself, but they are not of one set. Try the shares "
        "of another group.");
}

struct error *
slip39_combine(const struct slip39_collector *collector, const struct secret *passphrase,
               struct secret **ret_master)
{
    if (!slip39_collector_is_complete(collector))
        return missing_shares(collector);
    size_t size = slip39_value_size(collector->first.word_count);
    AUTO(secret) memory = NULL;
    TRY(secret_new(sizeof(struct work), &memory));
    struct work *work = (struct work *)(void *)secret_borrow(memory);
    TRY(join_all(collector, size, work));
    AUTO(secret) master = NULL;
    TRY(secret_new(size, &master));
    TRY(slip39_decrypt(&collector->first, passphrase, work->encrypted, size,
                       secret_borrow(master)));
    *ret_master = TAKE(master);
    return NULL;
}
