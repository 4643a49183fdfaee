/* SPDX-License-Identifier: Apache-2.0
 *
 * A token whose user PIN is held as shares is logged in: as many custodians as it takes type theirs. Later steps
 * use the token until it is logged out. (R14, R19, R22) */
#include <stdio.h>

#include "ceremony/engine/inventory.h"
#include "ceremony/engine/quorum.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/engine/token_head.h"

struct error *
step_run_unlock_by_quorum(struct engine *engine)
{
    struct engine_token *token = NULL;
    bool shares = false;
    unsigned set = 0;
    char body[400];
    TRY(tokens_get(engine, engine->step->token, &token));
    TRY(quorum_set_of(engine, token, P11_USER, &shares, &set));
    if (!shares)
        return error_hint(ERROR(ERROR_REFUSED,
                                "the user PIN of token \"%s\" is not held as shares",
                                token->site->name),
                          "A step 'split-pin' puts a token under a quorum.");
    TRY(tokens_logout(engine, token));
    TRY(tokens_login(engine, token, P11_USER, NULL));
    TRY(token_head_check(engine, token));
    TRY(inventory_take(engine, token, "unlocked by its quorum"));
    (void)snprintf(body, sizeof body,
                   "Token \"%.40s\" took the PIN of the shares,\n"
                   "and is logged in. Whoever touches the computer now\n"
                   "can use its keys: nobody is alone with it.\n",
                   token->site->name);
    return ask_tell(engine, "unlocked", body, NULL);
}
