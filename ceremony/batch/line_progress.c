/* SPDX-License-Identifier: Apache-2.0
 *
 * How far the line is, told to whoever wants to know. */
#include "ceremony/base/clock.h"
#include "ceremony/batch/line_private.h"

struct error *
line_report(struct line_run *run, uint64_t signed_now)
{
    const struct batch_line *line = run->line;
    struct batch_totals totals;
    struct clock_reading now;
    if (line->progress == NULL)
        return NULL;
    TRY(batch_results_totals(run->results, &totals));
    clock_read(&now);
    uint64_t issued = totals.issued + signed_now;
    int64_t elapsed = now.monotonic_ms - run->started_ms;
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
