/* SPDX-License-Identifier: Apache-2.0
 *
 * Tokens as the ceremony uses them: found by their binding, logged in by PINs that are typed once and
 * sent once, logged out. (R14, R19, R20, R24) */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/engine/context.h"
#include "ceremony/engine/privacy.h"
#include "ceremony/engine/quorum.h"
#include "ceremony/engine/token_lock.h"

#define WRONG_PINS_MAX     3U
#define PIN_MAX            255U
#define PIN_MIN_PRODUCTION 6U

struct error *
tokens_get(struct engine *engine, const char *name, struct engine_token **ret_token)
{
    bool running = engine->transcript != NULL;
    if (running && !engine->site->rehearsal && !engine->approval_confirmed)
        return ERROR(ERROR_REFUSED, "no token is touched before the approval was confirmed");
    TRY(tokens_load_modules(engine));
    for (size_t i = 0; i < engine->token_count; i++)
        if (strcmp(engine->tokens[i].site->name, name) == 0) {
            *ret_token = &engine->tokens[i];
            return NULL;
        }
    return ERROR(ERROR_NOT_FOUND, "the environment names no token \"%s\"", name);
}

/* The token that was bound in this ceremony, by its serial (labels can be copied). */
static struct error *
find_bound(struct engine_token *token, const struct state_token *bound,
           struct p11_token_info *ret_info)
{
    AUTO_FREE struct p11_token_info *list = NULL;
    size_t count = 0;
    TRY(p11_tokens_list(token->module->module, &list, &count));
    for (size_t i = 0; i < count; i++)
        if (list[i].initialized && strcmp(list[i].serial, bound->serial) == 0
            && strcmp(list[i].label, bound->label) == 0) {
            *ret_info = list[i];
            return NULL;
        }
    return error_hint(
        ERROR(ERROR_TOKEN_GONE, "token \"%s\" is not there", token->site->name),
        "It has label \"%s\" and serial %s. Connect it, then resume the ceremony.",
        bound->label, bound->serial);
}

/* A token that an earlier ceremony bound is known by its serial, whatever another one calls itself. */
static struct error *
refuse_other_serial(struct engine *engine, const struct engine_token *token,
                    const struct p11_token_info *info)
{
    AUTO_FREE char *serial = NULL;
    if (engine->ledger == NULL)
        return NULL;
    TRY(ledger_token_serial(engine->ledger, info->label, &serial));
    if (serial == NULL || strcmp(serial, info->serial) == 0)
        return NULL;
    return error_hint(
        ERROR(ERROR_REFUSED,
              "token \"%s\" bears the label \"%s\", but another serial than the "
              "ledger knows",
              token->site->name, info->label),
        "It says %s, the ledger %s. Do not use it: connect the one that the ledger knows.",
        info->serial, serial);
}

static struct error *
find_token(struct engine *engine, struct engine_token *token, struct p11_token_info *ret_info)
{
    const struct state_token *bound = state_token(&engine->state, token->site->name);
    if (bound != NULL)
        return find_bound(token, bound, ret_info);
    if (token->site->blank)
        return p11_token_find_blank(token->module->module, ret_info);
    TRY(p11_token_find(token->module->module, token->site->uri, ret_info));
    return refuse_other_serial(engine, token, ret_info);
}

/* Who only checks beforehand takes nothing from anyone. */
struct error *
tokens_info(struct engine *engine, struct engine_token *token, struct p11_token_info *ret_info)
{
    TRY(find_token(engine, token, ret_info));
    return engine->transcript == NULL ? NULL : token_lock_take(engine, token, ret_info);
}

static struct error *ask_for_signature(void *self, unsigned refused, struct secret **ret_pin);

static struct error *
taken_for_signature(void *self)
{
    struct engine_token *token = self;
    return tokens_guard_end(token->engine, token);
}

struct error *
tokens_session(struct engine *engine, struct engine_token *token,
               struct p11_session **ret_session)
{
    if (token->session == NULL) {
        struct p11_token_info info = {0};
        TRY(tokens_info(engine, token, &info));
        TRY_DOING(p11_session_open(token->module->module, info.slot, &token->session),
                  "opening a session on token \"%s\"", token->site->name);
        struct p11_pin_source source = {ask_for_signature, taken_for_signature, token};
        p11_session_set_pin_source(token->session, &source);
    }
    *ret_session = token->session;
    return NULL;
}

