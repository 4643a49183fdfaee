/* SPDX-License-Identifier: Apache-2.0 */
#include "p11/object.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include "ceremony/base/cleanup.h"
#include "p11/ck.h"
#include "p11/text.h"

static const struct {
    const char *name;
    CK_OBJECT_CLASS number;
} classes[] = {
    [P11_PRIVATE_KEY] = {"private key",  CKO_PRIVATE_KEY           },
    [P11_PUBLIC_KEY] = {"public key",   CKO_PUBLIC_KEY            },
    [P11_SECRET_KEY] = {"secret key",   CKO_SECRET_KEY            },
    [P11_CERTIFICATE] = {"certificate",  CKO_CERTIFICATE           },
    [P11_DATA] = {"data object",  CKO_DATA                  },
    [P11_OTHER] = {"other object", CK_UNAVAILABLE_INFORMATION},
};

/* What is hashed into an object's digest, in this order; secrets are none of it. */
static const CK_ATTRIBUTE_TYPE public_parts[] = {CKA_EC_PARAMS, CKA_EC_POINT, CKA_MODULUS,
                                                 CKA_PUBLIC_EXPONENT};
static const CK_ATTRIBUTE_TYPE secret_parts[] = {CKA_VALUE_LEN, CKA_CHECK_VALUE};
static const CK_ATTRIBUTE_TYPE value_part[] = {CKA_VALUE};

const char *p11_class_name(enum p11_class class)
{
    return classes[class].name;
}

static enum p11_class
class_of(CK_ULONG number)
{
    for (int i = 0; i < P11_OTHER; i++)
        if (classes[i].number == number)
            return (enum p11_class)i;
    return P11_OTHER;
}

static struct error *
hash_part(EVP_MD_CTX *hash, CK_ULONG tag, const struct ck_value *value)
{
    uint64_t head[3] = {tag, (uint64_t)value->state, value->data.len};
    if (EVP_DigestUpdate(hash, head, sizeof head) != 1
        || (value->data.len > 0
            && EVP_DigestUpdate(hash, value->data.data, value->data.len) != 1))
        return error_memory();
    return NULL;
}

static struct error *
hash_attributes(struct p11_session *session, CK_OBJECT_HANDLE handle, EVP_MD_CTX *hash,
                const CK_ATTRIBUTE_TYPE *types, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        AUTO_CK_VALUE value = {0};
        TRY(ck_read(session, handle, types[i], &value));
        TRY(hash_part(hash, types[i], &value));
    }
    return NULL;
}

static struct error *
hash_object(struct p11_session *session, const struct p11_object *object, EVP_MD_CTX *hash)
{
    static const CK_ATTRIBUTE_TYPE names[] = {CKA_CLASS, CKA_KEY_TYPE, CKA_LABEL, CKA_ID};
    TRY(hash_attributes(session, object->handle, hash, names, sizeof names / sizeof names[0]));
    switch (object->class) {
    case P11_PRIVATE_KEY:
    case P11_PUBLIC_KEY:
        return hash_attributes(session, object->handle, hash, public_parts,
                               sizeof public_parts / sizeof public_parts[0]);
    case P11_SECRET_KEY:
        return hash_attributes(session, object->handle, hash, secret_parts,
                               sizeof secret_parts / sizeof secret_parts[0]);
    case P11_CERTIFICATE:
    case P11_DATA:
        return hash_attributes(session, object->handle, hash, value_part, 1);
    case P11_OTHER:
    default:
        return NULL;
    }
}

