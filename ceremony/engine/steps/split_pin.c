/* SPDX-License-Identifier: Apache-2.0
 *
 * A token's PIN becomes a random one that exists only as shares. The order is what keeps everybody from being
 * locked out: the new shares are made, given out and typed back, all of them, while the token still has the
 * PIN it had; only then the old PIN is asked for, and the token changes from the one to the other in one
 * call. Before that call the old PIN holds, after it the new one, and should nobody know whether it was made,
 * both are held until the token itself has told (quorum_recover.c). The PIN is in memory while its shares are
 * given out, and nowhere after. (R19, R23, R72-R76, R84, R89) */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/engine/delivery.h"
#include "ceremony/engine/quorum.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/ledger/known_shares.h"

struct splitting {
    struct engine_token *token;
    enum p11_user user; /* whose PIN */
    enum p11_user by;   /* who sets it */
    const char *name;   /* "user", "SO" */
    const struct share_plan *plan;
    struct p11_token_info info;
    struct secret *pin;
    struct secret *old; /* of `by` */
    struct slip39_set *set;
    unsigned set_id;
    unsigned before; /* the set that held this PIN until now; 0 */
};

static void
splitting_clear(struct splitting *splitting)
{
    secret_free(splitting->pin);
    secret_free(splitting->old);
    slip39_set_free(splitting->set);
}

#define AUTO_SPLITTING __attribute__((cleanup(splitting_clear))) struct splitting

/* --- before anything is made --- */

static struct error *
refuse_recorder(struct engine *engine, const struct splitting *splitting)
{
    if (!engine->state.recorder.made
        || strcmp(engine->state.recorder.token, splitting->token->site->name) != 0)
        return NULL;
    return ERROR(ERROR_REFUSED,
                 "token \"%s\" is the recorder's, and signs when nobody is asked",
                 splitting->token->site->name);
}

static struct error *
prepare(struct engine *engine, struct splitting *splitting)
{
    const struct script_shares *shares = script_shares(engine->script, engine->step->shares);
    bool held = false;
    splitting->user = strcmp(shares->pin, "so") == 0 ? P11_SO : P11_USER;
    splitting->by = strcmp(engine->step->by, "so") == 0 ? P11_SO : splitting->user;
    splitting->name = quorum_user_name(splitting->user);
    splitting->plan = site_plan(engine->site, shares->id);
    if (splitting->plan == NULL)
        return ERROR(ERROR_INPUT, "custody.yaml has no plan for the share set \"%s\"",
                     shares->id);
    TRY(tokens_get(engine, shares->token, &splitting->token));
    TRY(refuse_recorder(engine, splitting));
    TRY(tokens_info(engine, splitting->token, &splitting->info));
    TRY(quorum_possible(splitting->token->site, &splitting->info, splitting->user));
    TRY(quorum_possible(splitting->token->site, &splitting->info, splitting->by));
    return quorum_set_of(engine, splitting->token, splitting->user, &held, &splitting->before);
}

/* --- the new PIN, and its shares --- */

static json_t *
named(const struct splitting *splitting)
{
    return json_pack("{s:s,s:s,s:s,s:i,s:i}", "token", splitting->token->site->name, "serial",
                     splitting->info.serial, "user", splitting->name, "set",
                     (int)splitting->set_id, "before", (int)splitting->before);
}

static struct error *
in_ledger(struct engine *engine, const struct splitting *splitting, const char *state)
{
    return ledger_pin_set(engine->ledger, engine->state.ceremony_id, splitting->info.serial,
                          splitting->name, splitting->set_id, state);
}

static struct error *
make(struct engine *engine, struct splitting *splitting, struct slip39_subsets *ret_subsets)
{
    struct p11_session *session = NULL;
    TRY(tokens_logout_all(engine));
    TRY(tokens_session(engine, splitting->token, &session));
    TRY(quorum_make_pin(session, &splitting->pin));
    TRY(quorum_split_pin(engine, session, splitting->plan, splitting->pin, &splitting->set,
                         ret_subsets));
    splitting->set_id = slip39_set_id(splitting->set);
    return NULL;
}

static struct error *
show_number(struct engine *engine, const struct splitting *splitting)
{
    AUTO_FREE char *body = NULL;
    TRY(text_format(&body,
                    "A new %s PIN for token \"%s\" is made,\n"
                    "and cut into shares. The token keeps the PIN it has\n"
                    "until every share is proven.\n"
                    "\n"
                    "The set has the number %u: each custodian writes\n"
                    "it on the form, with the date of today.\n",
                    splitting->name, splitting->token->site->name, splitting->set_id));
    return ask_tell(engine, "set", body, NULL);
}

static struct error *
give_out(struct engine *engine, struct splitting *splitting,
         char ret_details[DIGEST_SHA256_TEXT])
{
    json_t *rows = json_array();
    if (rows == NULL)
        return error_memory();
    struct error *error = show_number(engine, splitting);
    if (error == NULL)
        error = delivery_run(engine, splitting->set, splitting->plan, rows);
    slip39_set_free(TAKE(splitting->set));
    if (error == NULL)
        error = engine_commit(engine, "shares delivered", json_incref(rows), ret_details);
    json_decref(rows);
    return error;
}

