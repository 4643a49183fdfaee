/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/quorum.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/engine/privacy.h"
#include "ceremony/engine/share_entry.h"
#include "ceremony/ledger/known_shares.h"

const char *
quorum_user_name(enum p11_user user)
{
    return user == P11_SO ? "SO" : "user";
}

enum p11_user
quorum_user(const char *name)
{
    return strcmp(name, "SO") == 0 ? P11_SO : P11_USER;
}

struct error *
quorum_state_of(struct engine *engine, const char *serial, enum p11_user user, unsigned set,
                char ret_state[KNOWN_TEXT_MAX])
{
    AUTO_FREE struct known_pin_set *sets = NULL;
    size_t count = 0;
    ret_state[0] = '\0';
    TRY(known_pin_sets(engine->ledger, serial, quorum_user_name(user), &sets, &count));
    for (size_t i = 0; i < count; i++)
        if (sets[i].set_id == set)
            memcpy(ret_state, sets[i].state, KNOWN_TEXT_MAX);
    return NULL;
}

/* Of the sets of this PIN: the one in use (0: none), and whether another one was proven since. */
static struct error *
look_up(struct engine *engine, struct engine_token *token, enum p11_user user,
        unsigned *ret_set, bool *ret_newer)
{
    AUTO_FREE struct known_pin_set *sets = NULL;
    size_t count = 0;
    struct p11_token_info info;
    *ret_set = 0;
    *ret_newer = false;
    if (engine->ledger == NULL)
        return NULL;
    TRY(tokens_info(engine, token, &info));
    if (info.serial[0] == '\0')
        return NULL;
    TRY(known_pin_sets(engine->ledger, info.serial, quorum_user_name(user), &sets, &count));
    for (size_t i = 0; i < count; i++) {
        *ret_newer = *ret_newer || strcmp(sets[i].state, "proven") == 0;
        if (strcmp(sets[i].state, "in-use") == 0)
            *ret_set = sets[i].set_id;
    }
    return NULL;
}

struct error *
quorum_set_of(struct engine *engine, struct engine_token *token, enum p11_user user,
              bool *ret_held, unsigned *ret_set)
{
    bool newer = false;
    TRY(look_up(engine, token, user, ret_set, &newer));
    *ret_held = *ret_set != 0 || newer;
    return NULL;
}

struct error *
quorum_refuse_held(struct engine *engine, struct engine_token *token, const char *hint)
{
    bool held = false;
    unsigned set = 0;
    TRY(quorum_set_of(engine, token, P11_USER, &held, &set));
    if (!held)
        return NULL;
    return error_hint(ERROR(ERROR_REFUSED, "the user PIN of token \"%s\" is held as shares",
                            token->site->name),
                      "%s", hint);
}

/* The first change to shares was left open: the PIN that was typed before, or the shares. */
static struct error *
ask_which(struct engine *engine, const struct engine_token *token, enum p11_user user,
          bool *ret_shares)
{
    static const struct prompt_choice choices[] = {
        {"shares", "the shares that were made then"},
        {"typed",  "the PIN that was typed before" },
    };
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *body = NULL;
    AUTO_FREE char *choice = NULL;
    TRY(text_format(&name, "%s.%s.which", token->site->name,
                    user == P11_SO ? "so-pin" : "user-pin"));
    TRY(text_format(&body,
                    "A ceremony was given up while it changed the\n"
                    "%s PIN of token \"%s\". The token has the PIN\n"
                    "from before, or that of the shares that were made\n"
                    "then. Both are kept. If the token refuses the one,\n"
                    "it has the other.\n",
                    quorum_user_name(user), token->site->name));
    TRY(ask_choose(engine, name, body, "Which shall be tried?", NULL, choices, 2, &choice));
    *ret_shares = strcmp(choice, "shares") == 0;
    return NULL;
}

struct error *
quorum_wanted(struct engine *engine, struct engine_token *token, enum p11_user user,
              bool *ret_shares)
{
    unsigned set = 0;
    bool newer = false;
    token->quorum_set[user == P11_SO] = 0;
    TRY(look_up(engine, token, user, &set, &newer));
    *ret_shares = set != 0;
    return set == 0 && newer ? ask_which(engine, token, user, ret_shares) : NULL;
}

