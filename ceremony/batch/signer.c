/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/signer.h"

static struct error *
sign_by_token(void *self, unsigned worker, const void *message, size_t len,
              struct bytes *ret_signature)
{
    struct batch_token_signer *token = self;
    (void)worker; /* the signer's pool gives each call a session of its own */
    return p11_signer_sign(token->signer, &token->how, message, len, ret_signature);
}

struct batch_signer
batch_signer_of_token(struct batch_token_signer *token)
{
    return (struct batch_signer){sign_by_token, token};
}
