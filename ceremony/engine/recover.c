/* SPDX-License-Identifier: Apache-2.0
 *
 * After an interruption, when the ceremony is opened again (recover_open.c): every open intent is looked
 * at with the tokens. What was found is said; where something exists that was not named,
 * people decide, by name. Nothing is generated or signed a second time by itself. (R90) */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/context.h"
#include "ceremony/engine/inventory.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/left_files.h"
#include "ceremony/engine/lost.h"
#include "ceremony/engine/quorum.h"
#include "ceremony/engine/restore.h"
#include "ceremony/engine/rows.h"
#include "ceremony/engine/share_void.h"
#include "ceremony/engine/steps/generate_key.h"

/* --- open intents, one row for each kind of act --- */

static const char *
intent_text(const struct state_intent *intent, const char *key)
{
    const char *text = json_string_value(json_object_get(intent->data, key));
    return text == NULL ? "" : text;
}

/* Harmless to do again: the step begins anew, unless the ceremony is given up. */
static struct error *
close_unknown(struct engine *engine, const struct state_intent *intent)
{
    return engine_result(engine, intent->seq, "unknown",
                         json_pack("{s:s}", "then",
                                   engine->options->task == ENGINE_ABORT
                                       ? "the ceremony is aborted"
                                       : "the step begins again"));
}

/* Whether the object that was announced lies there, readable or not: it counts as issued then. */
static struct error *
was_written(const struct engine *engine, const struct state_intent *intent, bool *ret_written)
{
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *path = NULL;
    TRY(text_format(&name, "%s.der", intent_text(intent, "file")));
    TRY(path_join(engine->evidence, name, &path));
    *ret_written = file_exists(path);
    return NULL;
}

/* Only a resumed run may end what was signed and written; so it is looked at before anything else is given up. */
static struct error *
refuse_written(struct engine *engine)
{
    static const char *const signings[] = {"sign", "sign-crl"};
    for (size_t i = 0; i < engine->state.intent_count; i++)
        for (size_t s = 0; s < sizeof signings / sizeof signings[0]; s++) {
            const struct state_intent *intent = &engine->state.intents[i];
            bool written = false;
            if (strcmp(intent->does, signings[s]) == 0)
                TRY(was_written(engine, intent, &written));
            if (written)
                return error_hint(
                    ERROR(ERROR_REFUSED,
                          "the %s was signed and written before the interruption",
                          intent_text(intent, "object")),
                    "It counts as issued. Resume: the same bytes end that step. After it "
                    "the ceremony may be stopped and aborted.");
        }
    return NULL;
}

/* Resumed: the same bytes are signed when the step comes. Aborted: the announcement came to nothing. */
static struct error *
reconcile_sign(struct engine *engine, const struct state_intent *intent)
{
    if (engine->options->task != ENGINE_ABORT)
        return NULL;
    return engine_result(engine, intent->seq, "nothing",
                         json_pack("{s:s}", "found", "no such object was written"));
}

/* Resumed: the step goes on where it was. Aborted: what it did stays, and no more is done. */
static struct error *
reconcile_kept(struct engine *engine, const struct state_intent *intent)
{
    if (engine->options->task != ENGINE_ABORT)
        return NULL;
    return engine_result(engine, intent->seq, "unknown",
                         json_pack("{s:s}", "then", "the ceremony is aborted"));
}

/* `observed` is one line: it stands on the screen and in the record. */
static struct error *
choose_adopt(struct engine *engine, const char *name, const char *observed, const char *undo,
             bool *ret_adopt)
{
    const struct prompt_choice choices[] = {
        {"adopt", "keep it, if it proves to be as planned"},
        {"undo",  undo                                    },
    };
    AUTO_FREE char *choice = NULL;
    TRY(ask_choose(engine, name, observed, "What shall be done with it?",
                   people_name(engine, "administrator", 0), choices, 2, &choice));
    *ret_adopt = strcmp(choice, "adopt") == 0;
    return engine_record(engine, TRANSCRIPT_EXCEPTION, people_name(engine, "administrator", 0),
                         json_pack("{s:s,s:s,s:s,s:s}", "expected",
                                   "nothing is left of an interrupted act", "observed",
                                   observed, "decision", *ret_adopt ? "adopted" : "undone",
                                   "noted_by", "people"),
                         NULL);
}

