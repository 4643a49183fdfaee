/* SPDX-License-Identifier: Apache-2.0
 *
 * What becomes of each character that there is on its way to a screen or a record (T14). The list is written down a second
 * time: the controls, Unicode's separators of lines and paragraphs, and what it calls "default ignorable" (Unicode 15,
 * DerivedCoreProperties.txt), the bidirectional ones among them. */
#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"
#include "tests/support/check.h"

static const struct {
    unsigned first;
    unsigned last;
} hidden[] = {
    {0x0,     0x1F   },
    {0x7F,    0x9F   },
    {0xAD,    0xAD   },
    {0x34F,   0x34F  },
    {0x61C,   0x61C  },
    {0x115F,  0x1160 },
    {0x17B4,  0x17B5 },
    {0x180B,  0x180F },
    {0x200B,  0x200F },
    {0x2028,  0x202E },
    {0x2060,  0x206F },
    {0x3164,  0x3164 },
    {0xFE00,  0xFE0F },
    {0xFEFF,  0xFEFF },
    {0xFFA0,  0xFFA0 },
    {0xFFF0,  0xFFFB }, /* the last three are those of annotations */
    {0x1BCA0, 0x1BCA3},
    {0x1D173, 0x1D17A},
    {0xE0000, 0xE0FFF},
};

static bool
is_hidden(unsigned point)
{
    for (size_t i = 0; i < sizeof hidden / sizeof hidden[0]; i++)
        if (point >= hidden[i].first && point <= hidden[i].last)
            return true;
    return false;
}

static size_t
put_utf8(unsigned point, unsigned char text[4])
{
    static const struct {
        unsigned below;
        unsigned char lead;
    } forms[] = {
        {0x80,     0   },
        {0x800,    0xC0},
        {0x10000,  0xE0},
        {0x110000, 0xF0}
    };

    size_t more = 0;
    while (point >= forms[more].below)
        more++;
    text[0] = (unsigned char)(forms[more].lead | (point >> (6 * more)));
    for (size_t i = 1; i <= more; i++)
        text[i] = (unsigned char)(0x80 | ((point >> (6 * (more - i))) & 0x3F));
    return more + 1;
}

static void
every_character_is_shown_or_escaped(void **state)
{
    (void)state;
    for (unsigned point = 0; point <= 0x10FFFF; point++) {
        unsigned char text[4];
        AUTO_FREE char *safe = NULL;
        char escape[16];
        if (point >= 0xD800 && point <= 0xDFFF)
            continue;
        size_t len = put_utf8(point, text);
        check_ok(text_safe(text, len, &safe));
        (void)snprintf(escape, sizeof escape,
                       point < 0x80      ? "\\x%02X"
                       : point < 0x10000 ? "\\u%04X"
                                         : "\\U%08X",
                       point);
        bool is_escape = strcmp(safe, escape) == 0;
        bool is_itself = strlen(safe) == len && memcmp(safe, text, len) == 0;
        if (is_hidden(point) ? !is_escape : !is_itself)
            print_error("U+%04X becomes \"%s\"\n", point, safe);
        assert_true(is_hidden(point) ? is_escape : is_itself);
    }
}

/* Octets that are no UTF-8: alone, cut off, too long a form, a surrogate, above the last. */
static void
what_is_no_character_is_escaped(void **state)
{
    (void)state;
    static const char *const rows[][2] = {
        {"\x80",             "\\x80"               },
        {"\xff",             "\\xFF"               },
        {"a\xe2\x80",        "a\\xE2\\x80"         },
        {"\xc0\xaf",         "\\xC0\\xAF"          },
        {"\xe0\x80\x9b",     "\\xE0\\x80\\x9B"     },
        {"\xed\xa0\x80",     "\\xED\\xA0\\x80"     },
        {"\xf4\x90\x80\x80", "\\xF4\\x90\\x80\\x80"},
        {"\x9b"
         "31m",     "\\x9B31m"            },
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        AUTO_FREE char *safe = NULL;
        check_ok(text_safe(rows[i][0], strlen(rows[i][0]), &safe));
        assert_string_equal(safe, rows[i][1]);
        assert_false(text_is_utf8(rows[i][0], strlen(rows[i][0])));
    }
}

/* Where lines are kept, a newline is one; nothing else is. */
static void
newlines_are_kept_where_wanted(void **state)
{
    (void)state;
    AUTO_BYTES bytes = {0};
    check_ok(text_append_safe(&bytes, "a\nb\rc\x0b", 6, true));
    assert_string_equal(bytes_text(&bytes), "a\nb\\x0Dc\\x0B");
}

/* Texts that are cut stay UTF-8. */
static void
what_is_cut_stays_whole(void **state)
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
        cmocka_unit_test(every_character_is_shown_or_escaped),
        cmocka_unit_test(what_is_no_character_is_escaped),
        cmocka_unit_test(newlines_are_kept_where_wanted),
        cmocka_unit_test(what_is_cut_stays_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
