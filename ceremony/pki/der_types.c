/* SPDX-License-Identifier: Apache-2.0
 *
 * Contents of single DER types. */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/der.h"

const char *
der_check_integer(struct der body)
{
    if (body.len == 0)
        return "integer without octets";
    if (body.len > 1
        && ((body.p[0] == 0 && (body.p[1] & 0x80) == 0)
            || (body.p[0] == 0xff && (body.p[1] & 0x80) != 0)))
        return "non-minimal integer";
    return NULL;
}

const char *
der_small_integer(struct der body, int64_t *ret_value)
{
    DER_TRY(der_check_integer(body));
    if (body.len > 8)
        return "integer too large";
    uint64_t value = (body.p[0] & 0x80) != 0 ? UINT64_MAX : 0;
    for (size_t i = 0; i < body.len; i++)
        value = value << 8 | body.p[i];
    *ret_value = (int64_t)value;
    return NULL;
}

const char *
der_check_bit_string(struct der body)
{
    if (body.len == 0)
        return "bit string without octets";
    if (body.p[0] > 7 || (body.len == 1 && body.p[0] != 0))
        return "bit string with a wrong count of unused bits";
    unsigned unused = body.p[0];
    if (unused > 0 && (body.p[body.len - 1] & ((1U << unused) - 1)) != 0)
        return "bit string whose unused bits are not zero";
    return NULL;
}

const char *
der_check_oid(struct der body)
{
    if (body.len == 0)
        return "object identifier without octets";
    if (body.len > 64)
        return "object identifier longer than 64 octets";
    bool first = true;
    size_t octets = 0;
    for (size_t i = 0; i < body.len; i++) {
        if (first && body.p[i] == 0x80)
            return "non-minimal arc in an object identifier";
        octets = first ? 1 : octets + 1;
        if (octets > 9)
            return "arc beyond 63 bits in an object identifier";
        first = (body.p[i] & 0x80) == 0;
    }
    return first ? NULL : "object identifier ends within an arc";
}

static bool
is_printable(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
           || (c != '\0' && strchr(" '()+,-./:=?", c) != NULL);
}

/* True for every byte that `tag` allows; multi-byte types are checked by their own rules. */
static bool
is_allowed(unsigned char tag, unsigned char c)
{
    switch (tag) {
    case DER_PRINTABLE_STRING:
        return is_printable(c);
    case DER_NUMERIC_STRING:
        return (c >= '0' && c <= '9') || c == ' ';
    case DER_IA5_STRING:
        return c < 0x80;
    case DER_VISIBLE_STRING:
        return c >= 0x20 && c < 0x7f;
    default:
        return true;
    }
}

const char *
der_check_string(unsigned char tag, struct der body)
{
    if (tag == DER_UTF8_STRING)
        return text_is_utf8(body.p, body.len) ? NULL : "invalid UTF-8";
    if (tag == DER_BMP_STRING) {
        if (body.len % 2 != 0)
            return "BMPString of an odd length";
        for (size_t i = 0; i < body.len; i += 2)
            if ((body.p[i] & 0xf8) == 0xd8)
                return "surrogate in a BMPString";
        return NULL;
    }
    if (tag == DER_UNIVERSAL_STRING)
        return body.len % 4 == 0 ? NULL : "UniversalString of a wrong length";
    for (size_t i = 0; i < body.len; i++)
        if (!is_allowed(tag, body.p[i]))
            return "character that its string type does not have";
    return NULL;
}

static bool
is_digits(struct der text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.p[i] < '0' || text.p[i] > '9')
            return false;
    return true;
}

const char *
der_time(const struct der_item *item, struct der_time *ret_time)
{
    bool generalized = item->tag == DER_GENERALIZED_TIME;
    if (!generalized && item->tag != DER_UTC_TIME)
        return "neither UTCTime nor GeneralizedTime";
    size_t digits = generalized ? 14 : 12;
    struct der body = item->body;
    if (body.len == digits - 1 && body.p[body.len - 1] == 'Z')
        return "time without seconds";
    if (body.len > digits && body.p[body.len - 1] != 'Z')
        return "time not in UTC (\"Z\")";
    if (body.len != digits + 1 || body.p[digits] != 'Z' || !is_digits(der_view(body.p, digits)))
        return "time in another form than YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ";
    char text[] = "1900-00-00T00:00:00Z";
    const char *p = (const char *)body.p;
    if (generalized)
        memcpy(text, p, 4);
    else {
        bool last_century = p[0] >= '5';
        text[0] = last_century ? '1' : '2';
        text[1] = last_century ? '9' : '0';
        text[2] = p[0];
        text[3] = p[1];
    }
    p += generalized ? 4 : 2;
    for (size_t i = 0; i < 5; i++)
        memcpy(text + 5 + 3 * i, p + 2 * i, 2);
    int64_t ms = 0;
    struct error *error = clock_parse(text, &ms);
    if (error != NULL) {
        error_free(error);
        return "time that no calendar has";
    }
    ret_time->seconds = ms / 1000;
    ret_time->generalized = generalized;
    return NULL;
}
