/* SPDX-License-Identifier: Apache-2.0
 *
 * GeneralName read: in words for people, and as the value that a profile would write. */
#include <arpa/inet.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/general_name.h"
#include "ceremony/pki/name.h"

/* The length of a prefix whose mask this is; -1 if its ones are not together. */
static int
prefix_of(struct der mask)
{
    int bits = 0;
    bool ended = false;
    for (size_t i = 0; i < mask.len * 8; i++) {
        bool one = (mask.p[i / 8] & (0x80U >> (i % 8))) != 0;
        if (one && ended)
            return -1;
        ended = ended || !one;
        bits += one ? 1 : 0;
    }
    return bits;
}

static struct error *
append_ip(struct bytes *out, struct der body, bool constraint)
{
    size_t len = constraint ? body.len / 2 : body.len;
    char text[INET6_ADDRSTRLEN];
    if ((len != 4 && len != 16) || (constraint && body.len != 2 * len))
        return bytes_append_text(out, "(address of a wrong length)");
    int family = len == 4 ? AF_INET : AF_INET6;
    TRY(bytes_append_text(out, inet_ntop(family, body.p, text, sizeof text)));
    if (!constraint)
        return NULL;
    int prefix = prefix_of(der_view(body.p + len, len));
    if (prefix == 0)
        return bytes_format(out, "/0 (every IPv%d address)", len == 4 ? 4 : 6);
    if (prefix >= 0)
        return bytes_format(out, "/%d", prefix);
    return bytes_format(out, "/%s", inet_ntop(family, body.p + len, text, sizeof text));
}

static struct error *
append_hex(struct bytes *out, struct der data)
{
    AUTO_FREE char *hex = NULL;
    TRY(hex_encode_new(data.p, data.len, &hex));
    return bytes_append_text(out, hex);
}

struct other_name {
    struct der_item oid;
    struct der_item value;
};

static const char *
split_other(struct der body, struct other_name *ret)
{
    struct der_item wrapper;
    DER_TRY(der_expect(&body, DER_OID, &ret->oid));
    DER_TRY(der_only(body, DER_CONTEXT_C(0), &wrapper));
    DER_TRY(der_next(&wrapper.body, &ret->value));
    return der_end(wrapper.body);
}

static const char *
split_hardware(const struct other_name *other, struct der_item *ret_type,
               struct der_item *ret_serial)
{
    struct der parts = other->value.body;
    if (!oid_is(other->oid.body, OID_HARDWARE_MODULE_NAME) || other->value.tag != DER_SEQUENCE)
        return "no hardware module name";
    DER_TRY(der_expect(&parts, DER_OID, ret_type));
    return der_only(parts, DER_OCTET_STRING, ret_serial);
}

static bool
is_mac_address(const struct other_name *other)
{
    return oid_is(other->oid.body, OID_MAC_ADDRESS) && other->value.tag == DER_OCTET_STRING
           && (other->value.body.len == 6 || other->value.body.len == 8);
}

/* "00:00:5e:00:53:01" */
static struct error *
append_mac(struct bytes *out, struct der octets)
{
    for (size_t i = 0; i < octets.len; i++)
        TRY(bytes_format(out, "%s%02x", i == 0 ? "" : ":", octets.p[i]));
    return NULL;
}

/* A serial number in hexadecimal, and as text beside it where it is one. */
static struct error *
append_serial(struct bytes *out, struct der serial)
{
    TRY(append_hex(out, serial));
    for (size_t i = 0; i < serial.len; i++)
        if (serial.p[i] <= 0x20 || serial.p[i] >= 0x7f)
            return NULL;
    if (serial.len == 0)
        return NULL;
    return bytes_format(out, " (\"%.*s\")", (int)serial.len, (const char *)serial.p);
}

static struct error *
append_other(struct bytes *out, struct der body)
{
    struct other_name other;
    struct der_item type;
    struct der_item serial;
    if (split_other(body, &other) != NULL)
        return bytes_append_text(out, "(cannot be read)");
    TRY(oid_append_name(out, other.oid.body));
    TRY(bytes_append_char(out, ' '));
    if (split_hardware(&other, &type, &serial) == NULL) {
        TRY(bytes_append_text(out, "type "));
        TRY(oid_append_dotted(out, type.body));
        TRY(bytes_append_text(out, " serial "));
        return append_serial(out, serial.body);
    }
    if (is_mac_address(&other))
        return append_mac(out, other.value.body);
    return name_append_value(out, &other.value);
}

