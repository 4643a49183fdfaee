/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/field.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/pki/general_name.h"
#include "ceremony/pki/lint_general.h"
#include "ceremony/pki/pattern.h"

const char *const pki_field_forms[] = {"text", "printable", "hostname", "wildcard-hostname",
                                       "ip",   "email",     "uri",      "octets",
                                       "mac",  NULL};

const struct pki_field *
pki_field_find(const struct pki_profile *profile, const char *name)
{
    const struct pki_fields *fields = &profile->certificate.fields;
    for (size_t i = 0; i < fields->count; i++)
        if (strcmp(fields->items[i].name, name) == 0)
            return &fields->items[i];
    return NULL;
}

/* What a name may hold without misleading a reader; two names that differ in blanks alone would
 * compare equal. */
static const char *
check_text(const char *value)
{
    AUTO_FREE char *safe = NULL;
    size_t len = strlen(value);
    if (!text_is_utf8(value, len))
        return "is not UTF-8";
    struct error *error = text_safe(value, len, &safe);
    if (error != NULL) {
        error_free(error);
        return "could not be looked at";
    }
    if (strcmp(safe, value) != 0)
        return "has a control, bidirectional or invisible character";
    if (value[0] == ' ' || (len > 0 && value[len - 1] == ' ') || strstr(value, "  ") != NULL)
        return "has a blank at an end, or two in a row";
    return NULL;
}

static const char *
check_printable(const char *value)
{
    const char *fault = check_text(value);
    if (fault == NULL
        && der_check_string(DER_PRINTABLE_STRING, der_view(value, strlen(value))) != NULL)
        return "has a character that a PrintableString does not have";
    return fault;
}

static const char *
check_general(unsigned char tag, const char *value)
{
    struct der_item item = {.tag = tag, .body = der_view(value, strlen(value))};
    return lint_check_general_name(&item, false);
}

/* A label of letters, digits and hyphens (RFC 1123 2.1), as long as it may be; its length, or 0. */
static size_t
label_length(const char *text)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    size_t len = strspn(text, letters);
    return len > 63 || text[0] == '-' || (len > 0 && text[len - 1] == '-') ? 0 : len;
}

/* A domain name in the form of DNS; the last label is no number, which would be an address. */
static const char *
check_hostname(const char *value)
{
    static const char fault[] = "is not a domain name";
    if (strlen(value) > 253)
        return fault;
    for (;;) {
        size_t len = label_length(value);
        if (len == 0)
            return fault;
        if (value[len] == '\0')
            return strspn(value, "0123456789") == len ? fault : NULL;
        if (value[len] != '.')
            return fault;
        value += len + 1;
    }
}

static const char *
check_wildcard(const char *value)
{
    return check_hostname(text_starts_with(value, "*.") ? value + 2 : value);
}

static const char *
check_ip(const char *value)
{
    unsigned char address[16];
    int family = strchr(value, ':') != NULL ? AF_INET6 : AF_INET;
    return inet_pton(family, value, address) == 1 ? NULL : "is not an IP address";
}

static const char *
check_email(const char *value)
{
    return check_general(DER_CONTEXT(1), value) == NULL ? NULL : "is not an e-mail address";
}

static const char *
check_uri(const char *value)
{
    return check_general(DER_CONTEXT(6), value) == NULL ? NULL : "is not an absolute address";
}

static const char *
check_octets(const char *value)
{
    return general_name_octets(value) > 0 ? NULL : "is not octets in hexadecimal";
}

static const char *
check_mac(const char *value)
{
    size_t octets = general_name_octets(value);
    return octets == 6 || octets == 8 ? NULL : "is not six or eight octets in hexadecimal";
}

static const char *(*const form_checks[PKI_FORMS])(const char *value) = {
    [PKI_FORM_TEXT] = check_text,
    [PKI_FORM_PRINTABLE] = check_printable,
    [PKI_FORM_HOSTNAME] = check_hostname,
    [PKI_FORM_WILDCARD] = check_wildcard,
    [PKI_FORM_IP] = check_ip,
    [PKI_FORM_EMAIL] = check_email,
    [PKI_FORM_URI] = check_uri,
    [PKI_FORM_OCTETS] = check_octets,
    [PKI_FORM_MAC] = check_mac,
};

