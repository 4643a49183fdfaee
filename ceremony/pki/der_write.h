/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing DER. Contents are appended to a buffer; der_close puts a header before what was appended
 * since `start`, so structures nest without temporary buffers. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"
#include "ceremony/pki/der.h"

#define DER_HEADER_MAX 6

/* Identifier and length octets; returns how many. */
size_t der_make_header(unsigned char tag, size_t len, unsigned char header[DER_HEADER_MAX]);
/* Header and contents. */
MUST_CHECK struct error *der_put(struct bytes *out, unsigned char tag, const void *data,
                                 size_t len);
MUST_CHECK struct error *der_put_text(struct bytes *out, unsigned char tag, const char *text);
/* Bytes that are DER already. */
MUST_CHECK struct error *der_put_raw(struct bytes *out, struct der der);
/* Wraps everything after `start` (an earlier out->len) in one element. */
MUST_CHECK struct error *der_close(struct bytes *out, size_t start, unsigned char tag);

/* A positive integer from big-endian octets; leading zeros are dropped. */
MUST_CHECK struct error *der_put_unsigned(struct bytes *out, const unsigned char *data,
                                          size_t len);
MUST_CHECK struct error *der_put_number(struct bytes *out, uint64_t value);
MUST_CHECK struct error *der_put_true(struct bytes *out);
/* A BIT STRING of whole octets. */
MUST_CHECK struct error *der_put_bits(struct bytes *out, const void *data, size_t len);
/* A named bit list (bit n of `bits` is bit n of the list), trailing zeros dropped. */
MUST_CHECK struct error *der_put_named_bits(struct bytes *out, unsigned bits);
/* UTCTime through 2049, GeneralizedTime from 2050 (RFC 5280 4.1.2.5). Input error outside
 * 1950 .. 9999. */
MUST_CHECK struct error *der_put_time(struct bytes *out, int64_t seconds);
/* Always GeneralizedTime (invalidityDate). */
MUST_CHECK struct error *der_put_generalized_time(struct bytes *out, int64_t seconds);
