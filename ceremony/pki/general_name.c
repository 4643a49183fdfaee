/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/general_name.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/pki/der_write.h"
#include "ceremony/pki/name.h"

static const struct {
    const char *type;
    unsigned char tag;
} ia5_rows[] = {
    {"email", DER_CONTEXT(1)},
    {"dns",   DER_CONTEXT(2)},
    {"uri",   DER_CONTEXT(6)},
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

/* Takes the next octet of "0a0b", "0a:0b" or "0A-0B"; the separator, if any, is the first one's. */
static bool
is_octet(const char **text, char *separator, unsigned char *ret_octet)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    const char *p = *text;
    if (p[0] == '\0' || p[1] == '\0' || strchr(digits, p[0]) == NULL
        || strchr(digits, p[1]) == NULL)
        return false;
    char pair[3] = {p[0], p[1], '\0'};
    *ret_octet = (unsigned char)strtoul(pair, NULL, 16);
    p += 2;
    if (*separator == '?')
        *separator = (char)(*p == ':' || *p == '-' ? *p : '\0');
    if (*separator != '\0' && *p != '\0') {
        if (*p != *separator || p[1] == '\0')
            return false;
        p++;
    }
    *text = p;
    return true;
}

size_t
general_name_octets(const char *text)
{
    char separator = '?';
    unsigned char octet = 0;
    size_t count = 0;
    for (; *text != '\0'; count++)
        if (!is_octet(&text, &separator, &octet))
            return 0;
    return count;
}

static struct error *
put_octets(struct bytes *out, const char *text)
{
    char separator = '?';
    unsigned char octet = 0;
    size_t start = out->len;
    if (general_name_octets(text) == 0)
        return ERROR(ERROR_INPUT, "an alternative name is not octets in hexadecimal");
    while (*text != '\0' && is_octet(&text, &separator, &octet))
        TRY(bytes_append(out, &octet, 1));
    return der_close(out, start, DER_OCTET_STRING);
}

/* OtherName ::= SEQUENCE { type-id, value [0] EXPLICIT }, implicitly tagged [0]; `out` holds the
 * value since `start`. */
static struct error *
close_other(struct bytes *out, size_t start, const char *oid)
{
    AUTO_BYTES value = {0};
    TRY(der_close(out, start, DER_CONTEXT_C(0)));
    TRY(bytes_copy(&value, out->data + start, out->len - start));
    out->len = start;
    TRY(oid_put_text(out, oid));
    TRY(bytes_append(out, value.data, value.len));
    return der_close(out, start, DER_CONTEXT_C(0));
}

/* HardwareModuleName ::= SEQUENCE { hwType OID, hwSerialNum OCTET STRING } (RFC 4108 5) */
static struct error *
put_hardware_module(struct bytes *out, const char *type, const char *serial, bool text)
{
    size_t start = out->len;
    TRY(oid_put_text(out, type));
    if (text && (serial[0] == '\0' || !text_is_utf8(serial, strlen(serial))))
        return ERROR(ERROR_INPUT, "the serial number of a hardware module is empty or no text");
    if (text)
        TRY(der_put_text(out, DER_OCTET_STRING, serial));
    else
        TRY(put_octets(out, serial));
    return der_close(out, start, DER_SEQUENCE);
}

/* "OID/HEX" */
static struct error *
put_hardware_text(struct bytes *out, const char *value)
{
    AUTO_FREE char *type = NULL;
    TRY(text_copy(value, &type));
    char *slash = strchr(type, '/');
    if (slash == NULL)
        return ERROR(ERROR_INPUT, "a hardware module name is written as OID/HEX");
    *slash = '\0';
    return put_hardware_module(out, type, slash + 1, false);
}

static struct error *
put_hardware(struct bytes *out, const struct pki_general_name *name)
{
    size_t start = out->len;
    TRY(put_hardware_module(out, name->hardware_type == NULL ? "" : name->hardware_type,
                            name->value, name->serial_is_text));
    return close_other(out, start, oid_row(OID_HARDWARE_MODULE_NAME)->dotted);
}

/* MACAddress ::= OCTET STRING (SIZE (6 | 8)) (RFC 10031) */
static struct error *
put_mac_address(struct bytes *out, const struct pki_general_name *name)
{
    size_t start = out->len;
    size_t octets = general_name_octets(name->value);
    if (octets != 6 && octets != 8)
        return ERROR(ERROR_INPUT, "a MAC address has six or eight octets");
    TRY(put_octets(out, name->value));
    return close_other(out, start, oid_row(OID_MAC_ADDRESS)->dotted);
}

static struct error *
put_other(struct bytes *out, const struct pki_general_name *name)
{
    const char *oid = name->type + strlen("other:");
    size_t start = out->len;
    if (strcmp(oid, oid_row(OID_HARDWARE_MODULE_NAME)->dotted) == 0
        || strcmp(oid, oid_row(OID_HARDWARE_MODULE_NAME)->name) == 0)
        TRY(put_hardware_text(out, name->value));
    else if (text_is_utf8(name->value, strlen(name->value)))
        TRY(der_put_text(out, DER_UTF8_STRING, name->value));
    else
        return ERROR(ERROR_INPUT, "an alternative name is not valid UTF-8");
    return close_other(out, start, oid);
}

static struct error *
put_directory(struct bytes *out, const struct pki_general_name *name)
{
    size_t start = out->len;
    TRY(name_put_text(out, name->value, false));
    return der_close(out, start, DER_CONTEXT_C(4)); /* explicit: a CHOICE within */
}

struct error *
general_name_put(struct bytes *out, const struct pki_general_name *name, bool constraint)
{
    static const struct {
        const char *type;
        struct error *(*put)(struct bytes *out, const struct pki_general_name *name);
    } own[] = {
        {"dir-name",        put_directory  },
        {"hardware-module", put_hardware   },
        {"mac-address",     put_mac_address}
    };

    if (name->value == NULL)
        return ERROR(ERROR_INPUT, "an alternative name of the kind \"%s\" has no value yet",
                     name->type);
    if (text_starts_with(name->type, "other:"))
        return put_other(out, name);
    if (strcmp(name->type, "ip") == 0)
        return put_ip(out, name->value, constraint);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (strcmp(own[i].type, name->type) == 0)
            return own[i].put(out, name);
    for (size_t i = 0; i < sizeof ia5_rows / sizeof ia5_rows[0]; i++)
        if (strcmp(ia5_rows[i].type, name->type) == 0)
            return put_ia5(out, ia5_rows[i].tag, name->value);
    return ERROR(ERROR_INPUT, "the kind of alternative name \"%s\" is not known", name->type);
}

struct error *
general_name_put_uri(struct bytes *out, const char *uri)
{
    if (strstr(uri, "://") == NULL)
        return ERROR(ERROR_INPUT, "\"%s\" is not an absolute address such as http://...", uri);
    return put_ia5(out, DER_CONTEXT(6), uri);
}
