/* SPDX-License-Identifier: Apache-2.0
 *
 * Who was there, in which role, and what did not go as written. (R11, R14, R92) */
#include <stdlib.h>
#include <string.h>

#include "ceremony/audit/minutes.h"
#include "ceremony/base/text.h"

/* --- roll calls --- */

/* A later roll call says it anew; the first one says since when. */
static struct error *
take_person(json_t *people, const json_t *row, const struct transcript_record *call,
            bool custodian)
{
    size_t index = 0;
    json_t *known = NULL;
    json_array_foreach(people, index, known)
    {
        if (strcmp(data_text(known, "name"), data_text(row, "name")) != 0)
            continue;
        bool present = json_is_true(data_inner(known, "present"))
                       || json_is_true(data_inner(row, "present"));
        return json_object_set_new(known, "present", json_boolean(present)) == 0
                   ? NULL
                   : error_memory();
    }
    json_t *person = json_deep_copy(row);
    if (person == NULL
        || json_object_set_new(person, "seq", json_integer((json_int_t)call->seq)) != 0
        || json_object_set_new(person, "custodian", json_boolean(custodian)) != 0
        || json_array_append(people, person) != 0) {
        json_decref(person);
        return error_memory();
    }
    json_decref(person);
    return NULL;
}

static struct error *
take_call(const struct minutes *minutes, const struct transcript_record *call, json_t *people)
{
    size_t index = 0;
    const json_t *row = NULL;
    json_array_foreach(data_inner(call->data, "people"), index, row)
        TRY(take_person(people, row, call, false));
    if (!minutes->confidential)
        return NULL;
    const json_t *custodians = transcript_openings_find(&minutes->evidence->openings,
                                                        data_text(call->data, "custodians"));
    json_array_foreach(custodians, index, row) TRY(take_person(people, row, call, true));
    return NULL;
}

struct error *
minutes_roster(const struct minutes *minutes, json_t **ret_people)
{
    json_t *people = json_array();
    struct error *error = people == NULL ? error_memory() : NULL;
    EACH_RECORD(record, minutes->evidence)
    if (error == NULL && record->type == TRANSCRIPT_ROLL_CALL)
        error = take_call(minutes, record, people);
    if (error != NULL) {
        json_decref(people);
        return error;
    }
    *ret_people = people;
    return NULL;
}

/* --- who was there --- */

static struct error *
write_person(struct minutes *minutes, const json_t *person)
{
    AUTO_BYTES roles = {0};
    char since[32];
    size_t index = 0;
    const json_t *role = NULL;
    uint64_t seq = (uint64_t)data_number(person, "seq");
    json_array_foreach(data_inner(person, "roles"), index, role)
        TRY(bytes_format(&roles, "%s%s", index == 0 ? "" : ", ",
                         json_is_string(role) ? json_string_value(role) : ""));
    minutes_time(&minutes->evidence->reading.records[seq - 1], since);
    TRY(minutes_line(minutes, "Name", "%s, %s%s", data_text(person, "name"),
                     minutes_or_missing(data_text(person, "organisation")),
                     json_is_true(data_inner(person, "custodian")) ? " (private)" : ""));
    TRY(minutes_value(minutes, "  Role", roles.len == 0 ? "" : bytes_text(&roles)));
    TRY(minutes_line(minutes, "  Document", "%s; signs by %s",
                     minutes_or_missing(data_text(person, "document")),
                     minutes_or_missing(data_text(person, "sign_off"))));
    if (!json_is_true(data_inner(person, "present")))
        return minutes_line(minutes, "  Called", "%s (record %llu), and not there", since,
                            (unsigned long long)seq);
    return minutes_line(minutes, "  There from", "%s (record %llu)", since,
                        (unsigned long long)seq);
}

