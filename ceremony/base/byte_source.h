/* SPDX-License-Identifier: Apache-2.0
 *
 * Bytes that come in parts, so that what is hashed or signed need not stand in memory as a whole. */
#pragma once

#include <stddef.h>

#include "ceremony/base/error.h"

struct byte_source {
    /* The next part, valid until the next call; a length of 0 is the end. */
    struct error *(*next)(void *self, const void **ret_data, size_t *ret_len);
    void *self;
};
