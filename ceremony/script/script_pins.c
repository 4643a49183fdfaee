/* SPDX-License-Identifier: Apache-2.0
 *
 * Share sets are of a key, or of the PIN of a token; each sort has its own steps. */
#include <string.h>

#include "ceremony/script/script_check.h"

bool
script_is_custody(enum step_kind kind)
{
    return kind == STEP_CUSTODY_CHECK || kind == STEP_CHECK_SHARES;
}

static bool
is_of_pin(const struct script_shares *shares)
{
    return shares->token[0] != '\0' && shares->of[0] == '\0';
}

static struct error *
check_set(struct script_view *view, const struct script_shares *shares)
{
    bool key = shares->of[0] != '\0';
    bool token = shares->token[0] != '\0';
    bool pin = shares->pin[0] != '\0';
    if (key == token || token != pin)
        return script_fault(view, shares->id,
                            "the share set '%s' needs 'of', a key, or 'token' and 'pin'",
                            shares->id);
    for (size_t i = 0; token && i < view->step_count; i++)
        if (strcmp(view->steps[i]->shares, shares->id) == 0)
            return NULL;
    return token ? script_fault(view, shares->id, "the share set '%s' is used by no step",
                                shares->id)
                 : NULL;
}

static struct error *
check_recorder(struct script_view *view, const struct script_step *step,
               const struct script_shares *shares)
{
    for (size_t i = 0; i < view->step_count; i++)
        if (view->steps[i]->kind == STEP_CREATE_RECORDER
            && strcmp(view->steps[i]->token, shares->token) == 0)
            return script_fault(view, step->shares,
                                "step '%s' would put the recorder's token under a quorum, and "
                                "the recorder signs when nobody is asked any more",
                                step->id);
    return NULL;
}

static struct error *
check_step(struct script_view *view, const struct script_step *step)
{
    const struct script_shares *shares = script_shares(view->script, step->shares);
    if (shares == NULL || script_is_custody(step->kind))
        return NULL;
    if (is_of_pin(shares) != (step->kind == STEP_SPLIT_PIN))
        return script_fault(view, step->shares,
                            is_of_pin(shares)
                                ? "step '%s' is for shares of a key, and '%s' are of a PIN"
                                : "step '%s' is for shares of a PIN, and '%s' are of a key",
                            step->id, shares->id);
    if (!is_of_pin(shares))
        return NULL;
    if (strcmp(step->by, "so") == 0 && strcmp(shares->pin, "user") != 0)
        TRY(script_fault(view, step->by,
                         "step '%s': the security officer sets the user PIN, not the own one",
                         step->id));
    return check_recorder(view, step, shares);
}

struct error *
script_check_pins(struct script_view *view)
{
    for (size_t i = 0; i < view->script->share_count; i++)
        TRY(check_set(view, &view->script->shares[i]));
    for (size_t i = 0; i < view->step_count; i++)
        TRY(check_step(view, view->steps[i]));
    return NULL;
}
