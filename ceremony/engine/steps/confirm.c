/* SPDX-License-Identifier: Apache-2.0
 *
 * Steps that only people do: roll call, reading aloud, a question answered yes. */
#include "ceremony/engine/steps/step.h"

struct error *
step_run_roll_call(struct engine *engine)
{
    return people_roll_call(engine);
}

struct error *
step_run_read_aloud(struct engine *engine)
{
    AUTO_BYTES body = {0};
    /* In the last act all exceptions are read aloud (R92). */
    if (engine->act_index + 1 == engine->script->act_count)
        TRY(bytes_format(
            &body, "Exceptions noted: %llu.\n%s", (unsigned long long)engine->state.exceptions,
            engine->state.exceptions > 0 ? bytes_text(&engine->state.exception_text) : ""));
    TRY(ask_tell(engine, "read", bytes_text(&body), NULL));
    return engine_record(engine, TRANSCRIPT_CONFIRMATION, engine_actor(engine),
                         json_pack("{s:s,s:s,s:s}", "prompt", "read", "answer", "read aloud",
                                   "text", engine->step->say),
                         NULL);
}

/* "No" is not an error of the program: it must become an exception, and then people may go on. */
struct error *
step_run_confirm(struct engine *engine)
{
    const struct script_step *step = engine->step;
    bool yes = false;
    const char *verifier = step->verifies[0] != '\0' ? step->verifies : step->performs;
    const char *who = people_name(engine, verifier, 0);
    TRY(ask_confirm(engine, "confirm", "", step->question, who, &yes));
    if (!yes)
        TRY(aside_exception(engine));
    return engine_record(engine, TRANSCRIPT_CONFIRMATION, who,
                         json_pack("{s:s,s:s,s:s}", "prompt", "confirm", "question",
                                   step->question, "answer", yes ? "yes" : "no"),
                         NULL);
}
