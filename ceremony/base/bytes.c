/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/base/bytes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
bytes_clear(struct bytes *bytes)
{
    free(bytes->data);
    *bytes = (struct bytes){0};
}

static struct error *
reserve(struct bytes *bytes, size_t more)
{
    if (more >= BYTES_MAX || bytes->len + more >= BYTES_MAX)
        return ERROR(ERROR_INPUT, "this is larger than the program takes (2 GiB)");
    size_t need = bytes->len + more + 1;
    if (bytes->data != NULL && need <= bytes->cap)
        return NULL;
    size_t cap = bytes->cap == 0 ? 64 : bytes->cap;
    while (cap < need)
        cap *= 2;
    unsigned char *data = realloc(bytes->data, cap);
    if (data == NULL)
        return error_memory();
    bytes->data = data;
    bytes->cap = cap;
    return NULL;
}

struct error *
bytes_append(struct bytes *bytes, const void *data, size_t len)
{
    TRY(reserve(bytes, len));
    if (len > 0)
        memcpy(bytes->data + bytes->len, data, len);
    bytes->len += len;
    bytes->data[bytes->len] = '\0';
    return NULL;
}

struct error *
bytes_append_text(struct bytes *bytes, const char *text)
{
    return bytes_append(bytes, text, strlen(text));
}

struct error *
bytes_append_char(struct bytes *bytes, char c)
{
    return bytes_append(bytes, &c, 1);
}

struct error *
bytes_format(struct bytes *bytes, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = NULL;
    int len = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (len < 0)
        return error_memory();
    struct error *error = bytes_append(bytes, text, (size_t)len);
    free(text);
    return error;
}

const char *
bytes_text(const struct bytes *bytes)
{
    return bytes->data == NULL ? "" : (const char *)bytes->data;
}

struct error *
bytes_take_text(struct bytes *bytes, char **ret_text)
{
    TRY(reserve(bytes, 0));
    bytes->data[bytes->len] = '\0';
    *ret_text = (char *)bytes->data;
    *bytes = (struct bytes){0};
    return NULL;
}

struct error *
bytes_copy(struct bytes *to, const void *data, size_t len)
{
    struct bytes copy = {0};
    TRY(bytes_append(&copy, data, len));
    bytes_clear(to);
    *to = copy;
    return NULL;
}
