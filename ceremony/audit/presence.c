/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/audit/presence.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/cleanup.h"

struct error *
presence_roster(const struct evidence *evidence, struct roster **ret_roster)
{
    struct roster *roster = malloc(sizeof *roster);
    if (roster == NULL)
        return error_memory();
    *roster = evidence->site->roster;
    for (size_t i = 0; i < roster->people_count; i++)
        roster->people[i].present = false;
    *ret_roster = roster;
    return NULL;
}

static void
take_row(struct roster *roster, const char *name, const json_t *row)
{
    struct person *person = roster_person(roster, name);
    if (person != NULL)
        person->present = json_is_true(json_object_get(row, "present"));
}

void
presence_take(const struct evidence *evidence, struct roster *roster,
              const struct transcript_record *fact)
{
    const json_t *data = fact->data;
    const char *name = data_text(data, "person");
    if (data_is_hash(name)) {
        data = transcript_openings_find(&evidence->openings, name);
        name = data_text(data, "person");
    }
    take_row(roster, name, data);
}

static void
take_roll_call(const struct evidence *evidence, struct roster *roster,
               const struct transcript_record *call)
{
    const json_t *const lists[] = {
        data_inner(call->data, "people"),
        transcript_openings_find(&evidence->openings, data_text(call->data, "custodians"))};
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        for (size_t k = 0; k < json_array_size(lists[i]); k++) {
            const json_t *row = json_array_get(lists[i], k);
            take_row(roster, data_text(row, "name"), row);
        }
}

struct error *
presence_before(const struct evidence *evidence, uint64_t seq, struct roster **ret_roster)
{
    AUTO_FREE struct roster *roster = NULL;
    TRY(presence_roster(evidence, &roster));
    EACH_RECORD(record, evidence)
    {
        if (record->seq >= seq)
            break;
        if (record->type == TRANSCRIPT_ROLL_CALL)
            take_roll_call(evidence, roster, record);
        else if (is_fact(record, "presence"))
            presence_take(evidence, roster, record);
    }
    *ret_roster = TAKE(roster);
    return NULL;
}

bool
presence_moved(const struct evidence *evidence, const char *name, uint64_t from, uint64_t until)
{
    EACH_RECORD(record, evidence)
    {
        const char *who = data_text(record->data, "person");
        if (record->seq < from || record->seq >= until || !is_fact(record, "presence"))
            continue;
        if (data_is_hash(who))
            who = data_text(transcript_openings_find(&evidence->openings, who), "person");
        if (strcmp(who, name) == 0)
            return true;
    }
    return false;
}
