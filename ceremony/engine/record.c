/* SPDX-License-Identifier: Apache-2.0
 *
 * The one way into the transcript: append, flush, fold, show. */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/engine/context.h"

struct error *
engine_record(struct engine *engine, enum transcript_type type, const char *actor, json_t *data,
              uint64_t *ret_seq)
{
    if (data == NULL)
        return error_memory();
    if (engine->state.closed) { /* the seal is over the closing record as the last one */
        json_decref(data);
        return error_hint(
            ERROR(ERROR_REFUSED, "the transcript is closed: nothing is recorded now"),
            "Resume the ceremony, so that what follows its closing comes to an end.");
    }
    uint64_t seq = 0;
    json_incref(data);
    struct error *error = transcript_append(engine->transcript, type, actor, data, &seq);
    struct clock_reading now;
    clock_read(&now);
    if (error == NULL)
        error = state_apply(&engine->state, seq, type,
                            engine->step == NULL ? "" : engine->step->id, now.wall_ms, data);
    json_decref(data);
    if (error != NULL)
        return error;
    if (ret_seq != NULL)
        *ret_seq = seq;
    engine_show_progress(engine);
    return NULL;
}

const char *
engine_actor(struct engine *engine)
{
    if (engine->step == NULL)
        return "program";
    const char *role = engine->step->performs;
    return strcmp(role, "custodian") == 0 ? "custodian" : people_name(engine, role, 0);
}

struct error *
engine_intent(struct engine *engine, const char *does, json_t *data, uint64_t *ret_seq)
{
    if (data == NULL || json_object_set_new(data, "does", json_string(does)) != 0) {
        json_decref(data);
        return error_memory();
    }
    return engine_record(engine, TRANSCRIPT_INTENT, engine_actor(engine), data, ret_seq);
}

/* The name of an open intent; results repeat it, so that each can be read alone. */
static const char *
intent_name(const struct state *state, uint64_t seq)
{
    for (size_t i = 0; i < state->intent_count; i++)
        if (state->intents[i].seq == seq)
            return state->intents[i].does;
    return "";
}

/* Acts that leave every token as it was. One that is missing here costs a flush, nothing else. */
static bool
leaves_tokens_alone(const char *does)
{
    static const char *const names[] = {
        "sign",           "sign-crl",       "sign-requests",      "prove-possession",
        "create-request", "import-request", "import-certificate", "revoke",
        "write-output",   "write-media",    "deliver-shares",     "destroy-file",
        "open-seeds"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(does, names[i]) == 0)
            return true;
    return false;
}

/* What a token did is on its disk before the record says so: a key that was destroyed does not come back after a
 * power cut, and a token that was initialised does not go. */
static struct error *
flush_first(struct engine *engine, uint64_t intent, json_t *data)
{
    if (leaves_tokens_alone(intent_name(&engine->state, intent)))
        return NULL;
    struct error *error = tokens_flush(engine);
    if (error != NULL)
        json_decref(data);
    return error;
}

struct error *
engine_result(struct engine *engine, uint64_t intent, const char *outcome, json_t *data)
{
    TRY(flush_first(engine, intent, data));
    if (data == NULL || json_object_set_new(data, "of", json_integer((json_int_t)intent)) != 0
        || json_object_set_new(data, "does", json_string(intent_name(&engine->state, intent)))
               != 0
        || json_object_set_new(data, "outcome", json_string(outcome)) != 0) {
        json_decref(data);
        return error_memory();
    }
    return engine_record(engine, TRANSCRIPT_RESULT, engine_actor(engine), data, NULL);
}

struct error *
engine_result_failed(struct engine *engine, uint64_t intent, struct error *error)
{
    struct error *second =
        engine_result(engine, intent, "failed",
                      json_pack("{s:s,s:s,s:s}", "error", error_code_name(error_code(error)),
                                "what", error_what(error), "detail", error_detail_text(error)));
    if (second != NULL) {
        error = error_detail(error, "and it could not be recorded: %s", error_what(second));
        error_free(second);
    }
    return error;
}

struct error *
engine_fact(struct engine *engine, const char *what, json_t *data)
{
    if (data == NULL || json_object_set_new(data, "what", json_string(what)) != 0) {
        json_decref(data);
        return error_memory();
    }
    return engine_record(engine, TRANSCRIPT_FACTS, engine_actor(engine), data, NULL);
}

struct error *
engine_commit(struct engine *engine, const char *about, json_t *value,
              char ret_text[DIGEST_SHA256_TEXT])
{
    if (value == NULL)
        return error_memory();
    return transcript_commit(engine->transcript, about, value, ret_text);
}

/* --- what the front end draws --- */

static enum step_state
step_state_of(const struct engine *engine, size_t act, size_t step)
{
    const char *id = engine->script->acts[act].steps[step].id;
    if (engine->step != NULL && strcmp(engine->step->id, id) == 0)
        return STEP_NOW;
    return state_step_done(&engine->state, id) ? STEP_DONE : STEP_TO_COME;
}

void
engine_show_progress(struct engine *engine)
{
    const struct script *script = engine->script;
    struct progress_act *acts = engine->progress_acts;
    struct progress_step *steps = engine->progress_steps;
    struct progress progress = {.acts = acts};
    size_t used = 0;
    for (size_t a = 0; a < script->act_count && a < ENGINE_ACTS_MAX; a++) {
        acts[a] = (struct progress_act){script->acts[a].title, &steps[used], 0};
        for (size_t s = 0; s < script->acts[a].step_count && used < STATE_STEPS_MAX; s++) {
            const struct script_step *step = &script->acts[a].steps[s];
            steps[used++] =
                (struct progress_step){step->id, step->title, step_state_of(engine, a, s)};
            acts[a].step_count++;
        }
        progress.act_count++;
    }
    char title[200];
    (void)snprintf(title, sizeof title, "%s %s", script->title, script->version);
    progress.ceremony_title = title;
    progress.ceremony_id = engine->state.ceremony_id;
    progress.rehearsal = engine->site->rehearsal;
    progress.act = engine->act_index;
    progress.step = engine->step_index;
    progress.exceptions = engine->state.exceptions;
    if (engine->transcript != NULL) {
        unsigned char head[32];
        transcript_head(engine->transcript, head);
        (void)snprintf(progress.head_words, sizeof progress.head_words, "%s %s %s %s",
                       words_pgp_word(head[0], 0), words_pgp_word(head[1], 1),
                       words_pgp_word(head[2], 2), words_pgp_word(head[3], 3));
        progress.records = transcript_count(engine->transcript);
    }
    engine->frontend->ops->progress(engine->frontend, &progress);
}

void
working_begin(struct engine *engine, const char *what, const char *usual)
{
    engine->frontend->ops->working(engine->frontend, what, usual, false);
}

void
working_on(struct engine *engine, const char *what, const char *usual)
{
    engine->frontend->ops->working(engine->frontend, what, usual, true);
}

bool
working_stop_wanted(struct engine *engine)
{
    return engine->frontend->ops->stop_wanted(engine->frontend);
}

void
working_end(struct engine *engine)
{
    engine->frontend->ops->working(engine->frontend, NULL, "", false);
}
