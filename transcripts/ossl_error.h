/* SPDX-License-Identifier: Apache-2.0
 *
 * OpenSSL's failures, converted for this folder in this one place. */
#pragma once

#include "ceremony/base/error.h"

/* Makes an error whose origin is the deepest entry of OpenSSL's queue, and empties the queue. */
struct error *transcript_ossl_error(enum error_code code, const char *file, int line,
                                    const char *format, ...) PRINTF_LIKE(4, 5);
#define TRANSCRIPT_OSSL_ERROR(code, ...)                                                       \
    transcript_ossl_error((code), __FILE__, __LINE__, __VA_ARGS__)
