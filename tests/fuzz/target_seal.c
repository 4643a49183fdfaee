/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of a seal that no signature covers (R93 to R95). */
#include "ceremony/audit/seal_frame.h"
#include "tests/fuzz/fuzz.h"

void
fuzz_one(const uint8_t *data, size_t size)
{
    struct seal_frame frame;
    error_free(seal_frame_check(data, size, &frame));
}
