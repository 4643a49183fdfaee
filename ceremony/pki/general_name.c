/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/general_name.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/der_write.h"
#include "ceremony/pki/name.h"

enum form {
    FORM_IA5,
    FORM_IP,
    FORM_NAME,
    FORM_OTHER
};

struct general_name_row {
    const char *type;
    const char *shown;
    unsigned char tag;
    enum form form;
};

static const struct general_name_row rows[] = {
    {"other",    "other", DER_CONTEXT_C(0), FORM_OTHER},
    {"email",    "email", DER_CONTEXT(1),   FORM_IA5  },
    {"dns",      "dns",   DER_CONTEXT(2),   FORM_IA5  },
    {"dir-name", "dir",   DER_CONTEXT_C(4), FORM_NAME },
    {"uri",      "uri",   DER_CONTEXT(6),   FORM_IA5  },
    {"ip",       "ip",    DER_CONTEXT(7),   FORM_IP   },
};

static struct error *
put_ia5(struct bytes *out, unsigned char tag, const char *value)
{
    if (value[0] == '\0' && tag != DER_CONTEXT(2))
        return ERROR(ERROR_INPUT, "an alternative name is empty");
    for (const char *p = value; *p != '\0'; p++)
        if (*p <= 0x20 || *p >= 0x7f)
            return ERROR(ERROR_INPUT, "\"%s\" has a character that such a name cannot have",
                         value);
    return der_put_text(out, tag, value);
}

/* "10.0.0.0/8": the mask as octets after the address. */
static struct error *
make_mask(const char *slash, size_t address_len, unsigned char *mask)
{
    char *end = NULL;
    long bits = slash == NULL ? -1 : strtol(slash + 1, &end, 10);
    if (slash == NULL || end == slash + 1 || *end != '\0' || bits < 0
        || bits > (long)(address_len * 8))
        return ERROR(ERROR_INPUT, "an address constraint needs a prefix length such as /8");
    for (size_t i = 0; i < address_len; i++) {
        long here = bits - (long)(8 * i);
        mask[i] = here >= 8 ? 0xff : here <= 0 ? 0 : (unsigned char)(0xff << (8 - here));
    }
    return NULL;
}

static struct error *
put_ip(struct bytes *out, const char *value, bool constraint)
{
    unsigned char octets[32];
    AUTO_FREE char *address = NULL;
    TRY(text_copy(value, &address));
    char *slash = strchr(address, '/');
    if (slash != NULL)
        *slash = '\0';
    size_t len = strchr(address, ':') != NULL ? 16 : 4;
    if (inet_pton(len == 16 ? AF_INET6 : AF_INET, address, octets) != 1
        || (slash != NULL && !constraint))
        return ERROR(ERROR_INPUT, "\"%s\" is not an IP address", value);
    if (constraint) {
        TRY(make_mask(slash, len, octets + len));
        for (size_t i = 0; i < len; i++)
            if ((octets[i] & ~octets[len + i]) != 0)
                return ERROR(ERROR_INPUT, "\"%s\" has bits set behind its prefix", value);
        len *= 2;
    }
    return der_put(out, DER_CONTEXT(7), octets, len);
}

/* HardwareModuleName ::= SEQUENCE { hwType OID, hwSerialNum OCTET STRING } (RFC 4108 5) */
static struct error *
put_hardware_module(struct bytes *out, const char *value)
{
    AUTO_FREE char *type = NULL;
    TRY(text_copy(value, &type));
    char *slash = strchr(type, '/');
    if (slash == NULL)
        return ERROR(ERROR_INPUT, "a hardware module name is written as OID/HEX");
    *slash = '\0';
    AUTO_BYTES serial = {0};
    TRY(hex_decode_append(slash + 1, &serial));
    size_t start = out->len;
    TRY(oid_put_text(out, type));
    TRY(der_put(out, DER_OCTET_STRING, serial.data, serial.len));
    return der_close(out, start, DER_SEQUENCE);
}

