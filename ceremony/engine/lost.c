/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/lost.h"

#include <string.h>

#include "ceremony/base/text.h"

static struct engine_token *
find(struct engine *engine, const char *name)
{
    for (size_t i = 0; i < engine->token_count; i++)
        if (strcmp(engine->tokens[i].site->name, name) == 0)
            return &engine->tokens[i];
    return NULL;
}

bool
lost_given_up(struct engine *engine, const char *token)
{
    const struct engine_token *found = find(engine, token);
    return found != NULL && found->given_up;
}

static bool
means_lost(const struct error *error)
{
    switch (error_code(error)) {
    case ERROR_TOKEN_GONE:
    case ERROR_TOKEN:
    case ERROR_PIN:
    case ERROR_PIN_LAST:
    case ERROR_PIN_LOCKED:
    case ERROR_NOT_FOUND:
        return true;
    case ERROR_BUG:
    case ERROR_USAGE:
    case ERROR_INPUT:
    case ERROR_ANSWER:
    case ERROR_EXISTS:
    case ERROR_REFUSED:
    case ERROR_UNSUPPORTED:
    case ERROR_IO:
    case ERROR_INTERRUPTED:
    case ERROR_VERIFICATION:
    case ERROR_ORIGIN:
    case ERROR_MEMORY:
        break;
    }
    return false;
}

static struct error *
ask_to_give_up(struct engine *engine, const char *token, const struct error *error,
               bool *ret_yes)
{
    AUTO_BYTES body = {0};
    AUTO_FREE char *name = NULL;
    TRY(text_format(&name, "%s.lost", token));
    TRY(bytes_format(&body,
                     "Token \"%s\" cannot be used:\n%s.\n\n"
                     "The ceremony can be closed without it. What it may\n"
                     "still hold is then recorded as an open exception: the\n"
                     "token must be found, and erased or destroyed.\n",
                     token, error_what(error)));
    return ask_confirm(engine, name, bytes_text(&body), "Close the ceremony without it?",
                       people_name(engine, "administrator", 0), ret_yes);
}

struct error *
lost_accept(struct engine *engine, const char *token, struct error *error)
{
    struct engine_token *found = find(engine, token);
    bool yes = false;
    if (error == NULL || engine->options->task != ENGINE_ABORT || found == NULL
        || !means_lost(error))
        return error;
    struct error *second = ask_to_give_up(engine, token, error, &yes);
    if (second == NULL && !yes)
        return error;
    if (second == NULL)
        second =
            engine_record(engine, TRANSCRIPT_EXCEPTION, people_name(engine, "administrator", 0),
                          json_pack("{s:s,s:s,s:s,s:s,s:s}", "expected",
                                    "every token can be looked at before the end", "observed",
                                    error_what(error), "decision",
                                    "closed without it; the token must be found, and erased "
                                    "or destroyed",
                                    "noted_by", "people", "token_given_up", token),
                          NULL);
    error_free(error);
    found->given_up = true;
    return second;
}
