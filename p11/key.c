/* SPDX-License-Identifier: Apache-2.0 */
#include "p11/key.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "p11/key_plan.h"

static struct error *
id_text(const unsigned char *id, size_t id_len, char **ret_text)
{
    return hex_encode_new(id, id_len, ret_text);
}

struct error *
key_find_class(struct p11_session *session, CK_OBJECT_CLASS class, const unsigned char *id,
               size_t id_len, CK_OBJECT_HANDLE **ret_handles, size_t *ret_count)
{
    struct ck_template template = {0};
    ck_template_add(&template, CKA_CLASS, &class, sizeof class);
    ck_template_add(&template, CKA_ID, id, id_len);
    return ck_find(session, template.rows, template.count, ret_handles, ret_count);
}

struct error *
key_find_one(struct p11_session *session, CK_OBJECT_CLASS class, const unsigned char *id,
             size_t id_len, CK_OBJECT_HANDLE *ret_handle)
{
    BUG_ON(id_len == 0 || id_len > P11_ID_MAX);
    AUTO_FREE CK_OBJECT_HANDLE *handles = NULL;
    size_t count = 0;
    TRY(key_find_class(session, class, id, id_len, &handles, &count));
    const char *kind = class == CKO_PRIVATE_KEY ? "private" : "public";
    if (count == 1) {
        *ret_handle = handles[0];
        return NULL;
    }
    AUTO_FREE char *text = NULL;
    TRY(id_text(id, id_len, &text));
    if (count == 0)
        return ERROR(ERROR_NOT_FOUND, "token \"%s\" shows no %s key with the id %s",
                     session->token, kind, text);
    return error_hint(ERROR(ERROR_REFUSED,
                            "token \"%s\" holds %zu %s keys with the id %s; none of "
                            "them is used",
                            session->token, count, kind, text),
                      "Find out where the others come from.");
}

struct error *
p11_key_find(struct p11_session *session, const unsigned char *id, size_t id_len,
             unsigned long *ret_handle)
{
    return key_find_one(session, CKO_PRIVATE_KEY, id, id_len, ret_handle);
}

struct error *
p11_key_name_free(struct p11_session *session, const char *label, const unsigned char *id,
                  size_t id_len)
{
    AUTO_FREE struct p11_object *objects = NULL;
    size_t count = 0;
    TRY(p11_objects_list(session, &objects, &count));
    for (size_t i = 0; i < count; i++) {
        bool same_label = strcmp(objects[i].label, label) == 0;
        bool same_id =
            id_len > 0 && objects[i].id_len == id_len && memcmp(objects[i].id, id, id_len) == 0;
        if (!same_label && !same_id)
            continue;
        AUTO_FREE char *text = NULL;
        TRY(id_text(objects[i].id, objects[i].id_len, &text));
        return error_hint(
            ERROR(ERROR_EXISTS,
                  "token \"%s\" has a %s with the %s already: label "
                  "\"%s\", id %s",
                  session->token, p11_class_name(objects[i].class), same_label ? "label" : "id",
                  objects[i].label, text),
            "Choose another name in the script, or find out what this object is.");
    }
    return NULL;
}

struct error *
p11_key_generate(struct p11_session *session, const struct p11_key_plan *plan)
{
    BUG_ON(plan->id_len == 0 || plan->id_len > P11_ID_MAX);
    BUG_ON(plan->purpose == P11_KEY_RESTORED);
    TRY(p11_key_name_free(session, plan->label, plan->id, plan->id_len));
    const struct key_kind *kind = key_kind(plan->type);
    static const unsigned char exponent[] = {0x01, 0x00, 0x01};
    struct ck_template public = {0};
    struct ck_template private = {0};
    key_public_template(&public, kind, plan);
    if (kind->params != NULL) {
        ck_template_add(&public, CKA_EC_PARAMS, kind->params, kind->params_len);
    } else {
        ck_template_add(&public, CKA_MODULUS_BITS, &kind->bits, sizeof kind->bits);
        ck_template_add(&public, CKA_PUBLIC_EXPONENT, exponent, sizeof exponent);
    }
    key_private_template(&private, kind, plan, true, key_planned(plan, CKA_MODIFIABLE));
    CK_MECHANISM mechanism = {.mechanism = kind->generate};
    CK_OBJECT_HANDLE public_handle = CK_INVALID_HANDLE;
    CK_OBJECT_HANDLE private_handle = CK_INVALID_HANDLE;
    CK_RV rv =
        CK_CALL(session->module, C_GenerateKeyPair, session->handle, &mechanism, public.rows,
                public.count, private.rows, private.count, &public_handle, &private_handle);
    if (rv != CKR_OK)
        return P11_ERROR(rv, "could not generate the %s key \"%s\" on token \"%s\"",
                         kind->spoken, plan->label, session->token);
    return NULL;
}

struct error *
p11_key_lock(struct p11_session *session, const unsigned char *id, size_t id_len)
{
    unsigned long handle = 0;
    enum p11_reading reading = P11_UNREADABLE;
    TRY(p11_key_find(session, id, id_len, &handle));
    TRY(ck_read_bool(session, handle, CKA_EXTRACTABLE, &reading));
    if (reading == P11_FALSE) /* tokens refuse to set it once more */
        return NULL;
    struct ck_template template = {0};
    ck_template_add_bool(&template, CKA_EXTRACTABLE, false);
    CK_RV rv = CK_CALL(session->module, C_SetAttributeValue, session->handle, handle,
                       template.rows, template.count);
    if (rv != CKR_OK)
        return P11_ERROR(rv, "could not lock the key on token \"%s\"", session->token);
    TRY(ck_read_bool(session, handle, CKA_EXTRACTABLE, &reading));
    if (reading != P11_FALSE)
        return ERROR(ERROR_TOKEN,
                     "token \"%s\" was told to lock the key, but still reports that "
                     "it may leave: CKA_EXTRACTABLE is %s",
                     session->token, p11_reading_name(reading));
    return NULL;
}

struct error *
p11_key_destroy(struct p11_session *session, const unsigned char *id, size_t id_len,
                size_t *ret_destroyed)
{
    BUG_ON(id_len == 0 || id_len > P11_ID_MAX);
    static const CK_OBJECT_CLASS halves[] = {CKO_PRIVATE_KEY, CKO_PUBLIC_KEY};
    size_t destroyed = 0;
    for (size_t half = 0; half < 2; half++) {
        AUTO_FREE CK_OBJECT_HANDLE *handles = NULL;
        size_t count = 0;
        TRY(key_find_class(session, halves[half], id, id_len, &handles, &count));
        for (size_t i = 0; i < count; i++) {
            TRY(ck_destroy(session, handles[i]));
            destroyed++;
        }
        AUTO_FREE CK_OBJECT_HANDLE *left = NULL;
        TRY(key_find_class(session, halves[half], id, id_len, &left, &count));
        if (count != 0)
            return ERROR(ERROR_TOKEN,
                         "token \"%s\" still shows a key that it was told to destroy",
                         session->token);
    }
    *ret_destroyed = destroyed;
    return NULL;
}
