/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is in the room and who acts. Decisions are rules/roster.h; here they are asked and recorded.
 * Custodians stand in the transcript only as one commitment (R85, R97). */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/engine/context.h"

#define ROLE_SHOWN 61
#define NAME_SHOWN 91

/* More than there can be: each role that a script or this program names, alone and with each person. */
#define LENT_MAX ((2 * ROSTER_ROLES_MAX) * (ROSTER_PEOPLE_MAX + 1))

/* Names are lent across prompts and asides: each stays as long as the program. They have room beforehand, since a name that
 * could not be lent for want of memory would stand in the record as another one. */
static const char *
lend(const char *text, const char *role)
{
    static char names[LENT_MAX][ROLE_SHOWN + NAME_SHOWN]; /* the engine runs in one thread */
    static size_t count;
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], text) == 0)
            return names[i];
    if (count == LENT_MAX)
        return role;
    (void)snprintf(names[count], sizeof names[count], "%s", text);
    return names[count++];
}

const struct person *
people_person(struct engine *engine, const char *role, size_t n)
{
    const struct person *people[ROSTER_PEOPLE_MAX];
    size_t count = roster_present(&engine->site->roster, role, people, ROSTER_PEOPLE_MAX);
    return n < count ? people[n] : NULL;
}

const char *
people_name(struct engine *engine, const char *role, size_t n)
{
    const struct person *person = people_person(engine, role, n);
    char role_shown[ROLE_SHOWN];
    char name_shown[NAME_SHOWN] = "";
    char text[ROLE_SHOWN + NAME_SHOWN];
    text_fit(role, role_shown, sizeof role_shown);
    if (person != NULL)
        text_fit(person->name, name_shown, sizeof name_shown);
    (void)snprintf(text, sizeof text, "%s%s%s", role_shown, person == NULL ? "" : " ",
                   name_shown);
    return lend(text, role);
}

void
people_as(const char *role, const char *name, char *ret_text, size_t size)
{
    char shown[NAME_SHOWN];
    text_fit(name, shown, sizeof shown);
    (void)snprintf(ret_text, size, "%s %s", role, shown);
}

/* Whether `who` is this person's name, alone or behind a role. */
static bool
speaks_of(const char *who, const struct person *person)
{
    char shown[NAME_SHOWN];
    text_fit(person->name, shown, sizeof shown);
    size_t len = strlen(shown);
    size_t all = strlen(who);
    return strcmp(who, person->name) == 0
           || (all > len && who[all - len - 1] == ' ' && strcmp(who + all - len, shown) == 0);
}

const struct person *
people_of(struct engine *engine, const char *who)
{
    const struct roster *roster = &engine->site->roster;
    const struct person *found = NULL;
    for (size_t i = 0; i < roster->people_count; i++)
        if (speaks_of(who, &roster->people[i])
            && (found == NULL || strlen(roster->people[i].name) > strlen(found->name)))
            found = &roster->people[i];
    return found;
}

static json_t *
roles_of(const struct person *person)
{
    json_t *roles = json_array();
    for (size_t i = 0; roles != NULL && i < person->role_count; i++)
        if (json_array_append_new(roles, json_string(person->roles[i])) != 0) {
            json_decref(roles);
            return NULL;
        }
    return roles;
}

static json_t *
person_record(const struct person *person)
{
    json_t *roles = roles_of(person);
    return json_pack("{s:s,s:s,s:o,s:s,s:s,s:b}", "name", person->name, "organisation",
                     person->organisation, "roles", roles, "document", person->document,
                     "sign_off", person->wet_ink ? "wet ink" : "certificate", "present",
                     (int)person->present);
}

static bool
is_confidential(const struct person *person)
{
    return person_has_role(person, "custodian");
}

static struct error *
record_people(struct engine *engine)
{
    const struct roster *roster = &engine->site->roster;
    json_t *open = json_array();
    json_t *closed = json_array();
    bool failed = open == NULL || closed == NULL;
    for (size_t i = 0; i < roster->people_count && !failed; i++) {
        const struct person *person = &roster->people[i];
        failed = json_array_append_new(is_confidential(person) ? closed : open,
                                       person_record(person))
                 != 0;
    }
    char commitment[DIGEST_SHA256_TEXT];
    struct error *error =
        failed ? error_memory()
               : engine_commit(engine, "custodians", json_incref(closed), commitment);
    json_decref(closed);
    if (error != NULL) {
        json_decref(open);
        return error;
    }
    return engine_record(engine, TRANSCRIPT_ROLL_CALL, engine_actor(engine),
                         json_pack("{s:o,s:s,s:b}", "people", open, "custodians", commitment,
                                   "one_player", (int)roster->one_player),
                         NULL);
}

static struct error *
describe(const struct person *person, struct bytes *body)
{
    TRY(bytes_format(body, "%s, %s\n", person->name, person->organisation));
    for (size_t r = 0; r < person->role_count; r++)
        TRY(bytes_format(body, "%s%s", r == 0 ? "as " : ", ", person->roles[r]));
    return bytes_format(body, "\nDocument checked: %s\nSigns off with: %s\n", person->document,
                        person->wet_ink ? "ink on paper" : "own certificate");
}

/* A root needs an auditor in the room, or declared cameras (R16). */
static struct error *
require_independent_witness(struct engine *engine)
{
    bool auditor = roster_present(&engine->site->roster, "auditor", NULL, 0) > 0;
    bool video = site_has_video(engine->site);
    if (auditor || video || engine->site->rehearsal)
        return NULL;
    return error_hint(ERROR(ERROR_REFUSED, "no independent witness is there"),
                      "A root key is made before an auditor, or before cameras that "
                      "environment.yaml declares under \"video\".");
}

struct error *
people_roll_call(struct engine *engine)
{
    struct roster *roster = &engine->site->roster;
    for (size_t i = 0; i < roster->people_count; i++)
        roster->people[i].present = true; /* so that names can be shown while we ask */
    for (size_t i = 0; i < roster->people_count; i++) {
        struct person *person = &roster->people[i];
        AUTO_BYTES body = {0};
        TRY(describe(person, &body));
        AUTO_FREE char *name = NULL;
        TRY(text_format(&name, "%zu.present", i + 1));
        bool yes = false;
        TRY(ask_confirm(engine, name, bytes_text(&body), "Is this person here and checked?",
                        engine_actor(engine), &yes));
        person->present = yes;
    }
    TRY(record_people(engine));
    TRY(roster_quorum(roster));
    return require_independent_witness(engine);
}

struct error *
people_quorum_or_lock(struct engine *engine)
{
    struct error *error = roster_quorum(&engine->site->roster);
    if (error == NULL)
        return NULL;
    struct error *second = tokens_logout_all(engine);
    if (second != NULL) {
        error_free(error);
        return second;
    }
    return error;
}

/* The roles that a step names must be filled by somebody in the room before it begins (R13). */
struct error *
people_quorum_of_step(struct engine *engine)
{
    const struct script_step *step = engine->step;
    if (step->kind == STEP_ROLL_CALL)
        return NULL;
    const char *const roles[] = {step->performs, step->verifies};
    for (size_t i = 0; i < 2; i++) {
        if (roles[i][0] == '\0' || roster_present(&engine->site->roster, roles[i], NULL, 0) > 0)
            continue;
        return error_hint(
            ERROR(ERROR_REFUSED, "nobody in the room has the role \"%s\"", roles[i]),
            "The step \"%s\" needs it. Wait until that person is there, then resume.",
            step->title);
    }
    return NULL;
}
