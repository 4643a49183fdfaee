/* SPDX-License-Identifier: Apache-2.0
 *
 * Who was there and might act: the decisions of rules/roster.h, made again. (R11-R15) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/audit/presence.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"
#include "transcripts/record.h"

struct fault_sink {
    struct report *report;
    struct error *error;
};

static void
take_fault(void *self, const char *text)
{
    struct fault_sink *sink = self;
    if (sink->error == NULL)
        sink->error = report_fault(sink->report, "roster.yaml", 1, "%s", text);
}

struct error *
check_roles(const struct evidence *evidence, struct report *report)
{
    const struct roster *roster = &evidence->site->roster;
    struct fault_sink sink = {report, NULL};
    (void)roster_check(roster, take_fault, &sink);
    TRY(sink.error);
    if (roster->one_player)
        TRY(report_note(report, "one player in all roles"));
    return report_note(report, "%zu people", roster->people_count);
}

/* --- quorum --- */

static struct error *
take_roll_call(struct roster *roster, const json_t *people, uint64_t seq, struct report *report)
{
    size_t index = 0;
    const json_t *row = NULL;
    json_array_foreach(people, index, row)
    {
        struct person *person = roster_person(roster, data_text(row, "name"));
        if (person == NULL) {
            TRY(report_fault(report, TRANSCRIPT_FILE, seq,
                             "\"%s\" does not stand in the roster", data_text(row, "name")));
            continue;
        }
        person->present = json_is_true(json_object_get(row, "present"));
        if (strcmp(data_text(row, "organisation"), person->organisation) != 0
            || strcmp(data_text(row, "document"), person->document) != 0
            || strcmp(data_text(row, "sign_off"), person->wet_ink ? "wet ink" : "certificate")
                   != 0)
            TRY(report_fault(report, TRANSCRIPT_FILE, seq,
                             "\"%s\" was called with another organisation, document or way to "
                             "sign than the roster has",
                             person->name));
        size_t r = 0;
        const json_t *role = NULL;
        json_array_foreach(data_inner(row, "roles"), r,
                           role) if (!json_is_string(role)
                                     || !person_has_role(person, json_string_value(role)))
            TRY(report_fault(report, TRANSCRIPT_FILE, seq,
                             "\"%s\" was called in a role that the roster does not give",
                             person->name));
    }
    return NULL;
}

/* What may not be done below quorum: everything announced but the writing of files. */
static bool
needs_quorum(const struct transcript_record *record)
{
    return record->type == TRANSCRIPT_INTENT && !is_intent(record, "write-output");
}

static struct error *
follow_presence(const struct evidence *evidence, struct roster *roster, size_t *ret_calls,
                struct report *report)
{
    EACH_RECORD(record, evidence)
    {
        if (record->type == TRANSCRIPT_ROLL_CALL) {
            (*ret_calls)++;
            const json_t *hidden = transcript_openings_find(
                &evidence->openings, data_text(record->data, "custodians"));
            TRY(take_roll_call(roster, data_inner(record->data, "people"), record->seq,
                               report));
            TRY(take_roll_call(roster, hidden, record->seq, report));
        } else if (is_fact(record, "presence")) {
            presence_take(evidence, roster, record);
        } else if (needs_quorum(record)) {
            struct error *error = roster_quorum(roster);
            if (error != NULL)
                TRY(report_error(report, TRANSCRIPT_FILE, record->seq, error));
        }
    }
    return NULL;
}

struct error *
check_quorum(const struct evidence *evidence, struct report *report)
{
    AUTO_FREE struct roster *roster = NULL;
    size_t calls = 0;
    TRY(presence_roster(evidence, &roster));
    TRY(follow_presence(evidence, roster, &calls, report));
    if (calls == 0)
        TRY(report_fault(report, TRANSCRIPT_FILE, 1, "there was no roll call"));
    return report_note(report, "%zu roll calls, every act announced in quorum", calls);
}

/* --- actors --- */

/* "witness Ada Byron" is somebody of the roster in a role of that person. */
static bool
is_known_actor(struct roster *roster, const char *actor)
{
    for (size_t r = 0; r < roster->role_count; r++) {
        const char *role = roster->roles[r].id;
        size_t len = strlen(role);
        if (strncmp(actor, role, len) != 0 || actor[len] != ' ')
            continue;
        const struct person *person = roster_person(roster, actor + len + 1);
        if (person != NULL && person_has_role(person, role))
            return true;
    }
    return false;
}

