/* SPDX-License-Identifier: Apache-2.0
 *
 * The backup: a key-encryption key (KEK) from token and host randomness, brought in trusted by the
 * SO, the CA key wrapped under it, the KEK destroyed on the token and its absence proven, and the
 * KEK split. From the KEK's import to its destruction there is no question to anyone but the user's
 * login, whose PIN was collected before. (R73, R75, R77-R80, DESIGN 2 and 3) */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/random.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/earlier.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/restore.h"
#include "ceremony/engine/shares.h"
#include "ceremony/engine/steps/step.h"
#include "p11/wrap.h"
#include "shamir/key_wrap.h"

struct backup {
    const char *does; /* "back-up-key", "re-share" */
    struct engine_token *token;
    const struct state_key *key;
    struct restore *old; /* re-sharing: the wrapped key that is opened first; NULL */
    unsigned char id[P11_ID_MAX];
    size_t id_len;
    struct secret *kek;
    struct secret *user_pin;
    struct p11_wrap_method method;
    char kcv[17];
    struct bytes blob;
    bool sampled; /* there are too many combinations of shares to try all */
};

static void
backup_clear(struct backup *backup)
{
    secret_free(backup->kek);
    secret_free(backup->user_pin);
    bytes_clear(&backup->blob);
}

static struct error *
make_kek(struct backup *backup, struct p11_session *session)
{
    unsigned char check[KEY_WRAP_CHECK_SIZE];
    TRY(secret_new(P11_KEK_SIZE, &backup->kek));
    TRY(shares_mixed_random(session, "ceremony KEK", secret_borrow(backup->kek), P11_KEK_SIZE));
    TRY(key_wrap_check_value(backup->kek, check));
    hex_encode(check, sizeof check, backup->kcv);
    return NULL;
}

/* As user: the PIN is right, and the mechanism is what it says. */
static struct error *
prepare(struct engine *engine, struct backup *backup)
{
    struct p11_session *session = NULL;
    TRY(tokens_logout(engine, backup->token));
    TRY(tokens_login(engine, backup->token, P11_USER, &backup->user_pin));
    TRY(tokens_session(engine, backup->token, &session));
    TRY(p11_wrap_probe(session, &backup->method));
    TRY(engine_fact(engine, "wrap-mechanism",
                    json_pack("{s:s,s:s,s:s}", "token", backup->token->site->name, "mechanism",
                              backup->method.mechanism, "proven",
                              "throw-away keys wrapped and unwrapped both ways in software")));
    return tokens_logout(engine, backup->token);
}

/* Re-sharing: the old blob is opened as a session object that may only be wrapped by a trusted KEK. */
static struct error *
bring_in(struct backup *backup, struct p11_session *session)
{
    unsigned long kek = 0;
    struct restore *old = backup->old;
    TRY(p11_kek_import_unwrap(session, old->kek, &kek));
    struct error *error =
        p11_key_unwrap(session, &backup->method, kek, old->blob.data, old->blob.len, &old->plan,
                       backup->key->spki.data, backup->key->spki.len, false);
    struct error *second = p11_kek_destroy(session, kek);
    if (error == NULL)
        return second;
    error_free(second);
    return error;
}

static struct error *
wrap_the_key(struct backup *backup, struct p11_session *session, unsigned long kek)
{
    size_t destroyed = 0;
    if (backup->old != NULL)
        TRY(bring_in(backup, session));
    struct error *error =
        p11_key_wrap(session, &backup->method, kek, backup->id, backup->id_len, &backup->blob);
    if (backup->old == NULL)
        return error;
    struct error *second = p11_key_destroy(session, backup->id, backup->id_len, &destroyed);
    if (error == NULL)
        return second;
    error_free(second);
    return error;
}

/* The KEK is on the token now; whatever happens, it goes. */
static struct error *
wrap_under(struct engine *engine, struct backup *backup, struct p11_session *session,
           unsigned long kek)
{
    struct error *error = tokens_logout(engine, backup->token);
    if (error == NULL)
        error = tokens_login_with(engine, backup->token, P11_USER, backup->user_pin);
    if (error == NULL)
        error = wrap_the_key(backup, session, kek);
    struct error *second = p11_kek_destroy(session, kek);
    if (error == NULL)
        return second;
    if (second != NULL) { /* a session object dies with its session */
        error =
            error_detail(error, "the KEK was not destroyed by itself: %s", error_what(second));
        error_free(second);
        p11_session_close(backup->token->session);
        backup->token->session = NULL;
        backup->token->user_logged_in = false;
    }
    return error;
}