static struct error *
find_labelled(struct engine_token *token, const char *label, struct p11_token_info *ret_info,
              bool *ret_found)
{
    AUTO_FREE struct p11_token_info *list = NULL;
    size_t count = 0;
    *ret_found = false;
    TRY(p11_tokens_list(token->module->module, &list, &count));
    for (size_t i = 0; i < count; i++)
        if (list[i].initialized && strcmp(list[i].label, label) == 0) {
            *ret_info = list[i];
            *ret_found = true;
        }
    return NULL;
}

static struct error *
reconcile_initialise(struct engine *engine, const struct state_intent *intent)
{
    struct engine_token *token = NULL;
    struct p11_token_info info;
    bool found = false;
    const char *label = intent_text(intent, "label");
    TRY(tokens_get(engine, intent_text(intent, "token"), &token));
    TRY(find_labelled(token, label, &info, &found));
    if (!found)
        return engine_result(engine, intent->seq, "nothing",
                             json_pack("{s:s}", "found", "no token bears the label"));
    AUTO_FREE char *observed = NULL;
    TRY(text_format(
        &observed,
        "a token labelled \"%s\" (serial %s) is there; the interrupted run was about "
        "to initialise it",
        label, info.serial));
    if (engine->options->task == ENGINE_ABORT) {
        TRY(exception_note(engine, "nothing is left of an interrupted act", observed,
                           "left as it is, empty; the ceremony is aborted"));
        return engine_result(
            engine, intent->seq, "unknown",
            json_pack("{s:s,s:s}", "found", "a token bears the label", "serial", info.serial));
    }
    bool adopt = false;
    TRY(choose_adopt(engine, "token", observed, "stop, and look at it by other means", &adopt));
    if (!adopt)
        return error_hint(ERROR(ERROR_REFUSED, "the token \"%s\" was not accepted", label),
                          "Erase it with its maker's tool so that it is blank, then resume.");
    return engine_result(engine, intent->seq, "done",
                         json_pack("{s:s,s:s,s:s,s:s}", "token", token->site->name, "label",
                                   label, "serial", info.serial, "adopted",
                                   "after an interruption"));
}

/* Whatever bears the id of the intent goes; nothing there is fine. */
static struct error *
destroy_by_intent(struct engine *engine, const struct state_intent *intent)
{
    struct engine_token *token = NULL;
    uint64_t seq = intent->seq;
    AUTO_FREE char *key = NULL;
    AUTO_FREE char *id = NULL;
    TRY(text_copy(intent_text(intent, "key"), &key));
    TRY(text_copy(intent_text(intent, "id"), &id));
    TRY(tokens_get(engine, intent_text(intent, "token"), &token));
    TRY(key_destroy_recorded(engine, token, "destroy-key", key, id));
    return engine_result(engine, seq, "undone",
                         json_pack("{s:s}", "then", "the step begins again"));
}

static struct error *
count_halves(struct engine *engine, struct engine_token *token, const char *id_hex,
             size_t *ret_private, size_t *ret_public)
{
    struct p11_session *session = NULL;
    unsigned char id[P11_ID_MAX];
    size_t id_len = 0;
    AUTO_FREE struct p11_object *private = NULL;
    AUTO_FREE struct p11_object *public = NULL;
    TRY(key_id_parse(id_hex, id, &id_len));
    TRY(tokens_login_user(engine, token));
    TRY(tokens_session(engine, token, &session));
    TRY(p11_objects_find(session, P11_PRIVATE_KEY, id, id_len, NULL, &private, ret_private));
    return p11_objects_find(session, P11_PUBLIC_KEY, id, id_len, NULL, &public, ret_public);
}

static void
key_of_intent(const struct state_intent *intent, struct state_key *key)
{
    (void)snprintf(key->name, sizeof key->name, "%s", intent_text(intent, "key"));
    (void)snprintf(key->token, sizeof key->token, "%s", intent_text(intent, "token"));
    (void)snprintf(key->label, sizeof key->label, "%s", intent_text(intent, "label"));
    (void)snprintf(key->id_hex, sizeof key->id_hex, "%s", intent_text(intent, "id"));
    (void)snprintf(key->type, sizeof key->type, "%s", intent_text(intent, "type"));
    key->pin_each_signature = strcmp(intent_text(intent, "pin"), "each-signature") == 0;
    key->decrypts = strcmp(intent_text(intent, "use"), "decrypt") == 0;
}

