/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of known private keys and its description (R66). */
#include "ceremony/batch/check_list.h"
#include "tests/unit/batch/fixture.h"

static const unsigned char blocks[32] = {1, [15] = 1, [16] = 2, [31] = 3};

static void
write_description(const struct sandbox *box, const char *format)
{
    AUTO_BYTES text = {0};
    char hash[65];
    check_ok(pki_sha256_hex(blocks, sizeof blocks, hash));
    check_ok(bytes_format(&text,
                          "{\"bkformat\":%s,\"date\":\"2026-10-01T12:30:00+00:00\","
                          "\"blocklist_sha256\":\"%s\",\"blocklists\":[]}",
                          format, hash));
    sandbox_write(box, "badkeysdata.json", text.data, text.len);
}

static void
a_list_is_opened_with_its_date(void **state)
{
    (void)state;
    struct sandbox box;
    AUTO(weak_list) list = NULL;
    int64_t date = 0;
    sandbox_open(&box);
    sandbox_write(&box, "blocklist.dat", blocks, sizeof blocks);
    write_description(&box, "0");
    check_ok(batch_list_open(box.path, &list, &date));
    assert_int_equal(date, 1790857800);
    assert_int_equal(weak_list_count(list), 2);
    sandbox_close(&box);
}

static void
a_list_that_does_not_fit_its_description_is_refused(void **state)
{
    (void)state;
    struct sandbox box;
    struct weak_list *list = NULL;
    int64_t date = 0;
    unsigned char changed[32];
    sandbox_open(&box);
    check_error(batch_list_open(box.path, &list, &date), ERROR_NOT_FOUND);
    write_description(&box, "0");
    check_error(batch_list_open(box.path, &list, &date), ERROR_NOT_FOUND);
    memcpy(changed, blocks, sizeof blocks);
    changed[31] = 4;
    sandbox_write(&box, "blocklist.dat", changed, sizeof changed);
    check_error_says(batch_list_open(box.path, &list, &date), ERROR_INPUT, "another SHA-256");
    write_description(&box, "1");
    check_error_says(batch_list_open(box.path, &list, &date), ERROR_INPUT, "another format");
    sandbox_write(&box, "badkeysdata.json", "[]", 2);
    check_error_says(batch_list_open(box.path, &list, &date), ERROR_INPUT, "no JSON object");
    sandbox_close(&box);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_is_opened_with_its_date),
        cmocka_unit_test(a_list_that_does_not_fit_its_description_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