static struct error *
import_and_wrap(struct engine *engine, struct backup *backup)
{
    struct p11_session *session = NULL;
    unsigned long kek = 0;
    TRY(tokens_session(engine, backup->token, &session));
    TRY_DOING(p11_kek_import_trusted(session, backup->kek, &kek),
              "bringing the KEK into token \"%s\"", backup->token->site->name);
    return wrap_under(engine, backup, session, kek);
}

/* Split, every qualified subset recombined; how many there are is confidential. */
static struct error *
split(struct engine *engine, struct backup *backup, char ret_commitment[DIGEST_SHA256_TEXT])
{
    struct p11_session *session = NULL;
    struct slip39_subsets subsets;
    const struct share_plan *plan = site_plan(engine->site, engine->step->shares);
    TRY(tokens_session(engine, backup->token, &session));
    TRY(shares_split(engine, session, plan, backup->kek, &engine->share_set));
    TRY(shares_verify(engine->share_set, backup->kcv, &subsets));
    backup->sampled = subsets.sampled;
    return engine_commit(engine, "subsets recombined",
                         json_pack("{s:I,s:I,s:b}", "qualified", (json_int_t)subsets.total,
                                   "recombined", (json_int_t)subsets.checked, "sampled",
                                   (int)subsets.sampled),
                         ret_commitment);
}

/* What a stranger needs in ten years to open the blob with the shares (R80). */
static struct error *
write_card(struct engine *engine, const struct backup *backup, const char *blob_name,
           const char *blob_hash, char ret_sha256[DIGEST_SHA256_TEXT])
{
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *text = NULL;
    struct p11_token_info info;
    TRY(tokens_info(engine, backup->token, &info));
    json_t *card = json_pack(
        "{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:i}", "ceremony", engine->state.ceremony_id,
        "key", backup->key->label, "spki_sha256", backup->key->spki_sha256, "blob",
        path_name(blob_name), "blob_sha256", blob_hash, "mechanism", backup->method.mechanism,
        "algorithm", "2.16.840.1.101.3.4.1.48 (id-aes256-wrap-pad, RFC 5649)",
        "kek_check_value", backup->kcv, "token_serial", info.serial, "share_set",
        (int)slip39_set_id(engine->share_set));
    if (card == NULL)
        return error_memory();
    text = json_dumps(card, JSON_INDENT(2) | JSON_SORT_KEYS);
    json_decref(card);
    if (text == NULL)
        return error_memory();
    TRY(text_format(&name, "%s.json", blob_name));
    TRY(digest_sha256_text(text, strlen(text), ret_sha256));
    return evidence_write(engine, "recovery card", name, text, strlen(text));
}

/* Re-sharing: which key it was, and which wrapped copy was opened for it. */
static struct error *
describe_old(const struct backup *backup, json_t *data)
{
    json_t *key = NULL;
    TRY(key_describe(backup->key, &key));
    int failed = json_object_update(data, key);
    json_decref(key);
    if (failed != 0
        || json_object_set_new(data, "from_blob_sha256", json_string(backup->old->blob_sha256))
               != 0)
        return error_memory();
    return NULL;
}

static struct error *
perform(struct engine *engine, struct backup *backup, json_t **ret_data)
{
    char commitment[DIGEST_SHA256_TEXT];
    char hash[DIGEST_SHA256_TEXT];
    char card_hash[DIGEST_SHA256_TEXT];
    AUTO_FREE char *name = NULL;
    working_begin(engine, "The token wraps the key.", "usually a second or two");
    struct error *error = import_and_wrap(engine, backup);
    working_end(engine);
    TRY(error);
    TRY(tokens_logout(engine, backup->token));
    TRY(digest_sha256_text(backup->blob.data, backup->blob.len, hash));
    TRY(split(engine, backup, commitment));
    TRY(text_format(&name, "wrapped/%s-%u.kwp", backup->key->label,
                    engine->state.backup_attempts));
    TRY(evidence_write(engine, "wrapped key", name, backup->blob.data, backup->blob.len));
    TRY(write_card(engine, backup, name, hash, card_hash));
    *ret_data = json_pack(
        "{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:i,s:s,s:s}", "key", backup->key->name, "shares",
        engine->step->shares, "kcv", backup->kcv, "blob", name, "blob_sha256", hash,
        "card_sha256", card_hash, "mechanism", backup->method.mechanism, "kek_import",
        backup->method.kek_import, "set", (int)slip39_set_id(engine->share_set), "subsets",
        commitment, "kek", "destroyed on the token, absence proven");
    return backup->old == NULL ? NULL : describe_old(backup, *ret_data);
}

