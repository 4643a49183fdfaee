/* SPDX-License-Identifier: Apache-2.0
 *
 * The lines that were carried home on paper (R94). */
#include "ceremony/audit/trust.h"
#include "tests/fuzz/fuzz.h"

void
fuzz_one(const uint8_t *data, size_t size)
{
    AUTO_TRUST trust = {0};
    error_free(trust_parse((const char *)data, size, &trust));
}
