/* SPDX-License-Identifier: Apache-2.0
 *
 * The proof that the backup works: custodians type their shares from paper, the KEK they give opens
 * the wrapped key on the spare token, and the copy signs what the recorded public key verifies.
 * (R80-R82) */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/restore.h"
#include "ceremony/engine/steps/step.h"

#define BLOB_MAX 65536U

/* The blob as it lies in the evidence folder, not as memory remembers it. */
static struct error *
read_blob(struct engine *engine, struct restore *restore)
{
    char hash[DIGEST_SHA256_TEXT];
    TRY(evidence_read(engine, engine->state.backup.blob, BLOB_MAX, &restore->blob));
    TRY(digest_sha256_text(restore->blob.data, restore->blob.len, hash));
    if (strcmp(hash, restore->blob_sha256) != 0)
        return ERROR(ERROR_VERIFICATION, "the wrapped key on disk is not the one recorded");
    return NULL;
}

static struct error *
finish(struct engine *engine, struct restore *restore)
{
    bool keep = strcmp(engine->step->keep_restored, "yes") == 0;
    if (!keep)
        TRY(key_destroy_recorded(engine, restore->token, "destroy-restored", restore->key->name,
                                 restore->key->id_hex));
    TRY(tokens_logout(engine, restore->token));
    char body[400];
    (void)snprintf(body, sizeof body,
                   "The shares opened the backup on token \"%.40s\".\n"
                   "The copy signed a challenge, and the public key that\n"
                   "the witnesses confirmed verifies it.\n%s",
                   restore->token->site->name,
                   keep ? "The copy stays on that token."
                        : "The copy was destroyed again; its absence is proven.");
    return ask_tell(engine, "proven", body, NULL);
}

static struct error *
prove(struct engine *engine, struct restore *restore)
{
    char commitment[DIGEST_SHA256_TEXT];
    uint64_t intent = 0;
    TRY(restore_collect(engine, restore));
    TRY(restore_commit(engine, restore, commitment));
    TRY(tokens_login(engine, restore->token, P11_USER, &restore->pin));
    TRY(engine_intent(engine, "prove-restore",
                      json_pack("{s:s,s:s,s:s,s:s}", "key", restore->key->name, "token",
                                restore->token->site->name, "id", restore->key->id_hex, "label",
                                restore->plan.label),
                      &intent));
    struct error *error = restore_key_and_sign(engine, restore);
    if (error == NULL)
        error = finish(engine, restore);
    if (error != NULL)
        return engine_result_failed(engine, intent, error);
    return engine_result(engine, intent, "done",
                         json_pack("{s:s,s:s,s:s,s:s,s:s}", "key", restore->key->name, "token",
                                   restore->token->site->name, "kept",
                                   engine->step->keep_restored, "details", commitment,
                                   "spki_sha256", restore->key->spki_sha256));
}

static struct error *
prove_on_spare(struct engine *engine, struct state_key *key)
{
    AUTO_RESTORE restore = {.key = key,
                            .kcv = engine->state.backup.kcv,
                            .blob_sha256 = engine->state.backup.blob_sha256};
    TRY(restore_begin(&restore));
    TRY(tokens_get(engine, engine->step->token, &restore.token));
    TRY(key_plan_of(key, P11_KEY_RESTORED, &restore.plan));
    TRY(read_blob(engine, &restore));
    return prove(engine, &restore);
}

struct error *
step_run_prove_restore(struct engine *engine)
{
    const struct script_shares *shares = script_shares(engine->script, engine->step->shares);
    struct state_key *key = NULL;
    TRY(key_of_step(engine, shares->of, &key));
    if (!key->restore_proven)
        TRY(prove_on_spare(engine, key));
    TRY(ledger_share_set(engine->ledger, engine->state.ceremony_id, key->spki_sha256,
                         engine->state.backup.set_id, "proven", ""));
    if (key->copy_token[0] != '\0') {
        struct engine_token *spare = NULL;
        TRY(tokens_get(engine, key->copy_token, &spare));
        TRY(key_copy_in_ledger(engine, spare, key, "restored", "present"));
    }
    return ledger_key_state(engine->ledger, engine->state.ceremony_id, key->spki_sha256,
                            "operational");
}

/* --- the lock that follows the proof (act 7) --- */

static struct error *
lock(struct engine *engine, struct engine_token *token, const struct state_key *key)
{
    struct p11_key_plan plan;
    struct p11_session *session = NULL;
    TRY(key_plan_of(key, P11_KEY_BACKED_UP, &plan));
    TRY(tokens_session(engine, token, &session));
    TRY(p11_key_lock(session, plan.id, plan.id_len));
    return key_check_attributes(engine, token, key->name, &plan, KEY_LOCKED);
}

struct error *
step_run_lock_key(struct engine *engine)
{
    struct state_key *key = NULL;
    struct engine_token *token = NULL;
    uint64_t intent = 0;
    TRY(key_of_step(engine, engine->step->key, &key));
    if (!key->restore_proven)
        return ERROR(ERROR_REFUSED, "the backup of key \"%s\" has not been proven", key->name);
    TRY(tokens_get(engine, key->token, &token));
    TRY(tokens_login_user(engine, token));
    TRY(engine_intent(engine, "lock-key",
                      json_pack("{s:s,s:s}", "key", key->name, "token", token->site->name),
                      &intent));
    struct error *error = lock(engine, token, key);
    if (error != NULL)
        return engine_result_failed(engine, intent, error);
    TRY(engine_result(
        engine, intent, "done",
        json_pack("{s:s,s:s}", "key", key->name, "extractable", "false, read back")));
    return ask_tell(engine, "locked",
                    "The token says that the key cannot leave it any more.\n"
                    "This and all other properties were read back, and are\n"
                    "as ordered.\n",
                    NULL);
}
