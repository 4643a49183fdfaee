/* SPDX-License-Identifier: Apache-2.0
 *
 * How an operation begins. A key with CKA_ALWAYS_AUTHENTICATE wants its PIN between C_SignInit and the data
 * (R19); people are asked before the token is, so that it does not wait for them in the middle. */
#include "p11/signer_parts.h"

/* The PIN is gone before anybody looks at what came of it. */
static struct error *
authorise(const struct p11_signer *signer, struct p11_session *session, struct secret **pin)
{
    if (!signer->asks)
        return NULL;
    struct error *error = p11_login_for_operation(session, *pin);
    secret_free(TAKE(*pin));
    if (error == NULL && signer->pin_source.taken != NULL)
        error = signer->pin_source.taken(signer->pin_source.self);
    return error;
}

static struct error *
begin_on(const struct p11_signer *signer, struct p11_session *session, struct job *job,
         struct secret **pin)
{
    CK_RV rv =
        CK_CALL(session->module, C_SignInit, session->handle, &job->mechanism, signer->key);
    return rv == CKR_OK ? authorise(signer, session, pin)
                        : p11_signature_explain(signer, session, rv);
}

struct error *
p11_signature_begin(const struct p11_signer *signer, struct job *job,
                    struct p11_session **ret_session)
{
    for (unsigned refused = 0;; refused++) {
        AUTO(secret) pin = NULL;
        struct p11_session *session = NULL;
        if (signer->asks)
            TRY(signer->pin_source.ask(signer->pin_source.self, refused, &pin));
        TRY(p11_pool_take(signer->pool, &session));
        struct error *error = begin_on(signer, session, job, &pin);
        if (error == NULL) {
            *ret_session = session;
            return NULL;
        }
        p11_pool_give(signer->pool, session, false);
        if (!signer->asks || error_code(error) != ERROR_PIN)
            return error;
        error_free(error);
    }
}
