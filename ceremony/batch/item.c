/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/item.h"

#include <string.h>

#include <openssl/sha.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"

struct error *
batch_item_new(struct batch_item **ret_item)
{
    struct batch_item *item = calloc(1, sizeof *item);
    if (item == NULL)
        return error_memory();
    *ret_item = item;
    return NULL;
}

bool
batch_is_verdict(const struct error *error)
{
    return error_code(error) == ERROR_INPUT || error_code(error) == ERROR_REFUSED
           || error_code(error) == ERROR_UNSUPPORTED;
}

void
batch_item_free(struct batch_item *item)
{
    if (item == NULL)
        return;
    for (size_t i = 0; i < item->field_count; i++) {
        free(item->fields[i].name);
        free(item->fields[i].value);
    }
    for (size_t i = 0; i < item->asked_subject.count; i++) {
        free(item->asked_subject.parts[i].type);
        free(item->asked_subject.parts[i].value);
    }
    for (size_t i = 0; i < item->asked_names.count; i++) {
        free(item->asked_names.items[i].type);
        free(item->asked_names.items[i].value);
    }
    free(item->device);
    free(item->fields);
    free(item->asked_subject.parts);
    free(item->asked_names.items);
    bytes_clear(&item->request);
    bytes_clear(&item->made);
    free(item->name);
    free(item);
}

const char *
batch_item_field(const struct batch_item *item, const char *name)
{
    for (size_t i = 0; i < item->field_count; i++)
        if (strcmp(item->fields[i].name, name) == 0)
            return item->fields[i].value;
    return NULL;
}

struct error *
batch_item_request_hash(const struct batch_item *item, unsigned char ret_hash[32])
{
    if (item->request.len == 0 && item->input_sha256[0] != '\0')
        return hex_decode(item->input_sha256, ret_hash, 32);
    SHA256(item->request.data, item->request.len, ret_hash);
    return NULL;
}

struct error *
batch_item_add_field(struct batch_item *item, const char *name, const char *value)
{
    struct batch_field *fields =
        realloc(item->fields, (item->field_count + 1) * sizeof *fields);
    if (fields == NULL)
        return error_memory();
    item->fields = fields;
    AUTO_FREE char *name_copy = NULL;
    AUTO_FREE char *value_copy = NULL;
    TRY(text_copy(name, &name_copy));
    TRY(text_copy(value, &value_copy));
    fields[item->field_count++] = (struct batch_field){TAKE(name_copy), TAKE(value_copy)};
    return NULL;
}
