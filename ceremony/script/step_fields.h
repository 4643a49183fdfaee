/* SPDX-License-Identifier: Apache-2.0
 *
 * Which fields each kind of step needs and which it may have: one table, which docs/formats/script.md
 * repeats and a test compares. */
#pragma once

#include "ceremony/base/error.h"
#include "ceremony/script/script.h"

enum step_field {
    STEP_FIELD_KEY,
    STEP_FIELD_OF,
    STEP_FIELD_TOKEN,
    STEP_FIELD_PROFILE,
    STEP_FIELD_SHARES,
    STEP_FIELD_QUESTION,
    STEP_FIELD_ATTESTS,
    STEP_FIELD_KEEP_RESTORED,
    STEP_FIELD_REPEATS,
    STEP_FIELD_PEOPLE,
    STEP_FIELD_WORDS,
    STEP_FIELD_INPUT,
    STEP_FIELD_UNKNOWN,
    STEP_FIELD_CRLS,
    STEP_FIELD_COVERS,
    STEP_FIELD_BY,
    STEP_FIELD_BLOCKLIST,
    STEP_FIELD_CHAIN,
    STEP_FIELD_ORIGIN,
    STEP_FIELD_TRANSFER,
    STEP_FIELD_LINE,
    STEP_FIELD_SHIFT,
    STEP_FIELD_OPERATORS,
    STEP_FIELD_DEVICE_KEY,
    STEP_FIELD_RECIPIENT,
    STEP_FIELD_DERIVATION,
    STEP_FIELD_SEED_KEY,
    STEP_FIELD_COUNT,
    STEP_FIELD_EVERY_DAYS,
    STEP_FIELDS
};

struct step_rule {
    const char *name;
    unsigned needs;     /* 1 << step_field */
    unsigned takes;     /* besides those it needs */
    bool touches_token; /* it changes or uses a token, or a key on one */
    const char *does;
};

const struct step_rule *step_rule(enum step_kind kind);
const char *step_field_name(enum step_field field); /* "keep-restored" */
/* The text of a field, "" if it is not there; "1" for a number that is. */
const char *step_field_text(const struct script_step *step, enum step_field field);

/* A fault for each field that the step's kind needs and has not, or has and does not take. */
struct places;
MUST_CHECK struct error *step_fields_check(const struct script_step *step, const char *file,
                                           const struct places *places, struct faults *faults);
