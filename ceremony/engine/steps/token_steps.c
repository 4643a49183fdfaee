/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens before they hold anything: looked at, initialised, given PINs. (R20-R22) */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/check_tokens.h"
#include "ceremony/engine/inventory.h"
#include "ceremony/engine/quorum.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/engine/token_head.h"
#include "ceremony/ledger/known_shares.h"

#define TOKEN_LABEL_MAX 32U

static json_t *
mechanism_names(struct engine_token *token, unsigned long slot, struct error **ret_error)
{
    const char **names = NULL;
    size_t count = 0;
    *ret_error = p11_token_mechanisms(token->module->module, slot, &names, &count);
    if (*ret_error != NULL)
        return NULL;
    json_t *array = json_array();
    for (size_t i = 0; array != NULL && i < count; i++)
        (void)json_array_append_new(array, json_string(names[i]));
    free(names);
    return array;
}

static struct error *
record_token_facts(struct engine *engine, struct engine_token *token,
                   const struct p11_token_info *info, const struct known_bag *bag)
{
    struct p11_module_facts module;
    TRY(p11_module_facts(token->module->module, &module));
    struct error *error = NULL;
    json_t *mechanisms = mechanism_names(token, info->slot, &error);
    TRY(error);
    return engine_fact(
        engine, "token",
        json_pack("{s:s, s:{s:s,s:s,s:s,s:s,s:s,s:s}, s:s,s:s,s:s,s:s,s:s,s:s,s:s,"
                  "s:b,s:b,s:b,s:b, s:I,s:I, s:s,s:s, s:o}",
                  "token", token->site->name, "module", "name", token->module->site->name,
                  "sha256", token->module->sha256, "manufacturer", module.manufacturer,
                  "description", module.description, "library", module.library_version,
                  "cryptoki", module.cryptoki_version, "label", info->label, "manufacturer",
                  info->manufacturer, "model", info->model, "serial", info->serial, "hardware",
                  info->hardware_version, "firmware", info->firmware_version, "slot",
                  info->slot_description, "initialised", (int)info->initialized, "user_pin_set",
                  (int)info->user_pin_set, "error_state", (int)info->error_state,
                  "clock_on_token", (int)info->clock_on_token, "pin_min",
                  (json_int_t)info->pin_min, "pin_max", (json_int_t)info->pin_max, "validation",
                  token->site->validation != NULL && token->site->validation[0] != '\0'
                      ? token->site->validation
                      : "not stated",
                  "bag", bag->number, "mechanisms", mechanisms));
}

/* Where the ledger says that it lay; the witness has the bag itself before the eyes. (R23) */
static struct error *
describe_bag(const struct known_bag *bag, struct bytes *body)
{
    if (bag->number[0] == '\0')
        return NULL;
    return bytes_format(body,
                        "Came in bag   %.44s\n"
                        "              of %.44s.\n"
                        "              Another number is an exception: note it.\n",
                        bag->number, bag->ceremony);
}

static struct error *
describe(const struct engine_token *token, const struct p11_token_info *info,
         struct bytes *body)
{
    TRY(bytes_format(body, "Token         %s\n", token->site->name));
    TRY(bytes_format(body, "Module        %s\n", token->module->site->name));
    TRY(bytes_format(body, "Module hash   %.16s...\n", token->module->sha256));
    TRY(bytes_format(body, "Maker, model  %.20s, %.16s\n", info->manufacturer, info->model));
    TRY(bytes_format(body, "Serial        %s\n",
                     info->serial[0] != '\0' ? info->serial : "none yet: the token is blank"));
    TRY(bytes_format(body, "Hardware      %s    firmware %s\n", info->hardware_version,
                     info->firmware_version));
    TRY(bytes_format(body, "Label         %.32s\n",
                     info->label[0] != '\0' ? info->label : "none"));
    return bytes_format(body, "State         %s\n",
                        info->initialized ? "initialised" : "blank");
}

/* What anyone sees, and, where there is a user PIN, what the user sees too (R22). */
static struct error *
look_inside(struct engine *engine, struct engine_token *token,
            const struct p11_token_info *info)
{
    const struct state_token *bound = state_token(&engine->state, token->site->name);
    if (!info->initialized)
        return NULL;
    bool own = bound != NULL && bound->pins_set;
    if (own || (bound == NULL && info->user_pin_set)) {
        TRY(tokens_login_user(engine, token));
        TRY(token_head_check(engine, token));
        if (token_head_is_due(engine, token))
            TRY(token_head_write(engine, token));
    }
    return inventory_take(engine, token, engine->step->id);
}

