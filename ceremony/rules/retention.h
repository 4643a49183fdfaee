/* SPDX-License-Identifier: Apache-2.0
 *
 * How long the records of a CA key are kept. (R98; BR 5.4.3, 5.5.2) */
#pragma once

#include <stdint.h>

/* What these records are, in the closing record and in reports. */
#define RETENTION_CLASS "CA key life cycle"

/* No record may go before this: two years, never less, after `last`, which is the later of the key's destruction and
 * the end of its last CA certificate; both in seconds since 1970. */
static inline int64_t
retention_until(int64_t last)
{
    return last + (int64_t)(2 * 366) * 24 * 60 * 60;
}
