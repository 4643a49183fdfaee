/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory for secrets: where it lies, what a child sees of it, what is left when it is given back; and a mistake of the
 * program, which wipes before it ends. (R76, R77) */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
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

/* What lies in a page that is given back. */
static const unsigned char *watched;
static int left_in_it = -1;

int
munmap(void *at, size_t size)
{
    const unsigned char *begin = at;
    if (watched != NULL && watched >= begin && watched < begin + size) {
        left_in_it = 0;
        for (size_t i = 0; i < SIZE; i++)
            left_in_it |= watched[i];
        watched = NULL;
    }
    return REAL(munmap)(at, size);
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

/* Whether the kernel says so of the memory at this place (proc(5), VmFlags). */
static bool
has_flag(const unsigned char *place, const char *flag)
{
    FILE *file = fopen("/proc/self/smaps", "re");
    char line[512];
    char *rest = NULL;
    bool here = false;
    bool has = false;
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        uintptr_t begin = strtoul(line, &rest, 16);
        if (*rest == '-' && rest != line)
            here = (uintptr_t)place >= begin && (uintptr_t)place < strtoul(rest + 1, NULL, 16);
        if (here && strncmp(line, "VmFlags:", 8) == 0)
            has = strstr(line, flag) != NULL;
    }
    (void)fclose(file);
    return has;
}

/* Never in swap, in no core, empty in a child; and ordinary memory is none of it. */
static void
test_flags(void **state)
{
    (void)state;
    static const char *const flags[] = {" lo", " dd", " wf"};
    has_secretmem = false;
    AUTO(secret) secret = make();
    AUTO(secret) large = NULL;
    check_ok(secret_new(5000, &large)); /* two pages */
    AUTO_FREE unsigned char *plain = calloc(1, SIZE);
    for (size_t i = 0; i < 3; i++) {
        assert_true(has_flag(secret_borrow_const(secret), flags[i]));
        assert_true(has_flag(secret_borrow_const(large), flags[i]));
        assert_true(has_flag(secret_borrow_const(large) + 4999, flags[i]));
        assert_false(has_flag(plain, flags[i]));
    }
}

/* Nothing is left in what is given back, whether or not it was made shorter. */
static void
test_given_back(void **state)
{
    (void)state;
    for (int kind = 0; kind < 2; kind++)
        for (int cut = 0; cut < 2; cut++) {
            has_secretmem = kind == 1;
            struct secret *secret = make();
            watched = secret_borrow_const(secret);
            left_in_it = -1;
            if (cut == 1)
                secret_shrink(secret, 2);
            secret_free(secret);
            assert_int_equal(left_in_it, 0);
        }
}

/* Who reads over either end is stopped, at the upper one within the 16 octets that sizes are rounded to. */
static void
test_guard_pages(void **state)
{
    (void)state;

    static const struct {
        size_t size;
        long place;
    } rows[] = {
        {SIZE, SIZE + 12 },
        {16,   16        },
        {4096, 4096      },
        {4096, -1        },
        {16,   -4096 + 15}
    };

    for (int kind = 0; kind < 2; kind++)
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            int status = 0;
            has_secretmem = kind == 1;
            pid_t child = fork();
            if (child == 0) {
                AUTO(secret) own = NULL;
                (void)signal(SIGSEGV, SIG_DFL);
                if (secret_new(rows[i].size, &own) != NULL)
                    _exit(1);
                const volatile unsigned char *at = secret_borrow_const(own);
                (void)at[0];
                (void)at[rows[i].size - 1];
                (void)at[rows[i].place];
                _exit(0);
            }
            assert_true(child > 0 && waitpid(child, &status, 0) == child);
            assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
        }
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
        cmocka_unit_test(test_protection),
        cmocka_unit_test(test_child),
        cmocka_unit_test(test_no_room),
        cmocka_unit_test(test_flags),
        cmocka_unit_test(test_given_back),
        cmocka_unit_test(test_guard_pages),
        cmocka_unit_test(test_shrink_and_compare),
        cmocka_unit_test(test_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
