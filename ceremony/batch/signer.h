/* SPDX-License-Identifier: Apache-2.0
 *
 * Who signs for the line: a token, or in tests a software key. */
#pragma once

#include <stddef.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"
#include "p11/signer.h"

/* Called by several workers at once, each with its own number from 0. The signature is as X.509
 * carries it, and was verified in software before it is given out (R32). */
struct batch_signer {
    struct error *(*sign)(void *self, unsigned worker, const void *message, size_t len,
                          struct bytes *ret_signature);
    void *self;
};

/* With a key of a token. `how` and the signer are borrowed for as long as it signs. */
struct batch_token_signer {
    struct p11_signer *signer;
    struct p11_signing how;
};

struct batch_signer batch_signer_of_token(struct batch_token_signer *token);
