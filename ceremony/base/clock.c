/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/base/clock.h"

#include <time.h>

static int64_t
milliseconds(clockid_t id)
{
    struct timespec now = {0};
    BUG_ON(clock_gettime(id, &now) != 0);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
clock_read(struct clock_reading *ret_reading)
{
    ret_reading->wall_ms = milliseconds(CLOCK_REALTIME);
    ret_reading->monotonic_ms = milliseconds(CLOCK_BOOTTIME);
}
