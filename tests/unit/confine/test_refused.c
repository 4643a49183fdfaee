/* SPDX-License-Identifier: Apache-2.0
 *
 * A process that could not be confined says so, whichever call is refused, and one that could did all of it in order.
 * The calls are not done here: this process stays free, so that what is executed can be counted (test_confine.c tries
 * the real ones, in processes that end with them). */
#include <dlfcn.h>
#include <errno.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stdarg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "ceremony/confine/confine.h"
#include "tests/support/check.h"

#define CALLS_MAX 16

/* What was asked, in order; and which of it is refused (-1: nothing). */
static const char *asked[CALLS_MAX];
static int asked_count;
static int refused = -1;
static int version = 3;
static bool is_asked; /* otherwise calls are the C library's, or a sanitizer's */

#define REAL(name)                                                                             \
    __extension__({                                                                            \
        static __typeof__(&(name)) real_;                                                      \
        if (real_ == NULL)                                                                     \
            *(void **)(void *)&real_ = dlsym(RTLD_NEXT, #name);                                \
        real_;                                                                                 \
    })

static int
answer(const char *what)
{
    assert_true(asked_count < CALLS_MAX);
    asked[asked_count] = what;
    if (asked_count++ != refused)
        return 0;
    errno = EPERM;
    return -1;
}

long
syscall(long number, ...)
{
    long values[5];
    va_list arguments;
    va_start(arguments, number);
    for (int i = 0; i < 5; i++)
        values[i] = va_arg(arguments, long);
    va_end(arguments);
    if (!is_asked)
        return REAL(syscall)(number, values[0], values[1], values[2], values[3], values[4]);
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): so the kernel takes it */
    const struct landlock_ruleset_attr *rules = (const void *)values[0];
    if (number == SYS_landlock_create_ruleset && rules == NULL)
        return version;
    if (number == SYS_landlock_create_ruleset) {
        if (answer("rules") != 0)
            return -1;
        assert_true((rules->handled_access_fs & LANDLOCK_ACCESS_FS_WRITE_FILE) != 0);
        return dup(STDERR_FILENO); /* something to close */
    }
    assert_true(number == SYS_landlock_add_rule || number == SYS_landlock_restrict_self);
    return answer(number == SYS_landlock_add_rule ? "path" : "restrict");
}

int
setrlimit(__rlimit_resource_t resource, const struct rlimit *limits)
{
    if (!is_asked)
        return REAL(setrlimit)(resource, limits);
    assert_int_equal(limits->rlim_cur, 0);
    assert_int_equal(limits->rlim_max, 0);
    return answer(resource == RLIMIT_FSIZE ? "no file" : "no core");
}

int
prctl(int option, ...)
{
    if (!is_asked || option != PR_SET_NO_NEW_PRIVS) {
        unsigned long values[4];
        va_list arguments;
        va_start(arguments, option);
        for (int i = 0; i < 4; i++)
            values[i] = va_arg(arguments, unsigned long);
        va_end(arguments);
        return REAL(prctl)(option, values[0], values[1], values[2], values[3]);
    }
    return answer("no privileges");
}

int
seccomp_load(const scmp_filter_ctx filter)
{
    assert_non_null(filter);
    return answer("filter") == 0 ? 0 : -EPERM;
}

static struct error *
confine(int refuse, const char *path, struct confinement *ret_confinement)
{
    const char *readable[] = {"/", path};
    asked_count = 0;
    refused = refuse;
    is_asked = true;
    struct error *error = confine_self(readable, 2, ret_confinement);
    is_asked = false;
    return error;
}

static const char *const all[] = {"no file", "no core", "no privileges", "rules",
                                  "path",    "path",    "restrict",      "filter"};
#define ALL ((int)(sizeof all / sizeof all[0]))

static void
test_everything_is_asked(void **state)
{
    (void)state;
    struct confinement confinement = {0};
    for (version = 1; version < 9; version++) { /* newer ones deny what is known here */
        check_ok(confine(-1, "/dev/null", &confinement));
        assert_int_equal(confinement.landlock, version);
        assert_int_equal(asked_count, ALL);
        for (int i = 0; i < ALL; i++)
            assert_string_equal(asked[i], all[i]);
    }
    version = 3;
}

static void
test_every_refusal_is_said(void **state)
{
    (void)state;
    struct confinement confinement = {0};
    for (int i = 0; i < ALL; i++) {
        check_error(confine(i, "/dev/null", &confinement), ERROR_IO);
        assert_int_equal(asked_count, i + 1); /* nothing after it */
    }
    check_error_says(confine(-1, "/none/such", &confinement), ERROR_NOT_FOUND, "/none/such");
}

/* A kernel without Landlock is told of, and the filter is there all the same. */
static void
test_without_landlock(void **state)
{
    (void)state;
    struct confinement confinement = {.landlock = 7};
    version = -1;
    check_ok(confine(-1, "/dev/null", &confinement));
    assert_int_equal(confinement.landlock, 0);
    assert_int_equal(asked_count, 4);
    assert_string_equal(asked[3], "filter");
    version = 3;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_is_asked),
        cmocka_unit_test(test_every_refusal_is_said),
        cmocka_unit_test(test_without_landlock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
