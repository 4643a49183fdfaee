/* SPDX-License-Identifier: Apache-2.0
 *
 * A preloaded library that lets a process which has confined itself and said so wait before it goes on, so that a test
 * can look at it, or kill it, while it is about to read.
 *
 *   LD_PRELOAD=pause_module.so  PAUSE_MS=N    milliseconds */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PUBLIC __attribute__((visibility("default")))

static bool confined; /* and nothing was said since */
static struct timespec left;
static ssize_t (*real_write)(int, const void *, size_t);

PUBLIC int seccomp_load(const void *filter);

__attribute__((constructor)) static void
find_write(void)
{
    void *symbol = dlsym(RTLD_NEXT, "write");
    memcpy(&real_write, &symbol, sizeof real_write);
}

PUBLIC int
seccomp_load(const void *filter)
{
    int (*real)(const void *) = NULL;
    void *symbol = dlsym(RTLD_NEXT, "seccomp_load");
    const char *wanted = getenv("PAUSE_MS");
    long ms = wanted == NULL ? 0 : strtol(wanted, NULL, 10);
    memcpy(&real, &symbol, sizeof real);
    left = (struct timespec){ms / 1000, ms % 1000 * 1000000};
    confined = true;
    return real(filter);
}

PUBLIC ssize_t
write(int file, const void *data, size_t len)
{
    ssize_t result = real_write(file, data, len);
    if (!confined)
        return result;
    confined = false;
    while (nanosleep(&left, &left) != 0)
        continue;
    return result;
}
