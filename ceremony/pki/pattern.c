/* SPDX-License-Identifier: Apache-2.0
 *
 * All places of the text that can be reached are carried from part to part, so nothing is tried
 * twice. */
#include "ceremony/pki/pattern.h"

#include <stddef.h>
#include <string.h>

struct part {
    bool allowed[256];
    size_t min;
    size_t max; /* PATTERN_TEXT_MAX: as many as there are */
};

static bool
is_plain(char c)
{
    return c > 0x20 && c < 0x7f;
}

/* One character of a class or outside, "\" before it perhaps. */
static const char *
take_character(const char **pattern, const char *special, unsigned char *ret_c)
{
    const char *p = *pattern;
    if (*p == '\\')
        p++;
    else if (*p != '\0' && strchr(special, *p) != NULL)
        return "a character that has a meaning of its own stands without \"\\\"";
    if (!is_plain(*p) && *p != ' ')
        return "it ends too early, or has a character beyond ASCII";
    *ret_c = (unsigned char)*p;
    *pattern = p + 1;
    return NULL;
}

/* "A-Z0-9-]" behind the bracket. */
static const char *
take_class(const char **pattern, struct part *part)
{
    bool inverse = **pattern == '^';
    *pattern += inverse ? 1 : 0;
    if (**pattern == ']')
        return "a class is empty";
    while (**pattern != ']') {
        unsigned char first = 0;
        const char *fault = take_character(pattern, "[", &first);
        unsigned char last = first;
        if (fault == NULL && (*pattern)[0] == '-' && (*pattern)[1] != ']') {
            (*pattern)++;
            fault = take_character(pattern, "[", &last);
        }
        if (fault != NULL)
            return fault;
        if (last < first)
            return "a range in a class runs backwards";
        for (unsigned c = first; c <= last; c++)
            part->allowed[c] = true;
    }
    (*pattern)++;
    for (unsigned c = 0; inverse && c < 256; c++)
        part->allowed[c] = c >= 0x20 && c < 0x7f && !part->allowed[c];
    return NULL;
}

static bool
is_number(const char **pattern, size_t *ret_number)
{
    size_t digits = strspn(*pattern, "0123456789");
    size_t number = 0;
    for (size_t i = 0; i < digits && i < 5; i++)
        number = number * 10 + (size_t)((*pattern)[i] - '0');
    *pattern += digits;
    *ret_number = number;
    return digits > 0 && digits < 5 && number < PATTERN_TEXT_MAX;
}

/* "4}" or "4,20}" behind the brace. */
static const char *
take_count(const char **pattern, struct part *part)
{
    static const char fault[] = "a count is not like {4} or {4,20}";
    if (!is_number(pattern, &part->min))
        return fault;
    part->max = part->min;
    if (**pattern == ',') {
        (*pattern)++;
        if (!is_number(pattern, &part->max))
            return fault;
    }
    if (**pattern != '}' || part->max < part->min || part->max == 0)
        return fault;
    (*pattern)++;
    return NULL;
}

static const char *
take_part(const char **pattern, struct part *part)
{
    static const struct {
        char sign;
        size_t min;
        size_t max;
    } signs[] = {
        {'?', 0, 1               },
        {'*', 0, PATTERN_TEXT_MAX},
        {'+', 1, PATTERN_TEXT_MAX}
    };

    const char *fault = NULL;
    *part = (struct part){.min = 1, .max = 1};
    if (**pattern == '[') {
        (*pattern)++;
        fault = take_class(pattern, part);
    } else {
        unsigned char c = 0;
        fault = take_character(pattern, ".()|^$?*+{}[]", &c);
        part->allowed[c] = true;
    }
    if (fault != NULL)
        return fault;
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (**pattern == signs[i].sign) {
            part->min = signs[i].min;
            part->max = signs[i].max;
            (*pattern)++;
            return NULL;
        }
    if (**pattern != '{')
        return NULL;
    (*pattern)++;
    return take_count(pattern, part);
}

const char *
pattern_check(const char *pattern)
{
    struct part part;
    if (*pattern == '\0')
        return "it is empty";
    while (*pattern != '\0') {
        const char *fault = take_part(&pattern, &part);
        if (fault != NULL)
            return fault;
    }
    return NULL;
}

/* From each place that can be reached, on by as many characters as the part takes. */
static void
advance(const struct part *part, const char *text, size_t len, bool reached[])
{
    bool next[PATTERN_TEXT_MAX + 1] = {false};
    for (size_t from = 0; from <= len; from++)
        for (size_t n = 0; reached[from] && from + n <= len && n <= part->max; n++) {
            next[from + n] = next[from + n] || n >= part->min;
            if (from + n < len && !part->allowed[(unsigned char)text[from + n]])
                break;
        }
    memcpy(reached, next, sizeof next);
}

bool
pattern_matches(const char *pattern, const char *text)
{
    bool reached[PATTERN_TEXT_MAX + 1] = {true};
    struct part part;
    size_t len = strlen(text);
    if (len > PATTERN_TEXT_MAX || pattern_check(pattern) != NULL)
        return false;
    while (*pattern != '\0') {
        if (take_part(&pattern, &part) != NULL)
            return false;
        advance(&part, text, len, reached);
    }
    return reached[len];
}
