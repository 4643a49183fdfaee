/* SPDX-License-Identifier: Apache-2.0
 *
 * The only reader of clocks. Test programs link another implementation of clock_read; the shipped
 * ones cannot be steered. */
#pragma once

#include <stdint.h>

#include "ceremony/base/error.h"

struct clock_reading {
    int64_t wall_ms;      /* since 1970-01-01T00:00:00Z */
    int64_t monotonic_ms; /* since an arbitrary start; does not stand still in sleep */
};

void clock_read(struct clock_reading *ret_reading);

#define CLOCK_TEXT_SIZE 32
/* "2026-11-23T14:32:07.123Z" */
void clock_format_ms(int64_t wall_ms, char ret_text[CLOCK_TEXT_SIZE]);
/* "2026-11-23 14:32:07Z", seconds since 1970; proleptic Gregorian, years 1 .. 9999. */
void clock_format_seconds(int64_t seconds, char ret_text[CLOCK_TEXT_SIZE]);
/* RFC 3339 in UTC ("Z"), with or without milliseconds. */
MUST_CHECK struct error *clock_parse(const char *text, int64_t *ret_wall_ms);
/* "2026-11-23" to seconds at 00:00:00Z. */
MUST_CHECK struct error *clock_parse_date(const char *text, int64_t *ret_seconds);
/* Calendar arithmetic: `years` later (29 February becomes 28 where it must). */
int64_t clock_add_years(int64_t seconds, int years);
