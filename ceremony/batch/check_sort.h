/* SPDX-License-Identifier: Apache-2.0
 *
 * Marks of items (hashes of keys, devices, names), sorted so that equal ones meet, however many there
 * are: runs of a bounded size are sorted in memory, kept in a nameless file, and merged. */
#pragma once

#include <stdint.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"

struct check_mark {
    unsigned char hash[16]; /* of what must not stand twice, its kind hashed in */
    unsigned char other[7]; /* what else is compared where the hash is equal */
    unsigned char kind;
    uint64_t index; /* of the item */
};

struct check_sort;

/* `folder`: where the nameless file goes. */
MUST_CHECK struct error *check_sort_new(const char *folder, struct check_sort **ret_sort);
void check_sort_free(struct check_sort *sort);
DEFINE_AUTO(check_sort, check_sort_free);

MUST_CHECK struct error *check_sort_add(struct check_sort *sort, const struct check_mark *mark);
/* All marks by hash, then by index; called once, after the last was added. */
MUST_CHECK struct error *
check_sort_each(struct check_sort *sort,
                struct error *(*each)(void *user, const struct check_mark *mark), void *user);
