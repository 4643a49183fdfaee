/* SPDX-License-Identifier: Apache-2.0
 *
 * What an item brings for the fields of a profile (R68): members of its manifest, and of what its
 * request asks for exactly the parts that a field names. */
#pragma once

#include "ceremony/batch/item.h"
#include "ceremony/pki/field.h"

struct batch_values {
    struct pki_field_value *items; /* texts are the profile's and the item's */
    size_t count;
};

void batch_values_clear(struct batch_values *values);
#define AUTO_BATCH_VALUES __attribute__((cleanup(batch_values_clear))) struct batch_values

MUST_CHECK struct error *batch_values_of(const struct pki_profile *profile,
                                         const struct batch_item *item,
                                         struct batch_values *ret_values);
