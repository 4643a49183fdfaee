/* SPDX-License-Identifier: Apache-2.0
 *
 * A preloaded library that refuses one call by which a program closes itself to others, as a kernel would that has not
 * got it.
 *
 *   LD_PRELOAD=refuse_module.so  REFUSE=core         no limit on core files can be set
 *                                REFUSE=dumpable     the process cannot be closed to other programs
 *                                REFUSE=privileges   new privileges cannot be forbidden
 *                                REFUSE=memory       OpenSSL gets no memory for secrets */
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PUBLIC    __attribute__((visibility("default")))
#define HEAP_SIZE 65536U /* what the programs ask OpenSSL to set aside */

static bool
is_refused(const char *what)
{
    const char *wish = getenv("REFUSE");
    if (wish == NULL || strcmp(wish, what) != 0)
        return false;
    errno = EPERM;
    return true;
}

PUBLIC int
setrlimit(__rlimit_resource_t resource, const struct rlimit *limits)
{
    if (resource == RLIMIT_CORE && is_refused("core"))
        return -1;
    return (int)syscall(SYS_prlimit64, 0, resource, limits, NULL);
}

PUBLIC int
prctl(int option, ...)
{
    unsigned long values[4];
    va_list rest;
    va_start(rest, option);
    for (int i = 0; i < 4; i++)
        values[i] = va_arg(rest, unsigned long);
    va_end(rest);
    if ((option == PR_SET_DUMPABLE && is_refused("dumpable"))
        || (option == PR_SET_NO_NEW_PRIVS && is_refused("privileges")))
        return -1;
    return (int)syscall(SYS_prctl, option, values[0], values[1], values[2], values[3]);
}

/* With a guard page on either side. */
PUBLIC void *
mmap(void *at, size_t size, int protection, int flags, int file, off_t offset)
{
    if (size > HEAP_SIZE && size <= HEAP_SIZE + 4 * 4096U && is_refused("memory"))
        return MAP_FAILED;
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): so the kernel says it */
    return (void *)syscall(SYS_mmap, at, size, protection, flags, file, offset);
}
