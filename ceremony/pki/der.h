/* SPDX-License-Identifier: Apache-2.0
 *
 * A strict reader of DER (X.690). It borrows the input, never reads past it, never allocates, and
 * refuses what DER refuses: indefinite and non-minimal lengths, high tag numbers (no structure of
 * ours has them), lengths beyond the input.
 *
 * Reading functions return a fault as a short static text ("non-minimal length") or NULL: a
 * malformed object is a finding here, not an error of the program, and costs no heap. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/error.h"

struct der { /* a view: borrowed bytes */
    const unsigned char *p;
    size_t len;
};

struct der_item {
    unsigned char tag; /* identifier octet: class, constructed bit and number */
    struct der body;
    struct der whole; /* header and body */
};

/* A decoded time and how it was written. */
struct der_time {
    int64_t seconds; /* since 1970 */
    bool generalized;
};

#define DER_BOOLEAN          0x01
#define DER_INTEGER          0x02
#define DER_BIT_STRING       0x03
#define DER_OCTET_STRING     0x04
#define DER_NULL             0x05
#define DER_OID              0x06
#define DER_ENUMERATED       0x0a
#define DER_UTF8_STRING      0x0c
#define DER_NUMERIC_STRING   0x12
#define DER_PRINTABLE_STRING 0x13
#define DER_TELETEX_STRING   0x14
#define DER_IA5_STRING       0x16
#define DER_UTC_TIME         0x17
#define DER_GENERALIZED_TIME 0x18
#define DER_VISIBLE_STRING   0x1a
#define DER_UNIVERSAL_STRING 0x1c
#define DER_BMP_STRING       0x1e
#define DER_SEQUENCE         0x30
#define DER_SET              0x31
#define DER_CONTEXT(n)       (0x80 | (n))
#define DER_CONTEXT_C(n)     (0xa0 | (n))
#define DER_DEPTH_MAX        24

#define DER_TRY(call)                                                                          \
    do {                                                                                       \
        const char *der_fault_ = (call);                                                       \
        if (der_fault_ != NULL)                                                                \
            return der_fault_;                                                                 \
    } while (0)

static inline struct der
der_view(const void *data, size_t len)
{
    return (struct der){data, len};
}

bool der_equal(struct der a, struct der b);
bool der_is_bytes(struct der a, const void *data, size_t len);
/* Does the next element have this tag? False at the end. */
bool der_is_next(struct der from, unsigned char tag);

/* Takes the next element off `from`. */
MUST_CHECK const char *der_next(struct der *from, struct der_item *ret_item);
/* ... which must have this tag. */
MUST_CHECK const char *der_expect(struct der *from, unsigned char tag,
                                  struct der_item *ret_item);
/* The one element that `from` holds, nothing after it. */
MUST_CHECK const char *der_only(struct der from, unsigned char tag, struct der_item *ret_item);
/* Fault if bytes are left. */
MUST_CHECK const char *der_end(struct der from);

/* Contents of one type. */
MUST_CHECK const char *der_check_integer(struct der body);
MUST_CHECK const char *der_small_integer(struct der body, int64_t *ret_value); /* <= 8 octets */
MUST_CHECK const char *der_check_bit_string(struct der body);
MUST_CHECK const char *der_check_oid(struct der body);
MUST_CHECK const char *der_check_string(unsigned char tag, struct der body);
/* UTCTime or GeneralizedTime as RFC 5280 4.1.2.5 wants it: seconds, "Z", no fraction. */
MUST_CHECK const char *der_time(const struct der_item *item, struct der_time *ret_time);

/* The order of a SET OF: ascending encodings (X.690 11.6). */
MUST_CHECK const char *der_check_set_order(struct der body);
/* All elements, to a depth: every universal type has valid contents, SETs are sorted. */
MUST_CHECK const char *der_check(struct der data, unsigned depth);
