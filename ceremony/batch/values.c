/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/values.h"

#include <stdlib.h>
#include <string.h>

void
batch_values_clear(struct batch_values *values)
{
    free(values->items);
    *values = (struct batch_values){0};
}

static void
add(struct batch_values *values, const struct pki_field *field, const char *value)
{
    values->items[values->count++] =
        (struct pki_field_value){.field = field->name, .value = value};
}

static void
add_asked(struct batch_values *values, const struct pki_field *field,
          const struct batch_item *item)
{
    for (size_t i = 0; i < item->asked_subject.count; i++)
        if (strcmp(item->asked_subject.parts[i].type, field->part) == 0)
            add(values, field, item->asked_subject.parts[i].value);
    for (size_t i = 0; i < item->asked_names.count; i++)
        if (strcmp(item->asked_names.items[i].type, field->part) == 0)
            add(values, field, item->asked_names.items[i].value);
}

struct error *
batch_values_of(const struct pki_profile *profile, const struct batch_item *item,
                struct batch_values *ret_values)
{
    const struct pki_fields *fields = &profile->certificate.fields;
    size_t most = item->asked_subject.count + item->asked_names.count + 1;
    struct batch_values values = {.items =
                                      calloc(fields->count * most + 1, sizeof *values.items)};
    if (values.items == NULL)
        return error_memory();
    for (size_t i = 0; i < fields->count; i++) {
        const struct pki_field *field = &fields->items[i];
        if (field->source == PKI_FROM_REQUEST) {
            add_asked(&values, field, item);
            continue;
        }
        const char *value = batch_item_field(item, field->name);
        if (value != NULL)
            add(&values, field, value);
    }
    *ret_values = values;
    return NULL;
}
