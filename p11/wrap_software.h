/* SPDX-License-Identifier: Apache-2.0
 *
 * Internal to this folder: RFC 5649 by libcrypto, the other way round than wrap.h has it. */
#pragma once

#include "ceremony/base/bytes.h"
#include "ceremony/base/secret.h"

/* AES key wrap with padding of `key`, appended. */
MUST_CHECK struct error *wrap_software(const struct secret *kek, const struct secret *key,
                                       struct bytes *blob);
/* The exact plaintext, no format asked of it. */
MUST_CHECK struct error *unwrap_software(const struct secret *kek, const void *blob,
                                         size_t blob_len, struct secret **ret_key);
