/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the key of a device comes from, by the names of the taxonomy of manufacturer-installed keys
 * (draft-irtf-t2trg-taxonomy-manufacturer-anchors 4.1; R71): one tag for each batch. */
#pragma once

#include <stdbool.h>

struct key_origin_row {
    const char *name;
    const char *describe; /* for people, to be read after "Keys were made: " */
    bool made_here;       /* by this program: items bring a serial number and no request */
    bool derived; /* ... from a seed that the device has, too: the private half goes nowhere */
};

/* NULL: there is none of that name. */
const struct key_origin_row *key_origin_find(const char *name);
/* Names and ways of transfer, NULL-terminated. */
extern const char *const key_origin_names[];
extern const char *const key_origin_transfers[];
/* How a key follows from a seed (batch/derivation.h), NULL-terminated. */
extern const char *const key_derivation_names[];
