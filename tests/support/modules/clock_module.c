/* SPDX-License-Identifier: Apache-2.0
 *
 * A preloaded library by which the wall clock is wrong: LD_PRELOAD=clock_module.so CLOCK_SHIFT=SECONDS
 * (negative: it is late). Clocks that are not set go on as they are. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

__attribute__((visibility("default"))) int
clock_gettime(clockid_t id, struct timespec *now)
{
    int (*real)(clockid_t, struct timespec *) = NULL;
    void *symbol = dlsym(RTLD_NEXT, "clock_gettime");
    memcpy(&real, &symbol, sizeof real);
    const char *shift = getenv("CLOCK_SHIFT");
    int result = real(id, now);
    if (result == 0 && id == CLOCK_REALTIME && shift != NULL)
        now->tv_sec += strtol(shift, NULL, 10);
    return result;
}
