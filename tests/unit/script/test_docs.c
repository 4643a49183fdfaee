/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of step kinds in docs/formats/script.md is the one in step_fields.c. */
#include "ceremony/base/file.h"
#include "ceremony/script/step_fields.h"
#include "tests/support/check.h"

static void
append_fields(struct bytes *row, unsigned fields)
{
    for (unsigned field = 0; field < STEP_FIELDS; field++)
        if ((fields >> field & 1U) != 0)
            check_ok(bytes_format(row, "`%s` ", step_field_name(field)));
}

static void
test_step_table(void **state)
{
    (void)state;
    AUTO_BYTES doc = {0};
    check_ok(file_read(TEST_SOURCE_DIR "/docs/formats/script.md", 1 << 20, &doc));
    size_t rows = 0;
    for (unsigned kind = 0; kind < STEP_KINDS; kind++) {
        const struct step_rule *rule = step_rule(kind);
        assert_int_equal(step_kind_parse(rule->name), kind);
        assert_int_equal(rule->needs & rule->takes, 0);
        AUTO_BYTES row = {0};
        check_ok(bytes_format(&row, "\n| `%s` | ", rule->name));
        append_fields(&row, rule->needs);
        check_ok(bytes_append_text(&row, "| "));
        append_fields(&row, rule->takes);
        check_ok(bytes_format(&row, "| %s |\n", rule->does));
        if (strstr(bytes_text(&doc), bytes_text(&row)) == NULL)
            fail_msg("docs/formats/script.md lacks the row %s", bytes_text(&row));
        rows++;
    }
    /* ... and no other: the table is as long as it should be. */
    const char *at = strstr(bytes_text(&doc), "| kind | needs |");
    assert_non_null(at);
    size_t lines = 0;
    for (at = strchr(at, '\n') + 1; *at == '|'; at = strchr(at, '\n') + 1)
        lines++;
    assert_int_equal(lines, rows + 1);
    assert_int_equal(step_kind_parse("dance"), -1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_step_table)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