struct error *
step_run_check_token(struct engine *engine)
{
    struct engine_token *token = NULL;
    struct p11_token_info info;
    struct known_bag bag;
    AUTO_BYTES body = {0};
    TRY(tokens_get(engine, engine->step->token, &token));
    TRY(tokens_info(engine, token, &info));
    if (info.error_state)
        return ERROR(ERROR_TOKEN, "token \"%s\" says that it is out of order",
                     token->site->name);
    TRY(known_bag_of_token(engine->ledger, info.serial, &bag));
    TRY(record_token_facts(engine, token, &info, &bag));
    TRY(check_token_able(engine, token));
    TRY(look_inside(engine, token, &info));
    TRY(describe(token, &info, &body));
    TRY(describe_bag(&bag, &body));
    if (info.initialized)
        TRY(inventory_show(engine, token, &body));
    bool same = false;
    const char *verifier =
        engine->step->verifies[0] != '\0' ? engine->step->verifies : engine->step->performs;
    const char *who = people_name(engine, verifier, 0);
    TRY(ask_confirm(engine, "same", bytes_text(&body),
                    info.initialized
                        ? "Is this the token on the table, and may all of this be on it?"
                        : "Is this the token on the table, as its case and papers say?",
                    who, &same));
    if (!same)
        return error_hint(
            ERROR(ERROR_REFUSED, "token \"%s\" is not the one on the table", token->site->name),
            "Connect the right one, or note what differs, then resume.");
    return engine_record(engine, TRANSCRIPT_CONFIRMATION, who,
                         json_pack("{s:s,s:s,s:s,s:s}", "prompt", "same", "token",
                                   token->site->name, "serial", info.serial, "answer", "yes"),
                         NULL);
}

static struct error *
token_label(struct engine *engine, const struct engine_token *token, char **ret_label)
{
    TRY(text_format(ret_label, "%s%s", evidence_prefix(engine), token->site->label));
    if (strlen(*ret_label) <= TOKEN_LABEL_MAX)
        return NULL;
    free(*ret_label);
    *ret_label = NULL;
    return ERROR(ERROR_INPUT, "the label of token \"%s\" is longer than %u characters",
                 token->site->name, TOKEN_LABEL_MAX);
}

/* A name once bound is never blank again; the ledger knows from earlier ceremonies. */
static struct error *
refuse_bound_name(struct engine *engine, const char *label)
{
    AUTO_FREE char *serial = NULL;
    TRY(ledger_token_serial(engine->ledger, label, &serial));
    if (serial == NULL)
        return NULL;
    return error_hint(
        ERROR(ERROR_REFUSED,
              "the token name \"%s\" belongs to the token with serial %s already", label,
              serial),
        "A name once bound is never blank again. Give the new token another label in "
        "environment.yaml, and have it approved.");
}

/* No initialised token may bear the label either: two tokens of one name invite mistakes. */
static struct error *
refuse_label_in_use(struct engine_token *token, const char *label)
{
    AUTO_FREE struct p11_token_info *list = NULL;
    size_t count = 0;
    TRY(p11_tokens_list(token->module->module, &list, &count));
    for (size_t i = 0; i < count; i++)
        if (list[i].initialized && strcmp(list[i].label, label) == 0)
            return error_hint(
                ERROR(ERROR_EXISTS, "a token labelled \"%s\" is connected already", label),
                "Remove it, or give the new token another label.");
    return NULL;
}

static struct error *
initialise(struct engine *engine, struct engine_token *token, const char *label,
           const struct secret *pin, struct p11_token_info *ret_info)
{
    struct p11_token_info blank;
    TRY(tokens_info(engine, token, &blank));
    TRY(refuse_label_in_use(token, label));
    working_begin(engine, "The token is being initialised.", "usually a few seconds");
    struct error *error =
        p11_token_initialize(token->module->module, &blank, label, pin, ret_info);
    working_end(engine);
    return error;
}

static struct error *
show_bound(struct engine *engine, const struct engine_token *token, const char *label,
           const char *serial)
{
    AUTO_FREE char *body = NULL;
    TRY(text_format(&body,
                    "Token \"%s\" is initialised.\n\n"
                    "Label   %s\nSerial  %s\n\n"
                    "Both are recorded. From now on the token is known by\n"
                    "its serial number: the witness writes it down.\n",
                    token->site->name, label, serial));
    return ask_tell(engine, "bound", body, NULL);
}

