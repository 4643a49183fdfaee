/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/show.h"

#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/words.h"
#include "ceremony/pki/algorithm.h"
#include "ceremony/pki/name.h"
#include "ceremony/pki/pki.h"
#include "ceremony/pki/show_internal.h"

#define NAME_WIDTH  13
#define ENTRIES_MAX 200
#define DAY         86400

/* How many octets of `text` make at most `columns` characters, broken at a blank if one is there. */
static size_t
take_line(const char *text, size_t columns)
{
    size_t at = 0;
    size_t blank = 0;
    for (size_t shown = 0; text[at] != '\0' && shown < columns; shown++) {
        if (text[at] == ' ')
            blank = at;
        at++;
        while ((text[at] & 0xc0) == 0x80)
            at++;
    }
    if (text[at] == '\0' || text[at] == ' ' || blank == 0)
        return at;
    return blank;
}

struct error *
show_line(struct show *show, const char *name, const char *value)
{
    size_t room = show->columns > NAME_WIDTH + 20 ? show->columns - NAME_WIDTH : 20;
    const char *label = name;
    do {
        size_t len = take_line(value, room);
        TRY(bytes_format(show->out, "%-*s%.*s\n", NAME_WIDTH, label, (int)len, value));
        value += len;
        while (*value == ' ')
            value++;
        label = "";
    } while (*value != '\0');
    return NULL;
}

struct error *
show_append_hex(struct bytes *out, struct der data)
{
    for (size_t i = 0; i < data.len; i++)
        TRY(bytes_format(out, "%s%02x", i > 0 && i % 4 == 0 ? " " : "", data.p[i]));
    return NULL;
}

struct error *
show_append_time(struct bytes *out, const struct der_item *item)
{
    struct der_time time;
    const char *fault = der_time(item, &time);
    if (fault != NULL)
        return bytes_format(out, "(%s)", fault);
    char text[CLOCK_TEXT_SIZE];
    clock_format_seconds(time.seconds, text);
    return bytes_append_text(out, text);
}

static struct error *
show_name(struct show *show, const char *label, const struct der_item *name)
{
    AUTO_BYTES text = {0};
    TRY(name_append(&text, name->whole));
    return show_line(show, label, bytes_text(&text));
}

/* "(25 years)" where it is whole years, else days. */
static struct error *
append_duration(struct bytes *out, int64_t from, int64_t until)
{
    for (int years = 1; years < 100; years++)
        if (clock_add_years(from, years) - 1 == until)
            return bytes_format(out, "   (%d %s)", years, years == 1 ? "year" : "years");
    if (until < from)
        return bytes_append_text(out, "   (ends before it begins)");
    return bytes_format(out, "   (%lld days)", (long long)((until - from + 1) / DAY));
}

static struct error *
show_validity(struct show *show, const struct x509 *x509)
{
    AUTO_BYTES text = {0};
    struct der_time from;
    struct der_time until;
    TRY(show_append_time(&text, &x509->from));
    TRY(bytes_append_text(&text, "  to  "));
    TRY(show_append_time(&text, &x509->until));
    if (der_time(&x509->from, &from) == NULL && der_time(&x509->until, &until) == NULL)
        TRY(append_duration(&text, from.seconds, until.seconds));
    return show_line(show, "Valid", bytes_text(&text));
}

static struct error *
show_key(struct show *show, const struct x509 *x509)
{
    AUTO_BYTES text = {0};
    AUTO_FREE char *kind = NULL;
    char hash[65];
    unsigned char octets[32];
    TRY(pki_key_describe(x509->spki.whole.p, x509->spki.whole.len, &kind));
    TRY(pki_spki_hash(x509->spki.whole.p, x509->spki.whole.len, hash));
    TRY(hex_decode(hash, octets, sizeof octets));
    TRY(bytes_format(&text, "%s, SHA-256 ", kind));
    TRY(show_append_hex(&text, der_view(octets, sizeof octets)));
    return show_line(show, "Key", bytes_text(&text));
}

