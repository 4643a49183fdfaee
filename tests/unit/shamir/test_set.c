/* SPDX-License-Identifier: Apache-2.0 */
#include "shamir/slip39_internal.h"
#include "tests/support/shares.h"

static void
plans_that_nobody_should_make_are_refused(void **state)
{
    (void)state;

    static const struct {
        struct slip39_plan plan;
        const char *says;
    } rows[] = {
        {{.group_threshold = 1},                                                       "0 groups"       },
        {{.group_threshold = 1, .group_count = 17},                                    "17 groups"      },
        {{.group_threshold = 0, .group_count = 1, .groups = {{2, 3}}},                 "0 of 1 groups"  },
        {{.group_threshold = 2, .group_count = 1, .groups = {{2, 3}}},                 "2 of 1 groups"  },
        {{.group_threshold = 1, .group_count = 1, .groups = {{0, 3}}},                 "0 of 3 shares"  },
        {{.group_threshold = 1, .group_count = 1, .groups = {{4, 3}}},                 "4 of 3 shares"  },
        {{.group_threshold = 1, .group_count = 1, .groups = {{2, 17}}},                "17 shares"      },
        {{.group_threshold = 1, .group_count = 1, .groups = {{1, 0}}},                 "0 shares"       },
        {{.group_threshold = 1, .group_count = 1, .groups = {{1, 2}}},                 "all be the same"},
        {{.group_threshold = 1, .group_count = 1, .groups = {{1, 1}}},                 "a single share" },
        {{.group_threshold = 1, .group_count = 2, .groups = {{2, 2}, {1, 1}}},
         "a single share"                                                                               },
        {{.group_threshold = 1, .group_count = 1, .groups = {{2, 2}}, .exponent = 16},
         "exponent"                                                                                     },
        {{.group_threshold = 1,
          .group_count = 1,
          .groups = {{2, 2}},
          .id = 0x8000,
          .id_given = true},
         "32768"                                                                                        },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_error_says(slip39_plan_check(&rows[i].plan), ERROR_REFUSED, rows[i].says);
    struct slip39_plan good = {
        .group_threshold = 2,
        .group_count = 2,
        .groups = {{1, 1}, {2, 16}},
    };
    check_ok(slip39_plan_check(&good));
    assert_int_equal(slip39_plan_share_count(&good), 17);
    assert_int_equal(slip39_plan_subset_count(&good), 120);
    good.groups[2] = (struct slip39_group){9, 5}; /* behind the count: not looked at */
    check_ok(slip39_plan_check(&good));
    assert_int_equal(slip39_plan_share_count(&good), 17);
    assert_int_equal(slip39_plan_subset_count(&good), 120);
}

static void
subsets_are_counted(void **state)
{
    (void)state;
    struct slip39_plan plan = shares_plan(5, 10);
    assert_int_equal(slip39_plan_subset_count(&plan), 252);
    plan = (struct slip39_plan){
        .group_threshold = 2,
        .group_count = 3,
        .groups = {{2, 3}, {3, 5}, {1, 1}},
    };
    assert_int_equal(slip39_plan_subset_count(&plan), 3 * 10 + 3 * 1 + 10 * 1);
    plan.group_count = 16;
    plan.group_threshold = 16;
    for (size_t i = 0; i < 16; i++)
        plan.groups[i] = (struct slip39_group){8, 16};
    assert_true(slip39_plan_subset_count(&plan) == UINT64_MAX);
}

static void
secrets_of_a_length_the_format_has_not_are_refused(void **state)
{
    (void)state;
    struct slip39_plan plan = shares_plan(2, 3);
    static const size_t sizes[] = {1, 14, 15, 17, 31, 65, 66};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        AUTO(secret) master = shares_master(sizes[i]);
        AUTO(slip39_set) set = NULL;
        check_error_says(slip39_split(&plan, master, NULL, NULL, &set), ERROR_INPUT, "bytes");
    }
    char long_text[SLIP39_PASSPHRASE_MAX + 2];
    memset(long_text, '~', sizeof long_text);
    long_text[SLIP39_PASSPHRASE_MAX + 1] = '\0';
    AUTO(secret) too_long = shares_secret(long_text);
    long_text[SLIP39_PASSPHRASE_MAX] = '\0';
    AUTO(secret) longest = shares_secret(long_text);
    check_ok(slip39_passphrase_check(longest));
    check_error_says(slip39_passphrase_check(too_long), ERROR_INPUT, "more than");
    AUTO(secret) edges = shares_secret(" ~");
    check_ok(slip39_passphrase_check(edges));
    AUTO(secret) outside = shares_secret("\x1f");
    check_error(slip39_passphrase_check(outside), ERROR_INPUT);
    AUTO(secret) deleted = shares_secret("\x7f");
    check_error(slip39_passphrase_check(deleted), ERROR_INPUT);
    AUTO(secret) master = shares_master(16);
    AUTO(secret) passphrase = shares_secret("tab\there");
    AUTO(slip39_set) set = NULL;
    check_error_says(slip39_split(&plan, master, passphrase, NULL, &set), ERROR_INPUT,
                     "character 4 of the passphrase");
}