static struct error *
announce_and_perform(struct engine *engine, struct backup *backup)
{
    uint64_t intent = 0;
    json_t *data = NULL;
    struct p11_session *session = NULL;
    TRY(tokens_session(engine, backup->token, &session));
    TRY(make_kek(backup, session));
    TRY(engine_intent(engine, backup->does,
                      json_pack("{s:s,s:s,s:s,s:s}", "key", backup->key->name, "token",
                                backup->token->site->name, "shares", engine->step->shares,
                                "kcv", backup->kcv),
                      &intent));
    struct error *error = perform(engine, backup, &data);
    if (error != NULL)
        return engine_result_failed(engine, intent, error);
    return engine_result(engine, intent, "done", data);
}

static struct error *
show_backup(struct engine *engine, const struct backup *backup)
{
    AUTO_FREE char *body = NULL;
    TRY(text_format(&body,
                    "The locked copy is written:\n  %s\n  SHA-256 %.16s...\n\n"
                    "The backup key is destroyed in the token; that it is\n"
                    "gone was proven, and the token is logged out.\n"
                    "%s\nbackup key back does so. Its check value is\n%s.\n",
                    engine->state.backup.blob, engine->state.backup.blob_sha256,
                    backup->sampled ? "Of the combinations of shares a sample was tried; each\n"
                                      "that should bring the"
                                    : "Every combination of shares that should bring the",
                    backup->kcv));
    return ask_tell(engine, "backed-up", body, NULL);
}

/* Both PINs are known to be right before there is a KEK: nobody is asked anything while it lives. */
static struct error *
back_up(struct engine *engine, struct backup *backup)
{
    TRY(prepare(engine, backup));
    TRY(tokens_login(engine, backup->token, P11_SO, NULL));
    struct error *error = announce_and_perform(engine, backup);
    if (error != NULL) {
        error_free(tokens_logout(engine, backup->token));
        return error;
    }
    TRY(ledger_share_set(engine->ledger, engine->state.ceremony_id, backup->key->spki_sha256,
                         engine->state.backup.set_id, "made", ""));
    TRY(shares_backup_in_ledger(engine, backup->key->spki_sha256, "live"));
    return show_backup(engine, backup);
}

struct error *
step_run_back_up_key(struct engine *engine)
{
    __attribute__((cleanup(backup_clear))) struct backup backup = {.does = "back-up-key"};
    struct state_key *key = NULL;
    TRY(key_of_step(engine, engine->step->key, &key));
    TRY(tokens_get(engine, key->token, &backup.token));
    TRY(key_id_parse(key->id_hex, backup.id, &backup.id_len));
    backup.key = key;
    return back_up(engine, &backup);
}

/* --- re-sharing: the same key under a new KEK, in new shares (R84) --- */

static struct error *
open_old(struct engine *engine, const struct state_key *key, struct restore *old)
{
    char commitment[DIGEST_SHA256_TEXT];
    TRY(restore_begin(old));
    TRY(key_plan_of(key, P11_KEY_BACKED_UP, &old->plan));
    TRY(restore_collect(engine, old));
    TRY(restore_commit(engine, old, commitment));
    return engine_fact(engine, "old-shares",
                       json_pack("{s:s,s:s,s:s}", "key", key->name, "details", commitment,
                                 "blob_sha256", old->blob_sha256));
}

static struct error *
share_again(struct engine *engine, const struct state_key *key)
{
    struct known_backup live;
    AUTO_RESTORE old = {.key = key, .kcv = live.kcv, .blob_sha256 = live.blob_sha256};
    __attribute__((cleanup(backup_clear))) struct backup backup = {
        .does = "re-share", .key = key, .old = &old};
    TRY(earlier_backup(engine, key, &live, &old.blob));
    TRY(tokens_get(engine, engine->step->token, &backup.token));
    TRY(key_id_parse(key->id_hex, backup.id, &backup.id_len));
    TRY(open_old(engine, key, &old));
    return back_up(engine, &backup);
}

struct error *
step_run_re_share(struct engine *engine)
{
    struct state_key key = {0};
    TRY(earlier_key(engine, script_key(engine->script, engine->step->key), &key));
    struct error *error = share_again(engine, &key);
    bytes_clear(&key.spki);
    return error;
}
