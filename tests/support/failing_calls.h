/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls that fail when a test wants it, in the test's own process: the definitions stand before the C library's for
 * what is linked into the test program. One file of a program includes this, and only where it is wanted. */
#pragma once

#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FAILING_LATER 1000U

static struct {
    const char *name; /* NULL: nothing fails */
    unsigned skip;    /* calls of this name that are done before the one that fails */
    int number;       /* errno; 0: what is said to be done, and is not */
    unsigned seen;    /* calls of this name */
} failing;

/* Nothing fails, and the calls of this name are counted. */
static inline void
count_calls(const char *name)
{
    failing.name = name;
    failing.skip = FAILING_LATER;
    failing.seen = 0;
}

/* The call after `skip` others of its name fails so. */
static inline void
fail_call(const char *name, unsigned skip, int number)
{
    count_calls(name);
    failing.skip = skip;
    failing.number = number;
}

static inline bool
is_failing(const char *name)
{
    if (failing.name == NULL || strcmp(failing.name, name) != 0
        || failing.seen++ != failing.skip)
        return false;
    errno = failing.number;
    return true;
}

/* The C library's own. */
#define REAL(name)                                                                             \
    __extension__({                                                                            \
        static __typeof__(&(name)) real_;                                                      \
        if (real_ == NULL)                                                                     \
            *(void **)(void *)&real_ = dlsym(RTLD_NEXT, #name);                                \
        real_;                                                                                 \
    })
#define FAILED (failing.number == 0 ? 0 : -1)

int
fsync(int file)
{
    return is_failing("fsync") ? FAILED : REAL(fsync)(file);
}

int
fdatasync(int file)
{
    return is_failing("fdatasync") ? FAILED : REAL(fdatasync)(file);
}

/* Without a number it takes half of what it is given. */
ssize_t
write(int file, const void *data, size_t len)
{
    if (!is_failing("write"))
        return REAL(write)(file, data, len);
    return failing.number == 0 ? REAL(write)(file, data, len / 2) : -1;
}

int
syncfs(int file)
{
    return is_failing("syncfs") ? FAILED : REAL(syncfs)(file);
}

int
ftruncate(int file, off_t size)
{
    return is_failing("ftruncate") ? FAILED : REAL(ftruncate)(file, size);
}

int
mlock(const void *at, size_t size)
{
    return is_failing("mlock") ? FAILED : REAL(mlock)(at, size);
}

void *
mmap(void *at, size_t size, int protection, int flags, int file, off_t offset)
{
    return is_failing("mmap") ? MAP_FAILED
                              : REAL(mmap)(at, size, protection, flags, file, offset);
}

int
setrlimit(__rlimit_resource_t resource, const struct rlimit *limits)
{
    return is_failing("setrlimit") ? FAILED : REAL(setrlimit)(resource, limits);
}