/* --- shares become a PIN --- */

struct asking {
    struct engine_token *token;
    enum p11_user user;
    unsigned only;
    char serial[KNOWN_TEXT_MAX];
};

/* Whose set it is, for a custodian who brought the wrong form. */
static struct error *
name_other(struct engine *engine, unsigned set, char **ret_text)
{
    AUTO_FREE struct known_set *sets = NULL;
    AUTO_FREE char *name = NULL;
    size_t count = 0;
    TRY(known_sets(engine->ledger, &sets, &count));
    for (size_t i = 0; i < count; i++) {
        if (sets[i].set_id != set || strcmp(sets[i].state, "void") == 0)
            continue;
        if (sets[i].serial[0] == '\0')
            return text_copy("which opens the backup of a key", ret_text);
        TRY(known_token_name(engine->ledger, sets[i].serial, &name));
        return text_format(ret_text, "which holds the %s PIN of token \"%s\"", sets[i].user,
                           name);
    }
    return text_copy("which the ledger does not know", ret_text);
}

static struct error *
refuse_other(struct engine *engine, const struct asking *asking, unsigned set)
{
    AUTO_FREE char *other = NULL;
    TRY(name_other(engine, set, &other));
    return error_hint(
        ERROR(ERROR_ANSWER, "this share is of the set %u, %s", set, other),
        "Type a share of the %s PIN of token \"%s\": look at the form and at the bag's number.",
        quorum_user_name(asking->user), asking->token->site->name);
}

static struct error *
accept_set(struct engine *engine, void *self, unsigned set)
{
    const struct asking *asking = self;
    char state[KNOWN_TEXT_MAX];
    TRY(quorum_state_of(engine, asking->serial, asking->user, set, state));
    if (strcmp(state, "void") == 0)
        return error_hint(
            ERROR(ERROR_ANSWER,
                  "this share is of the set %u, which was replaced by another one", set),
            "The token has another PIN since. Type the share of the newer set: look "
            "at the date on the form and at the bag's number.");
    bool right = asking->only != 0
                     ? set == asking->only
                     : strcmp(state, "in-use") == 0 || strcmp(state, "proven") == 0;
    return right ? NULL : refuse_other(engine, asking, set);
}

static struct error *
record_shares(struct engine *engine, const struct asking *asking,
              const struct share_entry *entry)
{
    char details[DIGEST_SHA256_TEXT];
    TRY(share_entry_commit(engine, entry, "shares of a PIN", details));
    /* Before the fact: an interruption between the two leaves a proof that is made again. */
    TRY(ledger_share_proof(engine->ledger, engine->state.ceremony_id, entry->set, "opened",
                           details));
    return engine_fact(engine, "quorum-shares",
                       json_pack("{s:s,s:s,s:i,s:s}", "token", asking->token->site->name,
                                 "user", quorum_user_name(asking->user), "set", (int)entry->set,
                                 "details", details));
}

struct error *
quorum_ask_pin(struct engine *engine, struct engine_token *token, enum p11_user user,
               unsigned only, struct secret **ret_pin)
{
    AUTO_FREE char *prefix = NULL;
    AUTO_FREE char *what = NULL;
    AUTO(secret) pin = NULL;
    struct p11_token_info info;
    struct asking asking = {.token = token, .user = user, .only = only};
    TRY(tokens_info(engine, token, &info));
    TRY(text_format(&prefix, "%s.%s.", token->site->name,
                    user == P11_SO ? "so-pin" : "user-pin"));
    TRY(text_format(&what, "for the %s PIN of \"%s\"", quorum_user_name(user),
                    token->site->name));
    memcpy(asking.serial, info.serial, strlen(info.serial) + 1);
    AUTO_SHARE_ENTRY entry = {.prefix = prefix,
                              .what = what,
                              .words = QUORUM_SHARE_WORDS,
                              .accept = accept_set,
                              .self = &asking};
    TRY(share_entry_begin(&entry));
    TRY(share_entry_collect(engine, &entry, &pin));
    TRY(record_shares(engine, &asking, &entry));
    token->quorum_set[user == P11_SO] = entry.set;
    TRY(privacy_remember_pin(engine, pin));
    *ret_pin = TAKE(pin);
    return NULL;
}

