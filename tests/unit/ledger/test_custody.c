/* SPDX-License-Identifier: Apache-2.0
 *
 * CRLs that were signed ahead: where each is, in which bag, and which ways lead from one place to another (R59). What is
 * brought from elsewhere, and what is announced twice. */
#include "ceremony/base/bytes.h"
#include "ceremony/ledger/revoked.h"
#include "tests/support/scratch_ledger.h"

#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define HASH_C "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"

static int
set_up(void **state)
{
    if (scratch_ledger_make(state) != 0)
        return -1;
    check_ok(ledger_ceremony_open(ledger, "one", "rehearsal", HASH_C));
    return 0;
}

static void
sign(uint64_t number)
{
    check_ok(ledger_reserve_crl(ledger, "one", HASH_A, "full", number, HASH_B,
                                (int64_t)number * 100, (int64_t)number * 100 + 150));
    check_ok(ledger_issue_crl(ledger, "one", HASH_A, "full", number, HASH_C));
}

static struct error *
put(uint64_t number, const char *state, const char *bag)
{
    return ledger_crl_custody(ledger, "one", HASH_A, "full", number, state, bag);
}

/* Every way from each state to each other one. */
static void
test_every_way(void **state)
{
    (void)state;
    static const char *const states[] = {"unreleased", "sealed", "lost", "released",
                                         "destroyed"};
    static const char *const ways[] = {
        /* to unreleased, sealed, lost, released, destroyed */
        ".yyyy", "..yyy", "....y", ".....", ".....",
    };
    uint64_t number = 0;
    for (size_t from = 0; from < 5; from++)
        for (size_t to = 0; to < 5; to++) {
            sign(++number);
            check_error_says(put(number, "sealed", "B-1"), ERROR_REFUSED,
                             "not one that was signed ahead");
            check_ok(put(number, "unreleased", "none"));
            if (from > 0)
                check_ok(put(number, states[from], "B-1"));
            uint64_t before = scratch_ledger_entries();
            struct error *error =
                put(number, states[to], from == to && from == 0 ? "none" : "B-1");
            if (from == to) { /* said already */
                check_ok(error);
                assert_int_equal(scratch_ledger_entries(), before);
            } else if (ways[from][to] == 'y') {
                check_ok(error);
                assert_int_equal(scratch_ledger_entries(), before + 1);
            } else {
                check_error_says(error, ERROR_REFUSED, "cannot become");
                assert_int_equal(scratch_ledger_entries(), before);
            }
        }
    check_error_says(put(99, "unreleased", "none"), ERROR_REFUSED, "does not know the CRL 99");
}

static void
test_ahead(void **state)
{
    (void)state;
    AUTO_FREE struct ledger_ahead *rows = NULL;
    size_t count = 7;
    check_ok(ledger_crls_ahead(ledger, HASH_A, &rows, &count));
    assert_int_equal(count, 0);
    for (uint64_t number = 1; number <= 3; number++) {
        sign(number);
        check_ok(put(number, "unreleased", "none"));
        char bag[8];
        (void)snprintf(bag, sizeof bag, "B-%d", (int)number);
        check_ok(put(number, "sealed", bag));
    }
    check_ok(put(2, "sealed", "B-9")); /* another bag is news */
    check_ok(put(1, "released", "B-1"));
    free(TAKE(rows));
    check_ok(ledger_crls_ahead(ledger, HASH_A, &rows, &count));
    assert_true(count >= 2);
    size_t at = 0;
    while (at < count && rows[at].crl.number != 2)
        at++;
    assert_true(at < count);
    const struct ledger_ahead *second = &rows[at];
    assert_string_equal(second->state, "sealed");
    assert_string_equal(second->bag, "B-9");
    assert_string_equal(second->crl.scope, "full");
    assert_string_equal(second->crl.sha256, HASH_C);
    assert_int_equal(second->crl.this_update, 200);
    assert_int_equal(second->crl.next_update, 350);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_way, set_up, scratch_ledger_remove),
        cmocka_unit_test_setup_teardown(test_ahead, set_up, scratch_ledger_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
