/* SPDX-License-Identifier: Apache-2.0
 *
 * The bytes of a seal that no signature covers. CMS leaves versions, names of algorithms, tags, and
 * what else may lie in the certificate set unsigned; a signature stays valid when they are changed,
 * or when its attributes are encoded in another way. Here a seal is taken apart without OpenSSL, each
 * signature is checked over the very bytes of the file, and all that is left must be what our writer
 * makes (docs/formats/evidence.md). So one byte changed anywhere is found. */
#pragma once

#include <stddef.h>

#include "ceremony/base/error.h"

#define SEAL_SIGNERS_MAX 80

struct seal_frame {
    char certificates[SEAL_SIGNERS_MAX][65]; /* SHA-256 of each, as the bytes lie there */
    size_t count;
};

/* That the attributes fit SHA256SUMS is for seal_signers (transcripts/seal.h) to say. Errors:
 * verification, saying what is not as it must be. */
MUST_CHECK struct error *seal_frame_check(const void *cms, size_t len,
                                          struct seal_frame *ret_frame);
