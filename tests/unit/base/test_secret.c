/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory for secrets: where it lies, what a child sees of it, what is left when it is given back; and a mistake of the
 * program, which wipes before it ends. (R76, R77) */
#include <signal.h>
#include <sys/wait.h>

#include "ceremony/base/secret.h"
#include "tests/support/check.h"
#include "tests/support/failing_calls.h"

#define SIZE 100U

/* Whether this kernel is to have memory of its own kind for secrets: an ordinary file in memory stands for it. */
static bool has_secretmem;

long
syscall(long number, ...)
{
    assert_int_equal(number, SYS_memfd_secret);
    errno = ENOSYS;
    return has_secretmem ? memfd_create("secret", MFD_CLOEXEC) : -1;
}

static struct secret *
make(void)
{
    static const unsigned char value[SIZE] = {1, 2, 3};
    struct secret *secret = NULL;
    check_ok(secret_from(value, sizeof value, &secret));
    return secret;
}

/* Runs in a child: 0: the page is not there, 1: it reads as zeros, 2: the secret is there. */
static int
seen_by_child(struct secret *secret)
{
    const unsigned char *bytes = secret_borrow_const(secret);
    pid_t child = fork();
    if (child == 0) {
        unsigned char there = 0;
        unsigned char *page = (unsigned char *)((uintptr_t)bytes / 4096 * 4096);
        if (mincore(page, 4096, &there) != 0)
            _exit(0);
        _exit(bytes[0] == 0 ? 1 : 2);
    }
    int status = 0;
    assert_true(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void
test_child(void **state)
{
    (void)state;
    has_secretmem = false;
    AUTO(secret) locked = make();
    assert_int_equal(seen_by_child(locked), 1);
    has_secretmem = true;
    AUTO(secret) own = make();
    assert_int_equal(seen_by_child(own), 0);
}

/* The worst that was seen is what may be claimed; the order of these matters. */
static void
test_protection(void **state)
{
    (void)state;
    has_secretmem = true;
    assert_string_equal(secret_protection(), "memfd_secret");
    has_secretmem = false;
    secret_free(make());
    assert_string_equal(secret_protection(), "mlock");
    fail_call("mlock", 0, ENOMEM);
    secret_free(make());
    assert_string_equal(secret_protection(), "none");
    has_secretmem = true;
    secret_free(make());
    assert_string_equal(secret_protection(), "none");
    failing.name = NULL;
}

static void
test_no_room(void **state)
{
    (void)state;
    struct secret *secret = NULL;
    for (int kind = 0; kind < 2; kind++)
        for (unsigned call = 0; call < 2; call++) {
            has_secretmem = kind == 1;
            fail_call("mmap", call, ENOMEM);
            if (kind == 1 && call == 1) { /* the second way is taken */
                check_ok(secret_new(SIZE, &secret));
                secret_free(secret);
            } else {
                check_error(secret_new(SIZE, &secret), ERROR_MEMORY);
            }
        }
    failing.name = NULL;
}

static void
test_shrink_and_compare(void **state)
{
    (void)state;
    has_secretmem = false;
    AUTO(secret) one = make();
    AUTO(secret) other = NULL;
    check_ok(secret_dup(one, &other));
    assert_true(secret_equal(one, other));
    unsigned char *bytes = secret_borrow(one);
    secret_shrink(one, 2);
    assert_int_equal(secret_size(one), 2);
    assert_int_equal(bytes[1], 2);
    assert_int_equal(bytes[2], 0); /* what was cut off is gone */
    assert_false(secret_equal(one, other));
    secret_shrink(other, 2);
    assert_true(secret_equal(one, other));
    secret_borrow(other)[1] ^= 0x80;
    assert_false(secret_equal(one, other));
    secret_shrink(other, 2);
    unsigned char plain[] = {7, 7};
    secret_wipe(plain, 0);
    secret_wipe(NULL, 2);
    assert_int_equal(plain[0], 7);
    secret_wipe(plain, sizeof plain);
    assert_int_equal(plain[0] + plain[1], 0);
    secret_free(NULL);
}

/* --- a mistake of the program --- */

static int order[2];
static int ran;

static void
first(void)
{
    order[ran++] = 1;
}

static void
second(void)
{
    order[ran++] = 2;
}

static void
aborted(int number)
{
    (void)number;
    exit(ran == 2 && order[0] == 2 && order[1] == 1 ? 7 : 8); /* not _exit: counters are kept */
}

static void
test_bug(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        (void)signal(SIGABRT, aborted);
        bug_register_cleanup(first);
        bug_register_cleanup(second);
        BUG("said by the test");
    }
    int status = 0;
    assert_true(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 7);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_protection), cmocka_unit_test(test_child),
        cmocka_unit_test(test_no_room),    cmocka_unit_test(test_shrink_and_compare),
        cmocka_unit_test(test_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
