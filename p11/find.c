/* SPDX-License-Identifier: Apache-2.0
 *
 * Searching and destroying by handle. */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "p11/ck.h"

#define FIND_CHUNK  256UL
#define HANDLES_MAX 1000000UL

static struct error *
check_new(const CK_OBJECT_HANDLE *handles, size_t count, CK_ULONG more,
          const struct p11_session *session)
{
    for (size_t i = count; i < count + more; i++)
        for (size_t j = 0; j < i; j++)
            if (handles[i] == handles[j])
                return ERROR(ERROR_TOKEN,
                             "token \"%s\" lists the same object twice: its list "
                             "cannot be trusted",
                             session->token);
    return NULL;
}

static struct error *
collect(struct p11_session *session, CK_OBJECT_HANDLE **handles, size_t *count)
{
    for (;;) {
        CK_OBJECT_HANDLE *grown = realloc(*handles, (*count + FIND_CHUNK) * sizeof **handles);
        if (grown == NULL)
            return error_memory();
        *handles = grown;
        CK_ULONG found = 0;
        CK_RV rv = CK_CALL(session->module, C_FindObjects, session->handle, grown + *count,
                           FIND_CHUNK, &found);
        if (rv != CKR_OK || found > FIND_CHUNK)
            return P11_ERROR(rv != CKR_OK ? rv : CKR_GENERAL_ERROR,
                             "could not list the objects of token \"%s\"", session->token);
        if (found == 0)
            return NULL;
        TRY(check_new(grown, *count, found, session));
        *count += found;
        if (*count > HANDLES_MAX)
            return ERROR(ERROR_TOKEN, "token \"%s\" lists objects without end", session->token);
    }
}

struct error *
ck_find(struct p11_session *session, const CK_ATTRIBUTE *template, CK_ULONG count,
        CK_OBJECT_HANDLE **ret_handles, size_t *ret_count)
{
    CK_RV rv = CK_CALL(session->module, C_FindObjectsInit, session->handle,
                       ck_unconst(template), count);
    if (rv != CKR_OK)
        return P11_ERROR(rv, "could not list the objects of token \"%s\"", session->token);
    AUTO_FREE CK_OBJECT_HANDLE *handles = NULL;
    size_t found = 0;
    struct error *error = collect(session, &handles, &found);
    rv = CK_CALL(session->module, C_FindObjectsFinal, session->handle);
    if (error != NULL)
        return error;
    if (rv != CKR_OK)
        return P11_ERROR(rv, "could not list the objects of token \"%s\"", session->token);
    *ret_handles = TAKE(handles);
    *ret_count = found;
    return NULL;
}

/* A handle may be given anew, but in one session directly after a destruction it is not. */
static struct error *
prove_absent(struct p11_session *session, CK_OBJECT_HANDLE object)
{
    CK_ATTRIBUTE attribute = {.type = CKA_CLASS};
    CK_RV rv =
        CK_CALL(session->module, C_GetAttributeValue, session->handle, object, &attribute, 1);
    if (ck_is_fatal(rv))
        return P11_ERROR(rv, "could not prove that an object of token \"%s\" is destroyed",
                         session->token);
    bool there = rv == CKR_OK;
    AUTO_FREE CK_OBJECT_HANDLE *handles = NULL;
    size_t count = 0;
    TRY(ck_find(session, NULL, 0, &handles, &count));
    for (size_t i = 0; i < count; i++)
        there = there || handles[i] == object;
    if (there)
        return ERROR(ERROR_TOKEN,
                     "token \"%s\" says that it destroyed an object, but the object "
                     "is still there",
                     session->token);
    return NULL;
}

struct error *
ck_destroy(struct p11_session *session, CK_OBJECT_HANDLE object)
{
    CK_RV rv = CK_CALL(session->module, C_DestroyObject, session->handle, object);
    if (rv != CKR_OK)
        return P11_ERROR(rv, "could not destroy an object of token \"%s\"", session->token);
    return prove_absent(session, object);
}
