/* SPDX-License-Identifier: Apache-2.0
 *
 * The verdict, the 80 columns, and that nothing in a forged file can steer a terminal. */
#include <jansson.h>

#include "ceremony/audit/checks.h"
#include "ceremony/audit/command.h"
#include "ceremony/audit/report.h"
#include "ceremony/audit/wrap_text.h"
#include "ceremony/base/text.h"
#include "tests/support/check.h"

static void
begin(struct report *report)
{
    check_ok(text_copy("folder", &report->subject));
    check_ok(text_copy("root-1", &report->ceremony));
}

static void
verdict_follows_faults_and_origin(void **state)
{
    (void)state;
    AUTO_REPORT report = {0};
    begin(&report);
    check_ok(report_begin(&report, "sums"));
    check_ok(report_note(&report, "3 files"));
    assert_int_equal(report_status(&report), 5);
    report.origin = true;
    assert_int_equal(report_status(&report), 0);
    check_ok(report_fault(&report, "script.yaml", 7, "changed"));
    assert_int_equal(report_status(&report), 4);
    assert_true(report_has_fault(&report, "sums"));
    assert_false(report_has_fault(&report, "seal"));
}

static void
fault_is_not_undone_by_not_done(void **state)
{
    (void)state;
    AUTO_REPORT report = {0};
    begin(&report);
    check_ok(report_begin(&report, "sums"));
    check_ok(report_fault(&report, "a", 0, "changed"));
    check_ok(report_not_done(&report, "not possible"));
    assert_int_equal(report.checks[0].state, CHECK_FAULT);
    assert_int_equal(report.not_done, 0);
}

static void
errors_become_faults(void **state)
{
    (void)state;
    AUTO_REPORT report = {0};
    begin(&report);
    check_ok(report_begin(&report, "chain"));
    check_ok(report_error(&report, "t", 3, NULL));
    assert_int_equal(report.faults, 0);
    check_ok(report_error(&report, "t", 3, ERROR(ERROR_VERIFICATION, "the chain is broken")));
    assert_int_equal(report.faults, 1);
    assert_string_equal(report.checks[0].faults[0].text, "the chain is broken");
    check_error(report_error(&report, "t", 3, error_memory()), ERROR_MEMORY);
}

static void
all_are_counted_forty_are_kept(void **state)
{
    (void)state;
    AUTO_REPORT report = {0};
    AUTO_BYTES text = {0};
    begin(&report);
    check_ok(report_begin(&report, "sums"));
    for (uint64_t i = 1; i <= 100; i++)
        check_ok(report_fault(&report, "a", i, "changed"));
    assert_int_equal(report.faults, 100);
    check_ok(report_text(&report, &text));
    assert_non_null(strstr(bytes_text(&text), "and 60 more"));
    bytes_clear(&text);
    check_ok(report_json(&report, &text));
    json_t *json = json_loads(bytes_text(&text), 0, NULL);
    assert_non_null(json);
    assert_int_equal(json_integer_value(json_object_get(json, "faults")), 100);
    assert_int_equal(json_integer_value(json_object_get(json, "status")), 4);
    json_decref(json);
}

static void
lines_are_short_and_safe(void **state)
{
    (void)state;
    AUTO_REPORT report = {0};
    AUTO_BYTES text = {0};
    begin(&report);
    check_ok(report_begin(&report, "sums"));
    check_ok(report_fault(&report, "a\x1b[2J", 1, "\x1b]0;x\x07 %0200d \xe2\x80\xae", 5));
    check_ok(report_note(&report, "%s",
                         "word \xc3\xa4\xc3\xb6\xc3\xbc word word word word word "
                         "word word word word word word word word word word"));
    check_ok(report_text(&report, &text));
    const char *line = bytes_text(&text);
    assert_null(strchr(line, '\x1b'));
    assert_null(strstr(line, "\xe2\x80\xae"));
    assert_true(text_starts_with(line, "FAULT: "));
    while (*line != '\0') {
        size_t width = 0;
        for (; *line != '\n'; line++)
            width += ((unsigned char)*line & 0xc0) != 0x80;
        assert_true(width <= TEXT_COLUMNS);
        line++;
    }
}

static void
check_names_are_distinct(void **state)
{
    (void)state;
    size_t count = 0;
    const struct check_row *rows = check_rows(&count);
    assert_true(count >= 36);
    for (size_t i = 0; i < count; i++) {
        assert_true(strlen(rows[i].name) <= 26);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(rows[i].name, rows[k].name);
    }
}

static void
words_of_the_command_line(void **state)
{
    (void)state;
    size_t count = 0;
    const struct command *verify = commands(&count);
    static char word[] = "a", trust[] = "--trust", json[] = "--json", end[] = "--",
                dash[] = "-b";
    static char wrong[] = "--thrust";
    char *good[] = {word, trust, word, json, end, dash};
    struct arguments arguments = {.count = 0};
    check_ok(arguments_parse(verify, 6, good, &arguments));
    assert_int_equal(arguments.count, 2);
    assert_string_equal(arguments.words[1], "-b");
    assert_string_equal(arguments.values[0], "a");
    assert_null(arguments.values[1]);
    char *unknown[] = {word, wrong, word};
    struct arguments other = {.count = 0};
    check_error_says(arguments_parse(verify, 3, unknown, &other), ERROR_USAGE, "--trust");
    char *bare[] = {word, trust};
    struct arguments last = {.count = 0};
    check_error(arguments_parse(verify, 2, bare, &last), ERROR_USAGE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdict_follows_faults_and_origin),
        cmocka_unit_test(fault_is_not_undone_by_not_done),
        cmocka_unit_test(errors_become_faults),
        cmocka_unit_test(all_are_counted_forty_are_kept),
        cmocka_unit_test(lines_are_short_and_safe),
        cmocka_unit_test(check_names_are_distinct),
        cmocka_unit_test(words_of_the_command_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
