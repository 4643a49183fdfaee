/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/name.h"

#include <string.h>

const char *
name_next(struct name_iterator *iterator, struct name_attribute *ret, bool *ret_more)
{
    struct der_item item;
    *ret_more = false;
    if (iterator->set.len == 0) {
        if (iterator->rdns.len == 0)
            return NULL;
        DER_TRY(der_expect(&iterator->rdns, DER_SET, &item));
        if (item.body.len == 0)
            return "empty relative distinguished name";
        iterator->set = item.body;
        iterator->rdn_count++;
    }
    DER_TRY(der_expect(&iterator->set, DER_SEQUENCE, &item));
    struct der_item oid;
    DER_TRY(der_expect(&item.body, DER_OID, &oid));
    DER_TRY(der_check_oid(oid.body));
    DER_TRY(der_next(&item.body, &ret->value));
    DER_TRY(der_end(item.body));
    ret->oid = oid.body;
    ret->id = oid_of(oid.body);
    ret->rdn = iterator->rdn_count - 1;
    *ret_more = true;
    return NULL;
}

static bool
is_text(unsigned char tag)
{
    return tag == DER_UTF8_STRING || tag == DER_PRINTABLE_STRING;
}

/* The next character for comparison: lower case, runs of blanks as one, none at the ends. -1 at the
 * end. */
static int
next_folded(struct der *text, bool *at_start)
{
    bool blank = false;
    while (text->len > 0 && text->p[0] == ' ') {
        *text = der_view(text->p + 1, text->len - 1);
        blank = true;
    }
    if (text->len == 0)
        return -1;
    if (blank && !*at_start) {
        *at_start = true; /* the blank is given once, then the character */
        return ' ';
    }
    *at_start = false;
    int c = text->p[0];
    *text = der_view(text->p + 1, text->len - 1);
    return c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c;
}

static bool
is_equal_value(const struct der_item *a, const struct der_item *b)
{
    if (!is_text(a->tag) || !is_text(b->tag))
        return der_equal(a->whole, b->whole);
    struct der left = a->body;
    struct der right = b->body;
    bool left_start = true;
    bool right_start = true;
    for (;;) {
        int l = next_folded(&left, &left_start);
        int r = next_folded(&right, &right_start);
        if (l != r)
            return false;
        if (l < 0)
            return true;
    }
}

/* Is b all of a, or (`within`) its beginning up to the end of a relative name? */
static bool
is_match(struct der a, struct der b, bool within)
{
    struct der_item left;
    struct der_item right;
    if (der_only(a, DER_SEQUENCE, &left) != NULL || der_only(b, DER_SEQUENCE, &right) != NULL)
        return der_equal(a, b);
    struct name_iterator left_names = {.rdns = left.body};
    struct name_iterator right_names = {.rdns = right.body};
    for (;;) {
        struct name_attribute l;
        struct name_attribute r;
        bool left_more = false;
        bool right_more = false;
        bool left_whole = left_names.set.len == 0;
        if (name_next(&left_names, &l, &left_more) != NULL
            || name_next(&right_names, &r, &right_more) != NULL)
            return der_equal(a, b);
        if (!right_more)
            return !left_more || (within && left_whole);
        if (!left_more)
            return false;
        if (l.rdn != r.rdn || !der_equal(l.oid, r.oid) || !is_equal_value(&l.value, &r.value))
            return false;
    }
}

bool
name_equal(struct der a, struct der b)
{
    return is_match(a, b, false);
}

bool
name_is_within(struct der name, struct der base)
{
    return is_match(name, base, true);
}
