/* SPDX-License-Identifier: Apache-2.0
 *
 * The lies of fault_module.c: what a token might answer that is not so. */
#include <string.h>

#include "tests/support/modules/fault.h"

bool
has(const struct meeting *meeting, enum action action)
{
    return (meeting->actions & (1U << action)) != 0;
}

void
flip(const struct meeting *meeting, CK_RV rv, CK_BYTE *data, CK_ULONG len)
{
    if (has(meeting, FLIP) && rv == CKR_OK && data != NULL && len > 0)
        data[len / 2] ^= 0x10;
}

/* A fresh session key pair of the same type and size as `key`, straight from the target. */
static bool
fresh_pair(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, CK_OBJECT_HANDLE *ret_public,
           CK_OBJECT_HANDLE *ret_private)
{
    CK_KEY_TYPE type = 0;
    CK_BYTE params[64];
    CK_BYTE modulus[1024];
    CK_ATTRIBUTE read_type = {CKA_KEY_TYPE, &type, sizeof type};
    if (target->C_GetAttributeValue(session, key, &read_type, 1) != CKR_OK)
        return false;
    CK_ATTRIBUTE shape = {CKA_EC_PARAMS, params, sizeof params};
    if (type == CKK_RSA)
        shape = (CK_ATTRIBUTE){CKA_MODULUS, modulus, sizeof modulus};
    if (target->C_GetAttributeValue(session, key, &shape, 1) != CKR_OK)
        return false;
    CK_BBOOL no = CK_FALSE;
    CK_BBOOL yes = CK_TRUE;
    CK_BYTE exponent[] = {1, 0, 1};
    CK_ULONG bits = shape.ulValueLen * 8;
    CK_ATTRIBUTE public[] = {
        {CKA_TOKEN,           &no,      sizeof no      },
        shape,
        {CKA_PUBLIC_EXPONENT, exponent, sizeof exponent},
    };
    if (type == CKK_RSA)
    public[1] = (CK_ATTRIBUTE){CKA_MODULUS_BITS, &bits, sizeof bits};
    CK_ATTRIBUTE private[] = {
        {CKA_TOKEN, &no,  sizeof no },
        {CKA_SIGN,  &yes, sizeof yes},
    };
    CK_MECHANISM mechanism = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
    if (type == CKK_RSA)
        mechanism.mechanism = CKM_RSA_PKCS_KEY_PAIR_GEN;
    if (type == CKK_EC_EDWARDS)
        mechanism.mechanism = CKM_EC_EDWARDS_KEY_PAIR_GEN;
    return target->C_GenerateKeyPair(session, &mechanism, public, type == CKK_RSA ? 3 : 2,
                                     private, 2, ret_public, ret_private)
           == CKR_OK;
}

void
empty(const struct meeting *meeting, CK_ULONG *len)
{
    if (has(meeting, NO_OUTPUT))
        *len = 0;
}

void
forget(const struct meeting *meeting, CK_RV rv, CK_SESSION_HANDLE session,
       const CK_OBJECT_HANDLE *made)
{
    if (has(meeting, NOT_KEPT) && rv == CKR_OK && made != NULL)
        (void)target->C_DestroyObject(session, *made);
}

void
swap_key(const struct meeting *meeting, CK_RV rv, CK_SESSION_HANDLE session,
         CK_OBJECT_HANDLE *key)
{
    CK_OBJECT_CLASS class = CKO_DATA;
    CK_ATTRIBUTE read_class = {CKA_CLASS, &class, sizeof class};
    CK_OBJECT_HANDLE public = 0;
    CK_OBJECT_HANDLE private = 0;
    if (!has(meeting, OTHER_KEY) || rv != CKR_OK
        || target->C_GetAttributeValue(session, *key, &read_class, 1) != CKR_OK
        || (class != CKO_PRIVATE_KEY && class != CKO_PUBLIC_KEY)
        || !fresh_pair(session, *key, &public, &private))
        return;
    *key = class == CKO_PRIVATE_KEY ? private : public;
}

static void
lie_about_point(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template,
                CK_ULONG count)
{
    for (CK_ULONG i = 0; i < count; i++) {
        bool point = template[i].type == CKA_EC_POINT || template[i].type == CKA_MODULUS;
        CK_OBJECT_HANDLE public = 0;
        CK_OBJECT_HANDLE private = 0;
        if (!point || template[i].pValue == NULL
            || !fresh_pair(session, object, &public, &private))
            continue;
        (void)target->C_GetAttributeValue(session, public, &template[i], 1);
        (void)target->C_DestroyObject(session, public);
        (void)target->C_DestroyObject(session, private);
    }
}

