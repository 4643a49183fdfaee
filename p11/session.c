/* SPDX-License-Identifier: Apache-2.0 */
#include "p11/session.h"

#include <stdlib.h>
#include <string.h>

#include "p11/ck.h"
#include "p11/text.h"

#define RANDOM_CHUNK 4096UL

struct error *
p11_session_open(struct p11_module *module, unsigned long slot,
                 struct p11_session **ret_session)
{
    CK_TOKEN_INFO info = {0};
    TRY(ck_token_info(module, slot, &info));
    struct p11_session *session = calloc(1, sizeof *session);
    if (session == NULL)
        return error_memory();
    session->module = module;
    session->slot = slot;
    struct error *error =
        p11_padded_text(info.label, sizeof info.label, session->token, sizeof session->token);
    if (error == NULL) {
        CK_RV rv = CK_CALL(module, C_OpenSession, slot, CKF_SERIAL_SESSION | CKF_RW_SESSION,
                           NULL, NULL, &session->handle);
        if (rv != CKR_OK)
            error = P11_ERROR(rv, "could not open a session with token \"%s\"", session->token);
    }
    if (error != NULL) {
        free(session);
        return error;
    }
    *ret_session = session;
    return NULL;
}

void
p11_session_close(struct p11_session *session)
{
    if (session == NULL)
        return;
    (void)CK_CALL(session->module, C_CloseSession, session->handle);
    free(session);
}

struct p11_module *
p11_session_module(struct p11_session *session)
{
    return session->module;
}

void
p11_session_set_pin_source(struct p11_session *session, const struct p11_pin_source *source)
{
    session->pin_source = *source;
}

unsigned long
p11_session_slot(const struct p11_session *session)
{
    return session->slot;
}

struct error *
p11_login_state(struct p11_session *session, bool *ret_user, bool *ret_so)
{
    CK_SESSION_INFO info = {0};
    CK_RV rv = CK_CALL(session->module, C_GetSessionInfo, session->handle, &info);
    if (rv != CKR_OK)
        return P11_ERROR(rv, "could not ask token \"%s\" who is logged in", session->token);
    *ret_user = info.state == CKS_RW_USER_FUNCTIONS || info.state == CKS_RO_USER_FUNCTIONS;
    *ret_so = info.state == CKS_RW_SO_FUNCTIONS;
    return NULL;
}

struct error *
p11_random(struct p11_session *session, void *ret_data, size_t len)
{
    unsigned char *data = ret_data;
    while (len > 0) {
        CK_ULONG part = len < RANDOM_CHUNK ? len : RANDOM_CHUNK;
        CK_RV rv = CK_CALL(session->module, C_GenerateRandom, session->handle, data, part);
        if (rv != CKR_OK)
            return P11_ERROR(rv, "could not get random bytes from token \"%s\"",
                             session->token);
        data += part;
        len -= part;
    }
    return NULL;
}
