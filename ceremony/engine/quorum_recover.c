/* SPDX-License-Identifier: Apache-2.0
 *
 * PINs that are held as shares, after an interruption. Whatever the instant was, every PIN that a token may have is
 * held by somebody: the old one until the token has told that it has the new one, the new one from before it
 * is set. */
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/engine/quorum.h"
#include "ceremony/ledger/known_shares.h"

static const char *
text_of(const json_t *data, const char *key)
{
    const char *text = json_string_value(json_object_get(data, key));
    return text == NULL ? "" : text;
}

static unsigned
set_of(const json_t *data)
{
    return (unsigned)json_integer_value(json_object_get(data, "set"));
}

/* --- the ledger follows the transcript --- */

struct error *
quorum_tell_ledger(struct engine *engine)
{
    for (size_t i = 0; i < engine->state.pin_set_count; i++) {
        const struct state_pin_set *set = &engine->state.pin_sets[i];
        char state[KNOWN_TEXT_MAX];
        if (!set->in_use)
            continue;
        TRY(quorum_state_of(engine, set->serial, quorum_user(set->user), set->set_id, state));
        if (strcmp(state, "proven") == 0)
            TRY(ledger_pin_set(engine->ledger, engine->state.ceremony_id, set->serial,
                               set->user, set->set_id, "in-use"));
    }
    return NULL;
}

/* --- a set that is on no token --- */

static struct error *
forms_destroyed(struct engine *engine, const struct state_pin_set *set)
{
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *body = NULL;
    TRY(text_format(&name, "%s.%s.forms-destroyed", set->token, set->user));
    TRY(text_format(&body,
                    "Set %u of shares, for the %s PIN of token\n"
                    "\"%s\", is void: the token never got that\n"
                    "PIN, and keeps the one it had. Every form of it,\n"
                    "filled in whole or in part, is shredded now, before\n"
                    "the witnesses.\n",
                    set->set_id, set->user, set->token));
    return ask_until_yes(engine, name, body, "Are all forms of the void set destroyed?",
                         people_name(engine, "witness", 0), ASK_FORMS_MISSING);
}

/* A set whose making the ledger never heard of needs no end there. */
static struct error *
void_in_ledger(struct engine *engine, const struct state_pin_set *set)
{
    char state[KNOWN_TEXT_MAX];
    TRY(quorum_state_of(engine, set->serial, quorum_user(set->user), set->set_id, state));
    if (state[0] == '\0')
        return NULL;
    return ledger_pin_set(engine->ledger, engine->state.ceremony_id, set->serial, set->user,
                          set->set_id, "void");
}

static struct error *
void_one(struct engine *engine, const struct state_pin_set *set)
{
    struct state_pin_set copy = *set;
    uint64_t intent = 0;
    TRY(engine_intent(engine, "void-pin-set",
                      json_pack("{s:s,s:s,s:i}", "token", copy.token, "user", copy.user, "set",
                                (int)copy.set_id),
                      &intent));
    TRY(forms_destroyed(engine, &copy));
    TRY(void_in_ledger(engine, &copy));
    TRY(exception_note(engine, "new shares of a PIN are made, given out and used in one go",
                       "they were interrupted",
                       "the set is void; the token has the PIN it had before"));
    return engine_result(engine, intent, "done",
                         json_pack("{s:s,s:s,s:i}", "token", copy.token, "user", copy.user,
                                   "set", (int)copy.set_id));
}

struct error *
quorum_void_unused(struct engine *engine)
{
    for (size_t i = 0; i < engine->state.pin_set_count; i++) {
        const struct state_pin_set *set = &engine->state.pin_sets[i];
        if (!set->in_use && !set->void_set && !set->changing)
            TRY(void_one(engine, set));
    }
    return NULL;
}

/* --- a change that nobody saw the end of --- */

static const struct state_pin_set *
find_set(const struct engine *engine, const json_t *data)
{
    for (size_t i = 0; i < engine->state.pin_set_count; i++) {
        const struct state_pin_set *set = &engine->state.pin_sets[i];
        if (set->set_id == set_of(data) && strcmp(set->token, text_of(data, "token")) == 0
            && strcmp(set->user, text_of(data, "user")) == 0)
            return set;
    }
    return NULL;
}

