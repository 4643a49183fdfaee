/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/constraints.h"

#include <string.h>
#include <strings.h>

#include "ceremony/pki/general_name.h"
#include "ceremony/pki/name.h"

static bool
is_equal_nocase(struct der a, struct der b)
{
    return a.len == b.len && strncasecmp((const char *)a.p, (const char *)b.p, a.len) == 0;
}

static bool
is_tail(struct der text, struct der tail)
{
    return text.len >= tail.len
           && is_equal_nocase(der_view(text.p + text.len - tail.len, tail.len), tail);
}

/* "example.com" covers itself and all below it; "" covers everything; ".example.com", which RFC 5280
 * does not know but other programs write, only what is below. */
static bool
is_dns_within(struct der name, struct der base)
{
    if (base.len == 0)
        return true;
    if (!is_tail(name, base))
        return false;
    return name.len == base.len || base.p[0] == '.' || name.p[name.len - base.len - 1] == '.';
}

/* A host alone covers that host, a leading dot all below it. */
static bool
is_host_within(struct der host, struct der base)
{
    if (base.len > 0 && base.p[0] == '.')
        return host.len > base.len && is_tail(host, base);
    return is_equal_nocase(host, base);
}

/* What follows the last "@"; the whole if there is none. */
static struct der
host_of_mailbox(struct der mailbox)
{
    const unsigned char *at = memrchr(mailbox.p, '@', mailbox.len);
    return at == NULL ? mailbox : der_view(at + 1, (size_t)(mailbox.p + mailbox.len - at) - 1);
}

static bool
is_email_within(struct der mailbox, struct der base)
{
    if (memchr(base.p, '@', base.len) == NULL)
        return is_host_within(host_of_mailbox(mailbox), base);
    struct der host = host_of_mailbox(mailbox);
    struct der base_host = host_of_mailbox(base);
    size_t local = mailbox.len - host.len;
    return local == base.len - base_host.len && memcmp(mailbox.p, base.p, local) == 0
           && is_equal_nocase(host, base_host);
}

/* The host of "scheme://user@host:port/path"; empty if there is none. */
static struct der
host_of_uri(struct der uri)
{
    const unsigned char *p = memmem(uri.p, uri.len, "://", 3);
    if (p == NULL)
        return (struct der){0};
    p += 3;
    struct der host = der_view(p, (size_t)(uri.p + uri.len - p));
    for (size_t i = 0; i < host.len; i++)
        if (strchr("/?#", host.p[i]) != NULL)
            host.len = i;
    host = host_of_mailbox(host);
    const unsigned char *port = memchr(host.p, ':', host.len);
    if (port != NULL)
        host.len = (size_t)(port - host.p);
    return host;
}

static bool
is_uri_within(struct der uri, struct der base)
{
    struct der host = host_of_uri(uri);
    return host.len > 0 && is_host_within(host, base);
}

static bool
is_address_within(struct der address, struct der base)
{
    if (base.len != 2 * address.len)
        return false;
    for (size_t i = 0; i < address.len; i++)
        if (((address.p[i] ^ base.p[i]) & base.p[address.len + i]) != 0)
            return false;
    return true;
}

/* Which names can be compared. Other kinds are never within anything, so that a permitted subtree
 * of such a kind permits none; excluded ones are looked at in is_within. */
static const struct {
    unsigned char tag;
    bool (*is_within)(struct der name, struct der base);
} kinds[] = {
    {DER_CONTEXT(1),   is_email_within  },
    {DER_CONTEXT(2),   is_dns_within    },
    {DER_CONTEXT_C(4), name_is_within   },
    {DER_CONTEXT(6),   is_uri_within    },
    {DER_CONTEXT(7),   is_address_within},
};

static bool
is_within(const struct der_item *name, const struct der_item *base, bool otherwise)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i].tag == name->tag)
            return kinds[i].is_within(name->body, base->body);
    return otherwise;
}

