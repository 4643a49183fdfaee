/* SPDX-License-Identifier: Apache-2.0
 *
 * Sets of shares that hold PINs, when shares were proven last, and in which bag things lie (R23, R58, R84). */
#include "ceremony/base/clock.h"
#include "ceremony/ledger/known_shares.h"
#include "tests/support/check.h"
#include "tests/support/scratch_ledger.h"

#define H1 "1111111111111111111111111111111111111111111111111111111111111111"
#define H2 "2222222222222222222222222222222222222222222222222222222222222222"

static int
set_up(void **state)
{
    if (scratch_ledger_make(state) != 0)
        return -1;
    check_ok(ledger_ceremony_open(ledger, "c-1", "rehearsal", H2));
    return 0;
}

static struct error *
pin(const char *user, unsigned set, const char *set_state)
{
    return ledger_pin_set(ledger, "c-1", "47 11", user, set, set_state);
}

static void
check_in_use(const char *user, unsigned wanted)
{
    unsigned set = 0;
    bool found = false;
    check_ok(known_pin_set_in_use(ledger, "47 11", user, &set, &found));
    assert_int_equal(found, wanted != 0);
    assert_int_equal(set, wanted);
}

/* Forward only, one number once, and what is replaced is void in the same entry. */
static void
test_pin_sets(void **state)
{
    (void)state;
    AUTO_FREE struct known_pin_set *sets = NULL;
    size_t count = 0;
    check_error_says(pin("user", 7, "proven"), ERROR_REFUSED, "no live set");
    check_ok(pin("user", 7, "made"));
    check_error_says(pin("user", 7, "made"), ERROR_REFUSED, "number 7 already");
    check_error_says(pin("SO", 7, "made"), ERROR_REFUSED, "number 7 already");
    check_error_says(ledger_share_set(ledger, "c-1", H1, 7, "made", ""), ERROR_REFUSED,
                     "number 7 already");
    check_error_says(pin("user", 7, "in-use"), ERROR_REFUSED, "cannot be in-use: it is made");
    check_error(pin("user", 7, "lost"), ERROR_INPUT);
    check_error(pin("root", 7, "proven"), ERROR_INPUT);
    check_in_use("user", 0);
    check_ok(pin("user", 7, "proven"));
    check_ok(pin("user", 7, "proven")); /* the same again */
    check_ok(pin("user", 7, "in-use"));
    check_error_says(pin("user", 7, "proven"), ERROR_REFUSED, "cannot be proven: it is in-use");
    check_ok(pin("SO", 8, "made"));
    check_ok(pin("user", 9, "made"));
    check_ok(pin("user", 9, "proven"));
    check_in_use("user", 7); /* until the token has the new one */
    check_ok(pin("user", 9, "in-use"));
    check_in_use("user", 9);
    check_in_use("SO", 0);
    check_ok(known_pin_sets(ledger, "47 11", "user", &sets, &count));
    assert_int_equal(count, 2);
    assert_string_equal(sets[0].state, "void");
    check_ok(pin("user", 7, "void")); /* it is already */
    check_error_says(pin("user", 7, "in-use"), ERROR_REFUSED, "no live set");
    check_ok(pin("user", 7, "made")); /* the number is free again */
}

/* A change that was left open ends when the token has another PIN since: its shares are refused from then on. */
static void
test_left_open(void **state)
{
    (void)state;
    AUTO_FREE struct known_pin_set *sets = NULL;
    size_t count = 0;
    check_ok(pin("user", 7, "made"));
    check_ok(pin("user", 7, "proven"));
    check_ok(pin("SO", 8, "made"));
    check_ok(pin("SO", 8, "proven"));
    check_ok(pin("user", 9, "made"));
    check_ok(pin("user", 9, "proven"));
    check_ok(pin("user", 9, "in-use"));
    check_in_use("user", 9);
    check_ok(known_pin_sets(ledger, "47 11", "user", &sets, &count));
    assert_int_equal(count, 2);
    assert_string_equal(sets[0].state, "void");
    check_ok(pin("SO", 8, "in-use")); /* of another PIN */
}

