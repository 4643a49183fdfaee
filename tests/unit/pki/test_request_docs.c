/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/formats/requests.md has the table of the program, row for row. */
#include "ceremony/base/file.h"
#include "ceremony/pki/request.h"
#include "tests/support/check.h"

static void
the_page_has_every_row_and_no_other(void **state)
{
    (void)state;
    AUTO_BYTES page = {0};
    size_t count = 0;
    const struct request_row *rows = request_rows(&count);
    check_ok(file_read(TEST_SOURCE_DIR "/docs/formats/requests.md", 1 << 20, &page));
    const char *at = strstr(bytes_text(&page), "\n## One request\n");
    assert_non_null(at);
    for (size_t i = 0; i < count; i++) {
        AUTO_BYTES line = {0};
        check_ok(bytes_format(&line, "\n| `%s` | %s | %s | %s |\n", rows[i].code,
                              rows[i].outcome == REQUEST_REFUSED ? "refused" : "remark",
                              rows[i].source, rows[i].sentence));
        at = strstr(at, "\n| `");
        assert_non_null(at);
        if (strncmp(at, bytes_text(&line), line.len) != 0)
            fail_msg("the page has not in its place: %s", bytes_text(&line));
        at++;
    }
    const char *next = strstr(at, "\n| `");
    const char *section = strstr(at, "\n## ");
    assert_true(next == NULL || (section != NULL && section < next));
}

static void
no_code_stands_twice(void **state)
{
    (void)state;
    size_t count = 0;
    const struct request_row *rows = request_rows(&count);
    assert_int_equal(count, REQUEST_CODE_COUNT);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(rows[i].code, rows[j].code);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_has_every_row_and_no_other),
        cmocka_unit_test(no_code_stands_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