static struct error *
put_other(struct bytes *out, const char *oid, const char *value)
{
    size_t start = out->len;
    TRY(oid_put_text(out, oid));
    size_t inner = out->len;
    if (strcmp(oid, oid_row(OID_HARDWARE_MODULE_NAME)->dotted) == 0
        || strcmp(oid, oid_row(OID_HARDWARE_MODULE_NAME)->name) == 0)
        TRY(put_hardware_module(out, value));
    else if (text_is_utf8(value, strlen(value)))
        TRY(der_put_text(out, DER_UTF8_STRING, value));
    else
        return ERROR(ERROR_INPUT, "an alternative name is not valid UTF-8");
    TRY(der_close(out, inner, DER_CONTEXT_C(0)));
    return der_close(out, start, DER_CONTEXT_C(0));
}

struct error *
general_name_put(struct bytes *out, const struct pki_general_name *name, bool constraint)
{
    if (text_starts_with(name->type, "other:"))
        return put_other(out, name->type + strlen("other:"), name->value);
    size_t start = out->len;
    if (strcmp(name->type, "dir-name") == 0) {
        TRY(name_put_text(out, name->value));
        return der_close(out, start, DER_CONTEXT_C(4)); /* explicit: a CHOICE within */
    }
    if (strcmp(name->type, "ip") == 0)
        return put_ip(out, name->value, constraint);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].form == FORM_IA5 && strcmp(rows[i].type, name->type) == 0)
            return put_ia5(out, rows[i].tag, name->value);
    return ERROR(ERROR_INPUT, "the kind of alternative name \"%s\" is not known", name->type);
}

struct error *
general_name_put_uri(struct bytes *out, const char *uri)
{
    if (strstr(uri, "://") == NULL)
        return ERROR(ERROR_INPUT, "\"%s\" is not an absolute address such as http://...", uri);
    return put_ia5(out, DER_CONTEXT(6), uri);
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
    return bytes_format(out, "/%s", inet_ntop(family, body.p + len, text, sizeof text));
}

static struct error *
append_hex(struct bytes *out, struct der data)
{
    AUTO_FREE char *hex = NULL;
    TRY(hex_encode_new(data.p, data.len, &hex));
    return bytes_append_text(out, hex);
}

static struct error *
append_other(struct bytes *out, struct der body)
{
    struct der_item oid;
    struct der_item wrapper;
    struct der_item value;
    if (der_expect(&body, DER_OID, &oid) != NULL
        || der_only(body, DER_CONTEXT_C(0), &wrapper) != NULL
        || der_next(&wrapper.body, &value) != NULL)
        return bytes_append_text(out, "(cannot be read)");
    TRY(oid_append_name(out, oid.body));
    struct der_item type;
    struct der_item serial;
    struct der parts = value.body;
    if (oid_is(oid.body, OID_HARDWARE_MODULE_NAME) && value.tag == DER_SEQUENCE
        && der_expect(&parts, DER_OID, &type) == NULL
        && der_only(parts, DER_OCTET_STRING, &serial) == NULL) {
        TRY(bytes_append_text(out, " type "));
        TRY(oid_append_dotted(out, type.body));
        TRY(bytes_append_text(out, " serial "));
        return append_hex(out, serial.body);
    }
    TRY(bytes_append_char(out, ' '));
    return name_append_value(out, &value);
}

struct error *
general_name_append(struct bytes *out, const struct der_item *item, bool constraint)
{
    const struct general_name_row *row = NULL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].tag == item->tag)
            row = &rows[i];
    if (row == NULL) {
        TRY(bytes_format(out, "[%u]:", item->tag & 0x1fU));
        return append_hex(out, item->body);
    }
    TRY(bytes_format(out, "%s:", row->shown));
    switch (row->form) {
    case FORM_IP:
        return append_ip(out, item->body, constraint);
    case FORM_NAME:
        return name_append(out, item->body);
    case FORM_OTHER:
        return append_other(out, item->body);
    case FORM_IA5:
        break;
    }
    AUTO_FREE char *safe = NULL;
    TRY(text_safe(item->body.p, item->body.len, &safe));
    return bytes_append_text(out, safe);
}