struct error *
quorum_confirm(struct engine *engine, struct engine_token *token, enum p11_user user)
{
    struct p11_token_info info;
    char state[KNOWN_TEXT_MAX];
    unsigned set = token->quorum_set[user == P11_SO];
    if (set == 0)
        return NULL;
    TRY(tokens_info(engine, token, &info));
    TRY(quorum_state_of(engine, info.serial, user, set, state));
    if (strcmp(state, "proven") != 0)
        return NULL;
    TRY(exception_note(engine, "the ledger knows which shares hold the PIN of a token",
                       "an interrupted change of the PIN had left it open",
                       "the token took the newer one; the older set is void"));
    return ledger_pin_set(engine->ledger, engine->state.ceremony_id, info.serial,
                          quorum_user_name(user), set, "in-use");
}

struct error *
quorum_refused(struct engine *engine, struct engine_token *token, enum p11_user user,
               struct error *error)
{
    unsigned set = 0;
    bool newer = false;
    struct error *second = tokens_note_wrong_pin(engine, token, user, 1);
    if (second == NULL)
        second = look_up(engine, token, user, &set, &newer);
    if (second != NULL) {
        error_free(error);
        return second;
    }
    if (newer)
        return error_hint(error,
                          "A change of this PIN was left open: the token has that of the other "
                          "set. Bring the shares of the other set, then resume.");
    return error_hint(
        error,
        "The shares are whole, and of the set that the ledger names for \"%s\"; but "
        "the token has another PIN. Somebody changed it outside of a ceremony: "
        "treat the token as suspect, and find out who had it.",
        token->site->name);
}

struct error *
quorum_forget(struct engine *engine, const char *serial)
{
    static const char *const users[] = {"user", "SO"};
    for (size_t u = 0; u < 2; u++) {
        AUTO_FREE struct known_pin_set *sets = NULL;
        size_t count = 0;
        TRY(known_pin_sets(engine->ledger, serial, users[u], &sets, &count));
        for (size_t i = 0; i < count; i++)
            if (strcmp(sets[i].state, "void") != 0)
                TRY(ledger_pin_set(engine->ledger, engine->state.ceremony_id, serial, users[u],
                                   sets[i].set_id, "void"));
    }
    return NULL;
}

/* --- PINs that stay --- */

static struct error *
tell_one(struct engine *engine, const struct state_pin_use *use)
{
    AUTO_FREE char *observed = NULL;
    AUTO_FREE char *body = NULL;
    AUTO_FREE char *name = NULL;
    TRY(text_format(&observed,
                    "the %s PIN of token \"%s\" was recombined from shares, and not changed",
                    use->user, use->token));
    TRY(text_format(&name, "%s.%s.kept", use->token, use->user));
    TRY(text_format(&body,
                    "The %s PIN of token \"%s\" was put\n"
                    "together today, and was not changed after its use.\n"
                    "Whoever saw or kept it can use the token without the\n"
                    "others until it is changed. The token stays in its\n"
                    "sealed bag until then. This is read aloud, and\n"
                    "recorded as an exception.\n",
                    use->user, use->token));
    TRY(ask_tell(engine, name, body, NULL));
    TRY(exception_note(engine, "a PIN that was recombined is changed after its use", observed,
                       "open: whoever kept it can use the token alone until it is changed"));
    return engine_fact(engine, "quorum-kept", /* last: an interruption tells it again */
                       json_pack("{s:s,s:s,s:i}", "token", use->token, "user", use->user, "set",
                                 (int)use->set));
}

struct error *
quorum_tell_kept(struct engine *engine)
{
    for (size_t i = 0; i < engine->state.pin_use_count; i++) {
        struct state_pin_use use = engine->state.pin_uses[i];
        if (use.open)
            TRY(tell_one(engine, &use));
    }
    return NULL;
}
