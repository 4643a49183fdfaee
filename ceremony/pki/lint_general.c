/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/lint_general.h"

#include <string.h>
#include <strings.h>

#include "ceremony/base/text.h"

static bool
is_ia5(struct der text)
{
    return der_check_string(DER_IA5_STRING, text) == NULL;
}

static bool
is_letter(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool
is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

/* Labels of letters, digits and hyphens (and the underscore of practice), 1 to 63 long. */
static bool
is_host(struct der host)
{
    size_t label = 0;
    if (host.len == 0 || host.len > 253)
        return false;
    for (size_t i = 0; i < host.len; i++) {
        unsigned char c = host.p[i];
        if (c == '.') {
            if (label == 0)
                return false;
            label = 0;
        } else if ((!is_letter(c) && !is_digit(c) && c != '-' && c != '_') || ++label > 63)
            return false;
    }
    return label > 0;
}

static struct der
skip(struct der text, size_t n)
{
    return der_view(text.p + n, text.len - n);
}

static const char *
check_dns(struct der name, bool constraint)
{
    if (constraint && (name.len == 0 || der_is_bytes(name, ".", 1)))
        return name.len == 0 ? NULL : "a lone dot as a domain name";
    if (constraint && name.p[0] == '.')
        name = skip(name, 1);
    else if (name.len > 2 && name.p[0] == '*' && name.p[1] == '.')
        name = skip(name, 2);
    return is_host(name) ? NULL : "not a domain name";
}

static bool
is_mailbox_character(unsigned char c)
{
    return is_letter(c) || is_digit(c)
           || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~.", c) != NULL);
}

static const char *
check_email(struct der mail, bool constraint)
{
    const unsigned char *at = memchr(mail.p, '@', mail.len);
    if (at == NULL && constraint)
        return check_dns(mail, true);
    if (at == NULL || at == mail.p)
        return "not an e-mail address";
    size_t local = (size_t)(at - mail.p);
    for (size_t i = 0; i < local; i++)
        if (!is_mailbox_character(mail.p[i]))
            return "not an e-mail address";
    struct der domain = skip(mail, local + 1);
    bool literal = domain.len > 2 && domain.p[0] == '[' && domain.p[domain.len - 1] == ']';
    return literal || is_host(domain) ? NULL : "not an e-mail address";
}

/* The host of "//user@host:port/path", or len 0. */
static struct der
host_of(struct der rest)
{
    struct der host = skip(rest, 2);
    for (size_t i = 0; i < host.len; i++)
        if (strchr("/?#", host.p[i]) != NULL) {
            host.len = i;
            break;
        }
    const unsigned char *at = memchr(host.p, '@', host.len);
    if (at != NULL)
        host = skip(host, (size_t)(at - host.p) + 1);
    if (host.len > 0 && host.p[0] == '[')
        return host;
    const unsigned char *colon = memchr(host.p, ':', host.len);
    if (colon != NULL)
        host.len = (size_t)(colon - host.p);
    return host;
}

static bool
is_scheme(struct der scheme, const char *name)
{
    return scheme.len == strlen(name)
           && strncasecmp((const char *)scheme.p, name, scheme.len) == 0;
}

/* scheme ":" rest; schemes that have an authority must show one. */
static const char *
check_uri(struct der uri)
{
    const unsigned char *colon = memchr(uri.p, ':', uri.len);
    if (colon == NULL || colon == uri.p || !is_letter(uri.p[0]))
        return "a URI without a scheme";
    struct der scheme = der_view(uri.p, (size_t)(colon - uri.p));
    for (size_t i = 0; i < scheme.len; i++)
        if (!is_letter(scheme.p[i]) && !is_digit(scheme.p[i])
            && strchr("+-.", scheme.p[i]) == NULL)
            return "a URI without a scheme";
    struct der rest = skip(uri, scheme.len + 1);
    if (rest.len == 0)
        return "a URI with nothing behind its scheme";
    for (size_t i = 0; i < rest.len; i++)
        if (rest.p[i] <= 0x20 || rest.p[i] >= 0x7f)
            return "a URI with blanks or controls";
    bool authority = rest.len >= 2 && rest.p[0] == '/' && rest.p[1] == '/';
    bool ldap = is_scheme(scheme, "ldap") || is_scheme(scheme, "ldaps");
    bool wanted = is_scheme(scheme, "http") || is_scheme(scheme, "https")
                  || is_scheme(scheme, "ftp") || ldap;
    if (wanted && !authority)
        return "a relative URI";
    if (!authority || (ldap && host_of(rest).len == 0))
        return NULL; /* RFC 4516 lets the client choose the host */
    struct der host = host_of(rest);
    return (host.len > 0 && host.p[0] == '[') || is_host(host) ? NULL : "a URI without a host";
}

static const char *
check_other(struct der body)
{
    struct der_item oid;
    struct der_item value;
    struct der_item inner;
    DER_TRY(der_expect(&body, DER_OID, &oid));
    DER_TRY(der_check_oid(oid.body));
    DER_TRY(der_only(body, DER_CONTEXT_C(0), &value));
    DER_TRY(der_next(&value.body, &inner));
    return der_end(value.body);
}

static const char *
check_directory(struct der body)
{
    struct der_item name;
    struct name_attribute attribute;
    bool more = true;
    DER_TRY(der_only(body, DER_SEQUENCE, &name));
    struct name_iterator iterator = {.rdns = name.body};
    while (more)
        DER_TRY(name_next(&iterator, &attribute, &more));
    return NULL;
}

const char *
lint_check_general_name(const struct der_item *name, bool constraint)
{
    struct der body = name->body;
    size_t unit = constraint ? 2 : 1;
    if (body.len == 0 && !constraint && name->tag != DER_CONTEXT_C(4))
        return "an empty name";
    switch (name->tag) {
    case DER_CONTEXT_C(0):
        return check_other(body);
    case DER_CONTEXT(1):
        return is_ia5(body) ? check_email(body, constraint) : "an e-mail address beyond ASCII";
    case DER_CONTEXT(2):
        return is_ia5(body) ? check_dns(body, constraint) : "a domain name beyond ASCII";
    case DER_CONTEXT_C(3):
    case DER_CONTEXT_C(5):
        return NULL; /* x400Address, ediPartyName */
    case DER_CONTEXT_C(4):
        return check_directory(body);
    case DER_CONTEXT(6):
        if (!is_ia5(body))
            return "a URI beyond ASCII";
        return constraint ? NULL : check_uri(body);
    case DER_CONTEXT(7):
        return body.len == 4 * unit || body.len == 16 * unit ? NULL
                                                             : "an address of a wrong length";
    case DER_CONTEXT(8):
        return der_check_oid(body);
    default:
        return "an unknown form of name";
    }
}

const char *
lint_check_general_names(struct der names, bool constraint)
{
    struct der_item name;
    if (names.len == 0)
        return "no names";
    while (names.len > 0) {
        DER_TRY(der_next(&names, &name));
        DER_TRY(lint_check_general_name(&name, constraint));
    }
    return NULL;
}

void
lint_general_names(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, (enum oid)run->row->argument);
    struct der_item outer;
    if (extension == NULL)
        return;
    const char *fault = der_only(extension->value, DER_SEQUENCE, &outer);
    if (fault == NULL)
        fault = lint_check_general_names(outer.body, false);
    lint_fault(run, lint_oid_name(extension->id), fault);
}

