/* SPDX-License-Identifier: Apache-2.0
 *
 * What a program of ours is closed to once it has closed itself (T13), as the kernel says it; that each does so first, and
 * ends where it cannot, is tests/cli/test_hardening.sh. */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ceremony/base/process.h"
#include "tests/support/check.h"

/* Of what is left open, a bit each. */
enum left {
    LEFT_CORE = 1,
    LEFT_CORE_LATER = 2, /* the limit could be raised again */
    LEFT_DUMPABLE = 4,
    LEFT_PRIVILEGES = 8,
    LEFT_MODE = 16, /* others may read what it writes */
    LEFT_ZONE = 32,
    LEFT_FACTS = 64 /* what is recorded of it says otherwise */
};

static int
look(void)
{
    struct rlimit core = {1, 1};
    struct process_facts facts;
    int left = 0;
    const char *zone = getenv("TZ");
    if (getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_cur != 0)
        left |= LEFT_CORE;
    if (core.rlim_max != 0)
        left |= LEFT_CORE_LATER;
    if (prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
        left |= LEFT_DUMPABLE;
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
        left |= LEFT_PRIVILEGES;
    if (umask(0) != 077)
        left |= LEFT_MODE;
    if (zone == NULL || strcmp(zone, "UTC0") != 0)
        left |= LEFT_ZONE;
    process_read_facts(&facts);
    if (facts.core_dumps_off != ((left & LEFT_CORE) == 0)
        || facts.dumpable != ((left & LEFT_DUMPABLE) != 0))
        left |= LEFT_FACTS;
    return left;
}

/* In a process of its own, as a careless parent leaves it. */
static int
look_in_process(bool hardened)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0) {
        struct rlimit core = {0, 0};
        (void)getrlimit(RLIMIT_CORE, &core);
        core.rlim_cur = core.rlim_max;
        (void)setrlimit(RLIMIT_CORE, &core);
        (void)prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
        (void)umask(022);
        (void)setenv("TZ", "Pacific/Auckland", 1);
        if (hardened && process_harden() != NULL)
            _exit(128);
        _exit(look());
    }
    assert_true(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void
nothing_is_left_open(void **state)
{
    (void)state;
    struct rlimit core = {0, 0};
    assert_int_equal(getrlimit(RLIMIT_CORE, &core), 0);
    int free_bits = look_in_process(false);
    int wanted = LEFT_DUMPABLE | LEFT_MODE | LEFT_ZONE;
    if (core.rlim_max != 0) /* a parent may have forbidden cores for good */
        wanted |= LEFT_CORE | LEFT_CORE_LATER;
    assert_int_equal(free_bits & ~LEFT_PRIVILEGES, wanted);
    assert_int_equal(look_in_process(true), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_left_open)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
