/* SPDX-License-Identifier: Apache-2.0
 *
 * The share plan: thresholds, groups, who holds what, and what may not be (R12, R74). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/error.h"

#define SHARE_GROUPS_MAX  16
#define SHARE_MEMBERS_MAX 16

struct share_holder {
    const char *person; /* roster name */
    const char *place;  /* where it is kept; "" not said */
};

struct share_group {
    const char *name;
    unsigned threshold;
    struct share_holder holders[SHARE_MEMBERS_MAX];
    size_t count;
};

struct share_plan {
    const char *name; /* as the script's `shares:` */
    unsigned group_threshold;
    struct share_group groups[SHARE_GROUPS_MAX];
    size_t group_count;
};

/* Threshold rules, one share of a group per person, nobody in two groups who alone meets a
 * threshold. `one_player`: rehearsal in which one person plays all. Error: input, naming the group. */
MUST_CHECK struct error *share_plan_check(const struct share_plan *plan, bool one_player);
/* How many shares and how many qualified subsets of exactly the threshold size. */
size_t share_plan_shares(const struct share_plan *plan);
uint64_t share_plan_subsets(const struct share_plan *plan);
/* With how few shares the plan can be met. */
size_t share_plan_least(const struct share_plan *plan);
/* How many of these holders' shares may still be lost, whichever they are, before the rest cannot meet the
 * threshold; false when it cannot be met already. With all of them it is n - k (R85). */
bool share_plan_margin(const struct share_plan *plan, const char *const *good,
                       size_t good_count, size_t *ret_margin);
/* Whether those present can meet the threshold. */
bool share_plan_can_meet(const struct share_plan *plan, const char *const *present,
                         size_t present_count);
