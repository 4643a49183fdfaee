/* SPDX-License-Identifier: Apache-2.0
 *
 * Distinguished names: written from profiles (R48), read attribute by attribute, compared as
 * RFC 5280 7.1 wants, shown safely. */
#pragma once

#include "ceremony/base/bytes.h"
#include "ceremony/pki/der.h"
#include "ceremony/pki/oid.h"
#include "ceremony/pki/profile.h"

struct name_attribute {
    struct der oid;
    enum oid id;
    struct der_item value;
    size_t rdn; /* number of its RDN, from 0 */
};

/* Iteration: zero-initialise with the contents of the Name SEQUENCE. */
struct name_iterator {
    struct der rdns;
    struct der set;
    size_t rdn_count;
};

/* Takes the next attribute; *ret_more is false at the end. */
MUST_CHECK const char *name_next(struct name_iterator *iterator, struct name_attribute *ret,
                                 bool *ret_more);

#define NAME_PRACTICE_MARK "PRACTICE "

/* Can the name carry the mark, and does it? `name` is the whole Name element for the second. */
bool name_can_be_marked(const struct pki_name *name);
bool name_is_marked(struct der name);

/* The Name SEQUENCE, one attribute an RDN, in the profile's order. PrintableString for C,
 * serialNumber and dnQualifier, IA5String for DC and emailAddress, UTF8String else. Input errors:
 * unknown type, a character the type does not have, a length above RFC 5280's upper bound.
 * `practice`: the mark stands before the first common name, or the first organisation where there is
 * none; refused if there is neither. No part may have a field any more. */
MUST_CHECK struct error *name_put(struct bytes *out, const struct pki_name *name,
                                  bool practice);
/* "TYPE=value, TYPE=value" in the order of encoding, "\," for a comma, as a Name; `practice` as in
 * name_put. */
MUST_CHECK struct error *name_put_text(struct bytes *out, const char *text, bool practice);

/* Upper bound in characters for an attribute (RFC 5280 appendix A), 0: none. */
size_t name_upper_bound(enum oid id);
/* RFC 5280 7.1 as far as ASCII goes: PrintableString and UTF8String compare without case and with
 * inner blanks folded; all other values compare by bytes. */
bool name_equal(struct der a, struct der b);
/* Does `name` begin with all of `base`, compared so (RFC 5280 4.2.1.10)? */
bool name_is_within(struct der name, struct der base);

/* Most specific part first: "CN=Example Root X1, O=Example, C=CH"; all bytes safe, separators in
 * values escaped. `name` is the whole Name element. */
MUST_CHECK struct error *name_append(struct bytes *out, struct der name);
/* One string value, safe; other types as "#hex". */
MUST_CHECK struct error *name_append_value(struct bytes *out, const struct der_item *value);
