/* SPDX-License-Identifier: Apache-2.0
 *
 * What a request asks for (R68). Three things may be asked: alternative names of the types that the
 * profile takes; what the certificate will say anyway (no CA, usages within the profile's), which is
 * not copied; and a subject key identifier, which is computed anew. All else refuses the request, so
 * that nobody believes it was granted. */
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/pki/request_private.h"

#define NAMES_MAX 100

static bool
is_host_character(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
           || c == '-';
}

/* Labels of letters, digits and inner hyphens, two at least; RFC 5280 4.2.1.6, RFC 1034 3.5. */
static const char *
check_host(struct der host)
{
    size_t label = 0;
    size_t labels = 1;
    if (host.len == 0 || host.len > 253)
        return "a host name is empty or too long";
    for (size_t i = 0; i < host.len; i++) {
        unsigned char c = host.p[i];
        bool last = i + 1 == host.len || host.p[i + 1] == '.';
        if (c == '.') {
            if (label == 0 || i + 1 == host.len)
                return "a host name has an empty label";
            label = 0;
            labels++;
        } else if (!is_host_character(c) || (c == '-' && (label == 0 || last)) || ++label > 63)
            return "a host name has a character or a label that host names do not have";
    }
    return labels < 2 ? "a host name has one label only" : NULL;
}

static bool
is_printable(struct der text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.p[i] <= 0x20 || text.p[i] >= 0x7F)
            return false;
    return text.len > 0 && text.len <= 1024;
}

static const char *
check_email(struct der text)
{
    const unsigned char *at = is_printable(text) ? memchr(text.p, '@', text.len) : NULL;
    if (at == NULL || at == text.p || text.p[0] == '.')
        return "an e-mail address is malformed";
    size_t local = (size_t)(at - text.p);
    for (size_t i = 0; i < local; i++)
        if (strchr("\"(),:;<>[\\]", text.p[i]) != NULL)
            return "an e-mail address is malformed";
    return check_host(der_view(at + 1, text.len - local - 1));
}

/* A scheme, and something after it. */
static const char *
check_uri(struct der text)
{
    size_t i = 0;
    if (!is_printable(text))
        return "an address is malformed";
    while (i < text.len && is_host_character(text.p[i]))
        i++;
    bool letter = (text.p[0] | 0x20) >= 'a' && (text.p[0] | 0x20) <= 'z';
    if (!letter || i + 1 >= text.len || text.p[i] != ':')
        return "an address has no scheme";
    return NULL;
}

static const char *
check_ip(struct der octets)
{
    return octets.len == 4 || octets.len == 16 ? NULL : "an IP address has a wrong length";
}

static const struct name_kind {
    unsigned char tag;
    const char *type;
    const char *(*check)(struct der value);
} name_kinds[] = {
    {DER_CONTEXT(1), "email", check_email},
    {DER_CONTEXT(2), "dns",   check_host },
    {DER_CONTEXT(6), "uri",   check_uri  },
    {DER_CONTEXT(7), "ip",    check_ip   },
};

static const struct name_kind *
find_kind(unsigned char tag)
{
    for (size_t i = 0; i < sizeof name_kinds / sizeof name_kinds[0]; i++)
        if (name_kinds[i].tag == tag)
            return &name_kinds[i];
    return NULL;
}

/* "*.example.com": one label, and at least two after it. */
static bool
is_wildcard(const struct name_kind *kind, struct der value)
{
    return strcmp(kind->type, "dns") == 0 && memchr(value.p, '*', value.len) != NULL;
}

static void
check_wildcard(struct request_run *run, struct der value)
{
    bool leading = value.len > 2 && value.p[0] == '*' && value.p[1] == '.';
    if (!run->rules->wildcards)
        request_find(run, REQUEST_ALT_NAME_WILDCARD, "%s", "");
    else if (!leading || check_host(der_view(value.p + 2, value.len - 2)) != NULL)
        request_find(run, REQUEST_ALT_NAME_WILDCARD,
                     "the wildcard is not one label before two others");
}

static void
check_name(struct request_run *run, const struct der_item *name)
{
    const struct name_kind *kind = find_kind(name->tag);
    if (kind == NULL) {
        request_find(run, REQUEST_ALT_NAME_NOT_ALLOWED, "its tag is [%u]", name->tag & 0x1fU);
        return;
    }
    if (!request_texts_have(run->rules->alt_names, kind->type))
        request_find(run, REQUEST_ALT_NAME_NOT_ALLOWED, "%s", kind->type);
    if (name->body.len > 0 && is_wildcard(kind, name->body))
        check_wildcard(run, name->body);
    else
        request_fault(run, REQUEST_ALT_NAME, kind->check(name->body));
}

static const char *
check_names(struct request_run *run, struct der value)
{
    struct der_item list;
    struct der_item name;
    size_t count = 0;
    DER_TRY(der_only(value, DER_SEQUENCE, &list));
    if (list.body.len == 0)
        return "no alternative name in the list";
    while (list.body.len > 0) {
        DER_TRY(der_next(&list.body, &name));
        if (++count > NAMES_MAX)
            return "more than 100 alternative names";
        check_name(run, &name);
    }
    return NULL;
}

static const char *
check_basic_constraints(struct request_run *run, struct der value)
{
    struct der_item outer;
    struct der_item item;
    DER_TRY(der_only(value, DER_SEQUENCE, &outer));
    if (der_is_next(outer.body, DER_BOOLEAN)) {
        DER_TRY(der_next(&outer.body, &item));
        if (item.body.p[0] == 0)
            return "\"cA\" is encoded as false";
        request_find(run, REQUEST_CA_ASKED, "%s", "");
    }
    return run->judgement->refused ? NULL : der_end(outer.body);
}

