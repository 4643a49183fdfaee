/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/tui/keys.h"
#include "ceremony/tui/word_entry.h"
#include "tests/support/check.h"

/* "emic" is what remains of "academic"; "ning" of "beginning" names a word of its own. */
static const char *const words[] = {"academic", "acid",   "begining", "emerald",
                                    "nine",     "ningbo", "skin",     "zero"};
static const struct word_list list = {words, 8, 4};

static struct word_entry *
make(size_t count)
{
    struct word_entry *entry = NULL;
    check_ok(word_entry_new(&list, count, &entry));
    return entry;
}

static void
type(struct word_entry *entry, const char *keys)
{
    for (; *keys != '\0'; keys++)
        assert_true(word_entry_key(entry, *keys == '<' ? UI_BACKSPACE : *keys));
}

static void
check_answer(struct word_entry *entry, const char *expected)
{
    AUTO(secret) answer = NULL;
    assert_int_equal(word_entry_filled(entry), word_entry_count(entry));
    check_ok(word_entry_answer(entry, &answer));
    assert_int_equal(secret_size(answer), strlen(expected));
    assert_memory_equal(secret_borrow(answer), expected, strlen(expected));
}

static void
four_letters_complete_a_word_and_the_next_begins(void **state)
{
    (void)state;
    AUTO(word_entry) entry = make(3);
    type(entry, "aca");
    assert_int_equal(word_entry_current(entry), 0);
    assert_string_equal(word_entry_candidate(entry), "academic");
    type(entry, "d");
    assert_int_equal(word_entry_current(entry), 1);
    assert_string_equal(word_entry_word(entry, 0), "academic");
    type(entry, "ACIDskin");
    check_answer(entry, "academic acid skin");
    /* Nothing goes behind the last word. */
    type(entry, "zero");
    check_answer(entry, "academic acid skin");
}

static void
words_may_be_typed_whole_with_blanks(void **state)
{
    (void)state;
    AUTO(word_entry) entry = make(4);
    type(entry, "academic acid begining zero");
    check_answer(entry, "academic acid begining zero");
}

static void
the_rest_of_a_word_that_names_another_is_taken_back_by_a_blank(void **state)
{
    (void)state;
    AUTO(word_entry) entry = make(2);
    type(entry, "begining");
    /* "ning" has named "ningbo", until a blank tells that it belonged to the word before. */
    assert_string_equal(word_entry_word(entry, 1), "ningbo");
    type(entry, " ");
    assert_null(word_entry_word(entry, 1));
    type(entry, "skin");
    check_answer(entry, "begining skin");
}

static void
letters_after_a_prefix_begin_the_next_word_even_if_they_could_go_on(void **state)
{
    (void)state;
    AUTO(word_entry) entry = make(2);
    type(entry, "academer");
    check_answer(entry, "academic emerald");
}

static void
a_prefix_that_begins_no_word_is_told_at_its_place(void **state)
{
    (void)state;
    AUTO(word_entry) entry = make(3);
    type(entry, "acidw");
    assert_true(word_entry_is_wrong(entry));
    assert_int_equal(word_entry_current(entry), 1);
    type(entry, "<");
    assert_false(word_entry_is_wrong(entry));
    /* Never corrected: a blank does not make a word of it. */
    type(entry, "skx ");
    assert_true(word_entry_is_wrong(entry));
    assert_int_equal(word_entry_filled(entry), 1);
}

static void
backspace_walks_back_to_the_word_before(void **state)
{
    (void)state;
    AUTO(word_entry) entry = make(2);
    type(entry, "acidzero");
    assert_int_equal(word_entry_current(entry), 2);
    type(entry, "<");
    assert_int_equal(word_entry_current(entry), 1);
    assert_null(word_entry_word(entry, 1));
    type(entry, "<");
    assert_int_equal(word_entry_current(entry), 0);
    assert_null(word_entry_word(entry, 0));
    type(entry, "<<skinnine");
    check_answer(entry, "skin nine");
}

static void
a_word_in_the_middle_can_be_typed_anew(void **state)
{
    (void)state;
    AUTO(word_entry) entry = make(3);
    type(entry, "acidzeroskin");
    assert_true(word_entry_key(entry, UI_UP));
    assert_true(word_entry_key(entry, UI_UP));
    assert_int_equal(word_entry_current(entry), 1);
    type(entry, "ni");
    assert_true(word_entry_key(entry, UI_CTRL_U));
    assert_string_equal(word_entry_typed(entry), "");
    type(entry, "nine");
    assert_int_equal(word_entry_current(entry), 2);
    check_answer(entry, "acid nine skin");
}

static void
tab_completes_only_what_is_certain(void **state)
{
    (void)state;
    AUTO(word_entry) entry = make(2);
    type(entry, "ac");
    assert_true(word_entry_key(entry, UI_TAB));
    assert_int_equal(word_entry_filled(entry), 0);
    type(entry, "i");
    assert_true(word_entry_key(entry, UI_TAB));
    assert_string_equal(word_entry_word(entry, 0), "acid");
    assert_false(word_entry_key(entry, UI_ENTER));
    assert_false(word_entry_key(entry, '1'));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_letters_complete_a_word_and_the_next_begins),
        cmocka_unit_test(words_may_be_typed_whole_with_blanks),
        cmocka_unit_test(the_rest_of_a_word_that_names_another_is_taken_back_by_a_blank),
        cmocka_unit_test(letters_after_a_prefix_begin_the_next_word_even_if_they_could_go_on),
        cmocka_unit_test(a_prefix_that_begins_no_word_is_told_at_its_place),
        cmocka_unit_test(backspace_walks_back_to_the_word_before),
        cmocka_unit_test(a_word_in_the_middle_can_be_typed_anew),
        cmocka_unit_test(tab_completes_only_what_is_certain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