void
lint_subject_alt_name_critical(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_SUBJECT_ALT_NAME);
    if (extension != NULL && !extension->critical && run->object->subject.body.len == 0)
        lint_find(run, "the subject is empty and subjectAltName is not critical");
}

void
lint_subject_alt_name_noncritical(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_SUBJECT_ALT_NAME);
    if (extension != NULL && extension->critical && run->object->subject.body.len > 0)
        lint_find(run, "it is critical");
}

/* What subjectAltName says of a domain name: *ret_has_dns any dNSName, *ret_found this one. */
static void
find_dns_name(struct der value, struct der wanted, bool *ret_has_dns, bool *ret_found)
{
    struct der_item outer;
    struct der_item name;
    *ret_has_dns = false;
    *ret_found = false;
    if (der_only(value, DER_SEQUENCE, &outer) != NULL)
        return;
    while (outer.body.len > 0 && der_next(&outer.body, &name) == NULL)
        if (name.tag == DER_CONTEXT(2)) {
            *ret_has_dns = true;
            if (name.body.len == wanted.len
                && strncasecmp((const char *)name.body.p, (const char *)wanted.p, wanted.len)
                       == 0)
                *ret_found = true;
        }
}

/* A wildcard pattern is a domain name beyond doubt; another dotted name is one where the
 * certificate has domain names at all. */
void
lint_common_name_domain(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_SUBJECT_ALT_NAME);
    struct name_iterator iterator = {.rdns = run->object->subject.body};
    struct name_attribute attribute;
    bool more = true;
    while (extension != NULL && more && name_next(&iterator, &attribute, &more) == NULL) {
        bool has_dns = false;
        bool found = false;
        struct der cn = attribute.value.body;
        if (!more || attribute.id != OID_CN || cn.len < 4 || check_dns(cn, false) != NULL
            || memchr(cn.p, '.', cn.len) == NULL)
            continue;
        find_dns_name(extension->value, cn, &has_dns, &found);
        if (!found && (cn.p[0] == '*' || has_dns))
            lint_find(run,
                      "the common name is a domain name that subjectAltName does not have");
    }
}

static const char *
check_subtrees(struct der trees)
{
    if (trees.len == 0)
        return "an empty list of subtrees";
    while (trees.len > 0) {
        struct der_item tree;
        struct der_item base;
        DER_TRY(der_expect(&trees, DER_SEQUENCE, &tree));
        DER_TRY(der_next(&tree.body, &base));
        DER_TRY(lint_check_general_name(&base, true));
        if (tree.body.len > 0)
            return "a subtree with minimum or maximum";
    }
    return NULL;
}

static const char *
check_name_constraints(struct der value)
{
    struct der_item outer;
    struct der_item trees;
    DER_TRY(der_only(value, DER_SEQUENCE, &outer));
    if (outer.body.len == 0)
        return "empty";
    for (unsigned char n = 0; n < 2; n++)
        if (der_is_next(outer.body, DER_CONTEXT_C(n))) {
            DER_TRY(der_next(&outer.body, &trees));
            DER_TRY(check_subtrees(trees.body));
        }
    return der_end(outer.body);
}

void
lint_name_constraints_encoding(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_NAME_CONSTRAINTS);
    if (extension != NULL)
        lint_fault(run, "nameConstraints", check_name_constraints(extension->value));
}
