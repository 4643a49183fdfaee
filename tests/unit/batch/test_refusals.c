/* SPDX-License-Identifier: Apache-2.0
 *
 * What the requester reads of the refused: every code has its sentence and its advice. */
#include "ceremony/batch/refusals.h"
#include "tests/unit/batch/fixture.h"

static void
every_refusal_has_an_advice(void **state)
{
    (void)state;
    static const char *const of_the_line[] = {"request-twice", "key-twice", "device-twice",
                                              "key-known", "device-known"};
    for (unsigned code = 0; code < BATCH_CODE_COUNT; code++) {
        const struct request_row *row = batch_code_row(code);
        bool refused = row->outcome == REQUEST_REFUSED;
        if ((batch_refusal_advice(row->code) != NULL) != refused)
            fail_msg("%s: %s", row->code, refused ? "no advice" : "an advice for a remark");
        if (refused)
            assert_string_equal(batch_refusal_sentence(row->code), row->sentence);
    }
    for (size_t i = 0; i < sizeof of_the_line / sizeof of_the_line[0]; i++) {
        assert_non_null(batch_refusal_sentence(of_the_line[i]));
        assert_non_null(batch_refusal_advice(of_the_line[i]));
    }
    assert_null(batch_refusal_advice("no-such-code"));
}

static const char results[] =
    "{\"codes\":[],\"device\":\"A-1\",\"input_sha256\":\"aa\",\"item\":\"list:1\",\"remark\":\"\","
    "\"verdict\":\"issued\"}\n"
    "{\"codes\":[\"rsa-size\",\"challenge-password\"],\"device\":\"\",\"input_sha256\":\"bb\","
    "\"item\":\"list:2\",\"remark\":\"the modulus has 1024 bits\",\"verdict\":\"refused\"}\n"
    "{\"codes\":[\"device-known\"],\"device\":\"A-2\",\"input_sha256\":\"cc\",\"item\":\"list:3\","
    "\"remark\":\"\",\"verdict\":\"refused\"}\n";

static const char report[] =
    "Refused\n"
    "\n"
    "These items were refused; nothing was signed for them.\n"
    "\n"
    "Item 2, list:2\n"
    "  SHA-256 bb\n"
    "  rsa-size: The modulus has another size than 2048, 3072 or 4096 bits. (the modulus has 1024 bits)\n"
    "    What to do: Make a new key with a program that is up to date, destroy the old one, and "
    "send a new request.\n"
    "\n"
    "Item 3, list:3, device A-2\n"
    "  SHA-256 cc\n"
    "  device-known: The device has a certificate already, or was announced for one.\n"
    "    What to do: Use the certificate that was issued. If it is lost or wrong, ask the CA to "
    "revoke it or to declare the re-issue; the re-issue, too, if there is none, since the "
    "ceremony that announced it was aborted.\n"
    "\n"
    "2 of 3 items were refused.\n";

static void
the_report_tells_item_reason_and_advice(void **state)
{
    (void)state;
    struct sandbox box;
    AUTO_BYTES text = {0};
    uint64_t count = 0;
    sandbox_open(&box);
    AUTO_FREE char *from = sandbox_path(&box, "results.jsonl");
    AUTO_FREE char *to = sandbox_path(&box, "refused.txt");
    sandbox_write(&box, "results.jsonl", results, strlen(results));
    check_ok(batch_refusals_write(from, to, "Refused", &count));
    assert_int_equal(count, 2);
    check_ok(file_read(to, 1 << 20, &text));
    assert_string_equal(bytes_text(&text), report);
    /* Nothing refused: no file, and an earlier one goes. */
    sandbox_write(&box, "results.jsonl", results,
                  (size_t)(strchr(results, '\n') - results) + 1);
    check_ok(batch_refusals_write(from, to, "Refused", &count));
    assert_int_equal(count, 0);
    assert_false(file_exists(to));
    sandbox_write(&box, "results.jsonl", "{\"codes\":\n", 10);
    check_error(batch_refusals_write(from, to, "Refused", &count), ERROR_VERIFICATION);
    assert_false(file_exists(to));
    sandbox_close(&box);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_refusal_has_an_advice),
        cmocka_unit_test(the_report_tells_item_reason_and_advice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
