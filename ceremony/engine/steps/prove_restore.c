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
#include "ceremony/engine/shares.h"
#include "ceremony/engine/steps/step.h"
#include "p11/wrap.h"

#define BLOB_MAX    65536U
#define WRONG_MAX   20U
#define SHARE_WORDS 33U

struct restore {
    struct engine_token *spare;
    struct state_key *key;
    struct p11_key_plan plan;
    struct bytes blob;
    struct secret *kek;
    struct secret *pin; /* the spare's, needed again when the token is opened anew */
    unsigned wrong;
    json_t *bags; /* numbers of the new bags, in the order of the shares */
};

static void
restore_clear(struct restore *restore)
{
    secret_free(restore->kek);
    secret_free(restore->pin);
    json_decref(restore->bags);
    bytes_clear(&restore->blob);
}

/* The form is sealed again at once, by its holder; the numbers are part of the confidential value. */
static struct error *
ask_new_bag(struct engine *engine, struct restore *restore, size_t n)
{
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *bag = NULL;
    TRY(text_format(&name, "%zu.bag", n));
    TRY(ask_text(engine, name,
                 "The form goes into a new numbered bag, sealed by its\n"
                 "holder before anything else is done.",
                 "Number of the new bag", "a custodian", &bag));
    return json_array_append_new(restore->bags, json_string(bag)) == 0 ? NULL : error_memory();
}

/* One share, asked until it is taken. */
static struct error *
ask_share(struct engine *engine, struct restore *restore, struct slip39_collector *collector,
          size_t n)
{
    AUTO_FREE char *call = NULL;
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *body = NULL;
    AUTO_FREE char *warning = NULL;
    TRY(text_format(&call, "%zu.alone", n));
    TRY(text_format(&name, "%zu.share", n));
    TRY(text_format(&body, "Share number %zu of this proof: type it from your form.", n));
    TRY(ask_tell(engine, call,
                 "A custodian whose share has not been typed yet opens\n"
                 "the bag, and comes to the screen, alone, with the form.\n"
                 "Everyone else turns away. All tokens are logged out.",
                 "a custodian"));
    TRY(text_copy("", &warning));
    for (;;) {
        AUTO(secret) typed = NULL;
        struct slip39_share *share = NULL;
        TRY(ask_words(engine, name, body, "", "a custodian", warning, &slip39_word_list,
                      SHARE_WORDS, &typed));
        struct error *error = slip39_share_parse(typed, &share);
        if (error == NULL)
            error = slip39_collector_add(collector, share);
        if (error == NULL)
            return ask_new_bag(engine, restore, n);
        if (!error_may_retry(error) || ++restore->wrong >= WRONG_MAX)
            return error;
        free(TAKE(warning));
        warning = error_format_plain(error);
        error_free(error);
        if (warning == NULL)
            return error_memory();
    }
}

static struct error *
collect(struct engine *engine, struct restore *restore)
{
    AUTO(slip39_collector) collector = NULL;
    TRY(slip39_collector_new(&collector));
    for (size_t n = 1; !slip39_collector_is_complete(collector); n++)
        TRY(ask_share(engine, restore, collector, n));
    TRY(slip39_combine(collector, NULL, &restore->kek));
    if (shares_kcv_matches(restore->kek, engine->state.backup.kcv))
        return NULL;
    return error_hint(
        ERROR(ERROR_REFUSED, "the shares give another key than the one recorded"),
        "They are whole, but of another set. Look at the bags' numbers; resume makes "
        "a new set.");
}

/* The blob as it lies in the evidence folder, not as memory remembers it. */
static struct error *
read_blob(struct engine *engine, struct restore *restore)
{
    char hash[DIGEST_SHA256_TEXT];
    TRY(evidence_read(engine, engine->state.backup.blob, BLOB_MAX, &restore->blob));
    TRY(digest_sha256_text(restore->blob.data, restore->blob.len, hash));
    if (strcmp(hash, engine->state.backup.blob_sha256) != 0)
        return ERROR(ERROR_VERIFICATION, "the wrapped key on disk is not the one recorded");
    return NULL;
}