static struct error *
append_ia5(struct bytes *out, struct der body, bool constraint)
{
    AUTO_FREE char *safe = NULL;
    if (constraint && body.len == 0)
        return bytes_append_text(out, "(every one)");
    TRY(text_safe(body.p, body.len, &safe));
    /* A comma would seem to begin another name. */
    for (const char *p = safe; *p != '\0'; p++) {
        TRY(bytes_append_text(out, *p == ',' ? "\\" : ""));
        TRY(bytes_append_char(out, *p));
    }
    return NULL;
}

static const struct {
    unsigned char tag;
    const char *shown;
} rows[] = {
    {DER_CONTEXT_C(0), "other"},
    {DER_CONTEXT(1),   "email"},
    {DER_CONTEXT(2),   "dns"  },
    {DER_CONTEXT_C(4), "dir"  },
    {DER_CONTEXT(6),   "uri"  },
    {DER_CONTEXT(7),   "ip"   },
};

struct error *
general_name_append(struct bytes *out, const struct der_item *item, bool constraint)
{
    const char *shown = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].tag == item->tag)
            shown = rows[i].shown;
    if (shown == NULL) {
        TRY(bytes_format(out, "[%u]:", item->tag & 0x1fU));
        return append_hex(out, item->body);
    }
    TRY(bytes_format(out, "%s:", shown));
    if (item->tag == DER_CONTEXT(7))
        return append_ip(out, item->body, constraint);
    if (item->tag == DER_CONTEXT_C(4))
        return name_append(out, item->body);
    if (item->tag == DER_CONTEXT_C(0))
        return append_other(out, item->body);
    return append_ia5(out, item->body, constraint);
}

/* The opposite of put functions: each appends the value, or nothing for another kind of name. */
static struct error *
read_text(struct bytes *out, struct der body)
{
    return memchr(body.p, '\0', body.len) != NULL ? NULL : bytes_append(out, body.p, body.len);
}

static struct error *
read_ip(struct bytes *out, struct der body)
{
    return body.len == 4 || body.len == 16 ? append_ip(out, body, false) : NULL;
}

static struct error *
read_other(struct bytes *out, struct der body, const struct pki_general_name *like)
{
    struct other_name other;
    struct der_item type;
    struct der_item serial;
    if (split_other(body, &other) != NULL)
        return NULL;
    if (strcmp(like->type, "mac-address") == 0)
        return is_mac_address(&other) ? append_hex(out, other.value.body) : NULL;
    if (strcmp(like->type, "hardware-module") == 0) {
        if (split_hardware(&other, &type, &serial) != NULL)
            return NULL;
        return like->serial_is_text ? read_text(out, serial.body)
                                    : append_hex(out, serial.body);
    }
    AUTO_BYTES dotted = {0};
    TRY(oid_append_dotted(&dotted, other.oid.body));
    if (!text_starts_with(like->type, "other:") || other.value.tag != DER_UTF8_STRING
        || strcmp(bytes_text(&dotted), like->type + strlen("other:")) != 0)
        return NULL;
    return read_text(out, other.value.body);
}

struct error *
general_name_value(const struct der_item *item, const struct pki_general_name *like,
                   char **ret_value)
{
    static const struct {
        const char *type;
        unsigned char tag;
        struct error *(*read)(struct bytes *out, struct der body);
    } readers[] = {
        {"email", DER_CONTEXT(1), read_text},
        {"dns",   DER_CONTEXT(2), read_text},
        {"uri",   DER_CONTEXT(6), read_text},
        {"ip",    DER_CONTEXT(7), read_ip  },
    };

    AUTO_BYTES text = {0};
    if (item->tag == DER_CONTEXT_C(0))
        TRY(read_other(&text, item->body, like));
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++)
        if (readers[i].tag == item->tag && strcmp(readers[i].type, like->type) == 0)
            TRY(readers[i].read(&text, item->body));
    *ret_value = NULL;
    return text.len == 0 ? NULL : bytes_take_text(&text, ret_value);
}
