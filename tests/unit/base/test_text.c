/* SPDX-License-Identifier: Apache-2.0
 *
 * Texts that are cut stay UTF-8. */
#include "ceremony/base/text.h"
#include "tests/support/check.h"

static void
test_what_fits(void **state)
{
    static const struct {
        const char *text;
        size_t size;
        const char *fits;
    } rows[] = {
        {"",             1, ""          },
        {"abc",          4, "abc"       },
        {"abc",          3, "ab"        },
        {"abc",          1, ""          },
        {"a\u00e9",      4, "a\u00e9"   },
        {"a\u00e9",      3, "a"         },
        {"a\u00e9",      2, "a"         },
        {"\u20ac\u20ac", 6, "\u20ac"    },
        {"\u20ac\u20ac", 4, "\u20ac"    },
        {"\u20ac",       3, ""          },
        {"\U0001F511x",  5, "\U0001F511"},
        {"\U0001F511x",  4, ""          },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[16];
        memset(text, 'z', sizeof text);
        text_fit(rows[i].text, text, rows[i].size);
        assert_string_equal(text, rows[i].fits);
        assert_true(text_is_utf8(text, strlen(text)));
        for (size_t at = rows[i].size; at < sizeof text; at++)
            assert_int_equal(text[at], 'z');
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
