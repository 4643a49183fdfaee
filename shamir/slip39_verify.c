/* SPDX-License-Identifier: Apache-2.0
 *
 * Every subset of a set that is just enough, as masks: one for the groups, one per chosen group for
 * its members. (R75) */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/random.h"
#include "shamir/slip39_internal.h"

#define SHARES_MAX (SLIP39_GROUPS_MAX * SLIP39_MEMBERS_MAX)

struct subset {
    uint32_t groups;
    uint32_t members[SLIP39_GROUPS_MAX];
};

/* Secret working memory. */
struct work {
    uint8_t values[SHARES_MAX][SLIP39_MASTER_MAX];
    uint8_t groups[SLIP39_GROUPS_MAX][SLIP39_MASTER_MAX];
    uint8_t scratch[SLIP39_MASTER_MAX];
    uint8_t encrypted[SLIP39_MASTER_MAX];
    uint8_t last[SLIP39_MASTER_MAX]; /* the encrypted secret that `master` was made from */
};

struct verifier {
    const struct slip39_set *set;
    const struct slip39_plan *plan;
    const struct secret *passphrase;
    bool (*check)(void *self, const struct secret *master);
    void *self;
    size_t size;
    struct slip39_info info;
    size_t first[SLIP39_GROUPS_MAX]; /* number of each group's first share */
    uint32_t seen[SLIP39_GROUPS_MAX];
    struct secret *memory;
    struct secret *master; /* NULL: nothing decrypted yet */
};

static void
verifier_clear(struct verifier *verifier)
{
    secret_free(verifier->memory);
    secret_free(verifier->master);
}

static struct work *
work_of(struct verifier *verifier)
{
    return (struct work *)(void *)secret_borrow(verifier->memory);
}

static uint32_t
lowest(unsigned count)
{
    return (1U << count) - 1U;
}

/* The next mask with as many bits (Gosper); false past the last of `width` bits. */
static bool
next_mask(uint32_t *mask, unsigned width)
{
    unsigned low = (unsigned)__builtin_ctz(*mask);
    uint32_t ripple = *mask + (1U << low);
    uint32_t next = ripple | ((*mask ^ ripple) >> (low + 2U));
    if (next >> width != 0)
        return false;
    *mask = next;
    return true;
}

static void
reset_members(const struct slip39_plan *plan, struct subset *subset)
{
    for (size_t i = 0; i < plan->group_count; i++)
        subset->members[i] = lowest(plan->groups[i].threshold);
}

static void
first_subset(const struct slip39_plan *plan, struct subset *subset)
{
    subset->groups = lowest(plan->group_threshold);
    reset_members(plan, subset);
}

/* Like an odometer: the members of each chosen group are a wheel, the groups the last one. */
static bool
next_subset(const struct slip39_plan *plan, struct subset *subset)
{
    for (size_t i = 0; i < plan->group_count; i++) {
        if ((subset->groups >> i & 1U) == 0)
            continue;
        if (next_mask(&subset->members[i], plan->groups[i].count))
            return true;
        subset->members[i] = lowest(plan->groups[i].threshold);
    }
    reset_members(plan, subset);
    return next_mask(&subset->groups, (unsigned)plan->group_count);
}

/* `mask` and more random bits of `width`, until there are `count`. */
static struct error *
fill_mask(uint32_t *mask, unsigned count, unsigned width)
{
    while ((unsigned)__builtin_popcount(*mask) < count) {
        uint32_t bit = 0;
        TRY(random_below(width, &bit));
        *mask |= 1U << bit;
    }
    return NULL;
}

static struct error *
fill_subset(const struct slip39_plan *plan, struct subset *subset)
{
    TRY(fill_mask(&subset->groups, plan->group_threshold, (unsigned)plan->group_count));
    for (size_t i = 0; i < plan->group_count; i++)
        TRY(fill_mask(&subset->members[i], plan->groups[i].threshold, plan->groups[i].count));
    return NULL;
}

/* "1, 3 of group 1; 2, 4 of group 2" */
static struct error *
describe(const struct slip39_plan *plan, const struct subset *subset, struct bytes *text)
{
    for (size_t i = 0; i < plan->group_count; i++) {
        if ((subset->groups >> i & 1U) == 0)
            continue;
        TRY(bytes_append_text(text, text->len == 0 ? "" : "; "));
        bool first = true;
        for (unsigned k = 0; k < plan->groups[i].count; k++) {
            if ((subset->members[i] >> k & 1U) == 0)
                continue;
            TRY(bytes_format(text, "%s%u", first ? "" : ", ", k + 1U));
            first = false;
        }
        TRY(bytes_format(text, " of group %zu", i + 1));
    }
    return NULL;
}

static struct error *
subset_fails(const struct slip39_plan *plan, const struct subset *subset, const char *why)
{
    AUTO_BYTES text = {0};
    TRY(describe(plan, subset, &text));
    return error_hint(ERROR(ERROR_VERIFICATION,
                            "the secret does not come back from the shares %s: %s",
                            bytes_text(&text), why),
                      "Do not hand out this set. Destroy it and split again.");
}

static struct error *
join_members(struct verifier *verifier, size_t group, uint32_t members, bool *ret_right)
{
    struct work *work = work_of(verifier);
    struct slip39_points points = {0};
    for (unsigned k = 0; k < verifier->plan->groups[group].count; k++) {
        if ((members >> k & 1U) == 0)
            continue;
        points.xs[points.count] = (uint8_t)k;
        points.ys[points.count++] = work->values[verifier->first[group] + k];
    }
    verifier->seen[group] |= members;
    return slip39_level_join(&points, verifier->size, work->scratch, work->groups[group],
                             ret_right);
}

