/* SPDX-License-Identifier: Apache-2.0
 *
 * What may come instead of an answer: an exception noted (R92), a pause (R91), somebody leaving or
 * coming back (R14). Each has prompts of its own under "exception.", "pause.", "leave.". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/context.h"

#define WHO_MAX 216 /* a name, and what that person does */

struct error *
exception_note(struct engine *engine, const char *expected, const char *observed,
               const char *decision)
{
    return engine_record(engine, TRANSCRIPT_EXCEPTION, "program",
                         json_pack("{s:s,s:s,s:s,s:s}", "expected", expected, "observed",
                                   observed, "decision", decision, "noted_by", "program"),
                         NULL);
}

/* The step's place is left while an aside asks its own questions, and taken up again. */
struct aside_scope {
    struct engine *engine;
    const char *prefix;
};

static struct aside_scope
aside_enter(struct engine *engine, const char *prefix)
{
    struct aside_scope scope = {engine, engine->prompt_prefix};
    engine->prompt_prefix = prefix;
    return scope;
}

static void
aside_end(struct aside_scope *scope)
{
    scope->engine->prompt_prefix = scope->prefix;
}

#define AUTO_ASIDE __attribute__((cleanup(aside_end), unused)) struct aside_scope

struct error *
aside_exception(struct engine *engine)
{
    if (engine->state.closed)
        return NULL; /* the closing record is the last: the prompt is asked again */
    AUTO_ASIDE scope = aside_enter(engine, "exception");
    const char *witness = people_name(engine, "witness", 0);
    AUTO_FREE char *expected = NULL;
    AUTO_FREE char *observed = NULL;
    AUTO_FREE char *decision = NULL;
    AUTO_FREE char *decider = NULL;
    TRY(ask_text(engine, "expected", "", "What was expected?", witness, &expected));
    TRY(ask_text(engine, "observed", "", "What was observed?", witness, &observed));
    TRY(ask_text(engine, "decision", "", "What was decided?", witness, &decision));
    TRY(ask_text(engine, "decider", "", "Who decided it?", witness, &decider));
    bool concurs = false;
    TRY(ask_confirm(engine, "concurrence", decision, "Does the witness concur?", witness,
                    &concurs));
    return engine_record(engine, TRANSCRIPT_EXCEPTION, witness,
                         json_pack("{s:s,s:s,s:s,s:s,s:b,s:s}", "expected", expected,
                                   "observed", observed, "decision", decision, "decider",
                                   decider, "witness_concurs", (int)concurs, "noted_by",
                                   "people"),
                         NULL);
}

struct error *
aside_pause(struct engine *engine)
{
    if (engine->state.closed)
        return NULL; /* the closing record is the last: the prompt is asked again */
    AUTO_ASIDE scope = aside_enter(engine, "pause");
    TRY(tokens_logout_all(engine));
    TRY(engine_record(engine, TRANSCRIPT_PAUSE, engine_actor(engine),
                      json_pack("{s:s}", "reason", "asked for at the table"), NULL));
    TRY(ask_until_yes(
        engine, "continue",
        "The ceremony pauses. All tokens that hold CA keys are logged out.\n"
        "The recorder stays. Nobody leaves anything unattended.",
        "Is everybody back, and shall it go on?", NULL,
        "The pause goes on until the answer is yes. Whoever returns is noted with F4; F10 "
        "ends for today."));
    AUTO_FREE char *seen = NULL;
    TRY(ask_text(engine, "wall-clock", "", "The witness reads the time from the wall clock",
                 people_name(engine, "witness", 0), &seen));
    return engine_record(engine, TRANSCRIPT_RESUME, engine_actor(engine),
                         json_pack("{s:s,s:s}", "after", "pause", "witness_clock", seen), NULL);
}

static struct error *
record_presence(struct engine *engine, const struct person *person)
{
    bool custodian = person_has_role(person, "custodian");
    char commitment[DIGEST_SHA256_TEXT];
    if (custodian)
        TRY(engine_commit(
            engine, "presence",
            json_pack("{s:s,s:b}", "person", person->name, "present", (int)person->present),
            commitment));
    return engine_fact(engine, "presence",
                       json_pack("{s:s,s:b}", "person", custodian ? commitment : person->name,
                                 "present", (int)person->present));
}

/* Somebody leaves or returns: chosen from the roster, recorded, and the quorum looked at. */
static struct error *
toggle_presence(struct engine *engine, const char *name)
{
    struct roster *roster = &engine->site->roster;
    struct prompt_choice choices[ROSTER_PEOPLE_MAX];
    AUTO_FREE char(*said)[WHO_MAX] = calloc(ROSTER_PEOPLE_MAX, sizeof *said);
    if (said == NULL)
        return error_memory();
    for (size_t i = 0; i < roster->people_count; i++) {
        char fits[WHO_MAX - sizeof "returns: " + 1];
        text_fit(roster->people[i].name, fits, sizeof fits);
        (void)snprintf(said[i], sizeof said[i], "%s %s",
                       roster->people[i].present ? "leaves:" : "returns:", fits);
        choices[i] = (struct prompt_choice){roster->people[i].name, said[i]};
    }
    AUTO_FREE char *chosen = NULL;
    TRY(ask_choose(engine, name, "", "Who leaves or returns?", NULL, choices,
                   roster->people_count, &chosen));
    struct person *person = roster_person(roster, chosen);
    person->present = !person->present;
    return record_presence(engine, person);
}

struct error *
aside_leave(struct engine *engine)
{
    if (engine->state.closed)
        return NULL; /* the closing record is the last: the prompt is asked again */
    AUTO_ASIDE scope = aside_enter(engine, "leave");
    TRY(toggle_presence(engine, "who"));
    for (;;) {
        struct error *error = people_quorum_or_lock(engine);
        if (error == NULL)
            return NULL;
        AUTO_FREE char *why = NULL;
        struct error *second = text_copy(error_what(error), &why);
        error_free(error);
        TRY(second);
        TRY(exception_note(engine, "every role has its people in the room", why,
                           "all tokens logged out; waiting for somebody to return"));
        AUTO_BYTES body = {0};
        TRY(bytes_format(&body,
                         "%s.\nThe tokens are logged out. Nothing goes on until the role is "
                         "filled again.",
                         why));
        TRY(ask_tell(engine, "below-quorum", bytes_text(&body), NULL));
        TRY(toggle_presence(engine, "return"));
    }
}
