/* SPDX-License-Identifier: Apache-2.0
 *
 * Fields filled in: what is left is a profile like any other. */
#include <stdlib.h>
#include <string.h>

#include "ceremony/pki/field.h"

void
pki_filled_clear(struct pki_filled *filled)
{
    free(filled->parts);
    free(filled->names);
    memset(filled, 0, sizeof *filled);
}

static struct error *
check_values(const struct pki_profile *profile, const struct pki_field_value *values,
             size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct pki_field *field = pki_field_find(profile, values[i].field);
        if (field == NULL)
            return error_hint(ERROR(ERROR_INPUT, "profile \"%s\" takes no field '%s'",
                                    profile->id, values[i].field),
                              "Name it in the profile's fields, or leave it out");
        TRY(pki_field_check(field, values[i].value));
    }
    const struct pki_fields *fields = &profile->certificate.fields;
    for (size_t i = 0; i < fields->count; i++) {
        size_t found = 0;
        for (size_t j = 0; j < count; j++)
            found += strcmp(values[j].field, fields->items[i].name) == 0 ? 1 : 0;
        if (found == 0 && !fields->items[i].optional)
            return ERROR(ERROR_INPUT, "the field '%s' has no value", fields->items[i].name);
        if (found > fields->items[i].most)
            return ERROR(ERROR_INPUT, "the field '%s' has %zu values; %u are allowed",
                         fields->items[i].name, found, fields->items[i].most);
    }
    return NULL;
}

/* A text of the profile or of the caller in a struct that frees nothing. */
static char *
borrow(const char *text)
{
    char *own = NULL;
    memcpy(&own, &text, sizeof own);
    return own;
}

static struct error *
fill_subject(const struct pki_name *name, const struct pki_field_value *values, size_t count,
             struct pki_filled *filled)
{
    struct pki_name *subject = &filled->certificate.subject;
    filled->parts = calloc(name->count * (count + 1) + 1, sizeof *filled->parts);
    if (filled->parts == NULL)
        return error_memory();
    *subject = (struct pki_name){.parts = filled->parts};
    for (size_t i = 0; i < name->count; i++) {
        const struct pki_name_part *part = &name->parts[i];
        if (part->field == NULL)
            subject->parts[subject->count++] = *part;
        for (size_t j = 0; part->field != NULL && j < count; j++)
            if (strcmp(values[j].field, part->field) == 0)
                subject->parts[subject->count++] = (struct pki_name_part){
                    .type = part->type, .value = borrow(values[j].value)};
    }
    return NULL;
}

static struct error *
fill_names(const struct pki_general_names *names, const struct pki_field_value *values,
           size_t count, struct pki_filled *filled)
{
    struct pki_general_names *out = &filled->certificate.subject_alt_names;
    filled->names = calloc(names->count * (count + 1) + 1, sizeof *filled->names);
    if (filled->names == NULL)
        return error_memory();
    *out = (struct pki_general_names){.items = filled->names};
    for (size_t i = 0; i < names->count; i++) {
        struct pki_general_name name = names->items[i];
        if (name.field == NULL)
            out->items[out->count++] = name;
        for (size_t j = 0; name.field != NULL && j < count; j++)
            if (strcmp(values[j].field, name.field) == 0) {
                out->items[out->count] = name;
                out->items[out->count].field = NULL;
                out->items[out->count++].value = borrow(values[j].value);
            }
    }
    return NULL;
}

struct error *
pki_fields_fill(const struct pki_profile *profile, const struct pki_field_value *values,
                size_t count, struct pki_filled *ret_filled)
{
    AUTO_FILLED filled = {.certificate = profile->certificate};
    struct pki_certificate_profile *p = &filled.certificate;
    TRY(check_values(profile, values, count));
    TRY(fill_subject(&profile->certificate.subject, values, count, &filled));
    TRY(fill_names(&profile->certificate.subject_alt_names, values, count, &filled));
    p->fields = (struct pki_fields){0};
    if (p->subject_alt_names.count == 0 && profile->certificate.subject_alt_names.count > 0)
        p->subject_alt_name = PKI_ABSENT;
    if (p->subject_alt_name == PKI_CRITICAL_IF_NO_SUBJECT)
        p->subject_alt_name = p->subject.count == 0 ? PKI_CRITICAL : PKI_NONCRITICAL;
    pki_filled_clear(ret_filled);
    *ret_filled = filled;
    memset(&filled, 0, sizeof filled);
    return NULL;
}

struct error *
pki_field_samples(const struct pki_profile *profile, struct pki_field_value **ret_values,
                  size_t *ret_count)
{
    const struct pki_fields *fields = &profile->certificate.fields;
    struct pki_field_value *values = calloc(fields->count + 1, sizeof *values);
    if (values == NULL)
        return error_memory();
    for (size_t i = 0; i < fields->count; i++)
        values[i] = (struct pki_field_value){fields->items[i].name, fields->items[i].sample};
    *ret_values = values;
    *ret_count = fields->count;
    return NULL;
}
