/* SPDX-License-Identifier: Apache-2.0
 *
 * Who agreed and who did not, and the lines to sign on: for a root the security role and an independent
 * person, for a subordinate CA the security role, and the auditor where there was one. (R17, R93) */
#include <stdlib.h>
#include <string.h>

#include "ceremony/audit/minutes.h"
#include "ceremony/base/text.h"

#define SECURITY_ROLE "security-officer"
#define AUDITOR_ROLE  "auditor"

#define DOTS "............................................................"

static struct error *
write_line(struct minutes *minutes, bool name)
{
    if (name)
        TRY(minutes_value(minutes, "  Name", DOTS));
    TRY(minutes_value(minutes, "  Signature", DOTS));
    return minutes_line(minutes, "  Date", "%.24s", DOTS);
}

/* Result, reason and method of one sign-off; a line where it was not made electronically. */
static struct error *
write_answer(struct minutes *minutes, const json_t *data, uint64_t seq)
{
    bool agrees = json_is_true(data_inner(data, "agrees"));
    TRY(minutes_line(minutes, "  Result", "%s (record %llu)",
                     agrees ? "agrees" : "DOES NOT AGREE", (unsigned long long)seq));
    if (!agrees)
        TRY(minutes_value(minutes, "  Reason", data_text(data, "reason")));
    if (strcmp(data_text(data, "method"), "certificate") != 0)
        return write_line(minutes, false);
    TRY(minutes_value(minutes, "  Signed", "electronically, by certificate, SHA-256:"));
    return minutes_value(minutes, "", data_text(data, "certificate_sha256"));
}

/* The last sign-off of a person, opened where it is a custodian's; NULL. */
static const json_t *
sign_off_of(const struct minutes *minutes, const char *name, uint64_t *ret_seq)
{
    const json_t *found = NULL;
    EACH_RECORD(record, minutes->evidence)
    {
        size_t index = 0;
        const json_t *row = NULL;
        if (record->type != TRANSCRIPT_SIGN_OFF)
            continue;
        const char *person = data_text(record->data, "person");
        const json_t *rows =
            json_is_true(data_inner(record->data, "custodian"))
                ? transcript_openings_find(&minutes->evidence->openings, person)
                : NULL;
        if (strcmp(person, name) == 0) {
            found = record->data;
            *ret_seq = record->seq;
        }
        json_array_foreach(rows, index, row) if (strcmp(data_text(row, "person"), name) == 0)
        {
            found = row;
            *ret_seq = record->seq;
        }
    }
    return found;
}

static struct error *
write_signer(struct minutes *minutes, const char *as, const json_t *person)
{
    uint64_t seq = 0;
    TRY(minutes_blank(minutes));
    TRY(minutes_line(minutes, as, "%s, %s", data_text(person, "name"),
                     minutes_or_missing(data_text(person, "organisation"))));
    const json_t *answer = sign_off_of(minutes, data_text(person, "name"), &seq);
    if (answer != NULL)
        return write_answer(minutes, answer, seq);
    TRY(minutes_value(minutes, "  Result", "no sign-off is recorded"));
    return write_line(minutes, false);
}

/* --- the slots that the standard asks for --- */

static bool
has_role(const json_t *person, const char *role)
{
    size_t index = 0;
    const json_t *row = NULL;
    json_array_foreach(data_inner(person, "roles"), index,
                       row) if (json_is_string(row)
                                && strcmp(json_string_value(row), role) == 0) return true;
    return false;
}

/* A script that has a key certify itself is that of a root, also where it was broken off before. */
static bool
is_of_root(const struct script *script)
{
    for (size_t a = 0; a < script->act_count; a++)
        for (size_t s = 0; s < script->acts[a].step_count; s++) {
            const struct script_step *step = &script->acts[a].steps[s];
            if (step->kind == STEP_ISSUE_CERTIFICATE
                && (step->of == NULL || step->of[0] == '\0'
                    || strcmp(step->of, step->key) == 0))
                return true;
        }
    return false;
}

static bool
makes_key(const struct script *script)
{
    for (size_t i = 0; i < script->key_count; i++)
        if (script->keys[i].made == MADE_HERE)
            return true;
    return false;
}