static bool
may_act(struct roster *roster, const struct transcript_record *record, bool called)
{
    if (strcmp(record->actor, "program") == 0 || strcmp(record->actor, "custodian") == 0)
        return true;
    if (record->type == TRANSCRIPT_SIGN_OFF)
        return roster_person(roster, record->actor) != NULL;
    if (!called && roster_role(roster, record->actor) != NULL)
        return true; /* before the roll call nobody has a name yet */
    return is_known_actor(roster, record->actor);
}

struct error *
check_actors(const struct evidence *evidence, struct report *report)
{
    AUTO_FREE struct roster *roster = NULL;
    bool called = false;
    TRY(presence_roster(evidence, &roster));
    EACH_RECORD(record, evidence)
    {
        if (!may_act(roster, record, called))
            TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                             "\"%s\" acts, whom the roster does not know in that role",
                             record->actor));
        const struct script_step *step = step_of(evidence->script, record->step);
        bool acts = record->type == TRANSCRIPT_STEP_BEGIN && called && step != NULL;
        if (acts && strncmp(record->actor, step->performs, strlen(step->performs)) != 0)
            TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                             "\"%s\" began a step that belongs to the role \"%s\"",
                             record->actor, step->performs));
        called = called || record->type == TRANSCRIPT_ROLL_CALL;
    }
    return NULL;
}

/* --- fingerprints --- */

struct confirmed {
    const char *actors[ROSTER_PEOPLE_MAX];
    size_t count;
};

static struct error *
check_confirmation(const struct transcript_record *record, const struct script_step *step,
                   const char *spki_sha256, struct confirmed *confirmed, struct report *report)
{
    if (strcmp(data_text(record->data, "spki_sha256"), spki_sha256) != 0
        || strcmp(data_text(record->data, "answer"), "equal") != 0)
        return report_fault(report, TRANSCRIPT_FILE, record->seq,
                            "the fingerprint confirmed is not the key's");
    if (data_number(record->data, "words") < (int64_t)step->words)
        TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                         "fewer words were asked than the "
                         "script says"));
    for (size_t i = 0; i < confirmed->count; i++)
        if (strcmp(confirmed->actors[i], record->actor) == 0)
            return NULL;
    if (confirmed->count < ROSTER_PEOPLE_MAX)
        confirmed->actors[confirmed->count++] = record->actor;
    return NULL;
}

/* Between the step's last beginning and its end. */
static struct error *
check_comparison(const struct evidence *evidence, const struct transcript_record *end,
                 const struct script_step *step, struct report *report)
{
    struct confirmed confirmed = {.count = 0};
    const struct transcript_record *key = find_key(evidence, "key", step->of, end->seq);
    if (key == NULL)
        return report_fault(report, TRANSCRIPT_FILE, end->seq,
                            "the key \"%s\" was not made before its fingerprint was confirmed",
                            step->of);
    EACH_RECORD(record, evidence)
    {
        if (record->seq > end->seq || strcmp(record->step, step->id) != 0)
            continue;
        if (record->type == TRANSCRIPT_STEP_BEGIN)
            confirmed.count = 0;
        else if (record->type == TRANSCRIPT_CONFIRMATION
                 && strcmp(data_text(record->data, "prompt"), "fingerprint") == 0)
            TRY(check_confirmation(record, step, data_text(key->data, "spki_sha256"),
                                   &confirmed, report));
    }
    size_t people = step->people > 0 ? step->people : 1;
    if (confirmed.count < people)
        return report_fault(report, TRANSCRIPT_FILE, end->seq,
                            "%zu people confirmed the fingerprint, the script wants %zu",
                            confirmed.count, people);
    return NULL;
}

struct error *
check_fingerprints(const struct evidence *evidence, struct report *report)
{
    size_t count = 0;
    EACH_RECORD(record, evidence)
    {
        const struct script_step *step = step_of(evidence->script, record->step);
        if (record->type != TRANSCRIPT_STEP_END || step == NULL
            || step->kind != STEP_COMPARE_FINGERPRINT)
            continue;
        count++;
        TRY(check_comparison(evidence, record, step, report));
    }
    return report_note(report, "%zu compared", count);
}
