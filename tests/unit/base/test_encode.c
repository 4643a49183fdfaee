/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/base/cleanup.h"
#include "ceremony/base/encode.h"
#include "tests/support/check.h"

/* RFC 4648, section 10. */
static const char *const pairs[][2] = {
    {"",       ""        },
    {"f",      "Zg=="    },
    {"fo",     "Zm8="    },
    {"foo",    "Zm9v"    },
    {"foob",   "Zm9vYg=="},
    {"fooba",  "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
};

static void
base64_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        char *text = NULL;
        struct bytes back = {0};
        check_ok(base64_encode_new(pairs[i][0], strlen(pairs[i][0]), &text));
        assert_string_equal(text, pairs[i][1]);
        check_ok(base64_decode_append(text, &back));
        assert_int_equal(back.len, strlen(pairs[i][0]));
        assert_memory_equal(back.data, pairs[i][0], back.len);
        free(text);
        bytes_clear(&back);
    }
}

/* One text for one value: whatever else could be read the same way is refused. */
static void
base64_refuses_what_is_not_canonical(void **state)
{
    (void)state;
    const char *const wrong[] = {"Zg",       "Zg=",    "Zh==", "Zm9=", "Z===", "====",
                                 "Zg==Zg==", "Zm9v\n", "Zm 9", "Zm9-", "Zm9_"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct bytes out = {0};
        check_error(base64_decode_append(wrong[i], &out), ERROR_INPUT);
        assert_int_equal(out.len, 0);
        bytes_clear(&out);
    }
}

static void
hex_both_ways(void **state)
{
    (void)state;
    const unsigned char bytes[] = {0x00, 0x7F, 0x80, 0xFF};
    unsigned char back[sizeof bytes];
    char text[sizeof bytes * 2 + 1];
    hex_encode(bytes, sizeof bytes, text);
    assert_string_equal(text, "007f80ff");
    check_ok(hex_decode(text, back, sizeof back));
    assert_memory_equal(back, bytes, sizeof bytes);
    check_error(hex_decode("007f80f", back, sizeof back), ERROR_INPUT);
    check_error(hex_decode("007f80fg", back, sizeof back), ERROR_INPUT);
    check_error(hex_decode("007f80ff00", back, sizeof back), ERROR_INPUT);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base64_both_ways),
        cmocka_unit_test(base64_refuses_what_is_not_canonical),
        cmocka_unit_test(hex_both_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