/* One slot for each who was there in the role; `always`: an empty one where nobody was. */
static struct error *
write_slot(struct minutes *minutes, const json_t *people, const char *title, const char *role,
           bool always)
{
    size_t index = 0;
    size_t count = 0;
    const json_t *person = NULL;
    json_array_foreach(people, index, person)
    {
        if (!has_role(person, role) || !json_is_true(data_inner(person, "present")))
            continue;
        count++;
        TRY(write_signer(minutes, title, person));
    }
    if (count > 0 || !always)
        return NULL;
    TRY(minutes_blank(minutes));
    TRY(minutes_line(minutes, title, "not recorded: nobody was there in the role \"%s\"",
                     role));
    return write_line(minutes, true);
}

static struct error *
write_independent(struct minutes *minutes)
{
    TRY(minutes_blank(minutes));
    TRY(minutes_value(minutes, "INDEPENDENT",
                      "no record says who is independent of the CA's management, such as a "
                      "notary or an auditor; whoever is signs here, the auditor too."));
    return write_line(minutes, true);
}

static struct error *
write_slots(struct minutes *minutes, const json_t *people)
{
    const struct script *script = minutes->evidence->script;
    bool root = is_of_root(script);
    TRY(minutes_part(minutes, "Signatures"));
    TRY(minutes_say(
        minutes, root ? "ETSI EN 319 411-1, GEN-6.5.1-13, for the key of a root: the security "
                        "role, and a person who is independent."
                 : makes_key(script)
                     ? "ETSI EN 319 411-1, GEN-6.5.1-14, for the key of a subordinate CA: "
                       "the security role."
                     : "This script makes no key. The security role signs as it does for the "
                       "key of a subordinate CA (ETSI EN 319 411-1, GEN-6.5.1-14)."));
    TRY(minutes_say(
        minutes,
        evidence_is_aborted(minutes->evidence)
            ? "They sign that this report tells rightly how the ceremony was broken off, and "
              "what became of its keys."
        : makes_key(script)
            ? "They sign that the ceremony was held by its script, with the exceptions above, and that its keys stayed whole and secret."
            : "They sign that the ceremony was held by its script, with the exceptions above."));
    TRY(write_slot(minutes, people, "SECURITY", SECURITY_ROLE, true));
    if (root)
        TRY(write_independent(minutes));
    return write_slot(minutes, people, "AUDITOR", AUDITOR_ROLE, false);
}

/* --- everybody --- */

/* Of custodians the public copy tells only whether all agree. */
static struct error *
write_custodians(struct minutes *minutes)
{
    EACH_RECORD(record, minutes->evidence)
    if (record->type == TRANSCRIPT_SIGN_OFF
        && json_is_true(data_inner(record->data, "custodian")))
        TRY(minutes_line(minutes, "Custodians",
                         "%s (record %llu); each by name in the "
                         "confidential copy",
                         json_is_true(data_inner(record->data, "agrees"))
                             ? "all agree"
                             : "NOT ALL OF THEM AGREE",
                         (unsigned long long)record->seq));
    return NULL;
}

/* The text that the sign-offs are about; "" where there was none. */
static const char *
attested(const struct evidence *evidence)
{
    const char *text = "";
    EACH_RECORD(record, evidence)
    if (record->type == TRANSCRIPT_SIGN_OFF) {
        const struct script_step *step = step_of(evidence->script, record->step);
        if (step != NULL && step->kind == STEP_SIGN_OFF)
            text = step->attests;
    }
    return text;
}

static struct error *
write_sign_offs(struct minutes *minutes, const json_t *people)
{
    size_t index = 0;
    const json_t *person = NULL;
    TRY(minutes_part(minutes, "Sign-off of all who were there"));
    TRY(minutes_value(minutes, "Attested", attested(minutes->evidence)));
    json_array_foreach(people, index, person)
    {
        if (json_is_true(data_inner(person, "present")) && !has_role(person, SECURITY_ROLE)
            && !has_role(person, AUDITOR_ROLE))
            TRY(write_signer(minutes, "Name", person));
    }
    if (minutes->confidential)
        return NULL;
    TRY(minutes_blank(minutes));
    return write_custodians(minutes);
}

struct error *
minutes_sign(struct minutes *minutes)
{
    json_t *people = NULL;
    TRY(minutes_roster(minutes, &people));
    struct error *error = write_sign_offs(minutes, people);
    if (error == NULL)
        error = write_slots(minutes, people);
    json_decref(people);
    return error;
}
