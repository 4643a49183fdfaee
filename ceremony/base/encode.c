/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/base/encode.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const char hex_digits[] = "0123456789abcdef";
static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void
hex_encode(const void *data, size_t len, char *ret_text)
{
    const unsigned char *p = data;
    for (size_t i = 0; i < len; i++) {
        ret_text[2 * i] = hex_digits[p[i] >> 4];
        ret_text[2 * i + 1] = hex_digits[p[i] & 15];
    }
    ret_text[2 * len] = '\0';
}

struct error *
hex_encode_new(const void *data, size_t len, char **ret_text)
{
    char *text = malloc(2 * len + 1);
    if (text == NULL)
        return error_memory();
    hex_encode(data, len, text);
    *ret_text = text;
    return NULL;
}

static int
hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

struct error *
hex_decode(const char *text, void *ret_data, size_t len)
{
    unsigned char *out = ret_data;
    if (strlen(text) != 2 * len)
        return ERROR(ERROR_INPUT, "%zu hexadecimal digits are wanted here, there are %zu",
                     2 * len, strlen(text));
    for (size_t i = 0; i < len; i++) {
        int high = hex_value(text[2 * i]);
        int low = hex_value(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return ERROR(ERROR_INPUT, "character %zu is not a hexadecimal digit",
                         2 * i + (high < 0 ? 1 : 2));
        out[i] = (unsigned char)(high * 16 + low);
    }
    return NULL;
}

struct error *
hex_decode_append(const char *text, struct bytes *bytes)
{
    size_t len = strlen(text);
    if (len % 2 != 0)
        return ERROR(ERROR_INPUT, "an even number of hexadecimal digits is wanted here");
    AUTO_BYTES out = {0};
    for (size_t i = 0; i < len; i += 2) {
        unsigned char value = 0;
        char pair[3] = {text[i], text[i + 1], '\0'};
        TRY(hex_decode(pair, &value, 1));
        TRY(bytes_append(&out, &value, 1));
    }
    return bytes_append(bytes, out.data, out.len);
}

struct error *
base64_encode_new(const void *data, size_t len, char **ret_text)
{
    const unsigned char *p = data;
    char *text = malloc((len + 2) / 3 * 4 + 1);
    if (text == NULL)
        return error_memory();
    size_t o = 0;
    for (size_t i = 0; i < len; i += 3) {
        uint32_t group = (uint32_t)p[i] << 16;
        if (i + 1 < len)
            group |= (uint32_t)p[i + 1] << 8;
        if (i + 2 < len)
            group |= p[i + 2];
        text[o++] = base64_digits[group >> 18];
        text[o++] = base64_digits[(group >> 12) & 63];
        text[o++] = base64_digits[(group >> 6) & 63];
        text[o++] = base64_digits[group & 63];
    }
    for (size_t pad = (3 - len % 3) % 3; pad > 0; pad--)
        text[o - pad] = '=';
    text[o] = '\0';
    *ret_text = text;
    return NULL;
}

static int
base64_value(char c)
{
    const char *at = c == '\0' ? NULL : strchr(base64_digits, c);
    return at == NULL ? -1 : (int)(at - base64_digits);
}

/* The 24 bits of the four characters at `at`, of which the last `pad` are padding. */
static struct error *
base64_group(const char *text, size_t at, size_t pad, uint32_t *ret_group)
{
    uint32_t group = 0;
    for (size_t i = at; i < at + 4; i++) {
        int value = i >= at + 4 - pad ? 0 : base64_value(text[i]);
        if (value < 0)
            return ERROR(ERROR_INPUT, "character %zu is not base64", i + 1);
        group = group * 64 + (uint32_t)value;
    }
    *ret_group = group;
    return NULL;
}

struct error *
base64_decode_append(const char *text, struct bytes *bytes)
{
    size_t len = strlen(text);
    if (len % 4 != 0)
        return ERROR(ERROR_INPUT, "base64 text comes in groups of four characters");
    AUTO_BYTES out = {0};
    for (size_t i = 0; i < len; i += 4) {
        size_t pad = 0;
        uint32_t group = 0;
        if (i + 4 == len && text[i + 3] == '=')
            pad = text[i + 2] == '=' ? 2 : 1;
        TRY(base64_group(text, i, pad, &group));
        if ((pad == 1 && (group & 0xFF) != 0) || (pad == 2 && (group & 0xFFFF) != 0))
            return ERROR(ERROR_INPUT, "the base64 text does not end canonically");
        unsigned char three[3] = {(unsigned char)(group >> 16), (unsigned char)(group >> 8),
                                  (unsigned char)group};
        TRY(bytes_append(&out, three, 3 - pad));
    }
    return bytes_append(bytes, out.data, out.len);
}
