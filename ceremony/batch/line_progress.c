/* SPDX-License-Identifier: Apache-2.0
 *
 * How far the line is, told to whoever wants to know. */
#include "ceremony/base/clock.h"
#include "ceremony/batch/line_private.h"

#define FIRST_ROOM 64U
#define ROOM_MIN   16U
#define ROOM_MS    15000

size_t
line_room(uint64_t count, int64_t ms)
{
    if (count == 0)
        return FIRST_ROOM;
    uint64_t room = count * ROOM_MS / (uint64_t)(ms > 0 ? ms : 1);
    if (room < ROOM_MIN)
        return ROOM_MIN;
    return room > BATCH_BLOCK_MAX ? BATCH_BLOCK_MAX : (size_t)room;
}

/* By all that this run issued; a block of refusals alone says nothing of the token. */
static void
adapt_room(struct line_run *run, uint64_t issued, int64_t elapsed_ms)
{
    if (run->line->block == 0)
        run->room = line_room(issued - run->issued_at_start, elapsed_ms);
}

struct error *
line_report(struct line_run *run, uint64_t signed_now)
{
    const struct batch_line *line = run->line;
    struct batch_totals totals;
    struct clock_reading now;
    TRY(batch_results_totals(run->results, &totals));
    clock_read(&now);
    uint64_t issued = totals.issued + signed_now;
    int64_t elapsed = now.monotonic_ms - run->started_ms;
    adapt_room(run, issued, elapsed);
    if (line->progress == NULL)
        return NULL;
    struct batch_progress progress = {
        .issued = issued,
        .refused = totals.refused,
        .before = totals.before,
        .total = line->total,
    };
    if (elapsed > 0 && issued > run->issued_at_start)
        progress.rate = (double)(issued - run->issued_at_start) * 1000.0 / (double)elapsed;
    uint64_t done = issued + totals.refused + totals.before;
    if (progress.rate > 0 && line->total > done)
        progress.seconds_left = (uint64_t)((double)(line->total - done) / progress.rate) + 1;
    return line->progress(line->user, &progress);
}
