/* SPDX-License-Identifier: Apache-2.0
 *
 * A fixed number of threads that do one thing to every item of a block. Works wait in two queues:
 * what prepares the next block goes before what signs this one, so that there is always something to
 * sign. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"

struct workers;

/* One thing to be done `count` times. The caller keeps it until it is done. */
struct work {
    struct error *(*run)(void *user, unsigned worker, size_t index);
    void *user;
    size_t count;
    /* The workers' own: */
    size_t taken;
    size_t done;
    struct error *error; /* the first; nothing more is begun after it */
    struct work *next;
};

MUST_CHECK struct error *workers_new(unsigned count, struct workers **ret_workers);
/* Lets what is begun end; what is not begun is not done. */
void workers_free(struct workers *workers);
DEFINE_AUTO(workers, workers_free);

unsigned workers_count(const struct workers *workers);
void workers_submit(struct workers *workers, struct work *work, bool first);
/* Waits at most so many milliseconds; `*ret_done` false: it goes on. How many items are done is in
 * `*ret_count`, which may be NULL. The error of a work that is done is the caller's. */
MUST_CHECK struct error *workers_wait(struct workers *workers, struct work *work,
                                      unsigned milliseconds, bool *ret_done, size_t *ret_count);
/* Submits before all others, and waits. */
MUST_CHECK struct error *workers_do(struct workers *workers, struct work *work);
