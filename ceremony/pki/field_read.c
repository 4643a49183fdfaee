/* SPDX-License-Identifier: Apache-2.0
 *
 * Fields read back from a certificate that was made from them. */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/pki/field.h"
#include "ceremony/pki/general_name.h"
#include "ceremony/pki/name.h"
#include "ceremony/pki/x509.h"

void
pki_field_values_clear(struct pki_field_values *values)
{
    for (size_t i = 0; i < values->count; i++) {
        char *value = NULL;
        memcpy(&value, &values->items[i].value, sizeof value);
        free(value);
    }
    free(values->items);
    memset(values, 0, sizeof *values);
}

/* A field that stands in several places is read from the first. */
static bool
has_value(const struct pki_field_values *values, const char *field)
{
    for (size_t i = 0; i < values->count; i++)
        if (strcmp(values->items[i].field, field) == 0)
            return true;
    return false;
}

/* Takes `value` over. */
static struct error *
add_value(struct pki_field_values *values, const char *field, char *value)
{
    struct pki_field_value *grown =
        reallocarray(values->items, values->count + 1, sizeof *grown);
    if (grown == NULL) {
        free(value);
        return error_memory();
    }
    values->items = grown;
    values->items[values->count++] = (struct pki_field_value){field, value};
    return NULL;
}

/* An attribute's value as the profile would write it; false where it cannot be text. */
static bool
is_text_value(const struct der_item *item, bool marked, struct der *ret_text)
{
    struct der text = item->body;
    size_t mark = strlen(NAME_PRACTICE_MARK);
    if (text.len == 0 || memchr(text.p, '\0', text.len) != NULL)
        return false;
    if (marked) {
        if (text.len <= mark || memcmp(text.p, NAME_PRACTICE_MARK, mark) != 0)
            return false;
        text = der_view(text.p + mark, text.len - mark);
    }
    *ret_text = text;
    return true;
}

struct subject_walk {
    const struct pki_profile *profile;
    struct name_iterator names;
    struct name_attribute attribute;
    bool more;
    const char *mark; /* the type that carries the practice mark until it was met, or NULL */
};

static void
next_attribute(struct subject_walk *walk)
{
    if (name_next(&walk->names, &walk->attribute, &walk->more) != NULL)
        walk->more = false;
}

/* The mark stands before the first common name, or the first organisation where there is none. */
static const char *
find_mark(struct der subject)
{
    struct name_iterator names = {.rdns = subject};
    struct name_attribute attribute;
    bool more = false;
    while (name_next(&names, &attribute, &more) == NULL && more)
        if (attribute.id == OID_CN)
            return oid_row(OID_CN)->name;
    return oid_row(OID_O)->name;
}

static struct error *
add_text(struct pki_field_values *values, const char *field, struct der text)
{
    AUTO_BYTES copy = {0};
    char *value = NULL;
    TRY(bytes_append(&copy, text.p, text.len));
    TRY(bytes_take_text(&copy, &value));
    return add_value(values, field, value);
}

/* As many attributes of the part's type as the field may have. */
static struct error *
read_part(struct subject_walk *walk, const struct pki_name_part *part,
          struct pki_field_values *values)
{
    const struct pki_field *field = pki_field_find(walk->profile, part->field);
    bool known = has_value(values, part->field);
    for (unsigned n = 0; field != NULL && n < field->most && walk->more
                         && walk->attribute.id == oid_find(part->type);
         n++) {
        struct der text;
        bool marked = walk->mark != NULL && strcmp(walk->mark, part->type) == 0;
        if (!is_text_value(&walk->attribute.value, marked, &text))
            return NULL;
        TRY(known ? NULL : add_text(values, field->name, text));
        walk->mark = marked ? NULL : walk->mark;
        next_attribute(walk);
    }
    return NULL;
}

static struct error *
read_subject(const struct pki_profile *profile, const struct x509 *x509, bool practice,
             struct pki_field_values *values)
{
    const struct pki_name *name = &profile->certificate.subject;
    struct subject_walk walk = {.profile = profile,
                                .names = {.rdns = x509->subject.body},
                                .mark = practice ? find_mark(x509->subject.body) : NULL};
    next_attribute(&walk);
    for (size_t i = 0; i < name->count; i++) {
        const struct pki_name_part *part = &name->parts[i];
        if (part->field != NULL) {
            TRY(read_part(&walk, part, values));
            continue;
        }
        if (walk.mark != NULL && strcmp(walk.mark, part->type) == 0)
            walk.mark = NULL;
        if (walk.more && walk.attribute.id == oid_find(part->type))
            next_attribute(&walk);
    }
    return NULL;
}

/* As many names of the entry's kind as the field may have, off `list`. */
static struct error *
read_entry(const struct pki_field *field, const struct pki_general_name *name, struct der *list,
           struct pki_field_values *values)
{
    bool known = has_value(values, field->name);
    for (unsigned n = 0; n < field->most; n++) {
        struct der rest = *list;
        struct der_item item;
        AUTO_FREE char *value = NULL;
        if (rest.len == 0 || der_next(&rest, &item) != NULL)
            return NULL;
        TRY(general_name_value(&item, name, &value));
        if (value == NULL)
            return NULL;
        TRY(known ? NULL : add_value(values, field->name, TAKE(value)));
        *list = rest;
    }
    return NULL;
}

static struct error *
read_names(const struct pki_profile *profile, const struct x509 *x509,
           struct pki_field_values *values)
{
    const struct pki_general_names *names = &profile->certificate.subject_alt_names;
    const struct x509_extension *extension = x509_find(x509, OID_SUBJECT_ALT_NAME);
    struct der_item outer;
    struct der_item skipped;
    if (extension == NULL || der_only(extension->value, DER_SEQUENCE, &outer) != NULL)
        return NULL;
    for (size_t i = 0; i < names->count; i++) {
        const struct pki_general_name *name = &names->items[i];
        const struct pki_field *field =
            name->field == NULL ? NULL : pki_field_find(profile, name->field);
        if (field != NULL)
            TRY(read_entry(field, name, &outer.body, values));
        else if (outer.body.len == 0 || der_next(&outer.body, &skipped) != NULL)
            return NULL;
    }
    return NULL;
}

struct error *
pki_fields_read(const struct pki_profile *profile, const void *der, size_t len, bool practice,
                struct pki_field_values *ret_values)
{
    struct x509 x509;
    AUTO_FIELD_VALUES values = {0};
    TRY(x509_read(der, len, KIND_CERTIFICATE, "the certificate", &x509));
    TRY(read_subject(profile, &x509, practice, &values));
    TRY(read_names(profile, &x509, &values));
    pki_field_values_clear(ret_values);
    *ret_values = values;
    memset(&values, 0, sizeof values);
    return NULL;
}
