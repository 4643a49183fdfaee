/* SPDX-License-Identifier: Apache-2.0
 *
 * Shares for tests: fixed secrets, sets made of them, subsets collected. For programs that link
 * shamir; include in one source only. */
#pragma once

#include "shamir/slip39.h"
#include "tests/support/check.h"

static inline struct secret *
shares_secret(const char *text)
{
    struct secret *secret = NULL;
    check_ok(secret_from(text, strlen(text), &secret));
    return secret;
}

/* size bytes 0, 1, 2 ... */
static inline struct secret *
shares_master(size_t size)
{
    struct secret *secret = NULL;
    check_ok(secret_new(size, &secret));
    for (size_t i = 0; i < size; i++)
        secret_borrow(secret)[i] = (unsigned char)i;
    return secret;
}

static inline struct slip39_plan
shares_plan(unsigned threshold, unsigned count)
{
    return (struct slip39_plan){
        .group_threshold = 1,
        .group_count = 1,
        .groups = {{threshold, count}},
    };
}

static inline struct slip39_set *
shares_split(const struct slip39_plan *plan, size_t size)
{
    AUTO(secret) master = shares_master(size);
    struct slip39_set *set = NULL;
    check_ok(slip39_split(plan, master, NULL, NULL, &set));
    return set;
}

static inline struct slip39_share *
shares_share(const struct slip39_set *set, size_t i)
{
    size_t count = 0;
    const uint16_t *words = slip39_set_words(set, i, &count);
    struct slip39_share *share = NULL;
    check_ok(slip39_share_from_words(words, count, &share));
    return share;
}

/* A collector with the shares whose bits are set in `mask`. */
static inline struct slip39_collector *
shares_collect(const struct slip39_set *set, uint32_t mask)
{
    struct slip39_collector *collector = NULL;
    check_ok(slip39_collector_new(&collector));
    for (size_t i = 0; i < slip39_set_count(set); i++)
        if ((mask >> i & 1U) != 0)
            check_ok(slip39_collector_add(collector, shares_share(set, i)));
    return collector;
}
