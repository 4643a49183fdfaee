/* SPDX-License-Identifier: Apache-2.0 */
#include "shamir/slip39_internal.h"
#include "tests/support/shares.h"

/* The first official vector: a share that is a set of its own. */
static const char valid[] =
    "duckling enlarge academic academic agency result length solution fridge kidney coal piece "
    "deal husband erode duke ajar critical decision keyboard";

static struct error *
parse(const char *text)
{
    AUTO(secret) secret = shares_secret(text);
    AUTO(slip39_share) share = NULL;
    return slip39_share_parse(secret, &share);
}

/* The text with word `place` (from 1) replaced; "" removes it. */
static const char *
with_word(size_t place, const char *word)
{
    static char text[512];
    char copy[sizeof valid];
    memcpy(copy, valid, sizeof valid);
    text[0] = '\0';
    char *rest = NULL;
    size_t i = 1;
    for (char *at = strtok_r(copy, " ", &rest); at != NULL;
         at = strtok_r(NULL, " ", &rest), i++) {
        strcat(text, i == place ? word : at);
        strcat(text, " ");
    }
    return text;
}

static void
header_of_a_share_is_read(void **state)
{
    (void)state;
    AUTO(secret) text = shares_secret(valid);
    AUTO(slip39_share) share = NULL;
    check_ok(slip39_share_parse(text, &share));
    struct slip39_info info = slip39_share_info(share);
    assert_int_equal(info.id, 7945);
    assert_false(info.extendable);
    assert_int_equal(info.exponent, 0);
    assert_int_equal(info.group_index, 0);
    assert_int_equal(info.group_threshold, 1);
    assert_int_equal(info.group_count, 1);
    assert_int_equal(info.member_index, 0);
    assert_int_equal(info.member_threshold, 1);
    assert_int_equal(info.word_count, 20);
}

static void
typing_is_taken_as_people_type(void **state)
{
    (void)state;
    check_ok(parse(
        "  DUCKLING enlarge\tAcademic academic agency\nresult length  solution fridge "
        "kidney\r\ncoal piece deal husband erode duke ajar critical decision keyboard\n"));
    check_ok(
        parse("duck enla acad acad agen resu leng solu frid kidn coal piec deal husb erod duke "
              "ajar crit deci keyb"));
    check_ok(
        parse("duckl enlarg acad acad agen resu leng solu frid kidn coal piec deal husb erod "
              "duke ajar crit deci keyb"));
}

static void
words_that_are_none_are_numbered_and_not_repeated(void **state)
{
    (void)state;
    check_error_says(parse(with_word(7, "zebra")), ERROR_ANSWER,
                     "word 7 is not in the word list");
    check_error_says(parse(with_word(7, "len")), ERROR_ANSWER, "word 7 is not");
    check_error_says(parse(with_word(7, "lengthy")), ERROR_ANSWER, "word 7 is not");
    check_error_says(parse(with_word(7, "l\x1b[2Jngth")), ERROR_ANSWER, "word 7 is not");
    check_error_says(parse("xx duckling yy zz"), ERROR_ANSWER,
                     "words 1, 3 and 4 are not in the word list");
    struct error *error = parse(with_word(3, "planted"));
    char *said = error_format_verbose(error);
    assert_null(strstr(said, "planted"));
    assert_null(strstr(said, "duckling"));
    free(said);
    error_free(error);
}

static void
too_few_and_too_many_words_are_counted(void **state)
{
    (void)state;
    check_error_says(parse("\n"), ERROR_ANSWER, "too few words: 0");
    check_error_says(parse(with_word(4, "")), ERROR_ANSWER, "too few words: 19");
    check_error_says(parse(with_word(4, "academic academic")), ERROR_ANSWER,
                     "no share has 21 words");
    char many[SLIP39_WORDS_MAX * 5 + 6] = "";
    for (size_t i = 0; i <= SLIP39_WORDS_MAX; i++)
        strcat(many, "acid ");
    check_error_says(parse(many), ERROR_ANSWER, "too many words: 60");
}

static void
one_wrong_word_is_located_and_two_are_not(void **state)
{
    (void)state;
    check_error_says(parse(with_word(9, "friendly")), ERROR_ANSWER, "it is word 9:");
    check_error_says(parse(with_word(1, "academic")), ERROR_ANSWER, "it is word 1:");
    check_error_says(parse(with_word(2, "pistol")), ERROR_ANSWER, "it is word 2:");
    check_error_says(parse(with_word(20, "kidney")), ERROR_ANSWER, "it is word 20:");
    /* Swapped neighbours are two wrong words. */
    check_error_says(
        parse("duckling enlarge academic academic result agency length solution fridge "
              "kidney coal piece deal husband erode duke ajar critical decision "
              "keyboard"),
        ERROR_ANSWER, "More than one word is wrong, or their order");
}

static void
header_and_padding_faults_have_their_own_words(void **state)
{
    (void)state;
    /* Official vectors 3 and 10. */
    check_error_says(
        parse("duckling enlarge academic academic email result length solution fridge "
              "kidney coal piece deal husband erode duke ajar music cargo fitness"),
        ERROR_ANSWER, "padding is not zero");
    check_error_says(
        parse("music husband acrobat acid artist finance center either graduate swimming "
              "object bike medical clothes station aspect spider maiden bulb welcome"),
        ERROR_ANSWER, "groups of");
}

