/* SPDX-License-Identifier: Apache-2.0
 *
 * The ledger's lines of an evidence folder, done again (R53, R102). */
#include "ceremony/ledger/ledger.h"
#include "tests/fuzz/fuzz.h"

void
fuzz_one(const uint8_t *data, size_t size)
{
    unsigned char head[32];
    uint64_t count = 0;
    error_free(ledger_check_lines(data, size, head, &count));
}
