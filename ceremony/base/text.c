/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/base/text.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

struct error *
text_format(char **ret_text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = NULL;
    int len = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (len < 0)
        return error_memory();
    *ret_text = text;
    return NULL;
}

struct error *
text_copy(const char *text, char **ret_text)
{
    char *copy = strdup(text);
    if (copy == NULL)
        return error_memory();
    *ret_text = copy;
    return NULL;
}

/* The code point at `data` and its length in `ret_len`; -1 and length 1 when it is not UTF-8
 * (overlong forms, surrogates and values above U+10FFFF included). */
static int32_t
decode_utf8(const unsigned char *data, size_t len, size_t *ret_len)
{
    static const struct {
        unsigned char mask;
        unsigned char lead;
        size_t len;
        int32_t least;
    } forms[] = {
        {0x80, 0x00, 1, 0      },
        {0xE0, 0xC0, 2, 0x80   },
        {0xF0, 0xE0, 3, 0x800  },
        {0xF8, 0xF0, 4, 0x10000},
    };

    *ret_len = 1;
    for (size_t f = 0; f < sizeof forms / sizeof forms[0]; f++) {
        if ((data[0] & forms[f].mask) != forms[f].lead)
            continue;
        if (forms[f].len > len)
            return -1;
        int32_t point = data[0] & (unsigned char)~forms[f].mask;
        for (size_t i = 1; i < forms[f].len; i++) {
            if ((data[i] & 0xC0) != 0x80)
                return -1;
            point = point * 64 + (data[i] & 0x3F);
        }
        if (point < forms[f].least || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
            return -1;
        *ret_len = forms[f].len;
        return point;
    }
    return -1;
}

bool
text_is_utf8(const void *data, size_t len)
{
    const unsigned char *p = data;
    while (len > 0) {
        size_t step = 1;
        if (decode_utf8(p, len, &step) < 0)
            return false;
        p += step;
        len -= step;
    }
    return true;
}

void
text_fit(const char *text, char *ret_text, size_t size)
{
    size_t len = strlen(text);
    if (len >= size) {
        len = size - 1;
        while (len > 0 && ((unsigned char)text[len] & 0xC0U) == 0x80U)
            len--;
    }
    memcpy(ret_text, text, len);
    ret_text[len] = '\0';
}

bool
text_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool
text_ends_with(const char *text, const char *suffix)
{
    size_t len = strlen(text);
    size_t end = strlen(suffix);
    return len >= end && strcmp(text + len - end, suffix) == 0;
}

bool
text_equal_nocase(const char *a, const char *b)
{
    return strcasecmp(a, b) == 0;
}

bool
text_matches(const char *pattern, const char *text)
{
    const char *star = NULL;
    const char *mark = NULL;
    while (*text != '\0') {
        if (*pattern == '*') {
            star = pattern++;
            mark = text;
        } else if (*pattern == *text) {
            pattern++;
            text++;
        } else if (star != NULL) {
            pattern = star + 1;
            text = ++mark;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

/* Code points that steer a terminal, turn writing round, or cannot be seen. */
static bool
is_treacherous(int32_t point)
{
    static const struct {
        int32_t first;
        int32_t last;
    } ranges[] = {
        {0x00,    0x1F   }, /* C0 */
        {0x7F,    0x9F   }, /* DEL, C1 */
        {0xAD,    0xAD   }, /* soft hyphen */
        {0x34F,   0x34F  }, /* combining grapheme joiner */
        {0x61C,   0x61C  }, /* Arabic letter mark */
        {0x115F,  0x1160 }, /* Hangul fillers */
        {0x17B4,  0x17B5 },
        {0x180B,  0x180F }, /* Mongolian selectors */
        {0x200B,  0x200F }, /* zero width, LRM, RLM */
        {0x2028,  0x202E }, /* separators, bidirectional */
        {0x2060,  0x206F }, /* word joiner, isolates */
        {0x3164,  0x3164 },
        {0xFE00,  0xFE0F }, /* variation selectors */
        {0xFEFF,  0xFEFF },
        {0xFFA0,  0xFFA0 },
        {0xFFF0,  0xFFFB },
        {0x1BCA0, 0x1BCA3}, /* shorthand */
        {0x1D173, 0x1D17A}, /* music */
        {0xE0000, 0xE0FFF}, /* tags */
    };

    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    return false;
}

struct error *
text_append_safe(struct bytes *bytes, const void *data, size_t len, bool keep_newlines)
{
    const unsigned char *p = data;
    while (len > 0) {
        size_t step = 1;
        int32_t point = decode_utf8(p, len, &step);
        if (point < 0)
            TRY(bytes_format(bytes, "\\x%02X", p[0]));
        else if (point == '\n' && keep_newlines)
            TRY(bytes_append_char(bytes, '\n'));
        else if (is_treacherous(point) && point < 0x80)
            TRY(bytes_format(bytes, "\\x%02X", (unsigned)point));
        else if (is_treacherous(point))
            TRY(bytes_format(bytes, point > 0xFFFF ? "\\U%08X" : "\\u%04X", (unsigned)point));
        else
            TRY(bytes_append(bytes, p, step));
        p += step;
        len -= step;
    }
    return NULL;
}

struct error *
text_safe(const void *data, size_t len, char **ret_text)
{
    AUTO_BYTES bytes = {0};
    if (data != NULL)
        TRY(text_append_safe(&bytes, data, len, false));
    return bytes_take_text(&bytes, ret_text);
}

#define NEAREST_MAX 48

static size_t
smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t
edit_distance(const char *a, const char *b)
{
    size_t la = strlen(a);
    size_t lb = strlen(b);
    if (la > NEAREST_MAX || lb > NEAREST_MAX)
        return NEAREST_MAX;
    size_t rows[3][NEAREST_MAX + 1];
    for (size_t j = 0; j <= lb; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= la; i++) {
        size_t *now = rows[i % 3];
        const size_t *before = rows[(i + 2) % 3];
        const size_t *before2 = rows[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t cost = a[i - 1] == b[j - 1] ? 0 : 1;
            now[j] = smaller(smaller(before[j] + 1, now[j - 1] + 1), before[j - 1] + cost);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = smaller(now[j], before2[j - 2] + 1);
        }
    }
    return rows[la % 3][lb];
}

const char *
text_nearest(const char *word, const char *const *candidates, size_t count)
{
    const char *best = NULL;
    size_t best_distance = 3;
    for (size_t i = 0; i < count; i++) {
        size_t distance = edit_distance(word, candidates[i]);
        if (distance < best_distance && distance * 2 < strlen(word) + 1) {
            best = candidates[i];
            best_distance = distance;
        }
    }
    return best;
}

size_t
text_split_words(char *text, char **ret_words, size_t max)
{
    size_t count = 0;
    char *rest = NULL;
    for (char *word = strtok_r(text, " \t\r\n", &rest); word != NULL;
         word = strtok_r(NULL, " \t\r\n", &rest)) {
        if (count < max)
            ret_words[count] = word;
        count++;
    }
    return count;
}