static struct error *
adopt_key(struct engine *engine, const struct state_intent *intent, struct engine_token *token)
{
    struct state_key key = {0};
    json_t *data = NULL;
    uint64_t seq = intent->seq;
    bool wrapped = strcmp(intent_text(intent, "backup"), "wrapped") == 0;
    enum p11_key_purpose purpose = wrapped ? P11_KEY_BACKED_UP : P11_KEY_NO_BACKUP;
    key_of_intent(intent, &key);
    if (key.decrypts)
        purpose = P11_KEY_DECRYPTS;
    struct error *error = generate_key_adopt(engine, token, purpose, &key, &data);
    if (error == NULL)
        error = engine_result(engine, seq, "done", data);
    bytes_clear(&key.spki);
    return error;
}

static struct error *
reconcile_generate(struct engine *engine, const struct state_intent *intent)
{
    struct engine_token *token = NULL;
    size_t private = 0;
    size_t public = 0;
    TRY(tokens_get(engine, intent_text(intent, "token"), &token));
    TRY(count_halves(engine, token, intent_text(intent, "id"), &private, &public));
    if (private == 0 && public == 0)
        return engine_result(engine, intent->seq, "nothing",
                             json_pack("{s:s}", "found", "no object bears the announced id"));
    if (private != 1 || public != 1 || engine->options->task == ENGINE_ABORT) {
        TRY(exception_note(engine, "the key pair is whole or absent",
                           private == 1 && public == 1
                               ? "a whole pair that was not named yet; the ceremony is aborted"
                               : "parts of a key pair bear the announced id",
                           "destroyed"));
        return destroy_by_intent(engine, intent);
    }
    if (intent->not_as_planned) {
        TRY(exception_note(
            engine, "a key that was not as planned is destroyed",
            "the interrupted run had read an attribute otherwise, and the key is "
            "still there",
            "destroyed, whatever it reads like now"));
        return destroy_by_intent(engine, intent);
    }
    AUTO_FREE char *observed = NULL;
    TRY(text_format(&observed,
                    "token \"%s\" holds a whole key pair with the id that the interrupted run "
                    "announced for \"%s\"",
                    token->site->name, intent_text(intent, "key")));
    bool adopt = false;
    TRY(choose_adopt(engine, "key", observed, "destroy it, and make a new one", &adopt));
    return adopt ? adopt_key(engine, intent, token) : destroy_by_intent(engine, intent);
}

/* A batch goes on where it stood: ledger and journal know. An abort leaves the serial numbers of blocks under
 * way spent; its results are not whole, so the rows of its blocks get files of their own. */
static struct error *
reconcile_batch(struct engine *engine, const struct state_intent *intent)
{
    if (engine->options->task != ENGINE_ABORT)
        return NULL;
    TRY(rows_write_certificates(engine));
    return close_unknown(engine, intent);
}

static const struct {
    const char *does;
    struct error *(*reconcile)(struct engine *engine, const struct state_intent *intent);
} reconcile_rows[] = {
    {"initialise-token", reconcile_initialise},
    {"create-recorder",  destroy_by_intent   },
    {"generate-key",     reconcile_generate  },
    {"restore-key",      destroy_by_intent   },
    {"destroy-key",      destroy_by_intent   },
    {"change-pin",       quorum_settle       },
    {"sign",             reconcile_sign      },
    {"sign-crl",         reconcile_sign      },
    {"plan-crls",        reconcile_kept      },
    {"revoke",           reconcile_kept      },
    {"carry-crl",        reconcile_kept      },
    {"sign-crl-ahead",   reconcile_kept      },
    {"release-crl",      reconcile_kept      },
    {"destroy-crl",      reconcile_kept      },
    {"sign-requests",    reconcile_batch     },
};

static struct error *
reconcile_one(struct engine *engine, const struct state_intent *intent)
{
    for (size_t i = 0; i < sizeof reconcile_rows / sizeof reconcile_rows[0]; i++)
        if (strcmp(reconcile_rows[i].does, intent->does) == 0)
            return reconcile_rows[i].reconcile(engine, intent);
    return close_unknown(engine, intent);
}

static bool
is_open(const struct engine *engine, uint64_t seq)
{
    for (size_t i = 0; i < engine->state.intent_count; i++)
        if (engine->state.intents[i].seq == seq)
            return true;
    return false;
}

