/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/der.h"

#include <string.h>

bool
der_equal(struct der a, struct der b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool
der_is_bytes(struct der a, const void *data, size_t len)
{
    return der_equal(a, der_view(data, len));
}

bool
der_is_next(struct der from, unsigned char tag)
{
    return from.len > 0 && from.p[0] == tag;
}

/* The length octets that begin at `from->p[at]`; moves `at` past them. */
static const char *
read_length(const struct der *from, size_t *at, size_t *ret_len)
{
    if (*at >= from->len)
        return "ends within a header";
    unsigned first = from->p[(*at)++];
    if (first < 0x80) {
        *ret_len = first;
        return NULL;
    }
    if (first == 0x80)
        return "indefinite length";
    unsigned octets = first & 0x7fU;
    if (octets > 4)
        return "length of more than four octets";
    if (octets > from->len - *at)
        return "ends within a header";
    size_t len = 0;
    for (unsigned i = 0; i < octets; i++)
        len = len << 8 | from->p[*at + i];
    if (from->p[*at] == 0 || len < 0x80)
        return "non-minimal length";
    *at += octets;
    *ret_len = len;
    return NULL;
}

const char *
der_next(struct der *from, struct der_item *ret_item)
{
    if (from->len == 0)
        return "an element is missing";
    if ((from->p[0] & 0x1f) == 0x1f)
        return "high tag number";
    if (from->p[0] == 0)
        return "tag zero";
    size_t at = 1;
    size_t len = 0;
    DER_TRY(read_length(from, &at, &len));
    if (len > from->len - at)
        return "length beyond the end";
    ret_item->tag = from->p[0];
    ret_item->body = der_view(from->p + at, len);
    ret_item->whole = der_view(from->p, at + len);
    from->p += at + len;
    from->len -= at + len;
    return NULL;
}

const char *
der_expect(struct der *from, unsigned char tag, struct der_item *ret_item)
{
    if (from->len == 0)
        return "an element is missing";
    if (from->p[0] != tag)
        return "another element than expected";
    return der_next(from, ret_item);
}

const char *
der_only(struct der from, unsigned char tag, struct der_item *ret_item)
{
    DER_TRY(der_expect(&from, tag, ret_item));
    return der_end(from);
}

const char *
der_end(struct der from)
{
    return from.len == 0 ? NULL : "trailing data";
}

static const char *
check_primitive(unsigned char tag, struct der body)
{
    switch (tag) {
    case DER_BOOLEAN:
        if (body.len != 1)
            return "boolean of another length than one";
        return body.p[0] == 0 || body.p[0] == 0xff ? NULL : "boolean neither 00 nor ff";
    case DER_INTEGER:
    case DER_ENUMERATED:
        return der_check_integer(body);
    case DER_BIT_STRING:
        return der_check_bit_string(body);
    case DER_NULL:
        return body.len == 0 ? NULL : "NULL with contents";
    case DER_OID:
        return der_check_oid(body);
    default:
        return NULL;
    }
}

/* SET OF: ascending encodings (X.690 11.6); equal ones are left to the rules above us. */
const char *
der_check_set_order(struct der body)
{
    struct der_item previous = {0};
    struct der_item item;
    while (body.len > 0) {
        DER_TRY(der_next(&body, &item));
        if (previous.whole.p != NULL) {
            size_t shared =
                previous.whole.len < item.whole.len ? previous.whole.len : item.whole.len;
            int order = memcmp(previous.whole.p, item.whole.p, shared);
            if (order > 0 || (order == 0 && previous.whole.len > item.whole.len))
                return "SET not in order";
        }
        previous = item;
    }
    return NULL;
}

const char *
der_check(struct der data, unsigned depth)
{
    if (depth == 0)
        return "nested too deeply";
    struct der_item item;
    while (data.len > 0) {
        DER_TRY(der_next(&data, &item));
        bool universal = (item.tag & 0xc0) == 0;
        bool constructed = (item.tag & 0x20) != 0;
        bool wants_constructed = item.tag == DER_SEQUENCE || item.tag == DER_SET;
        if (universal && constructed != wants_constructed)
            return constructed ? "constructed encoding of a primitive type"
                               : "primitive encoding of a constructed type";
        if (constructed)
            DER_TRY(der_check(item.body, depth - 1));
        else if (universal)
            DER_TRY(check_primitive(item.tag, item.body));
        if (item.tag == DER_SET)
            DER_TRY(der_check_set_order(item.body));
    }
    return NULL;
}