static const char *
check_key_usage(struct request_run *run, struct der value)
{
    struct der_item bits;
    DER_TRY(der_only(value, DER_BIT_STRING, &bits));
    unsigned asked = 0;
    for (unsigned bit = 0; bit < 16 && bit / 8 + 1 < bits.body.len; bit++)
        if ((bits.body.p[1 + bit / 8] & (0x80U >> (bit % 8))) != 0)
            asked |= 1U << bit;
    if (bits.body.len > 3 || (asked & ~run->rules->key_usage_bits) != 0)
        request_find(run, REQUEST_USAGE_NOT_ALLOWED, "key usage");
    return NULL;
}

static const char *
check_ext_key_usage(struct request_run *run, struct der value)
{
    struct der_item list;
    struct der_item oid;
    char type[REQUEST_OID_TEXT];
    DER_TRY(der_only(value, DER_SEQUENCE, &list));
    if (list.body.len == 0)
        return "no extended key usage in the list";
    while (list.body.len > 0) {
        DER_TRY(der_expect(&list.body, DER_OID, &oid));
        DER_TRY(der_check_oid(oid.body));
        request_oid_text(oid.body, type);
        if (!request_texts_have(run->rules->ext_usages, type))
            request_find(run, REQUEST_USAGE_NOT_ALLOWED, "extended key usage %s", type);
    }
    return NULL;
}

static const char *
check_key_id(struct request_run *run, struct der value)
{
    struct der_item id;
    (void)run;
    return der_only(value, DER_OCTET_STRING, &id);
}

static const struct {
    enum oid id;
    const char *(*check)(struct request_run *run, struct der value);
} extension_checks[] = {
    {OID_SUBJECT_ALT_NAME,       check_names            },
    {OID_BASIC_CONSTRAINTS,      check_basic_constraints},
    {OID_KEY_USAGE,              check_key_usage        },
    {OID_EXT_KEY_USAGE,          check_ext_key_usage    },
    {OID_SUBJECT_KEY_IDENTIFIER, check_key_id           },
};

static void
check_extension(struct request_run *run, const struct x509_extension *extension)
{
    char type[REQUEST_OID_TEXT];
    request_oid_text(extension->oid, type);
    for (size_t i = 0; i < sizeof extension_checks / sizeof extension_checks[0]; i++) {
        if (extension_checks[i].id != extension->id)
            continue;
        const char *fault = der_check(extension->value, DER_DEPTH_MAX);
        if (fault == NULL)
            fault = extension_checks[i].check(run, extension->value);
        if (fault != NULL)
            request_find(run, REQUEST_EXTENSIONS, "%s: %s", type, fault);
        return;
    }
    request_find(run, REQUEST_EXTENSION_NOT_ALLOWED, "%s", type);
}

void
request_check_extensions(struct request_run *run, struct der values)
{
    struct der_item list;
    const char *fault = der_only(values, DER_SEQUENCE, &list);
    struct x509_extensions *extensions = &run->parts.extensions;
    if (fault == NULL) {
        x509_parse_extensions(list.body, extensions);
        fault = extensions->fault;
    }
    request_fault(run, REQUEST_EXTENSIONS, fault);
    if (fault != NULL)
        return;
    for (size_t i = 0; i < extensions->count; i++) {
        const struct x509_extension *extension = &extensions->items[i];
        if (extension->critical_encoded && !extension->critical)
            request_find(run, REQUEST_EXTENSIONS, "\"critical\" is encoded as false");
        for (size_t j = 0; j < i; j++)
            if (der_equal(extension->oid, extensions->items[j].oid))
                request_find(run, REQUEST_EXTENSIONS, "an extension stands twice");
        check_extension(run, extension);
    }
}

static struct error *
ip_text(struct der octets, char **ret_text)
{
    AUTO_BYTES text = {0};
    for (size_t i = 0; i < octets.len; i++) {
        if (octets.len == 4)
            TRY(bytes_format(&text, i == 0 ? "%u" : ".%u", octets.p[i]));
        else if (i % 2 == 0)
            TRY(bytes_format(&text, i == 0 ? "%x" : ":%x",
                             (unsigned)octets.p[i] << 8 | octets.p[i + 1]));
    }
    return bytes_take_text(&text, ret_text);
}

static struct error *
take_name(const struct der_item *name, struct pki_general_names *names)
{
    const struct name_kind *kind = find_kind(name->tag);
    if (kind == NULL)
        return NULL;
    struct pki_general_name *items =
        realloc(names->items, (names->count + 1) * sizeof *names->items);
    if (items == NULL)
        return error_memory();
    names->items = items;
    AUTO_FREE char *type = NULL;
    AUTO_FREE char *value = NULL;
    TRY(text_copy(kind->type, &type));
    if (strcmp(kind->type, "ip") == 0)
        TRY(ip_text(name->body, &value));
    else
        TRY(text_format(&value, "%.*s", (int)name->body.len, (const char *)name->body.p));
    items[names->count++] = (struct pki_general_name){.type = TAKE(type), .value = TAKE(value)};
    return NULL;
}

struct error *
request_take_names(struct der extensions, struct pki_general_names *ret_names)
{
    struct x509_extensions parsed = {0};
    struct der_item list;
    struct der_item name;
    x509_parse_extensions(extensions, &parsed);
    for (size_t i = 0; i < parsed.count; i++) {
        if (parsed.items[i].id != OID_SUBJECT_ALT_NAME
            || der_only(parsed.items[i].value, DER_SEQUENCE, &list) != NULL)
            continue;
        while (der_next(&list.body, &name) == NULL)
            TRY(take_name(&name, ret_names));
    }
    return NULL;
}
