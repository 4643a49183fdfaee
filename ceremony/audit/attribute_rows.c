/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/audit/attribute_rows.h"

#include <string.h>

#include "ceremony/base/text.h"

#define UNKEPT "not kept by this token"

/* What is known of the key whose attributes were read. */
struct reading {
    const struct evidence *evidence;
    const char *key;
    bool extractable; /* just made, to be wrapped */
    bool restored;
    bool found; /* of an earlier ceremony: made there, or restored */
    bool decrypts;
    bool each_signature;
};

enum want {
    WANT_TRUE,
    WANT_FALSE,
    WANT_EXTRACTABLE,
    WANT_SIGNS,
    WANT_DECRYPTS,
    WANT_EACH_SIGNATURE,
    WANT_MADE_HERE, /* inside the token */
    WANT_ANY
};

/* docs/formats/keys.md; p11/key_plan.c has the same from the other side. */
static const struct {
    const char *name;
    enum want want;
    bool may_be_absent; /* a token that does not know the right cannot give it */
} rows[] = {
    {"CKA_KEY_TYPE",            WANT_ANY,            false},
    {"CKA_LABEL",               WANT_ANY,            false},
    {"CKA_TOKEN",               WANT_TRUE,           false},
    {"CKA_PRIVATE",             WANT_TRUE,           false},
    {"CKA_SENSITIVE",           WANT_TRUE,           false},
    {"CKA_EXTRACTABLE",         WANT_EXTRACTABLE,    false},
    {"CKA_WRAP_WITH_TRUSTED",   WANT_TRUE,           false},
    {"CKA_MODIFIABLE",          WANT_ANY,            false},
    {"CKA_COPYABLE",            WANT_FALSE,          false},
    {"CKA_SIGN",                WANT_SIGNS,          false},
    {"CKA_SIGN_RECOVER",        WANT_FALSE,          true },
    {"CKA_DECRYPT",             WANT_DECRYPTS,       true },
    {"CKA_UNWRAP",              WANT_FALSE,          true },
    {"CKA_DERIVE",              WANT_FALSE,          true },
    {"CKA_ALWAYS_AUTHENTICATE", WANT_EACH_SIGNATURE, true },
    {"CKA_LOCAL",               WANT_MADE_HERE,      false},
    {"CKA_ALWAYS_SENSITIVE",    WANT_MADE_HERE,      false},
    {"CKA_NEVER_EXTRACTABLE",   WANT_ANY,            false},
    {"CKA_ALLOWED_MECHANISMS",  WANT_ANY,            false},
    {"public CKA_PRIVATE",      WANT_FALSE,          false},
    {"public CKA_MODIFIABLE",   WANT_FALSE,          false},
    {"public CKA_ENCRYPT",      WANT_FALSE,          true },
    {"public CKA_WRAP",         WANT_FALSE,          true },
};

static const char *
wanted_word(const struct reading *reading, enum want want)
{
    bool value = false;
    switch (want) {
    case WANT_TRUE:
        return "true";
    case WANT_FALSE:
        return "false";
    case WANT_EXTRACTABLE:
        value = reading->extractable;
        break;
    case WANT_SIGNS:
        value = !reading->decrypts;
        break;
    case WANT_DECRYPTS:
        value = reading->decrypts;
        break;
    case WANT_EACH_SIGNATURE:
        value = reading->each_signature;
        break;
    case WANT_MADE_HERE:
        if (reading->found)
            return NULL;
        value = !reading->restored;
        break;
    case WANT_ANY:
        return NULL;
    }
    return value ? "true" : "false";
}

/* A token that proved not to keep an attribute: a fact says so, only of keys that came there as copies. */
static bool
is_unkept(const struct reading *reading, const char *name)
{
    static const char *const some[] = {"CKA_COPYABLE", "CKA_DESTROYABLE",
                                       "CKA_ALLOWED_MECHANISMS"};
    bool may = false;
    for (size_t i = 0; i < sizeof some / sizeof some[0]; i++)
        may = may || strcmp(some[i], name) == 0;
    if (!may || (!reading->restored && !reading->found))
        return false;
    EACH_RECORD(record, reading->evidence)
    {
        size_t index = 0;
        const json_t *row = NULL;
        if (!is_fact(record, "unkept-attributes")
            || strcmp(data_text(record->data, "key"), reading->key) != 0)
            continue;
        json_array_foreach(data_inner(record->data, "attributes"), index, row)
        {
            if (json_is_string(row) && strcmp(json_string_value(row), name) == 0)
                return true;
        }
    }
    return false;
}

