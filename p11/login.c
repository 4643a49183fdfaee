/* SPDX-License-Identifier: Apache-2.0
 *
 * PINs. Every typed PIN goes to the token once at most: the flags are read before it is sent, and
 * nothing here tries again. (R19, R24, T20) */
#include <string.h>

#include "p11/pin.h"

static const char *
user_name(enum p11_user user)
{
    return user == P11_SO ? "security officer" : "user";
}

struct error *
ck_pin_check_length(const struct p11_token_info *token, const struct secret *pin)
{
    if (pin == NULL && !token->protected_path)
        return ERROR(ERROR_REFUSED,
                     "token \"%s\" has no keypad of its own: its PIN must be typed "
                     "here",
                     token->label);
    if (pin == NULL)
        return NULL;
    size_t len = secret_size(pin);
    bool named = token->label[0] != '\0'; /* a blank one has no name yet */
    /* Limits of 0 are what some tokens say when they have none. */
    if (len < token->pin_min || (token->pin_max > 0 && len > token->pin_max))
        return error_hint(ERROR(ERROR_PIN,
                                "a PIN of %s%s%s has %lu to %lu characters; this one was "
                                "not sent",
                                named ? "token \"" : "this token", named ? token->label : "",
                                named ? "\"" : "", token->pin_min, token->pin_max),
                          "Type it again. It did not count as a try.");
    return NULL;
}

struct error *
ck_pin_check(const struct p11_token_info *token, enum p11_user user, const struct secret *pin)
{
    bool locked = user == P11_SO ? token->so_pin_locked : token->user_pin_locked;
    bool final_try = user == P11_SO ? token->so_pin_final_try : token->user_pin_final_try;
    if (locked)
        return error_hint(ERROR(ERROR_PIN_LOCKED, "the %s's PIN of token \"%s\" is locked",
                                user_name(user), token->label),
                          user == P11_SO ? "Nobody can unlock it: use another token."
                                         : "The security officer must set a new PIN.");
    if (final_try)
        return ERROR(ERROR_PIN_LAST,
                     "token \"%s\" says that the next wrong PIN of its %s locks it; "
                     "this one was not sent",
                     token->label, user_name(user));
    return ck_pin_check_length(token, pin);
}

/* Reads the flags again, for what to say: only what the token reports. */
static struct error *
explain(struct p11_session *session, enum p11_user user, struct error *error)
{
    if (error_code(error) != ERROR_PIN)
        return error;
    struct p11_token_info token = {0};
    struct error *unread = p11_token_read(session->module, session->slot, &token);
    if (unread != NULL) {
        error_free(unread);
        return error;
    }
    if (user == P11_SO ? token.so_pin_locked : token.user_pin_locked)
        return error_hint(error_recode(error, ERROR_PIN_LOCKED),
                          "That was the last try: the PIN is locked now.");
    if (user == P11_SO ? token.so_pin_final_try : token.user_pin_final_try)
        return error_hint(error,
                          "The next wrong PIN locks the token. Stop, and fetch the right "
                          "PIN.");
    if (user == P11_SO ? token.so_pin_count_low : token.user_pin_count_low)
        return error_hint(error,
                          "Ask the PIN holder to type it again. The token warns that wrong "
                          "PINs have been tried.");
    return error;
}