/* Reconciling writes results, which take intents out of the state; so each is found anew by number. */
static struct error *
reconcile_all(struct engine *engine)
{
    uint64_t seqs[STATE_INTENTS_MAX];
    size_t count = engine->state.intent_count;
    for (size_t i = 0; i < count; i++)
        seqs[i] = engine->state.intents[i].seq;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < engine->state.intent_count; k++) {
            if (engine->state.intents[k].seq != seqs[i])
                continue;
            struct state_intent copy = engine->state.intents[k];
            json_incref(copy.data);
            struct error *error = reconcile_one(engine, &copy);
            const bool failed = error != NULL;
            error = lost_accept(engine, intent_text(&copy, "token"), error);
            if (error == NULL && failed && is_open(engine, copy.seq))
                error =
                    close_unknown(engine, &copy); /* nobody can look on a token that is lost */
            json_decref(copy.data);
            TRY(error);
            break;
        }
    return NULL;
}

/* Every token that this ceremony initialised holds what the state explains, and nothing else. */
static struct error *
sweep_tokens(struct engine *engine)
{
    for (size_t i = 0; i < engine->state.token_count; i++) {
        struct engine_token *token = NULL;
        if (!engine->state.tokens[i].pins_set)
            continue;
        if (lost_given_up(engine, engine->state.tokens[i].name))
            continue;
        TRY(tokens_get(engine, engine->state.tokens[i].name, &token));
        TRY(lost_accept(engine, engine->state.tokens[i].name, inventory_sweep(engine, token)));
    }
    return tokens_logout_all(engine);
}

/* From here on an abort gives up what a later step would need: it stands first, and no resume follows it. */
static struct error *
tell_given_up(struct engine *engine)
{
    if (engine->options->task != ENGINE_ABORT || engine->state.given_up)
        return NULL;
    return engine_fact(engine, "given-up",
                       json_pack("{s:s}", "by", people_name(engine, "administrator", 0)));
}

static struct error *
begin_again(struct engine *engine, const char *prefix)
{
    engine->prompt_prefix = prefix;
    TRY(people_roll_call(engine));
    TRY(opening_approval(engine));
    engine->prompt_prefix = prefix;
    TRY(recover_clock(engine));
    TRY(tokens_guard_repair(engine));
    TRY(quorum_tell_ledger(engine));
    TRY(tell_given_up(engine));
    TRY(reconcile_all(engine));
    TRY(restore_tell_ledger(engine));
    TRY(share_void_if_open(engine));
    TRY(quorum_void_unused(engine));
    return sweep_tokens(engine);
}

struct error *
recover_continue(struct engine *engine)
{
    struct error *error = begin_again(engine, "resume");
    engine->prompt_prefix = NULL;
    return error;
}

/* --- abort --- */

/* Keys without a certificate are half-made: none stays, extractable or not. */
static struct error *
destroy_half_made(struct engine *engine)
{
    for (size_t i = 0; i < engine->state.key_count; i++) {
        struct state_key *key = &engine->state.keys[i];
        struct engine_token *token = NULL;
        if (key->destroyed || key->found || key->elsewhere
            || state_has_certificate(&engine->state, key->name))
            continue;
        if (lost_given_up(engine, key->token))
            continue;
        TRY(tokens_get(engine, key->token, &token));
        TRY(lost_accept(
            engine, key->token,
            key_destroy_recorded(engine, token, "destroy-key", key->name, key->id_hex)));
        if (lost_given_up(engine, key->token))
            continue;
        TRY(key_end_in_ledger(engine, token, key));
    }
    return NULL;
}

static struct error *
last_look(struct engine *engine, struct engine_token *token, bool pins_set)
{
    if (pins_set)
        TRY(tokens_login_user(engine, token));
    return inventory_take(engine, token, "after, the ceremony is aborted");
}

static struct error *
final_inventory(struct engine *engine)
{
    for (size_t i = 0; i < engine->state.token_count; i++) {
        const struct state_token *bound = &engine->state.tokens[i];
        struct engine_token *token = NULL;
        if (lost_given_up(engine, bound->name))
            continue;
        TRY(tokens_get(engine, bound->name, &token));
        TRY(lost_accept(engine, bound->name, last_look(engine, token, bound->pins_set)));
    }
    return tokens_logout_all(engine);
}

struct error *
recover_abort(struct engine *engine)
{
    struct error *error = refuse_written(engine);
    if (error == NULL)
        error = begin_again(engine, "abort");
    if (error == NULL)
        error = destroy_half_made(engine);
    if (error == NULL)
        error = final_inventory(engine);
    if (error == NULL)
        error = quorum_tell_kept(engine);
    if (error == NULL)
        error = left_files_record(engine);
    engine->prompt_prefix = NULL;
    return error;
}