static struct error *
digest_object(struct p11_session *session, struct p11_object *object)
{
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    if (hash == NULL || EVP_DigestInit_ex(hash, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(hash);
        return error_memory();
    }
    struct error *error = hash_object(session, object, hash);
    if (error == NULL && EVP_DigestFinal_ex(hash, object->digest, NULL) != 1)
        error = error_memory();
    EVP_MD_CTX_free(hash);
    return error;
}

static struct error *
read_key_type(struct p11_session *session, struct p11_object *object)
{
    if (object->class != P11_PRIVATE_KEY && object->class != P11_PUBLIC_KEY
        && object->class != P11_SECRET_KEY)
        return NULL;
    enum p11_reading reading;
    CK_ULONG number = 0;
    TRY(ck_read_number(session, object->handle, CKA_KEY_TYPE, &reading, &number));
    if (reading != P11_TRUE)
        return NULL;
    char buffer[32];
    (void)snprintf(object->key_type, sizeof object->key_type, "%s",
                   ck_key_type_name(number, buffer));
    return NULL;
}

static struct error *
read_names(struct p11_session *session, struct p11_object *object)
{
    AUTO_CK_VALUE value = {0};
    TRY(ck_read(session, object->handle, CKA_LABEL, &value));
    TRY(p11_padded_text(value.data.data, value.data.len, object->label, sizeof object->label));
    TRY(ck_read(session, object->handle, CKA_UNIQUE_ID, &value));
    if (value.state == P11_TRUE)
        TRY(p11_padded_text(value.data.data, value.data.len, object->unique_id,
                            sizeof object->unique_id));
    if (object->class == P11_DATA || object->class == P11_OTHER)
        return NULL;
    TRY(ck_read(session, object->handle, CKA_ID, &value));
    object->id_len = value.data.len < P11_ID_MAX ? value.data.len : P11_ID_MAX;
    if (object->id_len > 0)
        memcpy(object->id, value.data.data, object->id_len);
    return NULL;
}

static struct error *
read_object(struct p11_session *session, CK_OBJECT_HANDLE handle, struct p11_object *ret_object)
{
    struct p11_object object = {.handle = handle, .class = P11_OTHER};
    enum p11_reading reading;
    CK_ULONG number = 0;
    TRY(ck_read_number(session, handle, CKA_CLASS, &reading, &number));
    object.readable = reading == P11_TRUE;
    object.token = P11_UNREADABLE;
    object.private = P11_UNREADABLE;
    object.modifiable = P11_UNREADABLE;
    if (object.readable) {
        object.class = class_of(number);
        TRY(read_key_type(session, &object));
        TRY(read_names(session, &object));
        TRY(ck_read_bool(session, handle, CKA_TOKEN, &object.token));
        TRY(ck_read_bool(session, handle, CKA_PRIVATE, &object.private));
        TRY(ck_read_bool(session, handle, CKA_MODIFIABLE, &object.modifiable));
        TRY(digest_object(session, &object));
    }
    *ret_object = object;
    return NULL;
}

static int
compare_objects(const void *a, const void *b)
{
    const struct p11_object *left = a;
    const struct p11_object *right = b;
    if (left->class != right->class)
        return left->class < right->class ? -1 : 1;
    int order = strcmp(left->label, right->label);
    if (order == 0)
        order = memcmp(left->id, right->id, P11_ID_MAX);
    if (order == 0)
        order = memcmp(left->digest, right->digest, sizeof left->digest);
    return order;
}

static struct error *
read_all(struct p11_session *session, const CK_ATTRIBUTE *template, CK_ULONG template_count,
         struct p11_object **ret_objects, size_t *ret_count)
{
    AUTO_FREE CK_OBJECT_HANDLE *handles = NULL;
    size_t count = 0;
    TRY(ck_find(session, template, template_count, &handles, &count));
    AUTO_FREE struct p11_object *objects = calloc(count + 1, sizeof *objects);
    if (objects == NULL)
        return error_memory();
    for (size_t i = 0; i < count; i++)
        TRY(read_object(session, handles[i], &objects[i]));
    qsort(objects, count, sizeof *objects, compare_objects);
    *ret_objects = TAKE(objects);
    *ret_count = count;
    return NULL;
}

struct error *
p11_objects_list(struct p11_session *session, struct p11_object **ret_objects,
                 size_t *ret_count)
{
    return read_all(session, NULL, 0, ret_objects, ret_count);
}

struct error *
p11_objects_find(struct p11_session *session, enum p11_class class, const unsigned char *id,
                 size_t id_len, const char *label, struct p11_object **ret_objects,
                 size_t *ret_count)
{
    struct ck_template template = {0};
    if (class != P11_OTHER)
        ck_template_add(&template, CKA_CLASS, &classes[class].number,
                        sizeof classes[class].number);
    if (id_len > 0)
        ck_template_add(&template, CKA_ID, id, id_len);
    if (label != NULL)
        ck_template_add(&template, CKA_LABEL, label, strlen(label));
    return read_all(session, template.rows, template.count, ret_objects, ret_count);
}

struct error *
p11_object_destroy(struct p11_session *session, unsigned long handle)
{
    return ck_destroy(session, handle);
}

struct error *
p11_data_create(struct p11_session *session, const char *label, const void *value, size_t len)
{
    static const CK_OBJECT_CLASS class = CKO_DATA;
    static const char application[] = "ceremony";
    struct ck_template template = {0};
    ck_template_add(&template, CKA_CLASS, &class, sizeof class);
    ck_template_add_bool(&template, CKA_TOKEN, true);
    ck_template_add_bool(&template, CKA_PRIVATE, true);
    ck_template_add_bool(&template, CKA_MODIFIABLE, false);
    ck_template_add(&template, CKA_LABEL, label, strlen(label));
    ck_template_add(&template, CKA_APPLICATION, application, sizeof application - 1);
    ck_template_add(&template, CKA_VALUE, value, len);
    CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;
    CK_RV rv = CK_CALL(session->module, C_CreateObject, session->handle, template.rows,
                       template.count, &handle);
    if (rv != CKR_OK)
        return P11_ERROR(rv, "could not store \"%s\" on token \"%s\"", label, session->token);
    AUTO_BYTES back = {0};
    TRY(p11_data_read(session, handle, &back));
    if (back.len != len || (len > 0 && memcmp(back.data, value, len) != 0))
        return ERROR(ERROR_TOKEN, "token \"%s\" stored \"%s\" but gives back something else",
                     session->token, label);
    return NULL;
}

struct error *
p11_data_read(struct p11_session *session, unsigned long handle, struct bytes *ret_value)
{
    AUTO_CK_VALUE value = {0};
    TRY(ck_read(session, handle, CKA_VALUE, &value));
    if (value.state != P11_TRUE)
        return ERROR(ERROR_TOKEN, "a data object of token \"%s\" cannot be read",
                     session->token);
    return bytes_copy(ret_value, value.data.data, value.data.len);
}