struct error *
step_run_initialise_token(struct engine *engine)
{
    struct engine_token *token = NULL;
    struct p11_token_info info;
    AUTO_FREE char *label = NULL;
    AUTO(secret) pin = NULL;
    uint64_t intent = 0;
    TRY(tokens_get(engine, engine->step->token, &token));
    const struct state_token *bound = state_token(&engine->state, token->site->name);
    if (bound != NULL) { /* done before an interruption; only the ledger may not know yet */
        TRY(ledger_bind_token(engine->ledger, engine->state.ceremony_id, bound->label,
                              bound->serial));
        return quorum_forget(engine, bound->serial);
    }
    if (!token->site->blank)
        return ERROR(ERROR_REFUSED, "token \"%s\" is not declared blank in environment.yaml",
                     token->site->name);
    TRY(token_label(engine, token, &label));
    TRY(refuse_bound_name(engine, label));
    TRY(check_token_able(engine, token));
    TRY(tokens_ask_new_pin(engine, token, P11_SO, &pin));
    TRY(engine_intent(engine, "initialise-token",
                      json_pack("{s:s,s:s}", "token", token->site->name, "label", label),
                      &intent));
    struct error *error = initialise(engine, token, label, pin, &info);
    secret_free(TAKE(pin));
    if (error != NULL)
        return engine_result_failed(engine, intent, error);
    TRY(engine_result(engine, intent, "done",
                      json_pack("{s:s,s:s,s:s}", "token", token->site->name, "label", label,
                                "serial", info.serial)));
    TRY(ledger_bind_token(engine->ledger, engine->state.ceremony_id, label, info.serial));
    TRY(quorum_forget(engine, info.serial));
    return show_bound(engine, token, label, info.serial);
}

static struct error *
init_pin(struct engine *engine, struct engine_token *token, const struct secret *pin)
{
    struct p11_session *session = NULL;
    TRY(tokens_session(engine, token, &session));
    TRY(tokens_guard_begin(engine, token));
    TRY_DOING(p11_init_pin(session, pin), "setting the user PIN of \"%s\"", token->site->name);
    return tokens_guard_end(engine, token);
}

#define SAME_PINS_MAX 3U

/* No person knows both PINs, so they cannot be the same one. */
static struct error *
until_different(struct engine *engine, struct engine_token *token, const struct secret *so_pin,
                struct secret **user_pin)
{
    for (unsigned tries = 0; tries < SAME_PINS_MAX; tries++) {
        if (so_pin == NULL || *user_pin == NULL || !secret_equal(so_pin, *user_pin))
            return NULL;
        TRY(ask_tell(engine, "same-pins",
                     "The user PIN is the same as the SO PIN. They belong to\n"
                     "different people: the PIN holder chooses another one.",
                     NULL));
        secret_free(TAKE(*user_pin));
        TRY(tokens_ask_new_pin(engine, token, P11_USER, user_pin));
    }
    return error_hint(ERROR(ERROR_REFUSED, "the user PIN is the same as the SO PIN"),
                      "They belong to different people. Resume, and choose another.");
}

struct error *
step_run_set_pins(struct engine *engine)
{
    struct engine_token *token = NULL;
    AUTO(secret) so_pin = NULL;
    AUTO(secret) user_pin = NULL;
    uint64_t intent = 0;
    TRY(tokens_get(engine, engine->step->token, &token));
    /* A typed PIN would end a quorum without anybody having said so. */
    TRY(quorum_refuse_held(
        engine, token, "A step 'split-pin' with 'by: so' gives it a new one, in new shares."));
    TRY(tokens_ask_new_pin(engine, token, P11_USER, &user_pin));
    TRY(engine_intent(engine, "set-pins", json_pack("{s:s}", "token", token->site->name),
                      &intent));
    struct error *error = tokens_login(engine, token, P11_SO, &so_pin);
    if (error == NULL)
        error = until_different(engine, token, so_pin, &user_pin);
    secret_free(TAKE(so_pin));
    if (error == NULL)
        error = init_pin(engine, token, user_pin);
    secret_free(TAKE(user_pin));
    if (error == NULL)
        error = tokens_logout(engine, token);
    if (error != NULL)
        return engine_result_failed(engine, intent, error);
    TRY(engine_result(engine, intent, "done", json_pack("{s:s}", "token", token->site->name)));
    TRY(inventory_take(engine, token, "after initialisation, nobody logged in"));
    return ask_tell(engine, "set", "The token took the user PIN, and is logged out.\n", NULL);
}
