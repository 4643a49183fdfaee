/* SPDX-License-Identifier: Apache-2.0
 *
 * A batch whose ledger fails at one step of the database after the other: an error, no certificate that the ledger lacks,
 * and the same line ends the batch when it is run again. */
#include <dlfcn.h>
#include <pthread.h>

#include <sqlite3.h>

#include "tests/unit/batch/line_fixture.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned long fails_at; /* 0: never */
static unsigned long steps;

int
sqlite3_step(sqlite3_stmt *statement)
{
    int (*real)(sqlite3_stmt *) = NULL;
    *(void **)(void *)&real = dlsym(RTLD_NEXT, "sqlite3_step");
    (void)pthread_mutex_lock(&lock);
    bool fails = ++steps == fails_at;
    (void)pthread_mutex_unlock(&lock);
    return fails ? SQLITE_IOERR : real(statement);
}

static void
each_step_may_fail(void **state)
{
    struct table *t = *state;
    struct batch_totals totals = {0};
    bool paused = false;
    unsigned failed = 0;
    t->feed.count = 20;
    t->line.block = 10;
    steps = 0;
    check_ok(run(t, &totals, &paused));
    unsigned long whole = steps;
    assert_int_equal(totals.issued, 18);
    assert_true(whole > 60);
    tear_down(state);
    for (unsigned long at = 1; at < whole; at += 7) {
        assert_int_equal(set_up(state), 0);
        t->feed.count = 20;
        t->line.block = 10;
        steps = 0;
        fails_at = at;
        struct error *error = run(t, &totals, &paused);
        fails_at = 0;
        failed += error != NULL;
        error_free(error);
        reopen(t); /* it replays */
        check_ok(run(t, &totals, &paused));
        assert_int_equal(totals.issued, 18);
        assert_int_equal(totals.refused, 2);
        tear_down(state);
    }
    assert_true(failed > 5);
    assert_int_equal(set_up(state), 0); /* for who removes it */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_step_may_fail, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
