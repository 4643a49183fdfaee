/* SPDX-License-Identifier: Apache-2.0
 *
 * What an error says, to whom, and that nothing in it can spoil a screen or a record. (T14) */
#include <errno.h>

#include "ceremony/base/text.h"
#include "tests/support/check.h"

static void
two_voices(void **state)
{
    (void)state;
    struct error *error = ERROR(ERROR_TOKEN, "the token \"%s\" failed", "root");
    error = error_detail(error, "first");
    error = error_detail(error, "second");
    error = error_doing(error, "signing");
    error = error_origin(error, "CKR_%s", "GENERAL_ERROR");
    char *plain = error_format_plain(error);
    assert_string_equal(
        plain,
        "The token \"root\" failed. Leave the token as it is. Resume the ceremony, which looks "
        "what happened.");
    free(plain);
    char *verbose = error_format_verbose(error);
    assert_non_null(strstr(verbose, "the token \"root\" failed [token]\n"));
    assert_non_null(strstr(verbose, "while: signing\n"));
    assert_non_null(strstr(verbose, "detail: first; second\n"));
    assert_non_null(strstr(verbose, "origin: CKR_GENERAL_ERROR\n"));
    assert_non_null(strstr(verbose, "test_error.c:"));
    free(verbose);
    assert_int_equal(error_exit_status(error), 3);
    assert_false(error_may_retry(error));
    error = error_hint(error_recode(error, ERROR_ANSWER), "Look at it");
    assert_string_equal(error_hint_text(error), "Look at it");
    assert_true(error_may_retry(error));
    error_free(error);
    assert_int_equal(error_exit_status(NULL), 0);
}

/* A file's name is told as it is, even at the beginning of a sentence. */
static void
a_sentence_begins_with_a_capital(void **state)
{
    (void)state;

    static const struct {
        const char *what;
        const char *begins;
    } rows[] = {
        {"nothing is there",    "Nothing"  },
        {"site.yaml:3: wrong",  "site.yaml"},
        {"/etc/x is not there", "/etc/x"   },
        {"\"a\" is wrong",      "\"a\""    },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct error *error = ERROR(ERROR_INPUT, "%s", rows[i].what);
        char *plain = error_format_plain(error);
        assert_true(text_starts_with(plain, rows[i].begins));
        free(plain);
        error_free(error);
    }
}

/* Libraries, tokens and names of files say what they like; a width in a format may cut a letter. */
static void
what_it_says_is_safe(void **state)
{
    (void)state;
    struct error *error = ERROR(ERROR_INPUT, "\"%.3s\" of \x1b[2J\xe2\x80\xae", "ab\xc3\xa4");
    error = error_hint(error, "line\nnext \xff");
    error = error_detail(error, "a\xc3\xa4");
    error = error_detail(error, "\x07");
    error = error_doing(error, "\xc2\x9b");
    error = error_origin(error, "\xf0");
    assert_string_equal(error_what(error), "\"ab\\xC3\" of \\x1B[2J\\u202E");
    assert_string_equal(error_hint_text(error),
                        "line\nnext \\xFF"); /* lines of a message are its own */
    assert_string_equal(error_detail_text(error), "a\xc3\xa4; \\x07");
    assert_string_equal(error_origin_text(error), "\\xF0");
    char *verbose = error_format_verbose(error);
    assert_non_null(strstr(verbose, "while: \\u009B\n"));
    free(verbose);
    error_free(error);
}

static void
errno_becomes_an_error(void **state)
{
    (void)state;

    static const struct {
        int number;
        enum error_code code;
    } rows[] = {
        {ENOENT, ERROR_NOT_FOUND},
        {EEXIST, ERROR_EXISTS   },
        {ELOOP,  ERROR_INPUT    },
        {EISDIR, ERROR_INPUT    },
        {ENOSPC, ERROR_IO       },
        {ENOMEM, ERROR_MEMORY   },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct error *error =
            ERROR_ERRNO(rows[i].number, "the file \"%s\" could not be read", "\x1b");
        assert_int_equal(error_code(error), rows[i].code);
        if (rows[i].number != ENOMEM)
            assert_true(
                text_starts_with(error_what(error), "the file \"\\x1B\" could not be read: "));
        error_free(error);
    }
}

/* There is always one error left, which nothing can change. */
static void
without_memory(void **state)
{
    (void)state;
    struct error *error = error_hint(error_detail(error_memory(), "x"), "y");
    error = error_recode(error, ERROR_BUG);
    assert_int_equal(error_code(error), ERROR_MEMORY);
    assert_string_equal(error_detail_text(error), "");
    assert_string_equal(error_own_hint(error), "");
    error_free(error);
    error_free(error);
    assert_null(error_hint(NULL, "x"));
    assert_null(error_recode(NULL, ERROR_BUG));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_voices),
        cmocka_unit_test(a_sentence_begins_with_a_capital),
        cmocka_unit_test(what_it_says_is_safe),
        cmocka_unit_test(errno_becomes_an_error),
        cmocka_unit_test(without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