static const char *
pin_holder(struct engine *engine, const struct engine_token *token, enum p11_user user)
{
    const char *holder =
        user == P11_SO ? token->site->so_pin_holder : token->site->user_pin_holder;
    if (holder != NULL && holder[0] != '\0')
        return people_name(engine, holder, 0);
    return people_name(engine, user == P11_SO ? "security-officer" : "pin-holder", 0);
}

static struct error *
ask_pin_part(struct engine *engine, const struct engine_token *token, enum p11_user user,
             const char *name, const char *part, const char *warning, struct secret **ret_pin)
{
    AUTO_FREE char *question = NULL;
    AUTO_FREE char *id = NULL;
    TRY(text_format(&id, "%s.%s", token->site->name, name));
    TRY(text_format(&question, "%s of \"%s\"%s", user == P11_SO ? "SO PIN" : "User PIN",
                    token->site->name, part));
    return ask_secret(engine, id, "Only the holder of this PIN looks at the keyboard.",
                      question, pin_holder(engine, token, user), warning, PIN_MAX, ret_pin);
}

/* What the token says of earlier tries is told before custodians come to the screen one by one. */
static struct error *
ask_shares(struct engine *engine, struct engine_token *token, enum p11_user user,
           const char *warning, struct secret **ret_pin)
{
    AUTO_FREE char *name = NULL;
    TRY(text_format(&name, "%s.%s.note", token->site->name,
                    user == P11_SO ? "so-pin" : "user-pin"));
    if (warning[0] != '\0')
        TRY(ask_tell(engine, name, warning, NULL));
    return quorum_ask_pin(engine, token, user, 0, ret_pin);
}

struct error *
tokens_ask_pin(struct engine *engine, struct engine_token *token, enum p11_user user,
               const char *warning, struct secret **ret_pin)
{
    bool shares = false;
    *ret_pin = NULL;
    TRY(quorum_wanted(engine, token, user, &shares));
    if (shares)
        return ask_shares(engine, token, user, warning, ret_pin);
    enum pin_entry entry = user == P11_SO ? token->site->so_pin : token->site->user_pin;
    const char *name = user == P11_SO ? "so-pin" : "user-pin";
    if (entry == PIN_PROTECTED_PATH)
        return ask_tell(engine, name, "The PIN is typed on the token's own keypad.",
                        pin_holder(engine, token, user));
    if (entry == PIN_TYPED) {
        TRY(ask_pin_part(engine, token, user, name, "", warning, ret_pin));
    } else {
        AUTO(secret) first = NULL;
        AUTO(secret) second = NULL;
        AUTO_FREE char *first_name = NULL;
        AUTO_FREE char *second_name = NULL;
        TRY(text_format(&first_name, "%s.first-half", name));
        TRY(text_format(&second_name, "%s.second-half", name));
        TRY(ask_pin_part(engine, token, user, first_name, ", first half", warning, &first));
        TRY(ask_pin_part(engine, token, user, second_name, ", second half", "", &second));
        TRY(p11_pin_join(first, second, ret_pin));
    }
    struct error *error = privacy_remember_pin(engine, *ret_pin);
    if (error != NULL) {
        secret_free(*ret_pin);
        *ret_pin = NULL;
    }
    return error;
}

/* Two entries that must agree. */
static struct error *
ask_twice(struct engine *engine, const struct engine_token *token, enum p11_user user,
          size_t least, const char *warning, struct secret **ret_pin, const char **ret_fault)
{
    AUTO(secret) first = NULL;
    AUTO(secret) again = NULL;
    bool so = user == P11_SO;
    *ret_fault = NULL;
    TRY(ask_pin_part(engine, token, user, so ? "new-so-pin" : "new-user-pin", ", new", warning,
                     &first));
    if (secret_size(first) < least) {
        *ret_fault = "That is too short for this token. Choose a longer one.";
        return NULL;
    }
    TRY(ask_pin_part(engine, token, user, so ? "new-so-pin-again" : "new-user-pin-again",
                     ", once more", "", &again));
    if (!secret_equal(first, again)) {
        *ret_fault = "The two entries differ. Type both again.";
        return NULL;
    }
    *ret_pin = TAKE(first);
    return NULL;
}

