/* SPDX-License-Identifier: Apache-2.0
 *
 * The ledger's own JSON, byte for byte what jansson writes sorted and compact. */
#include <jansson.h>

#include "ceremony/base/bytes.h"
#include "ceremony/ledger/json.h"
#include "tests/support/check.h"

static void
check_same(struct ledger_json *ours, json_t *theirs)
{
    AUTO_BYTES text = {0};
    char *expected = json_dumps(theirs, JSON_SORT_KEYS | JSON_COMPACT);
    assert_non_null(expected);
    check_ok(ledger_json_write(ours, &text));
    assert_string_equal(bytes_text(&text), expected);
    free(expected);
    json_decref(theirs);
    ledger_json_clear(ours);
}

/* Every code point up to U+07FF, and some beyond. */
static void
test_texts(void **state)
{
    (void)state;
    static const char *const wide[] = {
        "\xe2\x82\xac", "\xf0\x9f\x94\x91", "\xef\xbb\xbf", "\xe2\x80\xa8", "/", "\\u0041"};
    for (unsigned c = 1; c < 0x800; c++) {
        char text[4] = {(char)c, 0, 0, 0};
        if (c >= 0x80) {
            text[0] = (char)(0xc0 | (c >> 6));
            text[1] = (char)(0x80 | (c & 0x3f));
        }
        struct ledger_json ours = {0};
        check_ok(ledger_json_add_text(&ours, "k", text));
        check_same(&ours, json_pack("{s:s}", "k", text));
    }
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++) {
        struct ledger_json ours = {0};
        check_ok(ledger_json_add_text(&ours, "k", wide[i]));
        check_same(&ours, json_pack("{s:s}", "k", wide[i]));
    }
}

static void
test_objects(void **state)
{
    (void)state;
    static const int64_t numbers[] = {0, 1, -1, 9, 10, LEDGER_JSON_NUMBER, -LEDGER_JSON_NUMBER};
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct ledger_json ours = {0};
        check_ok(ledger_json_add_number(&ours, "z", numbers[i]));
        check_ok(ledger_json_add_bool(&ours, "a_b", true));
        check_ok(ledger_json_add_bool(&ours, "aB", false));
        check_ok(ledger_json_add_text(&ours, "a", "\"\\"));
        check_same(&ours, json_pack("{s:I, s:b, s:b, s:s}", "z", (json_int_t)numbers[i], "a_b",
                                    1, "aB", 0, "a", "\"\\"));
    }
    struct ledger_json empty = {0};
    check_same(&empty, json_object());
}

/* What is read is exactly what would be written. */
static void
test_reads_only_canonical(void **state)
{
    (void)state;
    static const char *const good[] = {
        "{}", "{\"a\":1}", "{\"a\":\"\\\"\\\\\",\"b\":{\"c\":true,\"d\":-7}}", "{\"a\":false}"};
    static const char *const bad[] = {"",
                                      "{",
                                      "{}x",
                                      "[]",
                                      "1",
                                      "{\"a\": 1}",
                                      " {}",
                                      "{\"a\":01}",
                                      "{\"a\":-0}",
                                      "{\"a\":1.5}",
                                      "{\"a\":1e2}",
                                      "{\"a\":9007199254740992}",
                                      "{\"a\":99999999999999999999}",
                                      "{\"a\":null}",
                                      "{\"a\":[1]}",
                                      "{\"b\":1,\"a\":1}",
                                      "{\"a\":1,\"a\":1}",
                                      "{\"a\":\"\\u0041\"}",
                                      "{\"a\":\"\\/\"}",
                                      "{\"a\":\"\x01\"}",
                                      "{\"a\":\"\xff\"}",
                                      "{\"a\":\"x}",
                                      "{\"a\":1,}",
                                      "{\"a\":{\"b\":{\"c\":1}}}",
                                      "{\"a\":\"\\n\"}",
                                      "{\"a\":-}",
                                      "{a:1}"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        AUTO_LEDGER_JSON object = {0};
        AUTO_BYTES text = {0};
        check_ok(ledger_json_parse(good[i], strlen(good[i]), &object));
        check_ok(ledger_json_write(&object, &text));
        assert_string_equal(bytes_text(&text), good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct ledger_json object = {0};
        struct error *error = ledger_json_parse(bad[i], strlen(bad[i]), &object);
        if (error == NULL)
            fail_msg("taken: %s", bad[i]);
        check_error(error, ERROR_VERIFICATION);
    }
}

static void
test_nothing_behind_it(void **state)
{
    (void)state;
    struct ledger_json object = {0};
    static const char text[] = "{\"a\":1}\0 ";
    check_ok(ledger_json_parse(text, 7, &object));
    ledger_json_clear(&object);
    for (size_t len = 0; len < sizeof text; len++)
        if (len != 7)
            check_error(ledger_json_parse(text, len, &object), ERROR_VERIFICATION);
    check_error(ledger_json_parse("{\"a\0\":1}", 8, &object), ERROR_VERIFICATION);

    static const struct {
        const char *text;
        bool good;
        int64_t number;
    } numbers[] = {
        {"{\"a\":0}",                true,  0                        },
        {"{\"a\":10}",               true,  10                       },
        {"{\"a\":-5}",               true,  -5                       },
        {"{\"a\":9007199254740991}", true,  INT64_C(9007199254740991)},
        {"{\"a\":9007199254740992}", false, 0                        },
        {"{\"a\":-0}",               false, 0                        },
        {"{\"a\":00}",               false, 0                        },
        {"{\"a\":01}",               false, 0                        },
        {"{\"a\":-01}",              false, 0                        },
        {"{\"a\":-}",                false, 0                        },
        {"{\"a\":+1}",               false, 0                        },
    };

    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        struct error *error =
            ledger_json_parse(numbers[i].text, strlen(numbers[i].text), &object);
        assert_int_equal(error == NULL, numbers[i].good);
        if (error == NULL) {
            assert_int_equal(ledger_json_find(&object, "a")->number, numbers[i].number);
            ledger_json_clear(&object);
        }
        error_free(error);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_objects),
        cmocka_unit_test(test_nothing_behind_it),
        cmocka_unit_test(test_reads_only_canonical),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
