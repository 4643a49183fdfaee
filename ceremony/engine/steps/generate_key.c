/* SPDX-License-Identifier: Apache-2.0
 *
 * A CA key: announced by its id, generated, flushed, looked at through a token opened anew, made to
 * sign, and only then named. (R27-R31, TRUST 1.1-1.3) */
#include "ceremony/engine/steps/generate_key.h"

#include <stdio.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/pki/pki.h"

static const char *
usual_time(const char *type)
{
    return text_starts_with(type, "rsa") ? "usually 10 s to 3 min" : "usually a second or two";
}

/* The plan as a state_key, before the state knows the key. */
static struct error *
planned_key(struct engine *engine, const struct script_key *script_key,
            struct state_key *ret_key)
{
    struct state_key key = {0};
    char id[33];
    TRY(key_id_make(id));
    const char *label = script_key->label[0] != '\0' ? script_key->label : script_key->id;
    if (strlen(label) + strlen(evidence_prefix(engine)) >= sizeof key.label)
        return ERROR(ERROR_INPUT, "the label of key \"%s\" is too long", script_key->id);
    (void)snprintf(key.name, sizeof key.name, "%s", script_key->id);
    (void)snprintf(key.token, sizeof key.token, "%s", script_key->token);
    (void)snprintf(key.label, sizeof key.label, "%s%s", evidence_prefix(engine), label);
    (void)snprintf(key.id_hex, sizeof key.id_hex, "%s", id);
    (void)snprintf(key.type, sizeof key.type, "%s", script_key->type);
    key.pin_each_signature = script_key->pin == PIN_EACH_SIGNATURE;
    key.decrypts = script_key->use == USE_DECRYPT;
    *ret_key = key;
    return NULL;
}

static struct error *
generate(struct engine *engine, struct engine_token *token, const struct p11_key_plan *plan,
         const char *type, const struct secret *pin)
{
    struct p11_session *session = NULL;
    TRY(tokens_session(engine, token, &session));
    AUTO_FREE char *what = NULL;
    TRY(text_format(&what, "The token is making the key (%s).", type));
    working_begin(engine, what, usual_time(type));
    struct error *error = p11_key_generate(session, plan);
    if (error == NULL)
        error = tokens_reopen(engine, token);
    working_end(engine);
    TRY(error);
    return tokens_login_with(engine, token, P11_USER, pin);
}

/* After the token was opened anew: everything about the key comes from what was really stored. */
static struct error *
look_at_key(struct engine *engine, struct engine_token *token, const struct p11_key_plan *plan,
            struct state_key *key)
{
    struct p11_session *session = NULL;
    TRY(tokens_session(engine, token, &session));
    TRY(key_check_attributes(engine, token, key->name, plan, KEY_NEW));
    TRY(p11_key_spki(session, plan->id, plan->id_len, &key->spki));
    TRY(pki_spki_hash(key->spki.data, key->spki.len, key->spki_sha256));
    return key_prove_possession(engine, token, key, key->id_hex);
}

struct error *
generate_key_adopt(struct engine *engine, struct engine_token *token,
                   enum p11_key_purpose purpose, struct state_key *key, json_t **ret_data)
{
    struct p11_key_plan plan;
    TRY(key_plan_of(key, purpose, &plan));
    TRY(tokens_login_user(engine, token));
    TRY(look_at_key(engine, token, &plan, key));
    return key_describe(key, ret_data);
}

static struct error *
make_and_look(struct engine *engine, struct engine_token *token,
              const struct p11_key_plan *plan, const struct secret *pin, struct state_key *key,
              json_t **ret_data)
{
    TRY(generate(engine, token, plan, key->type, pin));
    TRY(look_at_key(engine, token, plan, key));
    return key_describe(key, ret_data);
}

/* A key that nothing can bring back is a decision, said aloud before it exists. */
static struct error *
confirm_no_backup(struct engine *engine, const struct script_key *script_row)
{
    AUTO_BYTES body = {0};
    bool yes = false;
    if (script_row->backup != BACKUP_NONE)
        return NULL;
    const char *who = people_name(engine, "administrator", 0);
    TRY(bytes_format(&body,
                     "The key \"%s\" (%s) will have NO BACKUP.\n"
                     "If its token breaks or is lost, the key is gone for\n"
                     "ever, and all that depends on it.\n",
                     script_row->id, script_row->type));
    TRY(ask_confirm(engine, "no-backup", bytes_text(&body),
                    "Was this read aloud, and is it meant?", who, &yes));
    if (!yes)
        return error_hint(
            ERROR(ERROR_REFUSED, "a key without backup was not wanted"),
            "Change the script so that the key is backed up, and have it approved.");
    return engine_record(engine, TRANSCRIPT_CONFIRMATION, who,
                         json_pack("{s:s,s:s,s:s}", "prompt", "no-backup", "key",
                                   script_row->id, "answer", "no backup, meant and read aloud"),
                         NULL);
}