/* What stands in one row, taken by itself. */
static bool
is_consistent(const struct reading *reading, const json_t *row)
{
    const char *name = data_text(row, "name");
    const char *planned = data_text(row, "planned");
    const char *read = data_text(row, "read");
    if (strcmp(name, "CKA_UNIQUE_ID") == 0)
        return true;
    if (strcmp(planned, UNKEPT) == 0)
        return strcmp(read, "absent") == 0 && is_unkept(reading, name);
    if (strcmp(planned, "false, or true where refused") == 0)
        return strcmp(name, "CKA_MODIFIABLE") == 0
               && (strcmp(read, "true") == 0 || strcmp(read, "false") == 0);
    if (strcmp(planned, "true or absent") == 0 || strcmp(planned, "false or absent") == 0)
        return strcmp(read, "absent") == 0
               || (strncmp(planned, read, strlen(read)) == 0 && planned[strlen(read)] == ' ');
    return read[0] != '\0' && strcmp(read, planned) == 0;
}

static const json_t *
find_row(const json_t *list, const char *name)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(data_text(json_array_get(list, i), "name"), name) == 0)
            return json_array_get(list, i);
    return NULL;
}

static struct error *
check_wanted(const struct reading *reading, const json_t *list)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const json_t *row = find_row(list, rows[i].name);
        const char *wanted = wanted_word(reading, rows[i].want);
        const char *read = data_text(row, "read");
        if (row == NULL)
            return ERROR(ERROR_VERIFICATION, "%s of key \"%s\" was not read", rows[i].name,
                         reading->key);
        bool may_be_absent = rows[i].may_be_absent && wanted != NULL && wanted[0] == 'f';
        if (wanted == NULL || strcmp(read, wanted) == 0
            || (strcmp(read, "absent") == 0
                && (may_be_absent || is_unkept(reading, rows[i].name))))
            continue;
        return ERROR(ERROR_VERIFICATION,
                     "%s of key \"%s\" was read as \"%s\", and a key of its kind has \"%s\"",
                     rows[i].name, reading->key, read, wanted);
    }
    return NULL;
}

/* The act in which it was read: the last one announced for this key before. */
static const struct transcript_record *
act_of(const struct evidence *evidence, const struct transcript_record *fact, const char *key)
{
    static const char *const acts[] = {"create-recorder", "generate-key",  "find-key",
                                       "restore-key",     "prove-restore", "lock-key"};
    const struct transcript_record *found = NULL;
    EACH_RECORD(record, evidence)
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++)
        if (record->seq < fact->seq && is_intent(record, acts[i])
            && strcmp(data_text(record->data, "key"), key) == 0)
            found = record;
    return found;
}

struct error *
attribute_rows_check(const struct evidence *evidence, const struct transcript_record *fact)
{
    const json_t *list = data_inner(fact->data, "attributes");
    struct reading reading = {.evidence = evidence, .key = data_text(fact->data, "key")};
    const struct transcript_record *act = act_of(evidence, fact, reading.key);
    const struct script_key *planned =
        evidence->script == NULL ? NULL : script_key(evidence->script, reading.key);
    const char *does = act == NULL ? "" : data_text(act->data, "does");
    if (act == NULL)
        return ERROR(ERROR_VERIFICATION,
                     "the attributes of key \"%s\" were read before anything "
                     "was announced of it",
                     reading.key);
    reading.restored = strcmp(does, "restore-key") == 0 || strcmp(does, "prove-restore") == 0;
    reading.found = strcmp(does, "find-key") == 0;
    if (planned != NULL) {
        reading.extractable =
            strcmp(does, "generate-key") == 0 && planned->backup == BACKUP_WRAPPED;
        reading.decrypts = planned->use == USE_DECRYPT;
        reading.each_signature = planned->pin == PIN_EACH_SIGNATURE;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *row = json_array_get(list, i);
        if (!is_consistent(&reading, row))
            return ERROR(
                ERROR_VERIFICATION,
                "%s of key \"%s\" was planned as \"%s\" and read as \"%s\", and is said "
                "to agree",
                data_text(row, "name"), reading.key, data_text(row, "planned"),
                data_text(row, "read"));
    }
    return check_wanted(&reading, list);
}
