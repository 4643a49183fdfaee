/* SPDX-License-Identifier: Apache-2.0
 *
 * One run of the line; for its own files. */
#pragma once

#include "ceremony/batch/line.h"
#include "ceremony/batch/workers.h"

#define LINE_UNDER_WAY 2 /* blocks between reservation and output */
#define LINE_SLOTS     (LINE_UNDER_WAY + 1)

struct line_run;

/* A place for a block under way. */
struct line_block {
    struct batch_block *block;
    struct work work;
    struct line_run *run;
    struct secret *wrapping; /* of keys that are made here, while the block is prepared */
};

struct line_run {
    const struct batch_line *line;
    struct workers *workers;
    struct batch_results *results;
    struct line_block slots[LINE_SLOTS]; /* a ring: those under way and the one being prepared;
                                          * none is moved, since workers point to it */
    size_t oldest;
    size_t under_way;
    size_t room;         /* items of the next block */
    uint64_t next_block; /* its number */
    uint64_t next_index; /* of the item that is wanted from the feed */
    bool at_end;
    bool broken; /* a block under way failed */
    int64_t started_ms;
    uint64_t issued_at_start;
};

/* What workers do to one item; `user` is the struct line_block. */
typedef struct error *line_phase(void *user, unsigned worker, size_t index);

/* Hashes of request and key, the device. */
line_phase line_look;
/* The bytes to be signed, or the line of an item that is not signed. */
line_phase line_build;
/* `index` counts those that are to be signed. */
line_phase line_sign;

/* Between look and build, in order, by the one who holds the ledger: who was here before, and which
 * serial number each gets. */
MUST_CHECK struct error *line_decide(struct line_run *run, struct batch_block *block);

/* How many items the next block takes, of a token that finished `count` in `ms`: what it signs in a quarter of a minute, so that a
 * stop, or signing again what a kill left open, takes not much longer; the first ones are small, since nobody knows. */
size_t line_room(uint64_t count, int64_t ms);
/* Tells how far it is: what is issued, and `signed_now` more of the block under way. */
MUST_CHECK struct error *line_report(struct line_run *run, uint64_t signed_now);
