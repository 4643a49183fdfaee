/* SPDX-License-Identifier: Apache-2.0
 *
 * Shamir's secret sharing over GF(2^8) with the AES polynomial x^8 + x^4 + x^3 + x + 1 (0x11B), byte
 * by byte (SLIP-0039, "Shamir's secret sharing scheme"). No tables, no heap, no library: what a
 * share holds decides neither a branch nor an address. Functions named `_ct` take the same time for
 * all values; those named `_var` take public values only (share indices). The caller owns and wipes
 * all buffers. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define SHAMIR_POINTS_MAX 16U

uint8_t shamir_gf_mul_ct(uint8_t a, uint8_t b);
/* The inverse; that of 0 is 0. */
uint8_t shamir_gf_inv_ct(uint8_t a);

/* The Lagrange coefficient of point `i` at `x`: the product over j != i of (x - xs[j]) / (xs[i] - xs[j]).
 * `count` distinct indices. */
uint8_t shamir_lagrange_var(const uint8_t *xs, size_t count, size_t i, uint8_t x);

/* The values at index `x` of the polynomials of degree < `count` through the points (xs[i], ys[i]),
 * where ys[i] is a string of `len` bytes, each byte its own polynomial. The indices are public and
 * distinct, 1 <= count <= SHAMIR_POINTS_MAX. `ret_y` holds `len` bytes and overlaps none of `ys`. */
void shamir_interpolate_ct(const uint8_t *xs, const uint8_t *const *ys, size_t count,
                           size_t len, uint8_t x, uint8_t *ret_y);

/* Extends the `threshold` points given to all indices 0 .. count-1: shares[k] receives the `len`
 * bytes at index k. A shares[k] that is itself one of `ys` is left as it is. */
void shamir_split_ct(const uint8_t *xs, const uint8_t *const *ys, size_t threshold, size_t len,
                     uint8_t *const *shares, size_t count);