static struct error *
show_algorithm(struct show *show, const struct x509 *x509)
{
    const struct signature_kind *kind = signature_kind_of(x509->outer_algorithm.whole);
    if (kind != NULL)
        return show_line(show, "Signature", kind->describe);
    AUTO_BYTES text = {0};
    struct der body = x509->outer_algorithm.body;
    struct der_item oid;
    TRY(bytes_append_text(&text, "unknown algorithm "));
    if (der_expect(&body, DER_OID, &oid) == NULL)
        TRY(oid_append_name(&text, oid.body));
    return show_line(show, "Signature", bytes_text(&text));
}

static struct error *
show_extensions(struct show *show, const struct x509_extensions *extensions)
{
    for (size_t i = 0; i < extensions->count; i++)
        TRY(show_extension(show, &extensions->items[i]));
    if (extensions->fault != NULL)
        TRY(show_line(show, "Extensions", extensions->fault));
    return NULL;
}

static struct error *
show_version(struct show *show, const struct x509 *x509, const char *kind)
{
    AUTO_BYTES text = {0};
    TRY(bytes_format(&text, "%s, version %lld", kind, (long long)x509->version));
    return show_line(show, "Object", bytes_text(&text));
}

static struct error *
show_certificate(struct show *show, const struct x509 *x509)
{
    AUTO_BYTES serial = {0};
    TRY(show_version(show, x509, "certificate"));
    TRY(show_name(show, "Subject", &x509->subject));
    if (der_equal(x509->subject.whole, x509->issuer.whole))
        TRY(show_line(show, "Issuer", "the subject itself"));
    else
        TRY(show_name(show, "Issuer", &x509->issuer));
    TRY(show_append_hex(&serial, x509->serial.body));
    TRY(show_line(show, "Serial", bytes_text(&serial)));
    TRY(show_validity(show, x509));
    TRY(show_key(show, x509));
    TRY(show_algorithm(show, x509));
    return show_extensions(show, &x509->extensions);
}

static const char *
reason_text(const struct x509_revoked *entry)
{
    static const char *const reasons[] = {
        "unspecified",     "key compromise",         "CA compromise",    "affiliation changed",
        "superseded",      "cessation of operation", "certificate hold", NULL,
        "remove from CRL", "privilege withdrawn",    "AA compromise"};
    for (size_t i = 0; i < entry->extensions.count; i++) {
        const struct x509_extension *extension = &entry->extensions.items[i];
        struct der_item item;
        if (extension->id != OID_REASON_CODE)
            continue;
        if (der_only(extension->value, DER_ENUMERATED, &item) != NULL || item.body.len != 1
            || item.body.p[0] > 10 || reasons[item.body.p[0]] == NULL)
            return "reason that does not exist";
        return reasons[item.body.p[0]];
    }
    return "no reason given";
}

static struct error *
show_revoked(struct show *show, const struct x509 *x509)
{
    struct der list = x509->revoked.body;
    size_t count = 0;
    const char *fault = NULL;
    if (x509->revoked.whole.p == NULL)
        return show_line(show, "Revoked", "none");
    while (list.len > 0 && fault == NULL) {
        struct x509_revoked entry;
        fault = x509_next_revoked(&list, &entry);
        if (fault != NULL || ++count > ENTRIES_MAX)
            continue;
        AUTO_BYTES text = {0};
        TRY(show_append_hex(&text, entry.serial.body));
        TRY(bytes_append_text(&text, ", "));
        TRY(show_append_time(&text, &entry.date));
        TRY(bytes_format(&text, ", %s", reason_text(&entry)));
        TRY(show_line(show, "Revoked", bytes_text(&text)));
    }
    if (fault != NULL)
        return show_line(show, "Revoked", fault);
    if (count > ENTRIES_MAX) {
        AUTO_BYTES text = {0};
        TRY(bytes_format(&text, "and %zu more", count - ENTRIES_MAX));
        return show_line(show, "", bytes_text(&text));
    }
    return NULL;
}