/* Comings and goings; those of custodians in the confidential copy only. */
static struct error *
write_presence(struct minutes *minutes)
{
    EACH_RECORD(record, minutes->evidence)
    {
        const json_t *data = record->data;
        char time[32];
        if (!is_fact(record, "presence"))
            continue;
        if (data_is_hash(data_text(data, "person"))) {
            data = !minutes->confidential
                       ? NULL
                       : transcript_openings_find(&minutes->evidence->openings,
                                                  data_text(data, "person"));
            if (data == NULL)
                continue;
        }
        minutes_time(record, time);
        TRY(minutes_line(minutes,
                         json_is_true(data_inner(data, "present")) ? "Came back" : "Left",
                         "%s: %s (record %llu)", time, data_text(data, "person"),
                         (unsigned long long)record->seq));
    }
    return NULL;
}

struct error *
minutes_people(struct minutes *minutes)
{
    json_t *people = NULL;
    size_t index = 0;
    const json_t *person = NULL;
    TRY(minutes_part(minutes, "People"));
    TRY(minutes_roster(minutes, &people));
    struct error *error =
        json_array_size(people) > 0
            ? NULL
            : minutes_say(minutes, "No roll call is recorded: who was there is not known.");
    json_array_foreach(people, index, person) if (error == NULL) error =
        write_person(minutes, person);
    json_decref(people);
    TRY(error);
    TRY(write_presence(minutes));
    return minutes->confidential
               ? NULL
               : minutes_say(minutes, "Custodians are named in the confidential copy only.");
}

/* --- exceptions --- */

static const char *const known[][2] = {
    {"expected",        "  Expected"  },
    {"observed",        "  Observed"  },
    {"decision",        "  Decision"  },
    {"decider",         "  Decided by"},
    {"witness_concurs", "  Witness"   },
    {"noted_by",        "  Noted by"  },
};
#define KNOWN_COUNT (sizeof known / sizeof known[0])

static struct error *
write_field(struct minutes *minutes, const char *name, const json_t *value)
{
    if (json_is_string(value))
        return minutes_value(minutes, name, json_string_value(value));
    if (json_is_integer(value))
        return minutes_line(minutes, name, "%lld", (long long)json_integer_value(value));
    if (json_is_boolean(value))
        return minutes_value(minutes, name,
                             json_is_true(value) ? "concurs" : "does not concur");
    AUTO_FREE char *text = NULL;
    TRY(transcript_canonical(value, &text));
    return minutes_value(minutes, name, text);
}

static bool
is_known(const char *key)
{
    for (size_t i = 0; i < KNOWN_COUNT; i++)
        if (strcmp(known[i][0], key) == 0)
            return true;
    return false;
}

static struct error *
write_exception(struct minutes *minutes, const struct transcript_record *record, size_t number)
{
    char time[32];
    const char *key = NULL;
    json_t *value = NULL;
    minutes_time(record, time);
    if (number > 1)
        TRY(minutes_blank(minutes));
    TRY(minutes_line(minutes, "Exception", "%zu, at %s, step %s (record %llu)", number, time,
                     record->step[0] == '\0' ? "none" : record->step,
                     (unsigned long long)record->seq));
    for (size_t i = 0; i < KNOWN_COUNT; i++) {
        value = json_object_get(record->data, known[i][0]);
        if (value != NULL)
            TRY(write_field(minutes, known[i][1], value));
    }
    json_object_foreach(record->data, key, value)
    {
        AUTO_FREE char *name = NULL;
        AUTO_FREE char *said = NULL;
        if (is_known(key))
            continue;
        TRY(transcript_canonical(value, &said));
        TRY(text_format(&name, "%s: %s", key,
                        json_is_string(value) ? json_string_value(value) : said));
        TRY(minutes_value(minutes, "  Also", name));
    }
    return NULL;
}

struct error *
minutes_exceptions(struct minutes *minutes)
{
    size_t count = 0;
    TRY(minutes_part(minutes, "Exceptions"));
    EACH_RECORD(record, minutes->evidence)
    if (record->type == TRANSCRIPT_EXCEPTION)
        TRY(write_exception(minutes, record, ++count));
    return count > 0 ? NULL : minutes_say(minutes, "There were none.");
}
