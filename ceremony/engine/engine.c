/* SPDX-License-Identifier: Apache-2.0
 *
 * The run: opening, steps in order, a checkpoint after each act, closing. A step that fails is
 * recorded, told, and ends the run; resume begins there. */
#include "ceremony/engine/engine.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/engine/changes.h"
#include "ceremony/engine/context.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/engine/token_lock.h"

void
engine_outcome_clear(struct engine_outcome *outcome)
{
    free(outcome->ceremony_id);
    bytes_clear(&outcome->trust_lines);
    *outcome = (struct engine_outcome){0};
}

/* What went wrong goes into the transcript, then onto the screen; both as well as it can be done. */
static struct error *
tell_failure(struct engine *engine, struct error *error)
{
    struct error *second = engine_record(
        engine, TRANSCRIPT_EXCEPTION, "program",
        json_pack("{s:s,s:s,s:s,s:s,s:s}", "expected", "the step comes to its end", "observed",
                  error_what(error), "code", error_code_name(error_code(error)), "decision",
                  "stopped here; resume or abort", "noted_by", "program"),
        NULL);
    error_free(second);
    /* Nobody stays logged in, and no share in memory, while people read what went wrong. */
    slip39_set_free(TAKE(engine->share_set));
    tokens_close_all(engine);
    if (error_code(error) != ERROR_INTERRUPTED && error_code(error) != ERROR_INPUT)
        error_free(ask_fault(engine, engine->step == NULL ? "" : engine->step->title, error));
    return error;
}

static json_t *
step_begin_data(struct engine *engine)
{
    const struct script_step *step = engine->step;
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "kind", step_kind_name(step->kind), "title",
                     step->title, "performs", step->performs, "verifies", step->verifies,
                     "expect", step->expect, "evidence", step->evidence);
}

static struct error *
perform_step(struct engine *engine)
{
    TRY(engine_record(engine, TRANSCRIPT_STEP_BEGIN, engine_actor(engine),
                      step_begin_data(engine), NULL));
    TRY(people_quorum_of_step(engine));
    if (step_row(engine->step->kind)->read_first)
        TRY(ask_tell(engine, "begin", "", NULL));
    TRY(step_row(engine->step->kind)->run(engine));
    if (engine->step->kind == STEP_ROLL_CALL)
        TRY(opening_approval(engine));
    return engine_record(engine, TRANSCRIPT_STEP_END, engine_actor(engine),
                         json_pack("{s:s}", "outcome", "done"), NULL);
}

static struct error *
enter_step(struct engine *engine, size_t act, size_t step)
{
    engine->act_index = act;
    engine->step_index = step;
    engine->act = &engine->script->acts[act];
    engine->step = &engine->act->steps[step];
    return transcript_set_place(engine->transcript, engine->act->title, engine->step->id);
}

static struct error *
leave_steps(struct engine *engine)
{
    engine->step = NULL;
    return transcript_set_place(engine->transcript,
                                engine->act == NULL ? NULL : engine->act->title, NULL);
}

static struct error *
perform_act(struct engine *engine, size_t act)
{
    const struct script_act *row = &engine->script->acts[act];
    for (size_t s = 0; s < row->step_count; s++) {
        if (state_step_done(&engine->state, row->steps[s].id))
            continue;
        TRY(enter_step(engine, act, s));
        TRY(perform_step(engine));
    }
    bool last = act + 1 == engine->script->act_count;
    if (last || engine->state.acts_checked > act)
        return NULL;
    engine->act_index = act;
    engine->act = row;
    TRY(leave_steps(engine));
    return recorder_checkpoint(engine);
}

static struct error *
perform_acts(struct engine *engine)
{
    for (size_t a = 0; a < engine->script->act_count; a++)
        TRY(perform_act(engine, a));
    TRY(leave_steps(engine));
    return closing_record(engine, "finished");
}

