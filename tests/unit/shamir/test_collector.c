/* SPDX-License-Identifier: Apache-2.0 */
#include "shamir/slip39_internal.h"
#include "tests/support/shares.h"

static struct slip39_plan
numbered(unsigned threshold, unsigned count, uint16_t id)
{
    struct slip39_plan plan = shares_plan(threshold, count);
    plan.id = id;
    plan.id_given = true;
    return plan;
}

static struct slip39_set *
set_of(unsigned threshold, unsigned count, uint16_t id)
{
    struct slip39_plan plan = numbered(threshold, count, id);
    return shares_split(&plan, 16);
}

static void
the_same_share_does_not_count_twice(void **state)
{
    (void)state;
    AUTO(slip39_set) set = set_of(3, 5, 5);
    AUTO(slip39_collector) collector = shares_collect(set, 0x3);
    check_error_says(slip39_collector_add(collector, shares_share(set, 1)), ERROR_ANSWER,
                     "share 2 of group 1 is there already");
    struct slip39_progress progress;
    slip39_collector_progress(collector, &progress);
    assert_int_equal(progress.shares, 2);
    assert_int_equal(progress.groups[0].have, 2);
    assert_int_equal(progress.groups[0].need, 3);
    assert_int_equal(progress.groups_done, 0);
    assert_int_equal(progress.groups_need, 1);
    check_ok(slip39_collector_add(collector, shares_share(set, 4)));
    assert_true(slip39_collector_is_complete(collector));
}

static void
the_same_place_with_other_words_is_refused(void **state)
{
    (void)state;
    AUTO(slip39_set) set = set_of(2, 3, 5);
    AUTO(slip39_set) other = set_of(2, 3, 5);
    AUTO(slip39_collector) collector = shares_collect(set, 0x1);
    check_error_says(slip39_collector_add(collector, shares_share(other, 0)), ERROR_ANSWER,
                     "another share 1 of group 1 with other words");
}

static void
a_share_of_another_set_is_named(void **state)
{
    (void)state;
    AUTO(slip39_set) set = set_of(2, 3, 5);
    AUTO(slip39_set) other = set_of(2, 3, 6);
    AUTO(slip39_collector) collector = shares_collect(set, 0x1);
    check_error_says(slip39_collector_add(collector, shares_share(other, 1)), ERROR_ANSWER,
                     "its set has the number 6, the shares so far are of set 5");
}

static void
other_settings_thresholds_and_lengths_are_told_apart(void **state)
{
    (void)state;
    AUTO(slip39_set) set = set_of(2, 3, 5);
    AUTO(slip39_collector) collector = shares_collect(set, 0x1);

    AUTO(slip39_set) threshold = set_of(3, 3, 5);
    check_error_says(slip39_collector_add(collector, shares_share(threshold, 1)), ERROR_ANSWER,
                     "asks for 3 shares of group 1, the shares so far ask for 2");

    struct slip39_plan plan = numbered(2, 3, 5);
    plan.extendable = true;
    AUTO(slip39_set) flag = shares_split(&plan, 16);
    check_error_says(slip39_collector_add(collector, shares_share(flag, 1)), ERROR_ANSWER,
                     "different settings");

    plan = numbered(2, 3, 5);
    plan.exponent = 1;
    AUTO(slip39_set) exponent = shares_split(&plan, 16);
    check_error_says(slip39_collector_add(collector, shares_share(exponent, 1)), ERROR_ANSWER,
                     "different settings");

    plan = numbered(2, 3, 5);
    AUTO(slip39_set) length = shares_split(&plan, 32);
    check_error_says(slip39_collector_add(collector, shares_share(length, 1)), ERROR_ANSWER,
                     "has 33 words");

    plan.group_count = 2;
    plan.groups[1] = plan.groups[0];
    AUTO(slip39_set) groups = shares_split(&plan, 16);
    check_error_says(slip39_collector_add(collector, shares_share(groups, 1)), ERROR_ANSWER,
                     "1 of 2 groups");
}

/* Of a group that one share opens: the threshold is compared there, too. */
static void
another_threshold_is_told_whatever_the_first_was(void **state)
{
    (void)state;
    for (unsigned need = 1; need <= 3; need++) {
        AUTO(slip39_collector) collector = NULL;
        check_ok(slip39_collector_new(&collector));
        for (unsigned i = 0; i < 2; i++) {
            static const uint8_t value[16] = {1};
            const struct slip39_info info = {.group_threshold = 2,
                                             .group_count = 2,
                                             .member_index = i,
                                             .member_threshold = need + i};
            uint16_t words[SLIP39_WORDS_MAX];
            struct slip39_share *share = NULL;
            slip39_words_encode(&info, value, sizeof value, words);
            check_ok(slip39_share_from_words(words, slip39_word_count(sizeof value), &share));
            struct error *error = slip39_collector_add(collector, share);
            if (i == 0)
                check_ok(error);
            else
                check_error_says(error, ERROR_ANSWER, "this share asks for");
        }
    }
}

