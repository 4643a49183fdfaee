/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the key of a device comes from, by the names of the taxonomy of manufacturer-installed keys
 * (draft-irtf-t2trg-taxonomy-manufacturer-anchors 4.1; R71): one tag for each batch. */
#pragma once

#include <stdbool.h>

#include "ceremony/base/error.h"

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

/* As a batch's step declares it. */
struct key_origin_said {
    const char *batch; /* CEREMONY/STEP */
    const char *method;
    const char *transfer;
    const char *line;
    const char *shift;
    const char *operators;
};

/* The line of the ledger that keeps it, custody kind KEY_ORIGIN_ENTRY (R71); the caller frees it. */
#define KEY_ORIGIN_ENTRY "key-origin"
MUST_CHECK struct error *key_origin_entry(const struct key_origin_said *said, char **ret_text);