static struct error *
refuse_faults(const struct faults *faults)
{
    AUTO_BYTES text = {0};
    if (faults->count == 0)
        return NULL;
    TRY(faults_text(faults, &text));
    return error_detail(faults_as_error(faults), "%s", bytes_text(&text));
}

static struct error *
begin(struct engine *engine)
{
    AUTO_FAULTS faults = {0};
    TRY(engine_check(engine->script, engine->site, engine->options->reader, false, &faults));
    TRY(refuse_faults(&faults));
    TRY(tokens_prepare(engine));
    return opening_begin(engine);
}

static struct error *
run(struct engine *engine)
{
    TRY(begin(engine));
    struct error *error = opening_welcome(engine);
    if (error == NULL)
        error = changes_show(engine);
    if (error == NULL)
        error = perform_acts(engine);
    return error == NULL ? NULL : tell_failure(engine, error);
}

/* Only what follows the closing record is left. Its approval was confirmed before any of it, which the
 * transcript says, and nothing could be recorded about a second time. */
static struct error *
closed_before(struct engine *engine)
{
    engine->approval_confirmed = true;
    return tokens_guard_repair(engine);
}

static struct error *
resume(struct engine *engine)
{
    TRY(recover_open(engine));
    if (engine->state.closed)
        return closed_before(engine);
    struct error *error = recover_continue(engine);
    if (error == NULL)
        error = perform_acts(engine);
    return error == NULL ? NULL : tell_failure(engine, error);
}

/* The sign-off is asked as the script's own last act asks it. */
static struct error *
sign_off_partial(struct engine *engine)
{
    for (size_t a = 0; a < engine->script->act_count; a++)
        for (size_t s = 0; s < engine->script->acts[a].step_count; s++)
            if (engine->script->acts[a].steps[s].kind == STEP_SIGN_OFF) {
                TRY(enter_step(engine, a, s));
                return step_run_sign_off(engine);
            }
    return NULL;
}

static struct error *
abort_ceremony(struct engine *engine)
{
    TRY(recover_open(engine));
    if (engine->state.closed)
        return closed_before(engine);
    struct error *error = recover_abort(engine);
    if (error == NULL)
        error = sign_off_partial(engine);
    if (error == NULL)
        error = leave_steps(engine);
    if (error == NULL)
        error = closing_record(engine, "aborted");
    return error == NULL ? NULL : tell_failure(engine, error);
}

static struct error *
perform(struct engine *engine)
{
    switch (engine->options->task) {
    case ENGINE_RUN:
        TRY(run(engine));
        break;
    case ENGINE_RESUME:
        TRY(resume(engine));
        break;
    case ENGINE_ABORT:
        TRY(abort_ceremony(engine));
        break;
    }
    return closing_seal(engine, engine->outcome);
}

static void
engine_clear(struct engine *engine)
{
    slip39_set_free(engine->share_set);
    tokens_close_all(engine);
    token_locks_release(engine);
    transcript_close(engine->transcript);
    ledger_close(engine->ledger);
    state_clear(&engine->state);
    json_decref(engine->opening);
    json_decref(engine->bags);
    secret_wipe(engine->pin_key, sizeof engine->pin_key);
}

struct error *
engine_perform(const struct engine_options *options, struct engine_outcome *ret_outcome)
{
    struct engine *engine = calloc(1, sizeof *engine);
    if (engine == NULL)
        return error_memory();
    engine->options = options;
    engine->frontend = options->frontend;
    engine->script = options->script;
    engine->site = options->site;
    engine->evidence = options->evidence;
    engine->outcome = ret_outcome;
    struct error *error = perform(engine);
    /* Whoever did not get hold of the transcript did not interrupt anything either. */
    if (engine->state.opened && engine->transcript != NULL)
        ret_outcome->ceremony_id = strdup(engine->state.ceremony_id);
    ret_outcome->given_up = engine->state.given_up;
    engine_clear(engine);
    free(engine);
    return error;
}
