/* SPDX-License-Identifier: Apache-2.0
 *
 * What guards a secret on the kernel that is there (test_secret.c tries others): memory that the kernel itself cannot
 * read, where there is such; nothing of it in a child. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ceremony/base/secret.h"
#include "tests/support/check.h"

#define SIZE 4096U /* a page: its bytes begin at the page's own beginning */

static void
the_best_that_the_kernel_has(void **state)
{
    (void)state;
#if defined(SYS_memfd_secret)
    int probe = (int)syscall(SYS_memfd_secret, O_CLOEXEC);
    if (probe < 0) {
        assert_string_equal(secret_protection(), "mlock");
        return;
    }
    (void)close(probe);
    assert_string_equal(secret_protection(), "memfd_secret");
#else
    assert_string_equal(secret_protection(), "mlock");
#endif
}

/* In a child: 0 if its copy of the page is gone or empty. */
static int
see_in_child(unsigned char *bytes)
{
    unsigned char resident = 0;
    if (mincore(bytes, SIZE, &resident) != 0)
        return errno == ENOMEM ? 0 : 1;
    for (size_t i = 0; i < SIZE; i++)
        if (bytes[i] != 0)
            return 1;
    return 0;
}

static void
a_child_has_nothing_of_it(void **state)
{
    AUTO(secret) secret = NULL;
    int status = -1;
    (void)state;
    check_ok(secret_new(SIZE, &secret));
    memset(secret_borrow(secret), 0x5a, SIZE);
    pid_t child = fork();
    if (child == 0)
        _exit(see_in_child(secret_borrow(secret)));
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(secret_borrow(secret)[0], 0x5a);
}

static void
shortened_and_compared(void **state)
{
    AUTO(secret) secret = NULL;
    AUTO(secret) copy = NULL;
    (void)state;
    check_ok(secret_from("of no use", 9, &secret));
    check_ok(secret_dup(secret, &copy));
    assert_true(secret_equal(secret, copy));
    secret_shrink(secret, 2);
    assert_int_equal(secret_size(secret), 2);
    assert_memory_equal(secret_borrow(secret), "of\0\0\0\0\0\0\0", 9);
    assert_false(secret_equal(secret, copy));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_best_that_the_kernel_has),
        cmocka_unit_test(a_child_has_nothing_of_it),
        cmocka_unit_test(shortened_and_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
