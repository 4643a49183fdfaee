/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/base/words.h"
#include "tests/support/check.h"

static void
words_survive_the_way_there_and_back(void **state)
{
    (void)state;
    uint8_t data[512];
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (uint8_t)(i / 2);
    AUTO_BYTES text = {0};
    check_ok(words_pgp_append(&text, data, sizeof data));
    uint8_t back[512];
    check_ok(words_pgp_parse(bytes_text(&text), back, sizeof back));
    assert_memory_equal(data, back, sizeof data);
}

static void
a_word_in_the_wrong_column_is_refused(void **state)
{
    (void)state;
    uint8_t back[2];
    check_error_says(words_pgp_parse("aardvark absurd", back, 2), ERROR_ANSWER, "word 2");
    check_error(words_pgp_parse("aardvark", back, 2), ERROR_ANSWER);
    check_error(words_pgp_parse("aardvark adroitness accrue", back, 2), ERROR_ANSWER);
}

static void
a_prefix_names_a_word_only_when_it_is_the_only_one(void **state)
{
    (void)state;
    static const char *const words[] = {"academic", "academy", "zero"};
    struct word_list list = {words, 3, 4};
    assert_int_equal(word_list_find(&list, "zero"), 2);
    assert_int_equal(word_list_find(&list, "acad"), -1);
    assert_int_equal(word_list_find(&list, "ACADEMI"), 0);
    assert_int_equal(word_list_find(&list, "zer"), -1);
    assert_int_equal(word_list_find(&words_pgp, "aardvark"), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_survive_the_way_there_and_back),
        cmocka_unit_test(a_word_in_the_wrong_column_is_refused),
        cmocka_unit_test(a_prefix_names_a_word_only_when_it_is_the_only_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
