/* SPDX-License-Identifier: Apache-2.0
 *
 * An item and the fields of its manifest. */
#include "ceremony/batch/item.h"
#include "tests/support/check.h"

static void
a_field_is_found_by_its_name(void **state)
{
    (void)state;
    AUTO(batch_item) item = NULL;
    check_ok(batch_item_new(&item));
    assert_null(batch_item_field(item, "line"));
    check_ok(batch_item_add_field(item, "line", "3"));
    check_ok(batch_item_add_field(item, "shift", "night"));
    assert_string_equal(batch_item_field(item, "line"), "3");
    assert_string_equal(batch_item_field(item, "shift"), "night");
    assert_null(batch_item_field(item, "lin"));
}

static void
an_item_begins_unjudged(void **state)
{
    (void)state;
    AUTO(batch_item) item = NULL;
    check_ok(batch_item_new(&item));
    assert_int_equal(item->verdict, BATCH_UNJUDGED);
    assert_int_equal(item->code_count, 0);
    assert_int_equal(item->request.len, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_field_is_found_by_its_name),
        cmocka_unit_test(an_item_begins_unjudged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