static void
indices_are_checked_like_words(void **state)
{
    (void)state;
    struct slip39_plan plan = shares_plan(2, 2);
    AUTO(slip39_set) set = shares_split(&plan, 16);
    size_t count = 0;
    const uint16_t *words = slip39_set_words(set, 0, &count);
    uint16_t copy[SLIP39_WORDS_MAX];
    memcpy(copy, words, count * sizeof *words);
    AUTO(slip39_share) share = NULL;
    copy[4] = 1024;
    check_error_says(slip39_share_from_words(copy, count, &share), ERROR_ANSWER, "word 5");
    copy[4] = words[4] ^ 1U;
    check_error_says(slip39_share_from_words(copy, count, &share), ERROR_ANSWER,
                     "it is word 5:");
    check_error_says(slip39_share_from_words(words, count - 1, &share), ERROR_ANSWER,
                     "too few");
    check_error_says(slip39_share_from_words(words, 0, &share), ERROR_ANSWER, "too few");
}

static void
a_wrong_extendable_flag_is_located_too(void **state)
{
    (void)state;
    struct slip39_plan plan = shares_plan(2, 2);
    for (int extendable = 0; extendable < 2; extendable++) {
        plan.extendable = extendable == 1;
        AUTO(slip39_set) set = shares_split(&plan, 16);
        size_t count = 0;
        const uint16_t *words = slip39_set_words(set, 0, &count);
        uint16_t copy[SLIP39_WORDS_MAX];
        memcpy(copy, words, count * sizeof *words);
        copy[1] ^= 0x10U;
        AUTO(slip39_share) share = NULL;
        check_error_says(slip39_share_from_words(copy, count, &share), ERROR_ANSWER,
                         "it is word 2:");
    }
}

/* Made wrong by another program, with a checksum that is right. */
static void
headers_that_cannot_be_are_refused(void **state)
{
    (void)state;

    static const struct {
        struct slip39_info info;
        const char *says; /* NULL: it is fine */
    } rows[] = {
        {{.group_index = 1, .group_threshold = 2, .group_count = 2, .member_threshold = 1},
         NULL                       },
        {{.group_index = 2, .group_threshold = 2, .group_count = 2, .member_threshold = 1},
         "it is of group 3 of 2"    },
        {{.group_index = 0, .group_threshold = 3, .group_count = 2, .member_threshold = 1},
         "it asks for 3 groups of 2"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        static const uint8_t value[16] = {1, 2, 3};
        uint16_t words[SLIP39_WORDS_MAX];
        AUTO(slip39_share) share = NULL;
        slip39_words_encode(&rows[i].info, value, sizeof value, words);
        struct error *error =
            slip39_share_from_words(words, slip39_word_count(sizeof value), &share);
        if (rows[i].says == NULL)
            check_ok(error);
        else
            check_error_says(error, ERROR_ANSWER, rows[i].says);
    }
}

static void
every_byte_and_every_place_is_compared(void **state)
{
    (void)state;
    uint8_t value[16] = {0};
    uint16_t words[SLIP39_WORDS_MAX];
    const struct slip39_info info = {
        .group_threshold = 1, .group_count = 1, .member_threshold = 2};
    AUTO(slip39_share) share = NULL;
    slip39_words_encode(&info, value, sizeof value, words);
    check_ok(slip39_share_from_words(words, slip39_word_count(sizeof value), &share));
    for (size_t i = 0; i <= sizeof value; i++) {
        AUTO(slip39_share) other = NULL;
        if (i < sizeof value)
            value[i] ^= 1;
        slip39_words_encode(&info, value, sizeof value, words);
        if (i < sizeof value)
            value[i] ^= 1;
        check_ok(slip39_share_from_words(words, slip39_word_count(sizeof value), &other));
        assert_int_equal(slip39_share_equal(share, other), i == sizeof value);
    }
    slip39_words_encode(&info, value, sizeof value, words);
    for (size_t i = 0; i < slip39_word_count(sizeof value); i++) {
        AUTO(slip39_share) none = NULL;
        uint16_t was = words[i];
        words[i] = 1024; /* the first that is in no list */
        check_error_says(slip39_share_from_words(words, slip39_word_count(sizeof value), &none),
                         ERROR_ANSWER, "is not in the word list");
        words[i] = was;
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_of_a_share_is_read),
        cmocka_unit_test(typing_is_taken_as_people_type),
        cmocka_unit_test(words_that_are_none_are_numbered_and_not_repeated),
        cmocka_unit_test(too_few_and_too_many_words_are_counted),
        cmocka_unit_test(one_wrong_word_is_located_and_two_are_not),
        cmocka_unit_test(header_and_padding_faults_have_their_own_words),
        cmocka_unit_test(indices_are_checked_like_words),
        cmocka_unit_test(a_wrong_extendable_flag_is_located_too),
        cmocka_unit_test(headers_that_cannot_be_are_refused),
        cmocka_unit_test(every_byte_and_every_place_is_compared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
