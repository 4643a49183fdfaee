/* SPDX-License-Identifier: Apache-2.0
 *
 * A ledger whose file, lock or database fails: nothing is half entered, nothing goes on after what is not known to have
 * ended. */
#include <dlfcn.h>
#include <errno.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sqlite3.h>

#include "ceremony/ledger/ledger.h"
#include "tests/support/check.h"

#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static char folder[256];
static char path[300];
static int flock_fails;       /* errno; 0: it does not */
static unsigned step_fails;   /* at this step of the database from now on; 0: never */
static const char *run_fails; /* a statement that runs without rows */

int
flock(int file, int operation)
{
    int (*real)(int, int) = NULL;
    *(void **)(void *)&real = dlsym(RTLD_NEXT, "flock");
    errno = flock_fails;
    return flock_fails != 0 ? -1 : real(file, operation);
}

int
sqlite3_step(sqlite3_stmt *statement)
{
    int (*real)(sqlite3_stmt *) = NULL;
    *(void **)(void *)&real = dlsym(RTLD_NEXT, "sqlite3_step");
    if (step_fails > 0 && --step_fails == 0)
        return SQLITE_IOERR;
    return real(statement);
}

int
sqlite3_exec(sqlite3 *database, const char *sql, int (*each)(void *, int, char **, char **),
             void *user, char **ret_message)
{
    int (*real)(sqlite3 *, const char *, int (*)(void *, int, char **, char **), void *,
                char **) = NULL;
    *(void **)(void *)&real = dlsym(RTLD_NEXT, "sqlite3_exec");
    if (run_fails != NULL && strcmp(sql, run_fails) == 0)
        return SQLITE_IOERR;
    return real(database, sql, each, user, ret_message);
}

static int
set_up(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/failing.XXXXXX", TEST_BINARY_DIR);
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/ledger.db", folder);
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    char command[300];
    flock_fails = 0;
    step_fails = 0;
    run_fails = NULL;
    (void)snprintf(command, sizeof command, "rm -r -- '%s'", folder);
    return system(command);
}

static uint64_t
count_of(const struct ledger *ledger)
{
    unsigned char head[32];
    uint64_t count = 0;
    ledger_head(ledger, head, &count);
    return count;
}

static void
test_file_and_lock(void **state)
{
    (void)state;
    struct ledger *ledger = NULL;
    check_error(ledger_open(path, false, &ledger), ERROR_NOT_FOUND);
    assert_int_equal(mkfifo(path, 0600), 0);
    check_error_says(ledger_open(path, true, &ledger), ERROR_INPUT, "not a regular file");
    assert_int_equal(unlink(path), 0);
    flock_fails = ENOLCK;
    check_error_says(ledger_open(path, true, &ledger), ERROR_IO, "could not be locked");
    flock_fails = EWOULDBLOCK;
    check_error_says(ledger_open(path, true, &ledger), ERROR_REFUSED, "in use");
    flock_fails = 0;
    check_ok(ledger_open(path, true, &ledger));
    check_error_says(ledger_ceremony_open(ledger, "", "rehearsal", HASH_A), ERROR_INPUT,
                     "no proper name");
    static const char *const names[] = {"two\nlines", "a\x7f", "\x7f", "a\xc2\x80",
                                        "\xc2\x9f."};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        check_error(ledger_ceremony_open(ledger, names[i], "rehearsal", HASH_A), ERROR_INPUT);
    check_ok(ledger_ceremony_open(ledger, "a\xc2\xa0 \xc3\x80~", "rehearsal", HASH_A));
    ledger_close(ledger);
}

/* When it is not known whether an entry was taken, nothing more is. */
static void
test_unknown_end(void **state)
{
    (void)state;
    AUTO(ledger) ledger = NULL;
    AUTO(ledger) again = NULL;
    check_ok(ledger_open(path, true, &ledger));
    run_fails = "COMMIT";
    check_error(ledger_ceremony_open(ledger, "one", "rehearsal", HASH_A), ERROR_IO);
    run_fails = NULL;
    check_error_says(ledger_ceremony_open(ledger, "one", "rehearsal", HASH_A), ERROR_IO,
                     "failed before");
    assert_int_equal(count_of(ledger), 0);
    ledger_close(TAKE(ledger));
    check_ok(ledger_open(path, false, &again));
    check_ok(ledger_ceremony_open(again, "one", "rehearsal", HASH_A));
    assert_int_equal(count_of(again), 1);
}

/* Each step of the database fails once: an error, and an entry that is there whole or not at all. */
static void
test_each_step(void **state)
{
    (void)state;
    unsigned failed = 0;
    for (unsigned at = 1; at < 40; at++) {
        AUTO(ledger) ledger = NULL;
        (void)unlink(path);
        check_ok(ledger_open(path, true, &ledger));
        check_ok(ledger_ceremony_open(ledger, "one", "rehearsal", HASH_A));
        step_fails = at;
        struct error *error = ledger_bind_token(ledger, "one", "primary", "47 11");
        bool is_done = step_fails > 0 || error == NULL;
        step_fails = 0;
        failed += error != NULL;
        assert_int_equal(count_of(ledger), is_done ? 2 : 1);
        error_free(error);
        ledger_close(TAKE(ledger));
        check_ok(ledger_open(path, false, &ledger)); /* it replays to the same */
        if (is_done)
            assert_int_equal(count_of(ledger), 2);
        else
            check_ok(ledger_bind_token(ledger, "one", "primary", "47 11"));
        assert_int_equal(count_of(ledger), 2);
    }
    assert_true(failed >= 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_file_and_lock, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_unknown_end, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_each_step, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