struct error *
tokens_ask_new_pin(struct engine *engine, struct engine_token *token, enum p11_user user,
                   struct secret **ret_pin)
{
    *ret_pin = NULL;
    enum pin_entry entry = user == P11_SO ? token->site->so_pin : token->site->user_pin;
    if (entry == PIN_PROTECTED_PATH)
        return ask_tell(engine, user == P11_SO ? "new-so-pin" : "new-user-pin",
                        "The new PIN is typed on the token's own keypad.",
                        pin_holder(engine, token, user));
    struct p11_token_info info;
    TRY(tokens_info(engine, token, &info));
    size_t least = info.pin_min;
    if (!engine->site->rehearsal && least < PIN_MIN_PRODUCTION)
        least = PIN_MIN_PRODUCTION;
    const char *warning = "";
    for (unsigned tries = 0; tries < WRONG_PINS_MAX; tries++) {
        const char *fault = NULL;
        TRY(ask_twice(engine, token, user, least, warning, ret_pin, &fault));
        if (fault == NULL)
            return privacy_remember_pin(engine, *ret_pin);
        warning = fault;
    }
    return error_hint(ERROR(ERROR_REFUSED, "no new PIN came about in three tries"),
                      "Take a moment, then resume the ceremony.");
}

struct error *
tokens_login_with(struct engine *engine, struct engine_token *token, enum p11_user user,
                  const struct secret *pin)
{
    struct p11_session *session = NULL;
    TRY(tokens_session(engine, token, &session));
    TRY(tokens_guard_begin(engine, token));
    TRY_DOING(p11_login(session, user, pin), "logging in to token \"%s\"", token->site->name);
    token->user_logged_in = user == P11_USER;
    token->so_logged_in = user == P11_SO;
    return tokens_guard_end(engine, token);
}

/* The three flags of the user or the SO. */
struct pin_flags {
    bool low;
    bool final;
    bool locked;
};

static struct error *
read_pin_flags(struct engine *engine, struct engine_token *token, enum p11_user user,
               struct pin_flags *ret_flags)
{
    struct p11_token_info info;
    TRY(tokens_info(engine, token, &info));
    bool so = user == P11_SO;
    *ret_flags = (struct pin_flags){
        .low = so ? info.so_pin_count_low : info.user_pin_count_low,
        .final = so ? info.so_pin_final_try : info.user_pin_final_try,
        .locked = so ? info.so_pin_locked : info.user_pin_locked,
    };
    return NULL;
}

/* The last try is never used up here, whoever is sure of the PIN (R24). */
static struct error *
refuse_last_try(const struct engine_token *token, enum p11_user user,
                const struct pin_flags *flags)
{
    const char *whose = user == P11_SO ? "SO PIN" : "user PIN";
    if (flags->locked)
        return ERROR(ERROR_PIN_LOCKED, "the %s of token \"%s\" is locked", whose,
                     token->site->name);
    if (!flags->final)
        return NULL;
    struct error *error = ERROR(ERROR_PIN_LAST,
                                "the %s of token \"%s\" has one try left before "
                                "it locks, and is not tried again",
                                whose, token->site->name);
    if (user == P11_SO)
        return error;
    return error_hint(error, "Have the security officer set the user PIN anew, then resume.");
}

struct error *
tokens_note_wrong_pin(struct engine *engine, struct engine_token *token, enum p11_user user,
                      unsigned wrong)
{
    struct pin_flags flags;
    TRY(read_pin_flags(engine, token, user, &flags));
    if (engine->state.closed) /* nothing is recorded any more */
        return refuse_last_try(token, user, &flags);
    TRY(engine_fact(engine, "wrong-pin",
                    json_pack("{s:s,s:s,s:i,s:b,s:b,s:b}", "token", token->site->name, "user",
                              user == P11_SO ? "SO" : "user", "wrong", (int)wrong, "count_low",
                              (int)flags.low, "final_try", (int)flags.final, "locked",
                              (int)flags.locked)));
    return refuse_last_try(token, user, &flags);
}

struct error *
tokens_refuse_last_try(struct engine *engine, struct engine_token *token, enum p11_user user)
{
    struct pin_flags flags;
    TRY(read_pin_flags(engine, token, user, &flags));
    return refuse_last_try(token, user, &flags);
}