static void
a_share_too_many_is_refused(void **state)
{
    (void)state;
    struct slip39_plan plan = {
        .group_threshold = 2,
        .group_count = 3,
        .groups = {{2, 3}, {2, 2}, {1, 1}},
    };
    AUTO(slip39_set) set = shares_split(&plan, 16);
    AUTO(slip39_collector) collector = shares_collect(set, 0x3);
    check_error_says(slip39_collector_add(collector, shares_share(set, 2)), ERROR_ANSWER,
                     "group 1 has its 2 shares already");
    check_ok(slip39_collector_add(collector, shares_share(set, 3)));
    assert_false(slip39_collector_is_complete(collector));
    check_ok(slip39_collector_add(collector, shares_share(set, 4)));
    assert_true(slip39_collector_is_complete(collector));
    check_error_says(slip39_collector_add(collector, shares_share(set, 5)), ERROR_ANSWER,
                     "enough shares are there already: share 1 of group 3 is one too many");
}

static void
a_group_that_is_not_complete_does_not_disturb(void **state)
{
    (void)state;
    struct slip39_plan plan = {
        .group_threshold = 2,
        .group_count = 3,
        .groups = {{2, 3}, {2, 2}, {1, 1}},
    };
    AUTO(slip39_set) set = shares_split(&plan, 16);
    AUTO(slip39_collector) collector = shares_collect(set, 0x3A); /* 2 of 1; 4, 5; 6 */
    AUTO(secret) found = NULL;
    check_ok(slip39_combine(collector, NULL, &found));
    AUTO(secret) master = shares_master(16);
    assert_true(secret_equal(found, master));
}

static void
missing_shares_are_named(void **state)
{
    (void)state;
    AUTO(secret) master = NULL;
    AUTO(slip39_collector) empty = NULL;
    check_ok(slip39_collector_new(&empty));
    check_error_says(slip39_combine(empty, NULL, &master), ERROR_REFUSED, "there is no share");
    assert_false(slip39_collector_is_complete(empty));

    AUTO(slip39_set) set = set_of(3, 5, 5);
    AUTO(slip39_collector) collector = shares_collect(set, 0x11);
    check_error_says(slip39_combine(collector, NULL, &master), ERROR_REFUSED,
                     "group 1 needs 3 shares and has 2");

    struct slip39_plan plan = {
        .group_threshold = 2,
        .group_count = 2,
        .groups = {{2, 2}, {2, 2}},
    };
    AUTO(slip39_set) groups = shares_split(&plan, 16);
    AUTO(slip39_collector) half = shares_collect(groups, 0x3);
    check_error_says(slip39_combine(half, NULL, &master), ERROR_REFUSED,
                     "needs 2 groups and has 1");
    assert_null(master);
}

static void
the_digest_notices_a_share_that_does_not_belong(void **state)
{
    (void)state;
    AUTO(slip39_set) set = set_of(2, 3, 5);
    AUTO(slip39_set) other = set_of(2, 3, 5);
    AUTO(slip39_collector) collector = shares_collect(set, 0x1);
    check_ok(slip39_collector_add(collector, shares_share(other, 1)));
    AUTO(secret) master = NULL;
    check_error_says(slip39_combine(collector, NULL, &master), ERROR_INPUT,
                     "the shares of group 1 do not belong together");

    struct slip39_plan plan = numbered(0, 0, 9);
    plan.group_threshold = 2;
    plan.group_count = 2;
    plan.groups[0] = plan.groups[1] = (struct slip39_group){2, 2};
    AUTO(slip39_set) one = shares_split(&plan, 16);
    AUTO(slip39_set) two = shares_split(&plan, 16);
    AUTO(slip39_collector) mixed = shares_collect(one, 0x3);
    check_ok(slip39_collector_add(mixed, shares_share(two, 2)));
    check_ok(slip39_collector_add(mixed, shares_share(two, 3)));
    check_error_says(slip39_combine(mixed, NULL, &master), ERROR_INPUT,
                     "the groups do not belong together");
    assert_null(master);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_share_does_not_count_twice),
        cmocka_unit_test(the_same_place_with_other_words_is_refused),
        cmocka_unit_test(a_share_of_another_set_is_named),
        cmocka_unit_test(other_settings_thresholds_and_lengths_are_told_apart),
        cmocka_unit_test(a_share_too_many_is_refused),
        cmocka_unit_test(a_group_that_is_not_complete_does_not_disturb),
        cmocka_unit_test(missing_shares_are_named),
        cmocka_unit_test(another_threshold_is_told_whatever_the_first_was),
        cmocka_unit_test(the_digest_notices_a_share_that_does_not_belong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
