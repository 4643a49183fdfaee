/* SPDX-License-Identifier: Apache-2.0
 *
 * Everybody who was there at the end agreed or did not, once, by the own name, and in the way that the roster
 * says; and the custodians' signatures are wanted from those who signed off with a certificate. (R93, R94) */
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/audit/presence.h"
#include "ceremony/base/cleanup.h"
#include "transcripts/record.h"

static bool
has_sign_off_step(const struct script *script)
{
    for (size_t a = 0; a < script->act_count; a++)
        for (size_t s = 0; s < script->acts[a].step_count; s++)
            if (script->acts[a].steps[s].kind == STEP_SIGN_OFF)
                return true;
    return false;
}

/* The first sign-off, else the end. */
static uint64_t
asked_from(const struct evidence *evidence)
{
    EACH_RECORD(record, evidence)
    if (record->type == TRANSCRIPT_SIGN_OFF)
        return record->seq;
    return evidence->closing->seq;
}

static const json_t *
custodians_of(const struct evidence *evidence, const struct transcript_record *record)
{
    return transcript_openings_find(&evidence->openings, data_text(record->data, "person"));
}

static bool
is_custodians(const struct transcript_record *record)
{
    return record->type == TRANSCRIPT_SIGN_OFF
           && json_is_true(json_object_get(record->data, "custodian"));
}

/* The opinion of a person, among the custodians' for one of them; how many there are. */
static const json_t *
find_opinion(const struct evidence *evidence, const char *name, size_t *ret_count)
{
    const json_t *found = NULL;
    *ret_count = 0;
    EACH_RECORD(record, evidence)
    {
        const json_t *rows = is_custodians(record) ? custodians_of(evidence, record) : NULL;
        if (record->type == TRANSCRIPT_SIGN_OFF && rows == NULL
            && strcmp(data_text(record->data, "person"), name) == 0) {
            found = record->data;
            (*ret_count)++;
        }
        for (size_t i = 0; i < json_array_size(rows); i++)
            if (strcmp(data_text(json_array_get(rows, i), "person"), name) == 0) {
                found = json_array_get(rows, i);
                (*ret_count)++;
            }
    }
    return found;
}

/* As the roster has it: ink, or a certificate, which is named. */
static bool
is_method_of(const struct person *person, const json_t *opinion)
{
    const char *hash = data_text(opinion, "certificate_sha256");
    return strcmp(data_text(opinion, "method"), person->wet_ink ? "wet ink" : "certificate")
               == 0
           && (person->wet_ink ? hash[0] == '\0' : data_is_hash(hash));
}

/* A custodian's signature over the sums is wanted where the certificate was named. */
static bool
is_wanted(const struct evidence *evidence, const json_t *opinion)
{
    const char *hash = data_text(opinion, "certificate_sha256");
    const json_t *wanted = transcript_openings_find(
        &evidence->openings, data_text(evidence->closing->data, "required_custodians"));
    for (size_t i = 0; i < json_array_size(wanted); i++) {
        const json_t *row = json_array_get(wanted, i);
        if (strcmp(data_text(row, "signer"), data_text(opinion, "person")) == 0
            && strcmp(data_text(row, "certificate_sha256"), hash) == 0)
            return true;
    }
    return hash[0] == '\0';
}

static struct error *
check_person(const struct evidence *evidence, const struct person *person, uint64_t from,
             struct report *report)
{
    size_t count = 0;
    const json_t *opinion = find_opinion(evidence, person->name, &count);
    /* Who left or came while people were asked may have been passed over. */
    bool stayed = person->present && !presence_moved(evidence, person->name, from, UINT64_MAX);
    if (count == 0 && stayed)
        return report_fault(report, TRANSCRIPT_FILE, evidence->closing->seq,
                            "\"%s\" was there, and never said whether to agree", person->name);
    if (count > 1)
        TRY(report_fault(report, TRANSCRIPT_FILE, evidence->closing->seq,
                         "\"%s\" signed off %zu times", person->name, count));
    if (count > 0 && !is_method_of(person, opinion))
        TRY(report_fault(report, TRANSCRIPT_FILE, evidence->closing->seq,
                         "\"%s\" signed off in another way than the roster says (%s)",
                         person->name, person->wet_ink ? "wet ink" : "certificate"));
    if (count > 0 && stayed && person_has_role(person, "custodian")
        && !is_wanted(evidence, opinion))
        TRY(report_fault(
            report, TRANSCRIPT_FILE, evidence->closing->seq,
            "custodian \"%s\" signed off with a certificate, and the closing record "
            "does not want the signature",
            person->name));
    return NULL;
}

/* One record stands for all custodians. */
static struct error *
check_custodians(const struct evidence *evidence, const struct transcript_record *record,
                 struct roster *roster, struct report *report)
{
    bool all = true;
    const json_t *rows = custodians_of(evidence, record);
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        const struct person *person = roster_person(roster, data_text(row, "person"));
        all = all && json_is_true(json_object_get(row, "agrees"));
        if (person == NULL || !person_has_role(person, "custodian"))
            TRY(report_fault(report, CONFIDENTIAL_FILE, record->seq,
                             "\"%s\" signed off as a custodian, and is none",
                             data_text(row, "person")));
    }
    if (all != json_is_true(json_object_get(record->data, "agrees")))
        return report_fault(report, CONFIDENTIAL_FILE, record->seq,
                            "the record says that the custodians %s, their answers do not",
                            all ? "do not all agree" : "all agree");
    return NULL;
}

static struct error *
check_record(const struct evidence *evidence, const struct transcript_record *record,
             struct roster *roster, struct report *report)
{
    const char *name = data_text(record->data, "person");
    if (is_custodians(record))
        return check_custodians(evidence, record, roster, report);
    if (strcmp(name, record->actor) == 0 && roster_person(roster, name) != NULL)
        return NULL;
    return report_fault(report, TRANSCRIPT_FILE, record->seq,
                        "\"%s\" signed off for \"%s\", whom the roster %s", record->actor, name,
                        roster_person(roster, name) == NULL ? "does not know"
                                                            : "has as another");
}

struct error *
check_agreement(const struct evidence *evidence, struct report *report)
{
    AUTO_FREE struct roster *roster = NULL;
    AUTO_FREE struct roster *last = NULL;
    uint64_t from = asked_from(evidence);
    size_t there = 0;
    TRY(presence_before(evidence, from, &roster));
    TRY(presence_before(evidence, evidence->closing->seq, &last));
    for (size_t i = 0; i < roster->people_count; i++) /* nobody is asked who had gone before */
        roster->people[i].present = roster->people[i].present && last->people[i].present;
    EACH_RECORD(record, evidence)
    if (record->type == TRANSCRIPT_SIGN_OFF)
        TRY(check_record(evidence, record, roster, report));
    for (size_t i = 0; has_sign_off_step(evidence->script) && i < roster->people_count; i++) {
        there += roster->people[i].present ? 1 : 0;
        TRY(check_person(evidence, &roster->people[i], from, report));
    }
    return report_note(report, "%zu people were there, each was asked", there);
}