static void
override_attributes(const struct meeting *meeting, CK_ATTRIBUTE *template, CK_ULONG count)
{
    for (size_t rule = 0; rule < meeting->attribute_count; rule++) {
        for (CK_ULONG i = 0; i < count; i++) {
            if (template[i].type == meeting->attributes[rule]->number
                && template[i].pValue != NULL && template[i].ulValueLen > 0
                && template[i].ulValueLen != CK_UNAVAILABLE_INFORMATION)
                *(CK_BYTE *)template[i].pValue = meeting->attributes[rule]->value;
        }
    }
}

CK_RV
generate_extractable(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *public,
                     CK_ULONG public_count, CK_ATTRIBUTE *private, CK_ULONG private_count,
                     CK_OBJECT_HANDLE *public_key, CK_OBJECT_HANDLE *private_key)
{
    CK_ATTRIBUTE changed[64];
    CK_BBOOL yes = CK_TRUE;
    if (private_count > 64)
        return CKR_TEMPLATE_INCONSISTENT;
    for (CK_ULONG i = 0; i < private_count; i++) {
        changed[i] = private[i];
        if (changed[i].type == CKA_EXTRACTABLE)
            changed[i].pValue = &yes;
    }
    return target->C_GenerateKeyPair(session, mechanism, public, public_count, changed,
                                     private_count, public_key, private_key);
}

CK_RV
create_shown(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count,
             CK_OBJECT_HANDLE *object)
{
    CK_ATTRIBUTE changed[64];
    CK_BBOOL no = CK_FALSE;
    CK_BBOOL yes = CK_TRUE;
    CK_ULONG kept = count < 64 ? count : 64;
    for (CK_ULONG i = 0; i < kept; i++) {
        changed[i] = template[i];
        if (changed[i].type == CKA_SENSITIVE || changed[i].type == CKA_EXTRACTABLE)
            changed[i].pValue = changed[i].type == CKA_SENSITIVE ? &no : &yes;
    }
    return target->C_CreateObject(session, changed, kept, object);
}

CK_RV
lying_random(const struct meeting *meeting, CK_SESSION_HANDLE session, CK_BYTE *data,
             CK_ULONG len)
{
    CK_RV rv = target->C_GenerateRandom(session, data, len);
    flip(meeting, rv, data, len);
    if (has(meeting, CONSTANT_RANDOM) && rv == CKR_OK)
        memset(data, 0x42, len);
    return rv;
}

CK_RV
lying_token_info(const struct meeting *meeting, CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
    CK_RV rv = target->C_GetTokenInfo(slot, info);
    if (has(meeting, FLAGS) && rv == CKR_OK)
        info->flags |= meeting->number[FLAGS];
    if (has(meeting, NO_FLAGS) && rv == CKR_OK)
        info->flags &= ~meeting->number[NO_FLAGS];
    return rv;
}

CK_RV
lying_attributes(const struct meeting *meeting, CK_SESSION_HANDLE session,
                 CK_OBJECT_HANDLE object, CK_ATTRIBUTE *template, CK_ULONG count)
{
    CK_RV rv = target->C_GetAttributeValue(session, object, template, count);
    if (rv != CKR_OK || count == 0)
        return rv;
    flip(meeting, rv, template[0].pValue, template[0].ulValueLen);
    for (CK_ULONG i = 0; i < count && has(meeting, NO_ATTRIBUTE); i++)
        if (template[i].type == meeting->number[NO_ATTRIBUTE]) {
            template[i].ulValueLen = CK_UNAVAILABLE_INFORMATION;
            return CKR_ATTRIBUTE_TYPE_INVALID;
        }
    override_attributes(meeting, template, count);
    if (has(meeting, OTHER_POINT))
        lie_about_point(session, object, template, count);
    return rv;
}

CK_RV
lying_find(const struct meeting *meeting, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects,
           CK_ULONG max, CK_ULONG *count)
{
    CK_RV rv = target->C_FindObjects(session, objects, max, count);
    if (rv != CKR_OK || *count == 0)
        return rv;
    for (CK_ULONG i = 0; i < *count; i++)
        swap_key(meeting, rv, session, &objects[i]);
    if (has(meeting, SHORT_LIST))
        (*count)--;
    if (has(meeting, SAME_HANDLE) && *count < max) {
        objects[*count] = objects[0];
        (*count)++;
    }
    return rv;
}

CK_RV
lying_sign_init(const struct meeting *meeting, CK_SESSION_HANDLE session,
                CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
    CK_OBJECT_HANDLE public = 0;
    CK_OBJECT_HANDLE private = key;
    if (has(meeting, WRONG_KEY) && !fresh_pair(session, key, &public, &private))
        give_up("no other key to sign with", "lie:wrong-key");
    return target->C_SignInit(session, mechanism, private);
}
