/* SPDX-License-Identifier: Apache-2.0
 *
 * A key of an earlier ceremony comes back on a token from its wrapped copy and the shares: after a
 * loss, to keep it there; in a drill, to destroy it again. (R80-R83, REQUIREMENTS 4.3) */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/engine/earlier.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/restore.h"
#include "ceremony/engine/steps/step.h"

static bool
is_kept(const struct engine *engine)
{
    return strcmp(engine->step->keep_restored, "yes") == 0;
}

static struct error *
restore_result(struct engine *engine, const struct restore *restore, const char *commitment,
               unsigned set, json_t **ret_data)
{
    json_t *data = NULL;
    TRY(key_describe(restore->key, &data));
    json_t *more = json_pack("{s:s,s:s,s:s,s:i,s:s}", "how", "restored", "kept",
                             engine->step->keep_restored, "details", commitment, "set",
                             (int)set, "blob_sha256", restore->blob_sha256);
    int failed = more == NULL ? -1 : json_object_update(data, more);
    json_decref(more);
    if (failed != 0) {
        json_decref(data);
        return error_memory();
    }
    *ret_data = data;
    return NULL;
}

static struct error *
show(struct engine *engine, const struct restore *restore)
{
    char body[400];
    (void)snprintf(body, sizeof body,
                   "The shares opened the wrapped key on token \"%.40s\".\n"
                   "The key signed a challenge, and the public key that the\n"
                   "ledger knows verifies it.\n%s",
                   restore->token->site->name,
                   is_kept(engine) ? "It stays on that token, and can sign from now on.\n"
                                     "It can never leave it: the wrapped copy stays its\n"
                                     "only backup."
                                   : "It was destroyed again; its absence is proven.");
    return ask_tell(engine, "restored", body, NULL);
}

/* That these shares were proven on this day; before the result, which ends what is done again. */
static struct error *
tell_proof(struct engine *engine, const struct state_key *key, unsigned set,
           const char *commitment)
{
    AUTO_FREE char *entry = NULL;
    TRY(text_format(&entry, "set %u of \"%s\" opened its wrapped key; details %s", set,
                    key->label, commitment));
    TRY(ledger_custody(engine->ledger, engine->state.ceremony_id, "share-proof", entry));
    return ledger_share_proof(engine->ledger, engine->state.ceremony_id, set, "opened",
                              commitment);
}

static struct error *
perform(struct engine *engine, struct restore *restore, unsigned set)
{
    char commitment[DIGEST_SHA256_TEXT];
    uint64_t intent = 0;
    json_t *data = NULL;
    TRY(restore_collect(engine, restore));
    TRY(restore_commit(engine, restore, commitment));
    TRY(tokens_login(engine, restore->token, P11_USER, &restore->pin));
    TRY(engine_intent(engine, "restore-key",
                      json_pack("{s:s,s:s,s:s,s:s,s:s}", "key", restore->key->name, "token",
                                restore->token->site->name, "label", restore->key->label, "id",
                                restore->key->id_hex, "type", restore->key->type),
                      &intent));
    struct error *error = restore_key_and_sign(engine, restore);
    if (error == NULL && !is_kept(engine))
        error = key_destroy_recorded(engine, restore->token, "destroy-restored",
                                     restore->key->name, restore->key->id_hex);
    if (error == NULL)
        error = tell_proof(engine, restore->key, set, commitment);
    if (error == NULL)
        error = restore_result(engine, restore, commitment, set, &data);
    if (error != NULL)
        return error; /* the intent stays open: resume destroys what came of it */
    TRY(engine_result(engine, intent, "done", data));
    TRY(restore_tell_ledger(engine));
    return show(engine, restore);
}

struct error *
step_run_restore_key(struct engine *engine)
{
    const struct script_shares *shares = script_shares(engine->script, engine->step->shares);
    struct state_key key = {0};
    struct known_backup backup;
    AUTO_RESTORE restore = {.key = &key, .kcv = backup.kcv, .blob_sha256 = backup.blob_sha256};
    if (state_key(&engine->state, shares->of) != NULL)
        return NULL; /* done before an interruption; the end of the step was not recorded */
    TRY(earlier_key(engine, script_key(engine->script, shares->of), &key));
    struct error *error = restore_begin(&restore);
    if (error == NULL)
        error = earlier_backup(engine, &key, &backup, &restore.blob);
    if (error == NULL)
        error = tokens_get(engine, engine->step->token, &restore.token);
    if (error == NULL)
        error = key_plan_of(&key, P11_KEY_RESTORED, &restore.plan);
    if (error == NULL)
        error = perform(engine, &restore, backup.set_id);
    bytes_clear(&key.spki);
    return error;
}
