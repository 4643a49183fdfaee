/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/secret.h"
#include "p11/ck.h"

#define VALUE_MAX (1UL << 24)

const char *
p11_reading_name(enum p11_reading reading)
{
    static const char *const names[] = {
        [P11_FALSE] = "false",
        [P11_TRUE] = "true",
        [P11_ABSENT] = "absent",
        [P11_UNREADABLE] = "unreadable",
    };
    return names[reading];
}

void
ck_value_clear(struct ck_value *value)
{
    secret_wipe(value->data.data, value->data.len);
    bytes_clear(&value->data);
}

void
ck_template_add(struct ck_template *template, CK_ATTRIBUTE_TYPE type, const void *value,
                size_t len)
{
    BUG_ON(template->count >= CK_TEMPLATE_MAX);
    template->rows[template->count++] = (CK_ATTRIBUTE){
        .type = type,
        .pValue = ck_unconst(value),
        .ulValueLen = len,
    };
}

void
ck_template_add_bool(struct ck_template *template, CK_ATTRIBUTE_TYPE type, bool value)
{
    static const CK_BBOOL yes = CK_TRUE;
    static const CK_BBOOL no = CK_FALSE;
    ck_template_add(template, type, value ? &yes : &no, sizeof yes);
}

static enum p11_reading
state_of(CK_RV rv, CK_ULONG len)
{
    if (rv == CKR_ATTRIBUTE_TYPE_INVALID)
        return P11_ABSENT;
    if (rv != CKR_OK || len == CK_UNAVAILABLE_INFORMATION || len > VALUE_MAX)
        return P11_UNREADABLE;
    return P11_TRUE;
}

struct error *
ck_read(struct p11_session *session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
        struct ck_value *ret_value)
{
    ret_value->data.len = 0;
    CK_ATTRIBUTE attribute = {.type = type};
    CK_RV rv =
        CK_CALL(session->module, C_GetAttributeValue, session->handle, object, &attribute, 1);
    if (ck_is_fatal(rv))
        return P11_ERROR(rv, "could not read an object of token \"%s\"", session->token);
    ret_value->state = state_of(rv, attribute.ulValueLen);
    if (ret_value->state != P11_TRUE || attribute.ulValueLen == 0)
        return NULL;
    size_t room = attribute.ulValueLen;
    unsigned char *data = calloc(1, room);
    if (data == NULL)
        return error_memory();
    attribute.pValue = data;
    rv = CK_CALL(session->module, C_GetAttributeValue, session->handle, object, &attribute, 1);
    ret_value->state = state_of(rv, attribute.ulValueLen);
    struct error *error = NULL;
    if (ck_is_fatal(rv))
        error = P11_ERROR(rv, "could not read an object of token \"%s\"", session->token);
    else if (ret_value->state == P11_TRUE && attribute.ulValueLen > room)
        ret_value->state = P11_UNREADABLE;
    else if (ret_value->state == P11_TRUE)
        error = bytes_copy(&ret_value->data, data, attribute.ulValueLen);
    secret_wipe(data, room);
    free(data);
    return error;
}

struct error *
ck_read_bool(struct p11_session *session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
             enum p11_reading *ret_reading)
{
    AUTO_CK_VALUE value = {0};
    TRY(ck_read(session, object, type, &value));
    if (value.state != P11_TRUE)
        *ret_reading = value.state;
    else if (value.data.len != sizeof(CK_BBOOL))
        *ret_reading = P11_UNREADABLE;
    else
        *ret_reading = value.data.data[0] != CK_FALSE ? P11_TRUE : P11_FALSE;
    return NULL;
}

struct error *
ck_read_number(struct p11_session *session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type,
               enum p11_reading *ret_reading, CK_ULONG *ret_number)
{
    AUTO_CK_VALUE value = {0};
    TRY(ck_read(session, object, type, &value));
    *ret_reading = value.state;
    *ret_number = 0;
    if (value.state != P11_TRUE)
        return NULL;
    if (value.data.len != sizeof(CK_ULONG)) {
        *ret_reading = P11_UNREADABLE;
        return NULL;
    }
    memcpy(ret_number, value.data.data, sizeof *ret_number);
    if (*ret_number == CK_UNAVAILABLE_INFORMATION)
        *ret_reading = P11_UNREADABLE;
    return NULL;
}