/* What was said of a number before its set was made is of an older set. */
static void
test_proofs(void **state)
{
    (void)state;
    struct clock_reading now;
    struct known_proof last;
    clock_read(&now);
    check_error_says(ledger_share_proof(ledger, "c-1", 7, "opened", ""), ERROR_REFUSED,
                     "no live set of shares with the number 7");
    check_ok(pin("user", 7, "made"));
    check_error(ledger_share_proof(ledger, "c-1", 7, "believed", ""), ERROR_INPUT);
    check_ok(known_last_proof(ledger, 7, &last));
    assert_int_equal(last.time, 0);
    assert_string_equal(last.how, "");
    check_ok(pin("user", 7, "proven"));
    check_ok(known_last_proof(ledger, 7, &last));
    assert_string_equal(last.how, "typed back");
    assert_true(last.time >= now.wall_ms / 1000 && last.time <= now.wall_ms / 1000 + 60);
    check_ok(ledger_share_proof(ledger, "c-1", 7, "checked", H2));
    check_ok(known_last_proof(ledger, 7, &last));
    assert_string_equal(last.how, "checked");
    assert_string_equal(last.ceremony, "c-1");
    check_ok(pin("user", 7, "void"));
    check_ok(ledger_share_set(ledger, "c-1", H1, 7, "made", ""));
    check_ok(known_last_proof(ledger, 7, &last));
    assert_int_equal(last.time, 0);
    check_ok(ledger_share_set(ledger, "c-1", H1, 7, "proven", ""));
    check_ok(known_last_proof(ledger, 7, &last));
    assert_string_equal(last.how, "opened"); /* a key's set is proven by a restore */
}

static void
test_sets(void **state)
{
    (void)state;
    AUTO_FREE struct known_set *sets = NULL;
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *nobody = NULL;
    size_t count = 0;
    bool live = false;
    check_ok(ledger_bind_token(ledger, "c-1", "signing", "47 11"));
    check_ok(ledger_share_set(ledger, "c-1", H1, 5, "made", ""));
    check_ok(pin("SO", 6, "made"));
    check_ok(known_sets(ledger, &sets, &count));
    assert_int_equal(count, 2);
    assert_string_equal(sets[0].spki_sha256, H1);
    assert_string_equal(sets[0].serial, "");
    assert_string_equal(sets[1].spki_sha256, "");
    assert_string_equal(sets[1].serial, "47 11"); /* a serial may hold a blank */
    assert_string_equal(sets[1].user, "SO");
    assert_int_equal(sets[0].set_id, 5);
    assert_int_equal(sets[1].set_id, 6);
    assert_string_equal(sets[0].state, "made");
    check_ok(known_set_live(ledger, 6, &live));
    assert_true(live);
    check_ok(known_set_live(ledger, 4, &live));
    assert_false(live);
    check_ok(known_token_name(ledger, "47 11", &name));
    assert_string_equal(name, "signing");
    check_ok(known_token_name(ledger, "48", &nobody));
    assert_string_equal(nobody, "");
}

static void
bag(const char *ceremony, const char *text)
{
    check_ok(ledger_custody(ledger, ceremony, "bag", text));
}

/* A token lies in its last bag, whatever a script called it; media stay in theirs. */
static void
test_bags(void **state)
{
    (void)state;
    AUTO_FREE struct known_bag *bags = NULL;
    size_t count = 0;
    bag("c-1", "R-1: token \"primary\", serial 47 11");
    bag("c-1", "R-2: token \"spare\", serial 48");
    bag("c-1", "R-3: medium 1");
    check_ok(ledger_ceremony_close(ledger, "c-1", H1, "closed"));
    check_ok(ledger_ceremony_open(ledger, "c-2", "rehearsal", H2));
    bag("c-2", "R-4: token \"root\", serial 47 11");
    bag("c-2", "R-5: medium 1");
    bag("c-2", "R-6: medium 1"); /* sealed again after an interruption */
    check_ok(known_bags(ledger, &bags, &count));
    static const char *const wanted[] = {"R-2", "R-3", "R-4", "R-6"};
    assert_int_equal(count, 4);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(bags[i].number, wanted[i]);
    assert_string_equal(bags[1].ceremony, "c-1");
    assert_string_equal(bags[2].content, "token \"root\", serial 47 11");
    static const char *const serials[][2] = {
        {"47 11", "R-4"},
        {"48",    "R-2"},
        {"11",    ""   },
        {"4",     ""   },
        {"",      ""   }
    };
    for (size_t i = 0; i < sizeof serials / sizeof serials[0]; i++) {
        struct known_bag of_token;
        check_ok(known_bag_of_token(ledger, serials[i][0], &of_token));
        assert_string_equal(of_token.number, serials[i][1]);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pin_sets, set_up, scratch_ledger_remove),
        cmocka_unit_test_setup_teardown(test_left_open, set_up, scratch_ledger_remove),
        cmocka_unit_test_setup_teardown(test_proofs, set_up, scratch_ledger_remove),
        cmocka_unit_test_setup_teardown(test_sets, set_up, scratch_ledger_remove),
        cmocka_unit_test_setup_teardown(test_bags, set_up, scratch_ledger_remove),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
