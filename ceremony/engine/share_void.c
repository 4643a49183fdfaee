/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/share_void.h"

#include <string.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/lost.h"
#include "ceremony/engine/shares.h"

struct unit {
    const struct script_shares *shares; /* of the script */
    const struct script_step *restore;  /* its prove-restore */
    json_t *steps;                      /* ids, in order */
    size_t first_act; /* whose checkpoints count no more, it and the later ones */
    bool begun;
    bool given_up; /* proven, but the ceremony is aborted before the key had a certificate */
};

static bool
belongs(const struct script_step *step, const struct script_shares *shares)
{
    return (step->kind == STEP_BACK_UP_KEY || step->kind == STEP_RE_SHARE
            || step->kind == STEP_DELIVER_SHARES || step->kind == STEP_PROVE_RESTORE)
           && strcmp(step->shares, shares->id) == 0;
}

static bool
step_begun(const struct state *state, const char *id)
{
    return state_step_done(state, id) || strcmp(state->step_open, id) == 0;
}

static struct error *
find_unit(const struct engine *engine, const struct script_shares *shares, struct unit *unit)
{
    *unit = (struct unit){.shares = shares, .steps = json_array()};
    if (unit->steps == NULL)
        return error_memory();
    for (size_t a = 0; a < engine->script->act_count; a++)
        for (size_t s = 0; s < engine->script->acts[a].step_count; s++) {
            const struct script_step *step = &engine->script->acts[a].steps[s];
            if (!belongs(step, shares))
                continue;
            if (json_array_size(unit->steps) == 0)
                unit->first_act = a;
            unit->begun = unit->begun || step_begun(&engine->state, step->id);
            if (step->kind == STEP_PROVE_RESTORE)
                unit->restore = step;
            if (json_array_append_new(unit->steps, json_string(step->id)) != 0)
                return error_memory();
        }
    return NULL;
}

/* Every wrapped key in the folder is of a set that was never proven: a proven one ends the unit. */
static struct error *
destroy_blobs(struct engine *engine, const struct state_key *key, json_t *destroyed)
{
    AUTO_FREE char *folder = NULL;
    AUTO_FOLDER_LIST list = {0};
    AUTO_FREE char *stem = NULL;
    TRY(path_join(engine->evidence, "wrapped", &folder));
    if (!file_exists(folder))
        return NULL;
    TRY(text_format(&stem, "%s-", key->label));
    TRY(folder_list(folder, false, false, &list));
    for (size_t i = 0; i < list.count; i++) {
        AUTO_FREE char *path = NULL;
        if (!text_starts_with(list.names[i], stem))
            continue;
        TRY(path_join(folder, list.names[i], &path));
        TRY(file_destroy(path));
        if (json_array_append_new(destroyed, json_string(list.names[i])) != 0)
            return error_memory();
    }
    return NULL;
}

/* A copy on the spare token, if the run got that far. */
static struct error *
destroy_copy(struct engine *engine, const struct unit *unit, const struct state_key *key)
{
    struct engine_token *spare = NULL;
    const struct state_token *bound = state_token(&engine->state, unit->restore->token);
    if (bound == NULL || !bound->pins_set || !step_begun(&engine->state, unit->restore->id))
        return NULL;
    TRY(tokens_get(engine, unit->restore->token, &spare));
    return key_destroy_recorded(engine, spare, "destroy-restored", key->name, key->id_hex);
}

static struct error *
forms_destroyed(struct engine *engine)
{
    return ask_until_yes(engine, "forms-destroyed",
                         "The shares that were written so far belong to a set\n"
                         "that is void. Every form of it, filled in whole or in\n"
                         "part, is shredded now, before the witnesses.\n",
                         "Are all forms of the void set destroyed?",
                         people_name(engine, "witness", 0), ASK_FORMS_MISSING);
}

/* A set whose making the ledger never heard of needs no end there. */
static struct error *
void_in_ledger(struct engine *engine, const struct state_key *key, unsigned set)
{
    struct error *error = ledger_share_set(engine->ledger, engine->state.ceremony_id,
                                           key->spki_sha256, set, "void", "");
    if (error == NULL)
        error = shares_backup_in_ledger(engine, key->spki_sha256, "void");
    if (error == NULL || error_code(error) != ERROR_REFUSED)
        return error;
    error_free(error);
    return NULL;
}

static struct error *
void_unit(struct engine *engine, struct unit *unit, struct state_key *key)
{
    uint64_t intent = 0;
    unsigned set = engine->state.backup.set_id;
    bool made = engine->state.backup.made;
    json_t *destroyed = json_array();
    if (destroyed == NULL)
        return error_memory();
    struct error *error = engine_intent(
        engine, "void-shares",
        json_pack("{s:s,s:s}", "shares", unit->shares->id, "key", key->name), &intent);
    if (error == NULL)
        error = lost_accept(engine, unit->restore->token, destroy_copy(engine, unit, key));
    if (error == NULL)
        error = destroy_blobs(engine, key, destroyed);
    if (error == NULL)
        error = forms_destroyed(engine);
    if (error == NULL && made)
        error = void_in_ledger(engine, key, set);
    if (error == NULL)
        error =
            unit->given_up
                ? exception_note(engine, "the backed-up key gets a certificate",
                                 "the ceremony is aborted before that",
                                 "the share set is void, wrapped key and copies destroyed")
                : exception_note(engine, "backup, shares and proof are done in one go",
                                 "they were interrupted", "the share set is void, made anew");
    if (error != NULL) {
        json_decref(destroyed);
        return error;
    }
    return engine_result(engine, intent, "done",
                         json_pack("{s:s,s:s,s:O,s:o,s:I}", "shares", unit->shares->id, "key",
                                   key->name, "steps", unit->steps, "files_destroyed",
                                   destroyed, "acts_before", (json_int_t)unit->first_act));
}

struct error *
share_void_if_open(struct engine *engine)
{
    for (size_t i = 0; i < engine->script->share_count; i++) {
        const struct script_shares *shares = &engine->script->shares[i];
        struct state_key *key = state_key(&engine->state, shares->of);
        struct unit unit;
        struct error *error = find_unit(engine, shares, &unit);
        bool open = error == NULL && unit.begun && unit.restore != NULL && key != NULL
                    && !key->destroyed && !engine->state.backup.replaces;
        /* An abort destroys a key without a certificate; then nothing may bring it back either. */
        unit.given_up = open && key->restore_proven && engine->options->task == ENGINE_ABORT
                        && !state_has_certificate(&engine->state, key->name);
        if (open && (!key->restore_proven || unit.given_up))
            error = void_unit(engine, &unit, key);
        json_decref(unit.steps);
        TRY(error);
    }
    return NULL;
}
