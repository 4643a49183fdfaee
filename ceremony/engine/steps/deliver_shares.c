/* SPDX-License-Identifier: Apache-2.0
 *
 * Each custodian alone at the screen, tokens logged out: share shown, hidden, typed back from the
 * paper, bag number noted. What happens share by share is one committed value. (R23, R76, R85) */
#include "ceremony/engine/delivery.h"
#include "ceremony/engine/steps/step.h"

struct error *
step_run_deliver_shares(struct engine *engine)
{
    const struct share_plan *plan = site_plan(engine->site, engine->step->shares);
    char commitment[DIGEST_SHA256_TEXT];
    uint64_t intent = 0;
    if (engine->share_set == NULL)
        return ERROR(ERROR_BUG, "there are no shares to deliver");
    TRY(tokens_logout_all(engine));
    TRY(engine_intent(engine, "deliver-shares",
                      json_pack("{s:s}", "shares", engine->step->shares), &intent));
    json_t *rows = json_array();
    struct error *error =
        rows == NULL ? error_memory() : delivery_run(engine, engine->share_set, plan, rows);
    if (error == NULL)
        error = engine_commit(engine, "shares delivered", json_incref(rows), commitment);
    json_decref(rows);
    slip39_set_free(TAKE(engine->share_set));
    if (error != NULL)
        return engine_result_failed(engine, intent, error);
    TRY(engine_result(engine, intent, "done",
                      json_pack("{s:s,s:s,s:s}", "shares", engine->step->shares, "details",
                                commitment, "typed_back", "all, by their holders from paper")));
    return ledger_custody(engine->ledger, engine->state.ceremony_id, "shares", commitment);
}
