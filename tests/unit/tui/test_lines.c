/* SPDX-License-Identifier: Apache-2.0 */
#include <locale.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/tui/lines.h"
#include "tests/support/check.h"

static void
check_lines(const struct lines *lines, const char *const *expected, size_t count)
{
    assert_int_equal(lines->count, count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(lines->items[i].text, expected[i]);
}

static void
a_text_breaks_at_blanks_and_within_words_that_are_too_long(void **state)
{
    (void)state;
    AUTO_LINES lines = {0};
    check_ok(lines_wrap(&lines, STYLE_SAY, 2, 14, "Each witness compares it abcdefghijklmnop"));
    static const char *const expected[] = {"  Each witness", "  compares it", "  abcdefghijkl",
                                           "  mnop"};
    check_lines(&lines, expected, 4);
}

static void
lines_that_fit_keep_their_inner_blanks_and_others_their_indent(void **state)
{
    (void)state;
    AUTO_LINES lines = {0};
    check_ok(lines_wrap(&lines, STYLE_PLAIN, 0, 20,
                        "  1  c28f11a0  snow\n\n    a longer line than fits\nend\n"));
    static const char *const expected[] = {"  1  c28f11a0  snow", "", "    a longer line",
                                           "    than fits", "end"};
    check_lines(&lines, expected, 5);
}

static void
width_is_counted_in_columns_not_in_bytes(void **state)
{
    (void)state;
    AUTO_LINES lines = {0};
    check_ok(lines_wrap(&lines, STYLE_PLAIN, 0, 10, "Zürich Köln 日本語日本語"));
    static const char *const expected[] = {"Zürich", "Köln", "日本語日本", "語"};
    check_lines(&lines, expected, 4);
}

static void
what_could_steer_a_terminal_becomes_visible(void **state)
{
    (void)state;
    AUTO_LINES lines = {0};
    check_ok(lines_wrap(&lines, STYLE_PLAIN, 0, 60, "a\033[2Jb \xE2\x80\xAE\xff"));
    check_ok(lines_add(&lines, STYLE_PLAIN, "x\ny\rz"));
    static const char *const expected[] = {"a\\x1B[2Jb \\u202E\\xFF", "x\\x0Ay\\x0Dz"};
    check_lines(&lines, expected, 2);
}

static void
a_label_stands_before_the_first_line_only(void **state)
{
    (void)state;
    AUTO_LINES lines = {0};
    check_ok(lines_label(&lines, 10, 22, "Expected", "all groups equal it"));
    check_ok(lines_label(&lines, 10, 22, "Performs", ""));
    static const char *const expected[] = {"Expected  all groups", "          equal it"};
    check_lines(&lines, expected, 2);
}

static void
a_text_of_blanks_has_no_line_and_no_label(void **state)
{
    (void)state;
    AUTO_LINES lines = {0};
    check_ok(lines_label(&lines, 10, 22, "Expected", "                                "));
    assert_int_equal(lines.count, 0);
    check_ok(lines_label(&lines, 10, 22, "Expected", "   "));
    static const char *const expected[] = {"Expected     "};
    check_lines(&lines, expected, 1);
}

static void
a_long_text_says_what_is_in_view_and_when_its_end_was_seen(void **state)
{
    (void)state;
    AUTO_LINES lines = {0};
    for (int i = 0; i < 10; i++)
        check_ok(lines_add(&lines, STYLE_PLAIN, i == 9 ? "the end" : "more"));
    struct canvas canvas = {0};
    check_ok(canvas_reset(&canvas, 5, 60));
    struct area area = {0, 0, 5, 60};
    struct scroll scroll = {0};
    lines_draw(&lines, &canvas, area, &scroll);
    assert_false(scroll.seen_all);
    AUTO_FREE char *foot = NULL;
    check_ok(canvas_row_text(&canvas, 4, &foot));
    assert_non_null(strstr(foot, "lines 1 to 4 of 10 -- more: PgDn"));
    for (int i = 0; i < 3; i++) {
        scroll_by(&scroll, 1);
        lines_draw(&lines, &canvas, area, &scroll);
    }
    assert_true(scroll.seen_all);
    assert_int_equal(scroll.top, 6);
    scroll_by(&scroll, -1);
    assert_int_equal(scroll.top, 3);
    /* A window that grew shows all of it. */
    canvas_clear(&canvas);
    check_ok(canvas_reset(&canvas, 12, 60));
    lines_draw(&lines, &canvas, (struct area){0, 0, 12, 60}, &scroll);
    assert_int_equal(scroll.top, 0);
    canvas_clear(&canvas);
}

/* Two names that differ by a mark differ on the screen, too: what was shown is what is signed. (T14, T16) */
static void
nothing_of_a_name_is_left_out(void **state)
{
    (void)state;

    static const struct {
        const char *text;
        const char *shown;
        int columns;
    } rows[] = {
        {"Exa\u0301mple",              "Exa\u0301mple",         7},
        {"\u0301a",                    "?a",                    2},
        {"a\u0301\u0302\u0303",        "a\u0301\u0302\u0303",   1},
        {"a\u0301\u0302\u0303\u0304b", "a\u0301\u0302\u0303?b", 3},
        {"\u6f22\u0301\u5b57",         "\u6f22\u0301\u5b57",    4},
        {"\u0e01\u0e34\u0e19",         "\u0e01\u0e34\u0e19",    2},
    };
    struct canvas canvas = {0};
    struct canvas other = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_ok(canvas_reset(&canvas, 2, 40));
        check_ok(canvas_reset(&other, 2, 40));
        assert_int_equal(canvas_text(&canvas, 1, 2, 30, STYLE_PLAIN, rows[i].text),
                         rows[i].columns);
        AUTO_FREE char *shown = NULL;
        check_ok(canvas_row_text(&canvas, 1, &shown));
        assert_string_equal(shown + 2, rows[i].shown);
        (void)canvas_text(&other, 1, 2, 30, STYLE_PLAIN, "a\u0301\u0302");
        assert_false(canvas_equal(&canvas, &other));
    }
    canvas_clear(&canvas);
    canvas_clear(&other);
}

int
main(void)
{
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_breaks_at_blanks_and_within_words_that_are_too_long),
        cmocka_unit_test(lines_that_fit_keep_their_inner_blanks_and_others_their_indent),
        cmocka_unit_test(width_is_counted_in_columns_not_in_bytes),
        cmocka_unit_test(nothing_of_a_name_is_left_out),
        cmocka_unit_test(what_could_steer_a_terminal_becomes_visible),
        cmocka_unit_test(a_label_stands_before_the_first_line_only),
        cmocka_unit_test(a_text_of_blanks_has_no_line_and_no_label),
        cmocka_unit_test(a_long_text_says_what_is_in_view_and_when_its_end_was_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
