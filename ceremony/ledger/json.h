/* SPDX-License-Identifier: Apache-2.0
 *
 * The little JSON a ledger needs: objects of texts, whole numbers and truth values in the canonical
 * form (keys sorted, no blanks), byte for byte as the transcript's. One object may stand in another
 * and is kept as its text. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"

#define LEDGER_JSON_FIELDS 16
#define LEDGER_JSON_NUMBER (((int64_t)1 << 53) - 1)

enum ledger_json_type {
    LEDGER_JSON_TEXT,
    LEDGER_JSON_NUMBER_VALUE,
    LEDGER_JSON_BOOL,
    LEDGER_JSON_OBJECT, /* `text` is its canonical text, not looked into */
};

struct ledger_json_field {
    char *key;
    char *text;
    int64_t number; /* truth values: 0 or 1 */
    enum ledger_json_type type;
};

struct ledger_json {
    struct ledger_json_field fields[LEDGER_JSON_FIELDS]; /* sorted by key */
    size_t count;
};

void ledger_json_clear(struct ledger_json *object);
#define AUTO_LEDGER_JSON __attribute__((cleanup(ledger_json_clear))) struct ledger_json

/* Each adds one field in its place; the text is copied. */
MUST_CHECK struct error *ledger_json_add_text(struct ledger_json *object, const char *key,
                                              const char *text);
MUST_CHECK struct error *ledger_json_add_number(struct ledger_json *object, const char *key,
                                                int64_t number);
MUST_CHECK struct error *ledger_json_add_bool(struct ledger_json *object, const char *key,
                                              bool value);
MUST_CHECK struct error *ledger_json_add_object(struct ledger_json *object, const char *key,
                                                const char *text);
/* Appends the canonical text. */
MUST_CHECK struct error *ledger_json_write(const struct ledger_json *object,
                                           struct bytes *bytes);
/* Appends one text as a value, in quotation marks. */
MUST_CHECK struct error *ledger_json_write_text(struct bytes *bytes, const char *text);
/* Exactly the canonical form, nothing after it. Errors: verification. */
MUST_CHECK struct error *ledger_json_parse(const char *text, size_t len,
                                           struct ledger_json *ret_object);
/* NULL if there is none. */
const struct ledger_json_field *ledger_json_find(const struct ledger_json *object,
                                                 const char *key);