/* Takes the base of the next subtree of the name's kind; false at the end. */
static bool
next_base(struct der *subtrees, unsigned char tag, struct der_item *ret_base)
{
    struct der_item subtree;
    while (subtrees->len > 0 && der_expect(subtrees, DER_SEQUENCE, &subtree) == NULL)
        if (der_next(&subtree.body, ret_base) == NULL && ret_base->tag == tag)
            return true;
    return false;
}

struct subtrees {
    struct der permitted;
    struct der excluded;
};

static const char *
check_name(const struct subtrees *subtrees, const struct der_item *name)
{
    struct der_item base;
    bool limited = false;
    bool permitted = false;
    struct der list = subtrees->permitted;
    while (next_base(&list, name->tag, &base)) {
        limited = true;
        permitted = permitted || is_within(name, &base, false);
    }
    if (limited && !permitted)
        return "lies outside the names that the issuer's certificate permits";
    list = subtrees->excluded;
    while (next_base(&list, name->tag, &base))
        if (is_within(name, &base, true))
            return "lies within the names that the issuer's certificate excludes";
    return NULL;
}

static struct error *
report(const struct subtrees *subtrees, const struct der_item *name, struct bytes *ret_fault)
{
    const char *fault = check_name(subtrees, name);
    if (fault == NULL || ret_fault->len > 0)
        return NULL;
    TRY(general_name_append(ret_fault, name, false));
    return bytes_format(ret_fault, " %s", fault);
}

/* The subject as a directory name, and its e-mail addresses where no alternative name has one. */
static struct error *
check_subject(const struct subtrees *subtrees, const struct x509 *object, bool has_email,
              struct bytes *ret_fault)
{
    struct name_iterator names = {.rdns = object->subject.body};
    struct name_attribute attribute;
    bool more = false;
    struct der_item name = {
        .tag = DER_CONTEXT_C(4), .body = object->subject.whole, .whole = object->subject.whole};
    if (object->subject.body.len > 0)
        TRY(report(subtrees, &name, ret_fault));
    while (!has_email && name_next(&names, &attribute, &more) == NULL && more)
        if (attribute.id == OID_EMAIL_ADDRESS) {
            name = (struct der_item){.tag = DER_CONTEXT(1), .body = attribute.value.body};
            TRY(report(subtrees, &name, ret_fault));
        }
    return NULL;
}

static struct error *
check_names(const struct subtrees *subtrees, const struct x509 *object, struct bytes *ret_fault)
{
    const struct x509_extension *extension = x509_find(object, OID_SUBJECT_ALT_NAME);
    struct der_item outer = {0};
    struct der_item name;
    bool has_email = false;
    if (extension != NULL && der_only(extension->value, DER_SEQUENCE, &outer) != NULL)
        return bytes_append_text(ret_fault, "the alternative names cannot be read");
    while (outer.body.len > 0 && der_next(&outer.body, &name) == NULL) {
        has_email = has_email || name.tag == DER_CONTEXT(1);
        TRY(report(subtrees, &name, ret_fault));
    }
    return check_subject(subtrees, object, has_email, ret_fault);
}

struct error *
constraints_find(const struct x509 *issuer, const struct x509 *object, struct bytes *ret_fault)
{
    const struct x509_extension *extension = x509_find(issuer, OID_NAME_CONSTRAINTS);
    struct subtrees subtrees = {0};
    struct der_item outer;
    struct der_item list;
    bool ca = false;
    int64_t path_len = 0;
    x509_basic_constraints(object, &ca, &path_len);
    if (extension == NULL || (ca && der_equal(object->subject.whole, object->issuer.whole)))
        return NULL;
    if (der_only(extension->value, DER_SEQUENCE, &outer) != NULL)
        return bytes_append_text(ret_fault, "the issuer's name constraints cannot be read");
    while (outer.body.len > 0) {
        if (der_next(&outer.body, &list) != NULL
            || (list.tag != DER_CONTEXT_C(0) && list.tag != DER_CONTEXT_C(1)))
            return bytes_append_text(ret_fault, "the issuer's name constraints cannot be read");
        *(list.tag == DER_CONTEXT_C(0) ? &subtrees.permitted : &subtrees.excluded) = list.body;
    }
    return check_names(&subtrees, object, ret_fault);
}
