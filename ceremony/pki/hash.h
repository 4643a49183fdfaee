/* SPDX-License-Identifier: Apache-2.0
 *
 * Hashes of whole files as lower-case hexadecimal: for layers that keep hashes but know nothing of
 * libcrypto. (R1) */
#pragma once

#include <stddef.h>

#include "ceremony/base/error.h"

/* Error: bug, when libcrypto refuses; memory. */
MUST_CHECK struct error *pki_sha256_hex(const void *data, size_t len, char ret_hex[65]);
MUST_CHECK struct error *pki_sha384_hex(const void *data, size_t len, char ret_hex[97]);
