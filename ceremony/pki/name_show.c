/* SPDX-License-Identifier: Apache-2.0
 *
 * Names for eyes. */
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/name.h"

#define SHOWN_MAX 64

/* A code point as UTF-8. */
static struct error *
append_code_point(struct bytes *out, uint32_t c)
{
    unsigned char utf8[4];
    size_t n = 0;
    if (c < 0x80)
        utf8[n++] = (unsigned char)c;
    else if (c < 0x800) {
        utf8[n++] = (unsigned char)(0xc0 | c >> 6);
        utf8[n++] = (unsigned char)(0x80 | (c & 0x3f));
    } else {
        utf8[n++] = (unsigned char)(0xe0 | (c >> 12 & 0x0f));
        utf8[n++] = (unsigned char)(0x80 | (c >> 6 & 0x3f));
        utf8[n++] = (unsigned char)(0x80 | (c & 0x3f));
    }
    return bytes_append(out, utf8, n);
}

/* Latin-1 and BMP become UTF-8 first. */
static struct error *
to_utf8(const struct der_item *value, struct bytes *out)
{
    struct der body = value->body;
    if (value->tag == DER_BMP_STRING) {
        for (size_t i = 0; i + 1 < body.len; i += 2)
            TRY(append_code_point(out, (uint32_t)body.p[i] << 8 | body.p[i + 1]));
        return NULL;
    }
    if (value->tag == DER_TELETEX_STRING) {
        for (size_t i = 0; i < body.len; i++)
            TRY(append_code_point(out, body.p[i]));
        return NULL;
    }
    return bytes_append(out, body.p, body.len);
}

static bool
is_string(unsigned char tag)
{
    return tag == DER_UTF8_STRING || tag == DER_PRINTABLE_STRING || tag == DER_IA5_STRING
           || tag == DER_NUMERIC_STRING || tag == DER_VISIBLE_STRING || tag == DER_BMP_STRING
           || tag == DER_TELETEX_STRING;
}

struct error *
name_append_value(struct bytes *out, const struct der_item *value)
{
    if (!is_string(value->tag)) {
        AUTO_FREE char *hex = NULL;
        TRY(hex_encode_new(value->whole.p, value->whole.len, &hex));
        return bytes_format(out, "#%s", hex);
    }
    AUTO_BYTES utf8 = {0};
    if (value->body.len > 0)
        TRY(to_utf8(value, &utf8));
    AUTO_FREE char *safe = NULL;
    TRY(text_safe(utf8.data, utf8.len, &safe));
    return bytes_append_text(out, safe);
}

/* A value with the separators of a shown name escaped, before it is made safe for a screen. */
static struct error *
append_escaped(struct bytes *out, const struct der_item *value)
{
    AUTO_BYTES text = {0};
    TRY(name_append_value(&text, value));
    for (size_t i = 0; i < text.len; i++) {
        if (is_string(value->tag) && strchr(",+\";<>", text.data[i]) != NULL)
            TRY(bytes_append_char(out, '\\'));
        TRY(bytes_append_char(out, (char)text.data[i]));
    }
    return NULL;
}

struct error *
name_append(struct bytes *out, struct der name)
{
    struct der_item outer;
    struct name_attribute parts[SHOWN_MAX];
    size_t count = 0;
    if (der_only(name, DER_SEQUENCE, &outer) != NULL)
        return bytes_append_text(out, "(a name that cannot be read)");
    struct name_iterator names = {.rdns = outer.body};
    bool more = true;
    const char *fault = NULL;
    while (count < SHOWN_MAX && more && fault == NULL) {
        fault = name_next(&names, &parts[count], &more);
        if (fault == NULL && more)
            count++;
    }
    if (fault != NULL)
        return bytes_format(out, "(a name that cannot be read: %s)", fault);
    if (count == 0)
        return bytes_append_text(out, "(empty)");
    if (names.rdns.len > 0 || names.set.len > 0)
        TRY(bytes_append_text(out, "(more parts than shown here), "));
    for (size_t i = count; i > 0; i--) {
        const struct name_attribute *part = &parts[i - 1];
        TRY(oid_append_name(out, part->oid));
        TRY(bytes_append_char(out, '='));
        TRY(append_escaped(out, &part->value));
        if (i > 1)
            TRY(bytes_append_text(out, parts[i - 2].rdn == part->rdn ? " + " : ", "));
    }
    return NULL;
}
