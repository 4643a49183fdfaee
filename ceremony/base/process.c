/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <locale.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

/* A descriptor below 3 that came closed would be given to the next file that is opened, and what is printed would go into
 * it. Opened the wrong way round, each use of it fails as before. */
static struct error *
fill_standard(void)
{
    for (int number = STDIN_FILENO; number <= STDERR_FILENO; number++)
        if (fcntl(number, F_GETFD) < 0
            && open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY) != number)
            return ERROR_ERRNO(errno, "descriptor %d is closed, and could not be filled",
                               number);
    return NULL;
}

struct error *
process_harden(void)
{
    struct rlimit none = {0, 0};
    TRY(fill_standard());
    if (setrlimit(RLIMIT_CORE, &none) != 0)
        return ERROR_ERRNO(errno, "core files could not be switched off");
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
        return ERROR_ERRNO(errno, "the process could not be closed to other programs");
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return ERROR_ERRNO(errno, "new privileges could not be forbidden");
    (void)umask(077);
    (void)setenv("TZ", "UTC0", 1);
    return NULL;
}

/* The number behind `key` in /proc/self/status, or -1. */
static int
status_number(const char *key)
{
    FILE *file = fopen("/proc/self/status", "re");
    if (file == NULL)
        return -1;
    char line[256];
    int value = -1;
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, key, strlen(key)) == 0)
            value = (int)strtol(line + strlen(key), NULL, 10);
    (void)fclose(file);
    return value;
}

static void
read_swap(struct process_facts *facts)
{
    FILE *file = fopen("/proc/swaps", "re");
    if (file == NULL)
        return;
    char line[512];
    int lines = 0;
    while (fgets(line, sizeof line, file) != NULL)
        lines++;
    (void)fclose(file);
    facts->swap_known = true;
    facts->swap_active = lines > 1;
}

static int
count_interfaces(void)
{
    struct ifaddrs *list = NULL;
    if (getifaddrs(&list) != 0)
        return -1;
    int count = 0;
    for (const struct ifaddrs *each = list; each != NULL; each = each->ifa_next) {
        bool seen = false;
        for (const struct ifaddrs *before = list; before != each; before = before->ifa_next)
            seen = seen || strcmp(before->ifa_name, each->ifa_name) == 0;
        if (!seen && (each->ifa_flags & IFF_UP) != 0 && (each->ifa_flags & IFF_LOOPBACK) == 0)
            count++;
    }
    freeifaddrs(list);
    return count;
}

void
process_read_facts(struct process_facts *ret_facts)
{
    struct process_facts facts = {.tracer = -1, .interfaces_up = -1};
    struct utsname names;
    if (uname(&names) == 0) {
        (void)snprintf(facts.kernel, sizeof facts.kernel, "%.60s %.60s %.100s %.30s",
                       names.sysname, names.release, names.version, names.machine);
        (void)snprintf(facts.hostname, sizeof facts.hostname, "%.64s", names.nodename);
    }
    struct rlimit core = {1, 1};
    facts.core_dumps_off = getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_cur == 0;
    facts.dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0;
    facts.tracer = status_number("TracerPid:");
    facts.interfaces_up = count_interfaces();
    read_swap(&facts);
    *ret_facts = facts;
}
