/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/x509.h"

#include <string.h>

static const char *
parse_extension(struct der *list, struct x509_extension *ret)
{
    struct der_item item;
    struct der_item part;
    DER_TRY(der_expect(list, DER_SEQUENCE, &item));
    DER_TRY(der_expect(&item.body, DER_OID, &part));
    DER_TRY(der_check_oid(part.body));
    ret->oid = part.body;
    ret->id = oid_of(part.body);
    ret->critical = false;
    ret->critical_encoded = der_is_next(item.body, DER_BOOLEAN);
    if (ret->critical_encoded) {
        DER_TRY(der_next(&item.body, &part));
        if (part.body.len != 1)
            return "boolean of another length than one";
        ret->critical = part.body.p[0] != 0;
    }
    DER_TRY(der_expect(&item.body, DER_OCTET_STRING, &part));
    ret->value = part.body;
    return der_end(item.body);
}

void
x509_parse_extensions(struct der list, struct x509_extensions *ret)
{
    ret->count = 0;
    ret->fault = list.len == 0 ? "empty list of extensions" : NULL;
    while (list.len > 0 && ret->fault == NULL) {
        if (ret->count == X509_EXTENSIONS_MAX) {
            ret->fault = "more than 40 extensions";
            return;
        }
        ret->fault = parse_extension(&list, &ret->items[ret->count]);
        if (ret->fault == NULL)
            ret->count++;
    }
}

/* [tag] EXPLICIT SEQUENCE OF Extension, if it is next. */
static const char *
parse_explicit_extensions(struct der *body, unsigned char tag, struct x509 *ret)
{
    if (!der_is_next(*body, tag))
        return NULL;
    struct der_item outer;
    struct der_item list;
    DER_TRY(der_next(body, &outer));
    DER_TRY(der_only(outer.body, DER_SEQUENCE, &list));
    ret->has_extensions = true;
    x509_parse_extensions(list.body, &ret->extensions);
    return NULL;
}

/* A version number as written, made 1 .. 3 (0 for any other). */
static const char *
parse_version(const struct der_item *item, struct x509 *ret)
{
    int64_t value = 0;
    DER_TRY(der_small_integer(item->body, &value));
    ret->has_version = true;
    ret->version = value >= 0 && value <= 2 ? value + 1 : 0;
    return NULL;
}

static const char *
parse_certificate(struct der body, struct x509 *ret)
{
    struct der_item item;
    ret->version = 1;
    if (der_is_next(body, DER_CONTEXT_C(0))) {
        DER_TRY(der_next(&body, &item));
        struct der_item number;
        DER_TRY(der_only(item.body, DER_INTEGER, &number));
        DER_TRY(parse_version(&number, ret));
    }
    DER_TRY(der_expect(&body, DER_INTEGER, &ret->serial));
    DER_TRY(der_expect(&body, DER_SEQUENCE, &ret->inner_algorithm));
    DER_TRY(der_expect(&body, DER_SEQUENCE, &ret->issuer));
    DER_TRY(der_expect(&body, DER_SEQUENCE, &item));
    DER_TRY(der_next(&item.body, &ret->from));
    DER_TRY(der_next(&item.body, &ret->until));
    DER_TRY(der_end(item.body));
    DER_TRY(der_expect(&body, DER_SEQUENCE, &ret->subject));
    DER_TRY(der_expect(&body, DER_SEQUENCE, &ret->spki));
    for (unsigned char n = 1; n <= 2; n++)
        if (der_is_next(body, DER_CONTEXT(n)) || der_is_next(body, DER_CONTEXT_C(n)))
            DER_TRY(der_next(&body, &ret->unique_ids[n - 1]));
    DER_TRY(parse_explicit_extensions(&body, DER_CONTEXT_C(3), ret));
    return der_end(body);
}

static const char *
parse_crl(struct der body, struct x509 *ret)
{
    struct der_item item;
    ret->version = 1;
    if (der_is_next(body, DER_INTEGER)) {
        DER_TRY(der_next(&body, &item));
        DER_TRY(parse_version(&item, ret));
    }
    DER_TRY(der_expect(&body, DER_SEQUENCE, &ret->inner_algorithm));
    DER_TRY(der_expect(&body, DER_SEQUENCE, &ret->issuer));
    DER_TRY(der_next(&body, &ret->from));
    if (der_is_next(body, DER_UTC_TIME) || der_is_next(body, DER_GENERALIZED_TIME))
        DER_TRY(der_next(&body, &ret->until));
    if (der_is_next(body, DER_SEQUENCE))
        DER_TRY(der_next(&body, &ret->revoked));
    DER_TRY(parse_explicit_extensions(&body, DER_CONTEXT_C(0), ret));
    return der_end(body);
}

static const char *
parse_request(struct der body, struct x509 *ret)
{
    struct der_item version;
    DER_TRY(der_expect(&body, DER_INTEGER, &version));
    DER_TRY(parse_version(&version, ret));
    DER_TRY(der_expect(&body, DER_SEQUENCE, &ret->subject));
    DER_TRY(der_expect(&body, DER_SEQUENCE, &ret->spki));
    if (der_is_next(body, DER_CONTEXT_C(0)))
        DER_TRY(der_next(&body, &ret->attributes));
    return der_end(body);
}

/* The kinds differ early: a certificate has [0] or INTEGER SEQUENCE SEQUENCE SEQUENCE; a request
 * INTEGER SEQUENCE SEQUENCE then [0] or the end; a CRL has a time after at most two SEQUENCEs. */