static const char *
warning_text(const struct pin_flags *flags, unsigned wrong)
{
    if (wrong > 0)
        return flags->low
                   ? "The token did not accept the PIN. It says: a wrong PIN was entered "
                     "before."
                   : "The token did not accept the PIN.";
    return flags->low ? "The token says: a wrong PIN was entered before." : "";
}

static struct error *
three_wrong_pins(const struct engine_token *token)
{
    return error_hint(
        ERROR(ERROR_PIN, "three wrong PINs were typed for token \"%s\"", token->site->name),
        "Stop here. Fetch the right PIN before anything locks, then resume.");
}

/* A key that wants its PIN before each signature (R19): asked as at a login, wrong ones told likewise. */
static struct error *
ask_for_signature(void *self, unsigned refused, struct secret **ret_pin)
{
    struct engine_token *token = self;
    struct engine *engine = token->engine;
    struct pin_flags flags;
    working_end(engine); /* people are asked while the token waits */
    if (refused > 0)
        TRY(tokens_note_wrong_pin(engine, token, P11_USER, refused));
    if (refused >= WRONG_PINS_MAX)
        return three_wrong_pins(token);
    TRY(read_pin_flags(engine, token, P11_USER, &flags));
    TRY(refuse_last_try(token, P11_USER, &flags));
    TRY(tokens_ask_pin(engine, token, P11_USER,
                       refused > 0 ? warning_text(&flags, refused)
                                   : "The key wants its PIN for each signature.",
                       ret_pin));
    struct error *error = tokens_guard_begin(engine, token);
    if (error != NULL) {
        secret_free(*ret_pin);
        *ret_pin = NULL;
    }
    return error;
}

struct error *
tokens_login(struct engine *engine, struct engine_token *token, enum p11_user user,
             struct secret **ret_pin)
{
    for (unsigned wrong = 0; wrong < WRONG_PINS_MAX;) {
        AUTO(secret) pin = NULL;
        struct pin_flags flags;
        TRY(read_pin_flags(engine, token, user, &flags));
        TRY(refuse_last_try(token, user, &flags));
        TRY(tokens_ask_pin(engine, token, user, warning_text(&flags, wrong), &pin));
        struct error *error = tokens_login_with(engine, token, user, pin);
        if (error == NULL && ret_pin != NULL)
            *ret_pin = TAKE(pin);
        if (error == NULL)
            return quorum_confirm(engine, token, user);
        if (error_code(error) != ERROR_PIN)
            return error;
        secret_free(TAKE(pin));
        if (token->quorum_set[user == P11_SO] != 0)
            return quorum_refused(engine, token, user, error);
        error_free(error);
        TRY(tokens_note_wrong_pin(engine, token, user, ++wrong));
    }
    return three_wrong_pins(token);
}

struct error *
tokens_login_user(struct engine *engine, struct engine_token *token)
{
    return token->user_logged_in ? NULL : tokens_login(engine, token, P11_USER, NULL);
}

struct error *
tokens_logout(struct engine *engine, struct engine_token *token)
{
    (void)engine;
    if (token->session == NULL || (!token->user_logged_in && !token->so_logged_in))
        return NULL;
    token->user_logged_in = token->so_logged_in = false;
    return p11_logout(token->session);
}

struct error *
tokens_logout_all(struct engine *engine)
{
    for (size_t i = 0; i < engine->token_count; i++) {
        struct engine_token *token = &engine->tokens[i];
        bool recorder = engine->state.recorder.made
                        && strcmp(token->site->name, engine->state.recorder.token) == 0;
        if (!recorder)
            TRY(tokens_logout(engine, token));
    }
    return NULL;
}

struct error *
tokens_signing_key(struct engine *engine, struct engine_token *token, const unsigned char *id,
                   size_t id_len, const void *spki, size_t spki_len, EVP_PKEY **ret_key)
{
    struct p11_session *session = NULL;
    TRY(tokens_session(engine, token, &session));
    if (engine->provider == NULL)
        TRY(p11_provider_new(&engine->provider));
    return p11_provider_key(engine->provider, session, id, id_len, spki, spki_len, ret_key);
}

struct error *
tokens_signing_error(struct engine *engine, struct error *error)
{
    if (error == NULL || engine->provider == NULL)
        return error;
    struct error *cause = p11_provider_take_error(engine->provider);
    if (cause == NULL)
        return error;
    error_free(error);
    return cause;
}
