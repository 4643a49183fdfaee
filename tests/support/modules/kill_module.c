/* SPDX-License-Identifier: Apache-2.0
 *
 * A preloaded library that kills the process at its N-th flush: the moments at which the program has
 * made something durable, or is about to. Journal records, outputs and ledger entries all end in a
 * flush, so stepping N through a run visits every state that a power cut can leave behind it.
 *
 *   LD_PRELOAD=kill_module.so  KILL_AT=N        SIGKILL instead of the N-th flush (from 1)
 *                              KILL_AT=N+       SIGKILL right after the N-th flush
 *                              KILL_ONLY=END    only flushes of files whose path ends so count
 *                              KILL_COUNT=FILE  the number of flushes is written there at exit
 */
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_long flushes;

static void
die(void)
{
    (void)kill(getpid(), SIGKILL);
    for (;;)
        (void)pause();
}

static bool
counts(int descriptor)
{
    char link[64];
    char path[4096];
    const char *only = getenv("KILL_ONLY");
    if (only == NULL)
        return true;
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t len = readlink(link, path, sizeof path);
    size_t end = strlen(only);
    return len > 0 && (size_t)len >= end && memcmp(path + len - end, only, end) == 0;
}

static int
flush(const char *name, int descriptor)
{
    int (*real)(int) = NULL;
    void *symbol = dlsym(RTLD_NEXT, name);
    memcpy(&real, &symbol, sizeof real);
    if (!counts(descriptor))
        return real(descriptor);
    long now = atomic_fetch_add(&flushes, 1) + 1;
    const char *at = getenv("KILL_AT");
    long when = at == NULL ? 0 : strtol(at, NULL, 10);
    bool after = at != NULL && strchr(at, '+') != NULL;
    if (now == when && !after)
        die();
    int result = real(descriptor);
    if (now == when)
        die();
    return result;
}

__attribute__((visibility("default"))) int
fsync(int descriptor)
{
    return flush("fsync", descriptor);
}

__attribute__((visibility("default"))) int
fdatasync(int descriptor)
{
    return flush("fdatasync", descriptor);
}

__attribute__((destructor)) static void
report(void)
{
    const char *path = getenv("KILL_COUNT");
    FILE *file = path == NULL ? NULL : fopen(path, "we");
    if (file == NULL)
        return;
    (void)fprintf(file, "%ld\n", atomic_load(&flushes));
    (void)fclose(file);
}