static struct error *
announce(struct engine *engine, const struct state_key *key, const struct p11_key_plan *plan,
         uint64_t *ret_intent)
{
    return engine_intent(engine, "generate-key",
                         json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s*,s:s*}", "key", key->name,
                                   "token", key->token, "label", key->label, "id", key->id_hex,
                                   "type", key->type, "backup",
                                   plan->purpose == P11_KEY_BACKED_UP ? "wrapped" : "none",
                                   "pin", key_pin_said(key), "use", key_use_said(key)),
                         ret_intent);
}

/* After an error the intent stays open: resume looks at the token, and people decide. */
static struct error *
make_key(struct engine *engine, const struct script_key *script_row, struct state_key *key)
{
    struct engine_token *token = NULL;
    struct p11_key_plan plan;
    AUTO(secret) pin = NULL;
    struct p11_session *session = NULL;
    uint64_t intent = 0;
    json_t *data = NULL;
    TRY(tokens_get(engine, script_row->token, &token));
    TRY(planned_key(engine, script_row, key));
    TRY(key_plan_of(key, key_purpose_of(script_row), &plan));
    TRY(tokens_logout(engine, token));
    TRY(tokens_login(engine, token, P11_USER, &pin));
    TRY(tokens_session(engine, token, &session));
    TRY(p11_key_type_supported(token->module->module, p11_session_slot(session), plan.type,
                               plan.purpose));
    TRY(p11_key_name_free(session, plan.label, plan.id, plan.id_len));
    TRY(announce(engine, key, &plan, &intent));
    TRY(make_and_look(engine, token, &plan, pin, key, &data));
    return engine_result(engine, intent, "done", data);
}

/* What was ordered, and what the token says of the key that it made. */
static struct error *
show_properties(struct engine *engine, const struct state_key *key)
{
    struct engine_token *token = NULL;
    struct p11_session *session = NULL;
    struct p11_key_plan plan;
    struct p11_attribute_report report = {0};
    AUTO_BYTES body = {0};
    AUTO_FREE char *description = NULL;
    const struct script_key *ordered = script_key(engine->script, key->name);
    TRY(tokens_get(engine, key->token, &token));
    TRY(tokens_login_user(engine, token));
    TRY(tokens_session(engine, token, &session));
    TRY(key_plan_of(key, key_purpose_of(ordered), &plan));
    TRY(p11_key_read_back(session, &plan, false, &report));
    if (!report.all_agree)
        return ERROR(ERROR_VERIFICATION, "the properties of key \"%s\" are not as ordered",
                     key->name);
    TRY(pki_key_describe(key->spki.data, key->spki.len, &description));
    TRY(bytes_format(&body, "Made: key \"%s\", %s\nLabel \"%s\" on token \"%s\"\n\n", key->name,
                     description, key->label, key->token));
    TRY(bytes_append_text(&body, "Each property was read back, and is as ordered:\n"));
    size_t off = 0;
    for (size_t i = 0; i < report.count; i++) {
        const struct p11_attribute_reading *row = &report.rows[i];
        if (strcmp(row->planned, "false or absent") == 0)
            off++;
        else
            TRY(bytes_format(&body, "  %-26s %s\n", row->name, row->read));
    }
    TRY(bytes_format(&body, "and %zu further rights are not given.\n", off));
    return ask_tell(engine, "properties", bytes_text(&body), NULL);
}

struct error *
step_run_generate_key(struct engine *engine)
{
    const struct script_key *script_row = script_key(engine->script, engine->step->key);
    const struct state_key *made = state_key(&engine->state, engine->step->key);
    if (made == NULL || made->destroyed) {
        struct state_key key = {0};
        TRY(confirm_no_backup(engine, script_row));
        struct error *error = make_key(engine, script_row, &key);
        bytes_clear(&key.spki);
        TRY(error);
        made = state_key(&engine->state, engine->step->key);
        TRY(show_properties(engine, made));
    }
    struct engine_token *token = NULL;
    TRY(tokens_get(engine, made->token, &token));
    return key_add_to_ledger(engine, token, made); /* the step may be repeated just for it */
}
