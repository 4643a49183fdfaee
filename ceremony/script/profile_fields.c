/* SPDX-License-Identifier: Apache-2.0
 *
 * `fields:` of a certificate profile, and the places where they stand (R68). */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/pki/field.h"
#include "ceremony/script/profile_read.h"

static const char *const sources[] = {"item", "request", NULL}; /* enum pki_field_source */

/* By form, where a profile does not say: as long as such a value may be at all, or as X.520 allows. */
static const unsigned longest[PKI_FORMS] = {
    [PKI_FORM_TEXT] = 64,      [PKI_FORM_PRINTABLE] = 64, [PKI_FORM_HOSTNAME] = 253,
    [PKI_FORM_WILDCARD] = 253, [PKI_FORM_IP] = 45,        [PKI_FORM_EMAIL] = 254,
    [PKI_FORM_URI] = 255,      [PKI_FORM_OCTETS] = 20,    [PKI_FORM_MAC] = 23,
};

#define LENGTH_MAX 1024
#define VALUES_MAX 1000

static const struct yaml_row field_rows[] = {
    YAML_ROW_WITH(struct pki_field, source, "from", YAML_CHOICE, YAML_REQUIRED,
                  "item or request", .allowed = sources),
    YAML_ROW(struct pki_field, part, "part", YAML_TEXT, 0, "which part of the request"),
    YAML_ROW_WITH(struct pki_field, form, "form", YAML_CHOICE, YAML_REQUIRED,
                  "what a value looks like", .allowed = pki_field_forms),
    YAML_ROW_NUMBER(struct pki_field, min, "min", 0, "the shortest value", 0, LENGTH_MAX),
    YAML_ROW_NUMBER(struct pki_field, max, "max", 0, "the longest value", 1, LENGTH_MAX),
    YAML_ROW_NUMBER(struct pki_field, most, "most", 0, "so many values", 1, VALUES_MAX),
    YAML_ROW(struct pki_field, optional, "optional", YAML_YES, 0, "whether there may be none"),
    YAML_ROW(struct pki_field, pattern, "pattern", YAML_TEXT, 0, "letter by letter"),
    YAML_ROW(struct pki_field, sample, "sample", YAML_TEXT, YAML_REQUIRED,
             "a value that it may have"),
};
static const struct yaml_schema field_schema = YAML_SCHEMA("a field", field_rows);

static struct error *
read_field(struct yaml_file *file, const char *key, struct yaml_node at, struct yaml_node value,
           void *self)
{
    struct pki_fields *fields = self;
    struct pki_field *field = yaml_grow(&fields->items, &fields->count, sizeof *field);
    if (field == NULL)
        return error_memory();
    field->min = 1;
    field->most = 1;
    TRY(yaml_take_name(file, key, at, &field->name));
    TRY(yaml_record(file, value, &field_schema, field));
    if (field->max == 0)
        field->max = longest[field->form];
    return NULL;
}

struct error *
profile_read_fields(struct yaml_file *file, struct yaml_node node, void *target)
{
    return yaml_pairs(file, node, "'fields'", read_field, target);
}

struct field_line {
    char *field;
};

static const struct yaml_row reference_rows[] = {YAML_ROW(struct field_line, field, "field",
                                                          YAML_NAME, YAML_REQUIRED,
                                                          "the field whose value it is")};
static const struct yaml_schema reference_schema =
    YAML_SCHEMA("a value that a field brings", reference_rows);

struct error *
profile_read_value(struct yaml_file *file, struct yaml_node node, const char *key,
                   char **ret_value, char **ret_field)
{
    struct field_line line = {0};
    if (!yaml_is_mapping(node)) {
        TRY(yaml_take_text(file, node, key, YAML_TEXT_MAX, false, ret_value));
        return *ret_value == NULL ? text_copy("", ret_value) : NULL;
    }
    struct error *error = yaml_record(file, node, &reference_schema, &line);
    if (error == NULL && line.field[0] != '\0') {
        *ret_field = TAKE(line.field);
        return NULL;
    }
    yaml_record_clear(&reference_schema, &line);
    return error != NULL ? error : text_copy("", ret_value);
}