static void
every_length_comes_back(void **state)
{
    (void)state;
    struct slip39_plan plan = shares_plan(2, 2);
    for (size_t size = SLIP39_MASTER_MIN; size <= SLIP39_MASTER_MAX; size += 2) {
        AUTO(secret) master = shares_master(size);
        AUTO(slip39_set) set = shares_split(&plan, size);
        AUTO(slip39_collector) collector = shares_collect(set, 3);
        AUTO(secret) found = NULL;
        check_ok(slip39_combine(collector, NULL, &found));
        assert_true(secret_equal(master, found));
    }
}

static void
a_passphrase_changes_the_secret_and_is_never_noticed(void **state)
{
    (void)state;
    for (int extendable = 0; extendable < 2; extendable++) {
        struct slip39_plan plan = shares_plan(2, 2);
        plan.extendable = extendable == 1;
        AUTO(secret) master = shares_master(32);
        AUTO(secret) passphrase = shares_secret("TREZOR");
        AUTO(slip39_set) set = NULL;
        check_ok(slip39_split(&plan, master, passphrase, NULL, &set));
        AUTO(slip39_collector) collector = shares_collect(set, 3);
        AUTO(secret) right = NULL;
        AUTO(secret) wrong = NULL;
        check_ok(slip39_combine(collector, passphrase, &right));
        check_ok(slip39_combine(collector, NULL, &wrong));
        assert_true(secret_equal(master, right));
        assert_false(secret_equal(master, wrong));
    }
}

static struct error *
count_and_fill(void *self, void *ret_data, size_t len)
{
    *(size_t *)self += len;
    memset(ret_data, 0x5A, len);
    return NULL;
}

static struct error *
no_randomness(void *self, void *ret_data, size_t len)
{
    (void)self;
    (void)ret_data;
    (void)len;
    return ERROR(ERROR_TOKEN, "the token gave no random bytes");
}

static void
randomness_comes_from_the_caller_alone(void **state)
{
    (void)state;
    struct slip39_plan plan = {
        .group_threshold = 2,
        .group_count = 2,
        .groups = {{3, 5}, {1, 1}},
    };
    AUTO(secret) master = shares_master(32);
    size_t drawn = 0;
    struct slip39_random random = {count_and_fill, &drawn};
    AUTO(slip39_set) one = NULL;
    AUTO(slip39_set) two = NULL;
    check_ok(slip39_split(&plan, master, NULL, &random, &one));
    /* id; 28 for the digest of the set; 28 and one share for the group of 3 of 5. */
    assert_int_equal(drawn, 2 + 28 + 28 + 32);
    assert_int_equal(slip39_set_id(one), 0x5A5A);
    check_ok(slip39_split(&plan, master, NULL, &random, &two));
    for (size_t i = 0; i < slip39_set_count(one); i++) {
        size_t count = 0;
        assert_memory_equal(slip39_set_words(one, i, &count), slip39_set_words(two, i, &count),
                            2 * count);
    }
    random.fill = no_randomness;
    AUTO(slip39_set) none = NULL;
    check_error_says(slip39_split(&plan, master, NULL, &random, &none), ERROR_TOKEN,
                     "no random");
    assert_null(none);
}

static void
text_is_what_parse_reads(void **state)
{
    (void)state;
    struct slip39_plan plan = shares_plan(2, 3);
    AUTO(slip39_set) set = shares_split(&plan, 32);
    for (size_t i = 0; i < 3; i++) {
        AUTO(secret) text = NULL;
        AUTO(slip39_share) parsed = NULL;
        AUTO(slip39_share) share = shares_share(set, i);
        check_ok(slip39_set_text(set, i, &text));
        check_ok(slip39_share_parse(text, &parsed));
        assert_true(slip39_share_equal(parsed, share));
        check_ok(slip39_set_confirm(set, i, text));
        assert_int_equal(slip39_share_info(parsed).member_index, i);
    }
}

static void
typing_back_names_the_wrong_word(void **state)
{
    (void)state;
    struct slip39_plan plan = shares_plan(2, 3);
    AUTO(slip39_set) set = shares_split(&plan, 16);
    AUTO(secret) text = NULL;
    check_ok(slip39_set_text(set, 1, &text));
    size_t count = 0;
    const uint16_t *words = slip39_set_words(set, 1, &count);
    char typed[SLIP39_WORDS_MAX * 10] = "";
    for (size_t i = 0; i < count; i++) {
        size_t index = i == 6 || i == 11 ? words[i] ^ 1U : words[i];
        strncat(typed, slip39_word_list.words[index], 4);
        strcat(typed, " ");
    }
    AUTO(secret) wrong = shares_secret(typed);
    check_error_says(slip39_set_confirm(set, 1, wrong), ERROR_ANSWER,
                     "words 7, 12 are not the ones shown");
    AUTO(secret) few = shares_secret("acid acid");
    check_error_says(slip39_set_confirm(set, 1, few), ERROR_ANSWER, "has 20 words, and 2");
    AUTO(secret) other = shares_secret("zebra");
    check_error_says(slip39_set_confirm(set, 1, other), ERROR_ANSWER,
                     "word 1 is not in the word");
}