static enum x509_kind
kind_of(struct der body)
{
    struct der_item item;
    if (der_is_next(body, DER_CONTEXT_C(0)))
        return KIND_CERTIFICATE;
    bool number = der_is_next(body, DER_INTEGER);
    if (number && der_next(&body, &item) != NULL)
        return KIND_CERTIFICATE;
    size_t sequences = 0;
    while (sequences < 3 && der_is_next(body, DER_SEQUENCE) && der_next(&body, &item) == NULL)
        sequences++;
    if (der_is_next(body, DER_UTC_TIME) || der_is_next(body, DER_GENERALIZED_TIME))
        return KIND_CRL;
    if (number && sequences == 2)
        return KIND_REQUEST;
    return KIND_CERTIFICATE;
}

const char *
x509_parse(const void *der, size_t len, struct x509 *ret)
{
    struct der_item outer;
    memset(ret, 0, sizeof *ret);
    ret->whole = der_view(der, len);
    DER_TRY(der_only(ret->whole, DER_SEQUENCE, &outer));
    DER_TRY(der_expect(&outer.body, DER_SEQUENCE, &ret->tbs));
    DER_TRY(der_expect(&outer.body, DER_SEQUENCE, &ret->outer_algorithm));
    DER_TRY(der_expect(&outer.body, DER_BIT_STRING, &ret->signature));
    DER_TRY(der_check_bit_string(ret->signature.body));
    DER_TRY(der_end(outer.body));
    ret->kind = kind_of(ret->tbs.body);
    if (ret->kind == KIND_CRL)
        return parse_crl(ret->tbs.body, ret);
    return ret->kind == KIND_REQUEST ? parse_request(ret->tbs.body, ret)
                                     : parse_certificate(ret->tbs.body, ret);
}

struct error *
x509_read(const void *der, size_t len, unsigned kinds, const char *object,
          struct x509 *ret_x509)
{
    const char *fault = x509_parse(der, len, ret_x509);
    if (fault != NULL)
        return ERROR(ERROR_INPUT, "%s could not be read: %s", object, fault);
    if (((unsigned)ret_x509->kind & kinds) == 0)
        return ERROR(ERROR_INPUT, "%s is another kind of object than expected", object);
    if (ret_x509->has_extensions && ret_x509->extensions.fault != NULL)
        return ERROR(ERROR_INPUT, "%s could not be read: %s", object,
                     ret_x509->extensions.fault);
    return NULL;
}

const struct x509_extension *
x509_find(const struct x509 *x509, enum oid id)
{
    for (size_t i = 0; i < x509->extensions.count; i++)
        if (x509->extensions.items[i].id == id)
            return &x509->extensions.items[i];
    return NULL;
}

void
x509_basic_constraints(const struct x509 *x509, bool *ret_ca, int64_t *ret_path_len)
{
    *ret_ca = false;
    *ret_path_len = -1;
    const struct x509_extension *extension = x509_find(x509, OID_BASIC_CONSTRAINTS);
    struct der_item outer;
    struct der_item item;
    if (extension == NULL || der_only(extension->value, DER_SEQUENCE, &outer) != NULL)
        return;
    if (der_is_next(outer.body, DER_BOOLEAN)) {
        if (der_next(&outer.body, &item) != NULL || item.body.len != 1)
            return;
        *ret_ca = item.body.p[0] != 0;
    }
    int64_t value = 0;
    if (der_expect(&outer.body, DER_INTEGER, &item) == NULL
        && der_small_integer(item.body, &value) == NULL)
        *ret_path_len = value;
}

bool
x509_has_key_usage(const struct x509 *x509, unsigned *ret_bits)
{
    const struct x509_extension *extension = x509_find(x509, OID_KEY_USAGE);
    struct der_item item;
    if (extension == NULL || der_only(extension->value, DER_BIT_STRING, &item) != NULL
        || item.body.len == 0)
        return false;
    unsigned bits = 0;
    for (unsigned bit = 0; bit < 16 && bit / 8 + 1 < item.body.len; bit++)
        if ((item.body.p[1 + bit / 8] & (0x80U >> (bit % 8))) != 0)
            bits |= 1U << bit;
    *ret_bits = bits;
    return true;
}

struct der
x509_ski(const struct x509 *x509)
{
    const struct x509_extension *extension = x509_find(x509, OID_SUBJECT_KEY_IDENTIFIER);
    struct der_item item;
    if (extension == NULL || der_only(extension->value, DER_OCTET_STRING, &item) != NULL)
        return (struct der){0};
    return item.body;
}

const char *
x509_next_revoked(struct der *list, struct x509_revoked *ret)
{
    struct der_item entry;
    /* Not all of it is cleared: it is large, and there may be millions. */
    ret->serial = ret->date = (struct der_item){0};
    ret->has_extensions = false;
    ret->extensions.count = 0;
    ret->extensions.fault = NULL;
    DER_TRY(der_expect(list, DER_SEQUENCE, &entry));
    DER_TRY(der_expect(&entry.body, DER_INTEGER, &ret->serial));
    DER_TRY(der_next(&entry.body, &ret->date));
    if (der_is_next(entry.body, DER_SEQUENCE)) {
        struct der_item extensions;
        DER_TRY(der_next(&entry.body, &extensions));
        ret->has_extensions = true;
        x509_parse_extensions(extensions.body, &ret->extensions);
    }
    return der_end(entry.body);
}
