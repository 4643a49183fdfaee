/* SPDX-License-Identifier: Apache-2.0
 *
 * What the process that reads requests may send, once a request has taken it over (T17). */
#include "ceremony/batch/wire.h"
#include "tests/fuzz/fuzz.h"

void
fuzz_one(const uint8_t *data, size_t size)
{
    AUTO(batch_item) item = NULL;
    error_free(wire_take(data, size, &item));
}