static bool
is_master(void *self, const struct secret *found)
{
    return secret_equal(self, found);
}

static bool
third_is_wrong(void *self, const struct secret *found)
{
    (void)found;
    return ++*(size_t *)self != 3;
}

static void
every_subset_is_recombined(void **state)
{
    (void)state;
    struct slip39_plan plan = {
        .group_threshold = 2,
        .group_count = 3,
        .groups = {{2, 3}, {3, 5}, {1, 1}},
    };
    AUTO(secret) master = shares_master(32);
    AUTO(slip39_set) set = shares_split(&plan, 32);
    struct slip39_subsets subsets;
    check_ok(slip39_verify_subsets(set, NULL, is_master, master, SLIP39_SUBSETS_ALL, &subsets));
    assert_int_equal(subsets.total, 43);
    assert_int_equal(subsets.checked, 43);
    assert_false(subsets.sampled);
    AUTO(secret) other = shares_master(16);
    check_error_says(
        slip39_verify_subsets(set, NULL, is_master, other, SLIP39_SUBSETS_ALL, &subsets),
        ERROR_VERIFICATION, "1, 2 of group 1; 1, 2, 3 of group 2");
    size_t calls = 0;
    check_error_says(
        slip39_verify_subsets(set, NULL, third_is_wrong, &calls, SLIP39_SUBSETS_ALL, &subsets),
        ERROR_VERIFICATION, "2, 3 of group 1; 1, 2, 3 of group 2");
}

static void
many_subsets_are_sampled_and_no_share_left_out(void **state)
{
    (void)state;
    struct slip39_plan plan = shares_plan(8, 16);
    AUTO(secret) master = shares_master(32);
    AUTO(slip39_set) set = shares_split(&plan, 32);
    struct slip39_subsets subsets;
    check_ok(slip39_verify_subsets(set, NULL, is_master, master, SLIP39_SUBSETS_ALL, &subsets));
    assert_int_equal(subsets.total, 12870);
    assert_true(subsets.sampled);
    assert_true(subsets.checked >= SLIP39_SUBSETS_SAMPLE);
    /* 256 shares, of which a sample of a thousand pairs of two may miss some. */
    plan.group_threshold = 2;
    plan.group_count = 16;
    for (size_t i = 0; i < 16; i++)
        plan.groups[i] = (struct slip39_group){2, 16};
    AUTO(slip39_set) large = shares_split(&plan, 32);
    check_ok(
        slip39_verify_subsets(large, NULL, is_master, master, SLIP39_SUBSETS_ALL, &subsets));
    assert_int_equal(subsets.total, 120ULL * 120 * 120);
    assert_true(subsets.sampled);
}

/* A dealer's fault inside a share that only some subsets contain. */
static void
a_share_that_was_spoilt_is_found(void **state)
{
    (void)state;
    struct slip39_plan plan = shares_plan(2, 4);
    plan.id_given = true;
    AUTO(secret) master = shares_master(16);
    AUTO(slip39_set) set = shares_split(&plan, 16);
    AUTO(slip39_set) other = shares_split(&plan, 16);
    size_t count = 0;
    uint16_t *words = (uint16_t *)(uintptr_t)slip39_set_words(set, 3, &count);
    memcpy(words, slip39_set_words(other, 3, &count), count * sizeof *words);
    struct slip39_subsets subsets;
    check_error_says(
        slip39_verify_subsets(set, NULL, is_master, master, SLIP39_SUBSETS_ALL, &subsets),
        ERROR_VERIFICATION, "4 of group 1: the digest of a group does not fit");
    words[0] ^= 1U;
    check_error(
        slip39_verify_subsets(set, NULL, is_master, master, SLIP39_SUBSETS_ALL, &subsets),
        ERROR_VERIFICATION);
    words[0] ^= 1U;
    words[7] ^= 1U;
    check_error_says(
        slip39_verify_subsets(set, NULL, is_master, master, SLIP39_SUBSETS_ALL, &subsets),
        ERROR_VERIFICATION, "reading back share 4");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plans_that_nobody_should_make_are_refused),
        cmocka_unit_test(subsets_are_counted),
        cmocka_unit_test(secrets_of_a_length_the_format_has_not_are_refused),
        cmocka_unit_test(every_length_comes_back),
        cmocka_unit_test(a_passphrase_changes_the_secret_and_is_never_noticed),
        cmocka_unit_test(randomness_comes_from_the_caller_alone),
        cmocka_unit_test(text_is_what_parse_reads),
        cmocka_unit_test(typing_back_names_the_wrong_word),
        cmocka_unit_test(every_subset_is_recombined),
        cmocka_unit_test(many_subsets_are_sampled_and_no_share_left_out),
        cmocka_unit_test(a_share_that_was_spoilt_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
