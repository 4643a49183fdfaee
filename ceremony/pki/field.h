/* SPDX-License-Identifier: Apache-2.0
 *
 * The fields of a profile: the values that an item of a batch or a request may bring, each with its
 * check (R68). Everything after pki_fields_fill sees an ordinary profile without fields, so a field
 * can do nothing that a fixed value could not. */
#pragma once

#include <stddef.h>

#include "ceremony/base/error.h"
#include "ceremony/pki/profile.h"

struct pki_field_value {
    const char *field; /* by name */
    const char
        *value; /* UTF-8; several values of one field stand one after the other, in order */
};

/* "text", "hostname", ...; NULL-terminated, in the order of enum pki_field_form. */
extern const char *const pki_field_forms[];

/* NULL if there is none. */
const struct pki_field *pki_field_find(const struct pki_profile *profile, const char *name);

/* One value against the field's form, length and pattern. Input error, in words that are safe to
 * show; the value itself is not repeated. */
MUST_CHECK struct error *pki_field_check(const struct pki_field *field, const char *value);
/* What is wrong with the field itself (bounds, pattern, sample), as an input error. */
MUST_CHECK struct error *pki_field_check_rule(const struct pki_field *field);
/* May such a field stand at this attribute ("CN"), at this kind of alternative name? */
bool pki_field_fits_attribute(const struct pki_field *field, const char *type);
bool pki_field_fits_name(const struct pki_field *field, const struct pki_general_name *name);

/* A certificate profile with its fields filled in: no part has a field any more. Its texts belong to
 * the profile and to the values. Zero-initialise: AUTO_FILLED filled = {0}. */
struct pki_filled {
    struct pki_certificate_profile certificate;
    struct pki_name_part *parts;
    struct pki_general_name *names;
};

void pki_filled_clear(struct pki_filled *filled);
#define AUTO_FILLED __attribute__((cleanup(pki_filled_clear))) struct pki_filled

/* Every value is checked; a value of an unknown field, one too many, and a missing one that is not
 * optional are input errors. Alternative names of which none is left are left out. */
MUST_CHECK struct error *pki_fields_fill(const struct pki_profile *profile,
                                         const struct pki_field_value *values, size_t count,
                                         struct pki_filled *ret_filled);
/* Each field with its sample, for the trial of a profile; the caller frees the array, the texts are the
 * profile's. */
MUST_CHECK struct error *pki_field_samples(const struct pki_profile *profile,
                                           struct pki_field_value **ret_values,
                                           size_t *ret_count);

/* Values read back, owned. Zero-initialise: AUTO_FIELD_VALUES values = {0}. */
struct pki_field_values {
    struct pki_field_value *items;
    size_t count;
};

void pki_field_values_clear(struct pki_field_values *values);
#define AUTO_FIELD_VALUES                                                                      \
    __attribute__((cleanup(pki_field_values_clear))) struct pki_field_values

/* The values with which this certificate was made from the profile, as far as they can be told:
 * subject and alternative names are walked beside the profile's. Whether the certificate is the
 * profile's is for the lint to say, which makes it again from them. `practice`: the mark is taken off
 * the name. */
MUST_CHECK struct error *pki_fields_read(const struct pki_profile *profile, const void *der,
                                         size_t len, bool practice,
                                         struct pki_field_values *ret_values);
