/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/der_write.h"

#include <stdio.h>
#include <string.h>

#include "ceremony/base/clock.h"

#define YEAR_1950 INT64_C(-631152000)
#define YEAR_2050 INT64_C(2524608000)
#define YEAR_9999 INT64_C(253402300799)

size_t
der_make_header(unsigned char tag, size_t len, unsigned char header[DER_HEADER_MAX])
{
    size_t n = 0;
    header[n++] = tag;
    if (len < 0x80) {
        header[n++] = (unsigned char)len;
        return n;
    }
    unsigned octets = len > 0xffffff ? 4 : len > 0xffff ? 3 : len > 0xff ? 2 : 1;
    header[n++] = (unsigned char)(0x80 | octets);
    for (unsigned i = octets; i > 0; i--)
        header[n++] = (unsigned char)(len >> (8 * (i - 1)));
    return n;
}

struct error *
der_put(struct bytes *out, unsigned char tag, const void *data, size_t len)
{
    unsigned char header[DER_HEADER_MAX];
    TRY(bytes_append(out, header, der_make_header(tag, len, header)));
    return len == 0 ? NULL : bytes_append(out, data, len);
}

struct error *
der_put_text(struct bytes *out, unsigned char tag, const char *text)
{
    return der_put(out, tag, text, strlen(text));
}

struct error *
der_put_raw(struct bytes *out, struct der der)
{
    return bytes_append(out, der.p, der.len);
}

struct error *
der_close(struct bytes *out, size_t start, unsigned char tag)
{
    unsigned char header[DER_HEADER_MAX];
    size_t len = out->len - start;
    size_t header_len = der_make_header(tag, len, header);
    TRY(bytes_append(out, header, header_len)); /* makes room */
    memmove(out->data + start + header_len, out->data + start, len);
    memcpy(out->data + start, header, header_len);
    return NULL;
}

struct error *
der_put_unsigned(struct bytes *out, const unsigned char *data, size_t len)
{
    while (len > 1 && data[0] == 0) {
        data++;
        len--;
    }
    size_t start = out->len;
    if (len == 0 || (data[0] & 0x80) != 0)
        TRY(bytes_append(out, "", 1));
    if (len > 0)
        TRY(bytes_append(out, data, len));
    return der_close(out, start, DER_INTEGER);
}

struct error *
der_put_number(struct bytes *out, uint64_t value)
{
    unsigned char octets[8];
    for (size_t i = 0; i < 8; i++)
        octets[i] = (unsigned char)(value >> (56 - 8 * i));
    return der_put_unsigned(out, octets, sizeof octets);
}

struct error *
der_put_true(struct bytes *out)
{
    return der_put(out, DER_BOOLEAN, "\xff", 1);
}

struct error *
der_put_bits(struct bytes *out, const void *data, size_t len)
{
    size_t start = out->len;
    TRY(bytes_append(out, "", 1));
    TRY(bytes_append(out, data, len));
    return der_close(out, start, DER_BIT_STRING);
}

struct error *
der_put_named_bits(struct bytes *out, unsigned bits)
{
    unsigned char contents[5] = {0};
    unsigned last = 0;
    for (unsigned bit = 0; bit < 32; bit++)
        if ((bits >> bit & 1U) != 0) {
            contents[1 + bit / 8] |= (unsigned char)(0x80U >> (bit % 8));
            last = bit;
        }
    if (bits == 0)
        return der_put(out, DER_BIT_STRING, contents, 1);
    contents[0] = (unsigned char)(7 - last % 8);
    return der_put(out, DER_BIT_STRING, contents, 2 + last / 8);
}

static struct error *
put_time(struct bytes *out, int64_t seconds, unsigned char tag)
{
    char date[CLOCK_TEXT_SIZE];
    clock_format_seconds(seconds, date); /* "2026-11-23 14:32:07Z" */
    char digits[16];
    size_t n = 0;
    for (const char *p = date; *p != '\0' && n < sizeof digits - 1; p++)
        if ((*p >= '0' && *p <= '9') || *p == 'Z')
            digits[n++] = *p;
    digits[n] = '\0';
    return der_put_text(out, tag, tag == DER_UTC_TIME ? digits + 2 : digits);
}

struct error *
der_put_time(struct bytes *out, int64_t seconds)
{
    if (seconds < YEAR_1950 || seconds > YEAR_9999)
        return ERROR(ERROR_INPUT, "a date lies outside the years 1950 to 9999");
    return put_time(out, seconds, seconds < YEAR_2050 ? DER_UTC_TIME : DER_GENERALIZED_TIME);
}

struct error *
der_put_generalized_time(struct bytes *out, int64_t seconds)
{
    if (seconds < YEAR_1950 || seconds > YEAR_9999)
        return ERROR(ERROR_INPUT, "a date lies outside the years 1950 to 9999");
    return put_time(out, seconds, DER_GENERALIZED_TIME);
}