/* Where the faults of fields go. */
struct field_check {
    const struct pki_profile *profile;
    const char *file;
    struct places *places;
    struct faults *faults;
    bool *used; /* by number of the field */
};

static struct error *
find_field(struct field_check *check, const char *name, const struct pki_field **ret_field)
{
    const struct pki_fields *fields = &check->profile->certificate.fields;
    *ret_field = pki_field_find(check->profile, name);
    if (*ret_field != NULL) {
        check->used[*ret_field - fields->items] = true;
        return NULL;
    }
    AUTO_FREE const char **names = calloc(fields->count + 1, sizeof *names);
    if (names == NULL)
        return error_memory();
    for (size_t i = 0; i < fields->count; i++)
        names[i] = fields->items[i].name;
    AUTO_FREE char *advice = NULL;
    TRY(yaml_did_you_mean(name, names, fields->count, &advice));
    return places_fault(check->places, check->faults, check->file, name,
                        "the profile has no field '%s'%s", name, advice);
}

static struct error *
check_places_of_fields(struct field_check *check)
{
    const struct pki_certificate_profile *p = &check->profile->certificate;
    const struct pki_field *field = NULL;
    for (size_t i = 0; i < p->subject.count; i++) {
        const struct pki_name_part *part = &p->subject.parts[i];
        if (part->field == NULL)
            continue;
        TRY(find_field(check, part->field, &field));
        if (field != NULL && !pki_field_fits_attribute(field, part->type))
            TRY(places_fault(check->places, check->faults, check->file, part->field,
                             "a field of the form '%s' cannot be the '%s' of a subject",
                             pki_field_forms[field->form], part->type));
    }
    for (size_t i = 0; i < p->subject_alt_names.count; i++) {
        const struct pki_general_name *name = &p->subject_alt_names.items[i];
        if (name->field == NULL)
            continue;
        TRY(find_field(check, name->field, &field));
        if (field != NULL && !pki_field_fits_name(field, name))
            TRY(places_fault(check->places, check->faults, check->file, name->field,
                             "a field of the form '%s' cannot be an alternative name of the "
                             "kind '%s'",
                             pki_field_forms[field->form], name->type));
    }
    return NULL;
}

/* The parts that a request has by name: attributes of its subject, kinds of alternative names. */
static struct error *
check_part(struct field_check *check, const struct pki_field *field)
{
    bool wanted = field->source == PKI_FROM_REQUEST;
    if (wanted && field->part[0] == '\0')
        return places_fault(check->places, check->faults, check->file, field->name,
                            "the field '%s' is from the request and does not say which 'part'",
                            field->name);
    if (!wanted && field->part[0] != '\0')
        return places_fault(check->places, check->faults, check->file, field->part,
                            "'part' is for fields from the request");
    if (wanted && !profile_is_attribute(field->part) && !profile_is_request_name(field->part))
        return places_fault(check->places, check->faults, check->file, field->part,
                            "'%s' is no part of a request that a profile can take",
                            field->part);
    return NULL;
}

static struct error *
check_rule(struct field_check *check, const struct pki_field *field)
{
    struct error *error = pki_field_check_rule(field);
    if (error == NULL || error_code(error) == ERROR_MEMORY)
        return error;
    struct error *told = places_fault(check->places, check->faults, check->file, field->name,
                                      "%s", error_what(error));
    error_free(error);
    return told;
}

struct error *
profile_check_fields(const struct pki_profile *profile, const char *file, struct places *places,
                     struct faults *faults)
{
    const struct pki_fields *fields = &profile->certificate.fields;
    AUTO_FREE bool *used = calloc(fields->count + 1, sizeof *used);
    struct field_check check = {profile, file, places, faults, used};
    if (used == NULL)
        return error_memory();
    TRY(check_places_of_fields(&check));
    for (size_t i = 0; i < fields->count; i++) {
        TRY(check_part(&check, &fields->items[i]));
        TRY(check_rule(&check, &fields->items[i]));
        if (!used[i])
            TRY(places_fault(places, faults, file, fields->items[i].name,
                             "the field '%s' is used nowhere", fields->items[i].name));
    }
    return NULL;
}
