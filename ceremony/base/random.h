/* SPDX-License-Identifier: Apache-2.0
 *
 * Randomness of the operating system. Test programs may link another implementation of
 * random_bytes; the shipped ones cannot be steered. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/error.h"

MUST_CHECK struct error *random_bytes(void *ret_data, size_t len);
/* Uniform in 0 .. below-1; below >= 1. */
MUST_CHECK struct error *random_below(uint32_t below, uint32_t *ret_value);