static size_t
count_characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; text++)
        count += (*text & 0xc0) != 0x80 ? 1 : 0;
    return count;
}

struct error *
pki_field_check(const struct pki_field *field, const char *value)
{
    bool octets = field->form == PKI_FORM_OCTETS;
    const char *fault = form_checks[field->form](value);
    if (fault != NULL)
        return ERROR(ERROR_INPUT, "the field '%s' %s", field->name, fault);
    size_t length = octets ? general_name_octets(value) : count_characters(value);
    if (length < field->min || length > field->max)
        return ERROR(ERROR_INPUT, "the field '%s' has %zu %s; %u to %u are allowed",
                     field->name, length, octets ? "octets" : "characters", field->min,
                     field->max);
    if (field->pattern[0] != '\0' && !pattern_matches(field->pattern, value))
        return ERROR(ERROR_INPUT, "the field '%s' does not look like '%s'", field->name,
                     field->pattern);
    return NULL;
}

#define FORM(name)       (1U << PKI_FORM_##name)
#define FORM_BITS(field) (1U << (field)->form)
#define BINARY_FORMS     (FORM(IP) | FORM(OCTETS) | FORM(MAC))

struct error *
pki_field_check_rule(const struct pki_field *field)
{
    const char *fault = field->pattern[0] == '\0' ? NULL : pattern_check(field->pattern);
    if (fault != NULL)
        return ERROR(ERROR_INPUT, "the pattern of the field '%s' cannot be used: %s",
                     field->name, fault);
    if (fault == NULL && field->pattern[0] != '\0' && (FORM_BITS(field) & BINARY_FORMS) != 0)
        return ERROR(ERROR_INPUT,
                     "the field '%s' is octets, which have no one way of writing: no pattern "
                     "can be set",
                     field->name);
    if (field->min > field->max)
        return ERROR(ERROR_INPUT, "the field '%s' allows no length: %u to %u", field->name,
                     field->min, field->max);
    TRY_DOING(pki_field_check(field, field->sample), "trying the sample of a field");
    return NULL;
}

static bool
is_allowed(const struct pki_field *field, unsigned forms)
{
    return (forms & FORM_BITS(field)) != 0;
}

bool
pki_field_fits_attribute(const struct pki_field *field, const char *type)
{
    static const struct {
        const char *type;
        unsigned forms;
    } rows[] = {
        {"C",            FORM(PRINTABLE)                           },
        {"serialNumber", FORM(PRINTABLE) | FORM(MAC) | FORM(OCTETS)},
        {"dnQualifier",  FORM(PRINTABLE)                           },
        {"emailAddress", FORM(EMAIL)                               },
        {"DC",           FORM(PRINTABLE)                           },
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].type, type) == 0)
            return is_allowed(field, rows[i].forms);
    return true;
}

bool
pki_field_fits_name(const struct pki_field *field, const struct pki_general_name *name)
{
    static const struct {
        const char *type;
        unsigned forms;
    } rows[] = {
        {"dns",             FORM(HOSTNAME) | FORM(WILDCARD)},
        {"ip",              FORM(IP)                       },
        {"email",           FORM(EMAIL)                    },
        {"uri",             FORM(URI)                      },
        {"mac-address",     FORM(MAC)                      },
        {"hardware-module", FORM(OCTETS) | FORM(MAC)       },
    };

    if (name->serial_is_text)
        return is_allowed(field, FORM(TEXT) | FORM(PRINTABLE));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(rows[i].type, name->type) == 0)
            return is_allowed(field, rows[i].forms);
    return text_starts_with(name->type, "other:")
           && is_allowed(field, FORM(TEXT) | FORM(PRINTABLE));
}