static struct error *
decrypt_if_new(struct verifier *verifier)
{
    struct work *work = work_of(verifier);
    if (verifier->master != NULL
        && secret_memory_equal(work->encrypted, work->last, verifier->size))
        return NULL;
    if (verifier->master == NULL)
        TRY(secret_new(verifier->size, &verifier->master));
    TRY(slip39_decrypt(&verifier->info, verifier->passphrase, work->encrypted, verifier->size,
                       secret_borrow(verifier->master)));
    memcpy(work->last, work->encrypted, verifier->size);
    return NULL;
}

static struct error *
verify_subset(struct verifier *verifier, const struct subset *subset)
{
    const struct slip39_plan *plan = verifier->plan;
    struct work *work = work_of(verifier);
    struct slip39_points points = {0};
    bool right = false;
    for (size_t i = 0; i < plan->group_count; i++) {
        if ((subset->groups >> i & 1U) == 0)
            continue;
        TRY(join_members(verifier, i, subset->members[i], &right));
        if (!right)
            return subset_fails(plan, subset, "the digest of a group does not fit");
        points.xs[points.count] = (uint8_t)i;
        points.ys[points.count++] = work->groups[i];
    }
    TRY(slip39_level_join(&points, verifier->size, work->scratch, work->encrypted, &right));
    if (!right)
        return subset_fails(plan, subset, "the digest of the set does not fit");
    TRY(decrypt_if_new(verifier));
    if (!verifier->check(verifier->self, verifier->master))
        return subset_fails(plan, subset, "something else does");
    return NULL;
}

static struct error *
verify_all(struct verifier *verifier, struct slip39_subsets *subsets)
{
    struct subset subset = {0};
    first_subset(verifier->plan, &subset);
    do {
        TRY(verify_subset(verifier, &subset));
        subsets->checked++;
    } while (next_subset(verifier->plan, &subset));
    return NULL;
}

static struct error *
verify_sample(struct verifier *verifier, struct slip39_subsets *subsets)
{
    const struct slip39_plan *plan = verifier->plan;
    subsets->sampled = true;
    for (unsigned i = 0; i < SLIP39_SUBSETS_SAMPLE; i++, subsets->checked++) {
        struct subset subset = {0};
        TRY(fill_subset(plan, &subset));
        TRY(verify_subset(verifier, &subset));
    }
    for (size_t group = 0; group < plan->group_count; group++)
        for (unsigned k = 0; k < plan->groups[group].count; k++) {
            if ((verifier->seen[group] >> k & 1U) != 0)
                continue;
            struct subset subset = {.groups = 1U << group};
            subset.members[group] = 1U << k;
            TRY(fill_subset(plan, &subset));
            TRY(verify_subset(verifier, &subset));
            subsets->checked++;
        }
    return NULL;
}

static bool
same_info(const struct slip39_info *a, const struct slip39_info *b)
{
    return a->id == b->id && a->extendable == b->extendable && a->exponent == b->exponent
           && a->group_index == b->group_index && a->group_threshold == b->group_threshold
           && a->group_count == b->group_count && a->member_index == b->member_index
           && a->member_threshold == b->member_threshold && a->word_count == b->word_count;
}

/* Values from the words, not from what the split still had in memory. */
static struct error *
read_back(struct verifier *verifier)
{
    struct work *work = work_of(verifier);
    for (size_t i = 0; i < slip39_set_count(verifier->set); i++) {
        size_t count = 0;
        const uint16_t *words = slip39_set_words(verifier->set, i, &count);
        AUTO(slip39_share) share = NULL;
        struct error *error = slip39_share_from_words(words, count, &share);
        if (error != NULL && error_code(error) == ERROR_ANSWER)
            error = error_recode(error, ERROR_VERIFICATION);
        TRY_DOING(error, "reading back share %zu", i + 1);
        struct slip39_info wanted = slip39_set_info(verifier->set, i);
        struct slip39_info info = slip39_share_info(share);
        if (!same_info(&info, &wanted))
            return ERROR(ERROR_VERIFICATION, "share %zu says that it is another one", i + 1);
        memcpy(work->values[i], slip39_share_value(share), verifier->size);
    }
    return NULL;
}

struct error *
slip39_verify_subsets(const struct slip39_set *set, const struct secret *passphrase,
                      bool (*check)(void *self, const struct secret *master), void *self,
                      size_t limit, struct slip39_subsets *ret_subsets)
{
    __attribute__((cleanup(verifier_clear))) struct verifier verifier = {
        .set = set,
        .plan = slip39_set_plan(set),
        .passphrase = passphrase,
        .check = check,
        .self = self,
        .info = slip39_set_info(set, 0),
        .size = slip39_value_size(slip39_set_info(set, 0).word_count),
    };
    for (size_t i = 1; i < verifier.plan->group_count; i++)
        verifier.first[i] = verifier.first[i - 1] + verifier.plan->groups[i - 1].count;
    TRY(secret_new(sizeof(struct work), &verifier.memory));
    TRY(read_back(&verifier));
    struct slip39_subsets subsets = {.total = slip39_plan_subset_count(verifier.plan)};
    if (subsets.total <= limit)
        TRY(verify_all(&verifier, &subsets));
    else
        TRY(verify_sample(&verifier, &subsets));
    *ret_subsets = subsets;
    return NULL;
}
