/* SPDX-License-Identifier: Apache-2.0
 *
 * What one process tells another: numbers and octets, each with its length before it, in frames of a length, a kind
 * and a body. The one that takes them believes no more than of a stranger's file: every number has a bound, every text
 * is safe to show, a hash is hexadecimal of its length, a yes is 0 or 1, and nothing may follow. A struct goes over by a
 * table with a row for each member. (T17) */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"

#define FLAT_FRAME_MAX ((size_t)1 << 20)

/* --- written: appended to a frame --- */

MUST_CHECK struct error *flat_put_number(struct bytes *frame, uint64_t number);
MUST_CHECK struct error *flat_put_octets(struct bytes *frame, const void *data, size_t len);
MUST_CHECK struct error *flat_put_text(struct bytes *frame, const char *text); /* NULL: "" */
/* Code, what, detail and hint, made safe to show, each cut after 4096 octets. */
MUST_CHECK struct error *flat_put_error(struct bytes *frame, const struct error *error);
/* A frame of this kind; its length is written when it ends. Errors: input, when it is longer than FLAT_FRAME_MAX. */
MUST_CHECK struct error *flat_begin(struct bytes *frames, char kind, size_t *ret_start);
MUST_CHECK struct error *flat_end(struct bytes *frames, size_t start);

/* --- taken: errors are verification, for what nobody sends who was not taken over --- */

struct flat_reading {
    const unsigned char *p;
    size_t left;
};

struct error *flat_malformed(void);
MUST_CHECK struct error *flat_take_number(struct flat_reading *in, uint64_t max,
                                          uint64_t *ret_number);
/* A view. */
MUST_CHECK struct error *flat_take_octets(struct flat_reading *in, size_t max,
                                          const unsigned char **ret_data, size_t *ret_len);
/* UTF-8 without anything that steers a terminal; the caller frees. */
MUST_CHECK struct error *flat_take_text(struct flat_reading *in, size_t max, char **ret_text);
/* The same, in `size` characters with the NUL. */
MUST_CHECK struct error *flat_take_fixed(struct flat_reading *in, char *ret_text, size_t size);
MUST_CHECK struct error *flat_take_end(const struct flat_reading *in);
/* The error that was sent, or that it was none. Never NULL. */
struct error *flat_take_error(struct flat_reading *in);

/* --- structs by table --- */

enum flat_kind {
    FLAT_BYTES,  /* struct bytes, at most `limit` octets */
    FLAT_TEXT,   /* char *, owned, at most `limit` octets */
    FLAT_LINES,  /* the same with line feeds */
    FLAT_FIXED,  /* char[], a text */
    FLAT_HASH,   /* char[], as many digits in lower case as it has room for */
    FLAT_HEX,    /* char[], an even number of digits in lower case */
    FLAT_OCTETS, /* unsigned char[], all of it */
    FLAT_BOOL,   /* bool */
    FLAT_TIME,   /* int64_t, seconds since 1970, of the years 0 to 9999 */
    FLAT_NUMBER, /* uint64_t, at most `limit` */
    FLAT_SIZE,   /* size_t, at most `limit` */
    FLAT_KINDS
};

struct flat_row {
    enum flat_kind kind;
    size_t offset;
    size_t size; /* of the member */
    uint64_t limit;
};

#define FLAT(kind, type, member, limit)                                                        \
    {                                                                                          \
        kind, offsetof(type, member), sizeof(((type *)NULL)->member), limit                    \
    }

struct flat_table {
    const struct flat_row *rows;
    size_t count;
};

#define FLAT_TABLE(array)                                                                      \
    {                                                                                          \
        array, sizeof(array) / sizeof((array)[0])                                              \
    }

MUST_CHECK struct error *flat_put(const struct flat_table *table, const void *from,
                                  struct bytes *frame);
/* Into a struct that is empty: what was taken before an error is the caller's to clear, too. */
MUST_CHECK struct error *flat_take(const struct flat_table *table, struct flat_reading *in,
                                   void *to);