static struct error *
deliver(struct engine *engine, struct splitting *splitting)
{
    char details[DIGEST_SHA256_TEXT];
    char tried[DIGEST_SHA256_TEXT];
    struct slip39_subsets subsets = {0};
    uint64_t intent = 0;
    TRY(make(engine, splitting, &subsets));
    TRY(engine_commit(engine, "subsets recombined",
                      json_pack("{s:I,s:I,s:b}", "qualified", (json_int_t)subsets.total,
                                "recombined", (json_int_t)subsets.checked, "sampled",
                                (int)subsets.sampled),
                      tried));
    TRY(engine_intent(engine, "split-pin", named(splitting), &intent));
    TRY(in_ledger(engine, splitting, "made"));
    TRY(give_out(engine, splitting, details)); /* else the intent stays open: the set is void */
    json_t *data = named(splitting);
    json_t *more =
        json_pack("{s:s,s:s,s:s,s:s}", "shares", engine->step->shares, "details", details,
                  "subsets", tried, "typed_back", "all, by their holders from paper");
    int failed = data == NULL || more == NULL ? -1 : json_object_update(data, more);
    json_decref(more);
    if (failed != 0) {
        json_decref(data);
        return error_memory();
    }
    return engine_result(engine, intent, "done", data);
}

/* --- from the old PIN to the new one --- */

static struct error *
set_on_token(struct engine *engine, struct splitting *splitting)
{
    struct engine_token *token = splitting->token;
    struct p11_session *session = NULL;
    TRY(tokens_session(engine, token, &session));
    TRY(tokens_guard_begin(engine, token));
    if (splitting->by != splitting->user)
        TRY_DOING(p11_init_pin(session, splitting->pin), "setting the user PIN of \"%s\"",
                  token->site->name);
    else
        TRY_DOING(p11_set_pin(session, splitting->old, splitting->pin),
                  "changing the %s PIN of \"%s\"", splitting->name, token->site->name);
    return tokens_guard_end(engine, token);
}

/* What was really stored is what the token takes after it was opened anew. */
static struct error *
prove_new(struct engine *engine, struct splitting *splitting)
{
    TRY(tokens_logout(engine, splitting->token));
    TRY(tokens_reopen(engine, splitting->token));
    TRY(tokens_login_with(engine, splitting->token, splitting->user, splitting->pin));
    return tokens_logout(engine, splitting->token);
}

static struct error *
change(struct engine *engine, struct splitting *splitting)
{
    uint64_t intent = 0;
    bool held = false;
    TRY(tokens_login(engine, splitting->token, splitting->by, &splitting->old));
    /* A change that was left open is settled by this very login: only now it is known which set goes. */
    TRY(quorum_set_of(engine, splitting->token, splitting->user, &held, &splitting->before));
    TRY(in_ledger(engine, splitting, "proven"));
    TRY(engine_intent(engine, "change-pin", named(splitting), &intent));
    struct error *error = set_on_token(engine, splitting);
    secret_free(TAKE(splitting->old));
    if (error == NULL)
        error = prove_new(engine, splitting);
    secret_free(TAKE(splitting->pin));
    TRY(error); /* the intent stays open: whoever resumes asks the token which PIN it has */
    json_t *data = named(splitting);
    if (data == NULL
        || json_object_set_new(
               data, "call",
               json_string(splitting->by != splitting->user ? "C_InitPIN" : "C_SetPIN"))
               != 0
        || json_object_set_new(data, "proven",
                               json_string("the token was opened anew, and "
                                           "took the new PIN"))
               != 0) {
        json_decref(data);
        return error_memory();
    }
    return engine_result(engine, intent, "done", data);
}

/* --- the forms of the set before --- */

static struct error *
end_old_forms(struct engine *engine, const struct state_pin_set *done)
{
    AUTO_FREE char *body = NULL;
    bool gone = false;
    unsigned before = done->before;
    json_t *data = json_pack("{s:s,s:s,s:i,s:i}", "token", done->token, "user", done->user,
                             "set", (int)done->set_id, "before", (int)before);
    if (data == NULL)
        return error_memory();
    struct error *error = text_format(&body,
                                      "The shares of set %u open the token no more, and\n"
                                      "this program refuses them from now on. Their forms\n"
                                      "are shredded before the witnesses, so that nobody\n"
                                      "mistakes them.\n",
                                      before);
    if (error == NULL)
        error = ask_confirm(engine, "old-forms", body,
                            "Are all forms of the old set destroyed, before you?",
                            people_name(engine, "witness", 0), &gone);
    if (error == NULL && !gone)
        error = exception_note(
            engine, "every form of the old set is destroyed", "some are not at hand",
            "open: they open nothing, and are destroyed when they are found");
    if (error != NULL || json_object_set_new(data, "destroyed", json_boolean(gone)) != 0) {
        json_decref(data);
        return error == NULL ? error_memory() : error;
    }
    return engine_fact(engine, "old-pin-shares", data);
}

static struct error *
show(struct engine *engine, const struct state_pin_set *done)
{
    AUTO_FREE char *body = NULL;
    TRY(text_format(&body,
                    "Token \"%s\" took its new %s PIN, and\n"
                    "is logged out. The PIN exists only in the shares of\n"
                    "set %u.\n",
                    done->token, done->user, done->set_id));
    return ask_tell(engine, "changed", body, NULL);
}

static struct error *
finish(struct engine *engine)
{
    struct state_pin_set *done = state_pin_set(&engine->state, engine->step->id);
    if (done == NULL || !done->in_use)
        return ERROR(ERROR_BUG, "the changed PIN is not in the state");
    TRY(ledger_pin_set(engine->ledger, engine->state.ceremony_id, done->serial, done->user,
                       done->set_id, "in-use"));
    if (done->before != 0 && !done->old_told)
        TRY(end_old_forms(engine, done));
    return show(engine, done);
}

struct error *
step_run_split_pin(struct engine *engine)
{
    AUTO_SPLITTING splitting = {0};
    const struct state_pin_set *done = state_pin_set(&engine->state, engine->step->id);
    if (done != NULL && done->in_use) /* before an interruption */
        return finish(engine);
    TRY(prepare(engine, &splitting));
    TRY(deliver(engine, &splitting));
    TRY(change(engine, &splitting));
    return finish(engine);
}