static struct error *
unwrap(struct engine *engine, struct restore *restore)
{
    struct p11_session *session = NULL;
    struct p11_wrap_method method;
    unsigned long kek = 0;
    TRY(tokens_session(engine, restore->spare, &session));
    TRY(p11_key_name_free(session, restore->plan.label, restore->plan.id,
                          restore->plan.id_len));
    TRY(p11_wrap_probe(session, &method));
    TRY(p11_kek_import_unwrap(session, restore->kek, &kek));
    struct error *error =
        p11_key_unwrap(session, &method, kek, restore->blob.data, restore->blob.len,
                       &restore->plan, restore->key->spki.data, restore->key->spki.len, true);
    struct error *second = p11_kek_destroy(session, kek);
    if (error == NULL)
        return second;
    error_free(second);
    return error;
}

static struct error *
restore_and_sign(struct engine *engine, struct restore *restore)
{
    working_begin(engine, "The spare token takes the key in.", "usually a second or two");
    struct error *error = unwrap(engine, restore);
    secret_free(TAKE(restore->kek)); /* people may be asked from here on */
    if (error == NULL)
        error = tokens_reopen(engine, restore->spare);
    working_end(engine);
    TRY(error);
    TRY(tokens_login_with(engine, restore->spare, P11_USER, restore->pin));
    TRY(key_check_attributes(engine, restore->spare, restore->key->name, &restore->plan,
                             KEY_NEW));
    return key_prove_possession(engine, restore->spare, restore->key, restore->key->id_hex);
}

static struct error *
finish(struct engine *engine, struct restore *restore)
{
    bool keep = strcmp(engine->step->keep_restored, "yes") == 0;
    if (!keep)
        TRY(key_destroy_recorded(engine, restore->spare, "destroy-restored", restore->key->name,
                                 restore->key->id_hex));
    TRY(tokens_logout(engine, restore->spare));
    char body[400];
    (void)snprintf(body, sizeof body,
                   "The shares opened the backup on token \"%.40s\".\n"
                   "The copy signed a challenge, and the public key that\n"
                   "the witnesses confirmed verifies it.\n%s",
                   restore->spare->site->name,
                   keep ? "The copy stays on that token."
                        : "The copy was destroyed again; its absence is proven.");
    return ask_tell(engine, "proven", body, NULL);
}

static struct error *
prove(struct engine *engine, struct restore *restore)
{
    char commitment[DIGEST_SHA256_TEXT];
    uint64_t intent = 0;
    TRY(collect(engine, restore));
    TRY(engine_commit(
        engine, "restore",
        json_pack("{s:i,s:O}", "wrong_entries", (int)restore->wrong, "new_bags", restore->bags),
        commitment));
    TRY(tokens_login(engine, restore->spare, P11_USER, &restore->pin));
    TRY(engine_intent(engine, "prove-restore",
                      json_pack("{s:s,s:s,s:s,s:s}", "key", restore->key->name, "token",
                                restore->spare->site->name, "id", restore->key->id_hex, "label",
                                restore->plan.label),
                      &intent));
    struct error *error = restore_and_sign(engine, restore);
    if (error == NULL)
        error = finish(engine, restore);
    if (error != NULL)
        return engine_result_failed(engine, intent, error);
    return engine_result(engine, intent, "done",
                         json_pack("{s:s,s:s,s:s,s:s,s:s}", "key", restore->key->name, "token",
                                   restore->spare->site->name, "kept",
                                   engine->step->keep_restored, "details", commitment,
                                   "spki_sha256", restore->key->spki_sha256));
}

static struct error *
prove_on_spare(struct engine *engine, struct state_key *key)
{
    __attribute__((cleanup(restore_clear))) struct restore restore = {.key = key,
                                                                      .bags = json_array()};
    if (restore.bags == NULL)
        return error_memory();
    TRY(tokens_get(engine, engine->step->token, &restore.spare));
    TRY(key_plan_of(key, P11_KEY_RESTORED, &restore.plan));
    TRY(tokens_logout_all(engine));
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
    return engine_result(
        engine, intent, "done",
        json_pack("{s:s,s:s}", "key", key->name, "extractable", "false, read back"));
}
