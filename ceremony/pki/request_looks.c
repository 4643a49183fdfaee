/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of CAs, and whether another is the same or looks like one (T16). */
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/pki/request_private.h"

/* One value of one name. */
struct look {
    enum oid id;
    struct bytes value;
    struct bytes skeleton;
};

struct request_looks {
    struct bytes *names; /* whole Names */
    size_t name_count;
    struct look *values;
    size_t value_count;
};

void
request_looks_free(struct request_looks *looks)
{
    if (looks == NULL)
        return;
    for (size_t i = 0; i < looks->name_count; i++)
        bytes_clear(&looks->names[i]);
    for (size_t i = 0; i < looks->value_count; i++) {
        bytes_clear(&looks->values[i].value);
        bytes_clear(&looks->values[i].skeleton);
    }
    free(looks->names);
    free(looks->values);
    free(looks);
}

/* Values whose likeness counts: who somebody is. A country or a place is many people's. */
static bool
is_telling(enum oid id)
{
    return id == OID_CN || id == OID_O || id == OID_OU;
}

static struct error *
add_value(struct request_looks *looks, const struct name_attribute *part)
{
    struct look *values =
        realloc(looks->values, (looks->value_count + 1) * sizeof *looks->values);
    if (values == NULL)
        return error_memory();
    looks->values = values;
    struct look *look = &values[looks->value_count++];
    *look = (struct look){.id = part->id};
    TRY(bytes_copy(&look->value, part->value.body.p, part->value.body.len));
    return request_skeleton(part->value.body.p, part->value.body.len, &look->skeleton);
}

static struct error *
add_name(struct request_looks *looks, const struct request_name *name)
{
    struct der_item outer;
    TRY(bytes_copy(&looks->names[looks->name_count++], name->der, name->len));
    if (der_only(der_view(name->der, name->len), DER_SEQUENCE, &outer) != NULL)
        return ERROR(ERROR_INPUT, "the name of a CA could not be read");
    struct name_iterator names = {.rdns = outer.body};
    struct name_attribute part;
    bool more = false;
    while (name_next(&names, &part, &more) == NULL && more)
        if (is_telling(part.id) && part.value.body.len > 0
            && text_is_utf8(part.value.body.p, part.value.body.len))
            TRY(add_value(looks, &part));
    return NULL;
}

struct error *
request_looks_new(const struct request_name *names, size_t count,
                  struct request_looks **ret_looks)
{
    AUTO(request_looks) looks = calloc(1, sizeof *looks);
    if (looks == NULL)
        return error_memory();
    looks->names = calloc(count == 0 ? 1 : count, sizeof *looks->names);
    if (looks->names == NULL)
        return error_memory();
    for (size_t i = 0; i < count; i++)
        TRY(add_name(looks, &names[i]));
    *ret_looks = TAKE(looks);
    return NULL;
}

static enum request_code
judge_value(const struct request_looks *looks, const struct name_attribute *part)
{
    AUTO_BYTES skeleton = {0};
    struct error *error = request_skeleton(part->value.body.p, part->value.body.len, &skeleton);
    if (error != NULL) {
        error_free(error);
        return REQUEST_NAME_LIKE_CA; /* out of memory: rather refused than let through */
    }
    for (size_t i = 0; i < looks->value_count; i++) {
        const struct look *look = &looks->values[i];
        if (!der_is_bytes(der_view(skeleton.data, skeleton.len), look->skeleton.data,
                          look->skeleton.len))
            continue;
        bool same = der_is_bytes(part->value.body, look->value.data, look->value.len);
        if (!same)
            return REQUEST_NAME_LIKE_CA;
        if (part->id == OID_CN && look->id == OID_CN)
            return REQUEST_NAME_IS_CA;
    }
    return REQUEST_CODE_COUNT;
}

enum request_code
request_looks_judge(const struct request_looks *looks, struct der name)
{
    struct der_item outer;
    for (size_t i = 0; i < looks->name_count; i++)
        if (name_equal(name, der_view(looks->names[i].data, looks->names[i].len)))
            return REQUEST_NAME_IS_CA;
    if (der_only(name, DER_SEQUENCE, &outer) != NULL)
        return REQUEST_CODE_COUNT;
    struct name_iterator names = {.rdns = outer.body};
    struct name_attribute part;
    bool more = false;
    while (name_next(&names, &part, &more) == NULL && more) {
        enum request_code code =
            is_telling(part.id) ? judge_value(looks, &part) : REQUEST_CODE_COUNT;
        if (code != REQUEST_CODE_COUNT)
            return code;
    }
    return REQUEST_CODE_COUNT;
}