static struct error *
show_crl(struct show *show, const struct x509 *x509)
{
    AUTO_BYTES text = {0};
    TRY(show_version(show, x509, "certificate revocation list"));
    TRY(show_name(show, "Issuer", &x509->issuer));
    TRY(show_append_time(&text, &x509->from));
    TRY(bytes_append_text(&text, "  next update  "));
    if (x509->until.whole.p != NULL)
        TRY(show_append_time(&text, &x509->until));
    else
        TRY(bytes_append_text(&text, "(not given)"));
    TRY(show_line(show, "Made", bytes_text(&text)));
    TRY(show_algorithm(show, x509));
    TRY(show_extensions(show, &x509->extensions));
    return show_revoked(show, x509);
}

/* Attribute values may be private (a challenge password): only asked-for extensions are shown. */
static struct error *
show_attributes(struct show *show, struct der attributes)
{
    while (attributes.len > 0) {
        AUTO_BYTES text = {0};
        struct der_item attribute;
        struct der_item oid;
        struct der_item values;
        struct der_item list;
        if (der_expect(&attributes, DER_SEQUENCE, &attribute) != NULL
            || der_expect(&attribute.body, DER_OID, &oid) != NULL
            || der_expect(&attribute.body, DER_SET, &values) != NULL)
            return show_line(show, "Attribute", "(cannot be read)");
        TRY(oid_append_name(&text, oid.body));
        TRY(bytes_format(&text, ", %zu octets", values.body.len));
        TRY(show_line(show, "Attribute", bytes_text(&text)));
        if (oid_is(oid.body, OID_EXTENSION_REQUEST)
            && der_only(values.body, DER_SEQUENCE, &list) == NULL) {
            struct x509_extensions extensions;
            x509_parse_extensions(list.body, &extensions);
            TRY(show_extensions(show, &extensions));
        }
    }
    return NULL;
}

static struct error *
show_request(struct show *show, const struct x509 *x509)
{
    TRY(show_version(show, x509, "certificate request"));
    TRY(show_name(show, "Subject", &x509->subject));
    TRY(show_key(show, x509));
    TRY(show_algorithm(show, x509));
    return show_attributes(show, x509->attributes.body);
}

struct error *
pki_show(const void *der, size_t len, size_t columns, struct bytes *ret_text)
{
    struct x509 x509;
    struct show show = {.out = ret_text, .columns = columns};
    bytes_clear(ret_text);
    const char *fault = x509_parse(der, len, &x509);
    if (fault != NULL)
        return ERROR(ERROR_INPUT, "the object could not be read: %s", fault);
    switch (x509.kind) {
    case KIND_CRL:
        return show_crl(&show, &x509);
    case KIND_REQUEST:
        return show_request(&show, &x509);
    case KIND_CERTIFICATE:
        break;
    }
    return show_certificate(&show, &x509);
}

struct error *
pki_show_fingerprint(const void *hash, size_t len, struct bytes *ret_text)
{
    const unsigned char *p = hash;
    bytes_clear(ret_text);
    if (len == 0 || len % 4 != 0)
        return ERROR(ERROR_BUG, "a fingerprint of %zu octets is not whole groups", len);
    for (size_t at = 0; at < len; at += 4) {
        TRY(bytes_format(ret_text, "%3zu  %02x%02x%02x%02x ", at / 4 + 1, p[at], p[at + 1],
                         p[at + 2], p[at + 3]));
        for (size_t i = 0; i < 4; i++)
            TRY(bytes_format(ret_text, " %s", words_pgp_word(p[at + i], at + i)));
        TRY(bytes_append_char(ret_text, '\n'));
    }
    return NULL;
}