static struct error *
ask_holders(struct engine *engine, const struct state_intent *intent, bool *ret_here)
{
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *body = NULL;
    TRY(text_format(&name, "%s.%s.holders", text_of(intent->data, "token"),
                    text_of(intent->data, "user")));
    TRY(text_format(&body,
                    "The interruption came while the %s PIN of token\n"
                    "\"%s\" was changed. The token has the PIN from\n"
                    "before, or the one of the new set %u. Nobody is\n"
                    "locked out: both are held. The new shares are typed\n"
                    "now, and the token tells.\n",
                    text_of(intent->data, "user"), text_of(intent->data, "token"),
                    set_of(intent->data)));
    return ask_confirm(engine, name, body,
                       "Are as many holders of the new set here as it takes?",
                       people_name(engine, "administrator", 0), ret_here);
}

/* Only an abort may leave it open: both sets are kept, and the next one who logs in finds out. */
static struct error *
leave_open(struct engine *engine, const struct state_intent *intent)
{
    if (engine->options->task != ENGINE_ABORT)
        return error_hint(
            ERROR(ERROR_REFUSED,
                  "nobody knows which PIN token \"%s\" has, and too few holders "
                  "of the new shares are here",
                  text_of(intent->data, "token")),
            "Fetch them, then resume. Or abort: then both PINs are kept until a later ceremony "
            "has tried.");
    AUTO_FREE char *observed = NULL;
    TRY(text_format(
        &observed, "the %s PIN of token \"%s\" is the one from before, or that of set %u",
        text_of(intent->data, "user"), text_of(intent->data, "token"), set_of(intent->data)));
    TRY(exception_note(engine, "it is known which PIN a token has", observed,
                       "open: both are kept, sealed; the next ceremony tries one, then the "
                       "other"));
    return engine_result(engine, intent->seq, "unknown",
                         json_pack("{s:s}", "then", "both PINs are kept"));
}

static struct error *
adopt(struct engine *engine, const struct state_intent *intent)
{
    json_t *data = json_object();
    static const char *const keys[] = {"token", "serial", "user", "set", "before"};
    int failed = data == NULL ? -1 : 0;
    for (size_t i = 0; failed == 0 && i < sizeof keys / sizeof keys[0]; i++)
        failed = json_object_set(data, keys[i], json_object_get(intent->data, keys[i]));
    if (failed == 0)
        failed = json_object_set_new(
            data, "adopted", json_string("after an interruption: the token took the new PIN"));
    if (failed != 0) {
        json_decref(data);
        return error_memory();
    }
    TRY(engine_result(engine, intent->seq, "done", data));
    return quorum_tell_ledger(engine);
}

/* The token refused the new PIN: it has the old one. Its set is void before the intent is closed. */
static struct error *
give_up(struct engine *engine, const struct state_intent *intent)
{
    const struct state_pin_set *set = find_set(engine, intent->data);
    if (set != NULL && !set->void_set)
        TRY(void_one(engine, set));
    return engine_result(engine, intent->seq, "nothing",
                         json_pack("{s:s}", "found", "the token has the PIN it had before"));
}

static struct error *
let_the_token_tell(struct engine *engine, const struct state_intent *intent, bool *ret_new)
{
    struct engine_token *token = NULL;
    AUTO(secret) pin = NULL;
    enum p11_user user = quorum_user(text_of(intent->data, "user"));
    TRY(tokens_get(engine, text_of(intent->data, "token"), &token));
    TRY(tokens_refuse_last_try(engine, token, user));
    TRY(quorum_ask_pin(engine, token, user, set_of(intent->data), &pin));
    struct error *error = tokens_login_with(engine, token, user, pin);
    *ret_new = error == NULL;
    if (error == NULL)
        return tokens_logout(engine, token);
    if (error_code(error) != ERROR_PIN)
        return error;
    error_free(error);
    return tokens_note_wrong_pin(engine, token, user, 1);
}

struct error *
quorum_settle(struct engine *engine, const struct state_intent *intent)
{
    const struct state_pin_set *set = find_set(engine, intent->data);
    bool here = false;
    bool is_new = false;
    if (set == NULL || set->void_set)
        return give_up(engine, intent);
    TRY(ask_holders(engine, intent, &here));
    if (!here)
        return leave_open(engine, intent);
    TRY(let_the_token_tell(engine, intent, &is_new));
    return is_new ? adopt(engine, intent) : give_up(engine, intent);
}
