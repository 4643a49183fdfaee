/* SPDX-License-Identifier: Apache-2.0
 *
 * docs/formats/requests.md has the codes of items, row for row; no code stands twice in all. */
#include "tests/unit/batch/fixture.h"

static void
the_page_has_every_row_and_no_other(void **state)
{
    (void)state;
    AUTO_BYTES page = {0};
    check_ok(file_read(TEST_SOURCE_DIR "/docs/formats/requests.md", 1 << 20, &page));
    const char *at = strstr(bytes_text(&page), "\n## An item of a batch\n");
    const char *end = strstr(bytes_text(&page), "\n## Where requests come from\n");
    assert_non_null(at);
    assert_non_null(end);
    for (unsigned code = REQUEST_CODE_COUNT; code < BATCH_CODE_COUNT; code++) {
        const struct request_row *row = batch_code_row(code);
        AUTO_BYTES line = {0};
        check_ok(bytes_format(&line, "\n| `%s` | %s | %s | %s |\n", row->code,
                              row->outcome == REQUEST_REFUSED ? "refused" : "remark",
                              row->source, row->sentence));
        at = strstr(at + 1, "\n| `");
        assert_non_null(at);
        if (strncmp(at, bytes_text(&line), line.len) != 0)
            fail_msg("the page has not in its place: %s", bytes_text(&line));
    }
    assert_true(strstr(at + 1, "\n| `") > end);
}

static void
every_code_is_found_by_its_text(void **state)
{
    (void)state;
    for (unsigned code = 0; code < BATCH_CODE_COUNT; code++)
        assert_int_equal(batch_code_find(batch_code_row(code)->code), code);
    assert_int_equal(batch_code_find("no-such-code"), -1);
}

static void
refusals_stand_before_remarks(void **state)
{
    (void)state;
    AUTO(batch_item) item = NULL;
    check_ok(batch_item_new(&item));
    batch_item_add_code(item, REQUEST_CHALLENGE, "%s", "a remark");
    assert_int_equal(item->verdict, BATCH_UNJUDGED);
    batch_item_add_code(item, BATCH_KEY_IS_CA, "%s", "the reason");
    batch_item_add_code(item, BATCH_KEY_IS_CA, "%s", "again");
    batch_item_add_code(item, REQUEST_POSSESSION, "%s", "another");
    assert_int_equal(item->verdict, BATCH_REFUSED);
    assert_int_equal(item->code_count, 3);
    assert_int_equal(item->codes[0], BATCH_KEY_IS_CA);
    assert_int_equal(item->codes[1], REQUEST_POSSESSION);
    assert_int_equal(item->codes[2], REQUEST_CHALLENGE);
    assert_string_equal(item->remark, "the reason");
    for (unsigned code = BATCH_FILE_KIND; code < BATCH_FILE_KIND + 10; code++)
        batch_item_add_code(item, code, "%s", "");
    assert_int_equal(item->code_count, BATCH_CODES_MAX);
    assert_int_equal(item->codes[0], BATCH_KEY_IS_CA);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_page_has_every_row_and_no_other),
        cmocka_unit_test(every_code_is_found_by_its_text),
        cmocka_unit_test(refusals_stand_before_remarks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