struct error *
p11_login(struct p11_session *session, enum p11_user user, const struct secret *pin)
{
    struct p11_token_info token = {0};
    TRY(p11_token_read(session->module, session->slot, &token));
    if (!token.initialized)
        return ERROR(ERROR_REFUSED, "the token in slot %lu is not initialised", session->slot);
    if (user == P11_USER && !token.user_pin_set)
        return error_hint(ERROR(ERROR_REFUSED,
                                "the user's PIN of token \"%s\" has not been set yet",
                                token.label),
                          "The security officer sets it first.");
    bool as_user = false;
    bool as_so = false;
    TRY(p11_login_state(session, &as_user, &as_so));
    if (as_user || as_so)
        return error_hint(ERROR(ERROR_REFUSED,
                                "could not log in to token \"%s\": its %s is logged "
                                "in already, so no PIN would be checked",
                                token.label, user_name(as_so ? P11_SO : P11_USER)),
                          "Log out first.");
    TRY(ck_pin_check(&token, user, pin));
    CK_RV rv = CK_CALL(session->module, C_Login, session->handle,
                       user == P11_SO ? CKU_SO : CKU_USER, ck_pin(pin), ck_pin_len(pin));
    if (rv != CKR_OK)
        return explain(session, user,
                       P11_ERROR(rv, "could not log in to token \"%s\" as its %s", token.label,
                                 user_name(user)));
    return NULL;
}

struct error *
p11_login_for_operation(struct p11_session *session, const struct secret *pin)
{
    struct p11_token_info token = {0};
    TRY(p11_token_read(session->module, session->slot, &token));
    TRY(ck_pin_check(&token, P11_USER, pin));
    CK_RV rv = CK_CALL(session->module, C_Login, session->handle, CKU_CONTEXT_SPECIFIC,
                       ck_pin(pin), ck_pin_len(pin));
    if (rv != CKR_OK)
        return explain(session, P11_USER,
                       P11_ERROR(rv, "the PIN for one signature of token \"%s\" was not taken",
                                 token.label));
    return NULL;
}

struct error *
p11_logout(struct p11_session *session)
{
    CK_RV rv = CK_CALL(session->module, C_Logout, session->handle);
    if (rv != CKR_OK && rv != CKR_USER_NOT_LOGGED_IN)
        return P11_ERROR(rv, "could not log out of token \"%s\"", session->token);
    return NULL;
}

struct error *
p11_init_pin(struct p11_session *session, const struct secret *pin)
{
    struct p11_token_info token = {0};
    TRY(p11_token_read(session->module, session->slot, &token));
    TRY(ck_pin_check_length(&token, pin));
    CK_RV rv =
        CK_CALL(session->module, C_InitPIN, session->handle, ck_pin(pin), ck_pin_len(pin));
    if (rv != CKR_OK)
        return P11_ERROR(rv, "could not set the user's PIN of token \"%s\"", token.label);
    TRY(p11_token_read(session->module, session->slot, &token));
    if (!token.user_pin_set)
        return ERROR(ERROR_TOKEN, "token \"%s\" reports no user's PIN after it was set",
                     token.label);
    return NULL;
}

struct error *
p11_set_pin(struct p11_session *session, const struct secret *old_pin,
            const struct secret *new_pin)
{
    struct p11_token_info token = {0};
    TRY(p11_token_read(session->module, session->slot, &token));
    bool as_user = false;
    bool as_so = false;
    TRY(p11_login_state(session, &as_user, &as_so));
    enum p11_user user = as_so ? P11_SO : P11_USER;
    TRY(ck_pin_check(&token, user, old_pin));
    TRY(ck_pin_check_length(&token, new_pin));
    CK_RV rv = CK_CALL(session->module, C_SetPIN, session->handle, ck_pin(old_pin),
                       ck_pin_len(old_pin), ck_pin(new_pin), ck_pin_len(new_pin));
    if (rv != CKR_OK)
        return explain(session, user,
                       P11_ERROR(rv, "could not change the PIN of token \"%s\"", token.label));
    return NULL;
}

struct error *
p11_pin_join(const struct secret *first, const struct secret *second, struct secret **ret_pin)
{
    size_t first_size = secret_size(first);
    size_t second_size = secret_size(second);
    AUTO(secret) joined = NULL;
    TRY(secret_new(first_size + second_size, &joined));
    memcpy(secret_borrow(joined), secret_borrow_const(first), first_size);
    memcpy(secret_borrow(joined) + first_size, secret_borrow_const(second), second_size);
    *ret_pin = TAKE(joined);
    return NULL;
}
