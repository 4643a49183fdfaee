/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/keys.h"

#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/random.h"
#include "ceremony/base/text.h"
#include "ceremony/ledger/known.h"
#include "ceremony/pki/pki.h"
#include "transcripts/digest.h"

#define KEY_ID_SIZE 16U

struct error *
key_id_parse(const char *hex, unsigned char ret_id[P11_ID_MAX], size_t *ret_len)
{
    size_t len = strlen(hex) / 2;
    if (len == 0 || len > P11_ID_MAX)
        return ERROR(ERROR_INPUT, "this is not a key id");
    TRY(hex_decode(hex, ret_id, len));
    *ret_len = len;
    return NULL;
}

struct error *
key_id_make(char ret_hex[33])
{
    unsigned char id[KEY_ID_SIZE];
    TRY(random_bytes(id, sizeof id));
    hex_encode(id, sizeof id, ret_hex);
    return NULL;
}

struct error *
key_plan_of(const struct state_key *key, enum p11_key_purpose purpose,
            struct p11_key_plan *ret_plan)
{
    int type = p11_key_type_parse(key->type);
    if (type < 0)
        return ERROR(ERROR_INPUT, "\"%s\" is not a type of key", key->type);
    struct p11_key_plan plan = {.type = (enum p11_key_type)type,
                                .purpose = purpose,
                                .label = key->label,
                                .pin_each_signature = key->pin_each_signature};
    TRY(key_id_parse(key->id_hex, plan.id, &plan.id_len));
    *ret_plan = plan;
    return NULL;
}

enum p11_key_purpose
key_purpose_of(const struct script_key *planned)
{
    if (planned->use == USE_DECRYPT)
        return P11_KEY_DECRYPTS;
    return planned->backup == BACKUP_WRAPPED ? P11_KEY_BACKED_UP : P11_KEY_NO_BACKUP;
}

static json_t *
report_rows(const struct p11_attribute_report *report)
{
    json_t *rows = json_array();
    for (size_t i = 0; rows != NULL && i < report->count; i++) {
        const struct p11_attribute_reading *row = &report->rows[i];
        if (json_array_append_new(rows, json_pack("{s:s,s:s,s:s,s:b}", "name", row->name,
                                                  "planned", row->planned, "read", row->read,
                                                  "agrees", (int)row->agrees))
            != 0) {
            json_decref(rows);
            return NULL;
        }
    }
    return rows;
}

static const struct p11_attribute_reading *
first_difference(const struct p11_attribute_report *report)
{
    for (size_t i = 0; i < report->count; i++)
        if (!report->rows[i].agrees)
            return &report->rows[i];
    BUG("an attribute report contradicts itself");
}

/* R28: what is not as planned does not stay. A key that was in use before is left for people. */
static struct error *
refuse_attributes(struct engine *engine, struct engine_token *token, const char *name,
                  const struct p11_key_plan *plan, enum key_stage stage,
                  const struct p11_attribute_report *report)
{
    const struct p11_attribute_reading *row = first_difference(report);
    struct error *error = ERROR(
        ERROR_TOKEN, "the key \"%s\" is not as planned: %s should be %s, the token says %s",
        name, row->name, row->planned, row->read);
    if (stage == KEY_LOCKED)
        return error_hint(error, "Do not use the key. Look at the token before anything else.");
    AUTO_FREE char *observed = NULL;
    AUTO_FREE char *id_hex = NULL;
    struct error *second = text_copy(error_what(error), &observed);
    if (second == NULL)
        second = exception_note(engine, "the key's attributes are those of the plan", observed,
                                "the key is destroyed before the witnesses");
    if (second == NULL)
        second = hex_encode_new(plan->id, plan->id_len, &id_hex);
    if (second == NULL)
        second = key_destroy_recorded(engine, token,
                                      plan->purpose == P11_KEY_RESTORED ? "destroy-restored"
                                                                        : "destroy-key",
                                      name, id_hex);
    if (second == NULL)
        return error_hint(error,
                          "It was destroyed and nothing of it was used. This token does not "
                          "do what it was asked: choose another.");
    error = error_detail(error, "it could not be destroyed: %s", error_what(second));
    error_free(second);
    return error_hint(error, "It is still on the token. Resume: it must be destroyed.");
}

/* Said each time, and read aloud where the key is new: what the token has no place for protects nothing (R28). */
static struct error *
record_unkept(struct engine *engine, const struct engine_token *token, const char *name,
              unsigned unkept, bool is_new)
{
    AUTO_BYTES observed = {0};
    json_t *names = json_array();
    struct error *error =
        bytes_format(&observed, "token \"%s\" has no place for", token->site->name);
    for (size_t n = 0; error == NULL && p11_unkept_name(unkept, n) != NULL; n++) {
        error = bytes_format(&observed, "%s %s", n == 0 ? "" : ",", p11_unkept_name(unkept, n));
        (void)json_array_append_new(names, json_string(p11_unkept_name(unkept, n)));
    }
    if (error != NULL) {
        json_decref(names);
        return error;
    }
    TRY(engine_fact(engine, "unkept-attributes",
                    json_pack("{s:s,s:s,s:o}", "key", name, "token", token->site->name,
                              "attributes", names)));
    if (!is_new)
        return NULL;
    return exception_note(
        engine, "the token keeps every attribute of the plan", bytes_text(&observed),
        "accepted, proven with throw-away keys: the key cannot leave the token, "
        "but nothing there pins what it may be used for");
}

/* A restored key that lacks something: has the token no place for it, or did it lose it? Throw-away keys
 * tell, and what the token can keep must be there. */
static struct error *
read_back(struct engine *engine, struct engine_token *token, const char *name,
          const struct p11_key_plan *plan, bool locked, struct p11_attribute_report *report)
{
    struct p11_session *session = NULL;
    struct p11_key_plan own = *plan;
    TRY(tokens_session(engine, token, &session));
    TRY(p11_key_read_back(session, &own, locked, report));
    if (!report->all_agree && own.purpose == P11_KEY_RESTORED && own.unkept == 0) {
        struct error *error = p11_key_unkept(session, &own.unkept);
        if (error != NULL && error_code(error) == ERROR_TOKEN_GONE)
            return error;
        error_free(error); /* nothing is proven: what was read counts */
        TRY(p11_key_read_back(session, &own, locked, report));
    }
    return own.unkept == 0 ? NULL : record_unkept(engine, token, name, own.unkept, !locked);
}

struct error *
key_check_attributes(struct engine *engine, struct engine_token *token, const char *name,
                     const struct p11_key_plan *plan, enum key_stage stage)
{
    struct p11_attribute_report report = {0};
    TRY_DOING(read_back(engine, token, name, plan, stage == KEY_LOCKED, &report),
              "reading the attributes of key \"%s\" back", name);
    TRY(engine_fact(engine, "attributes",
                    json_pack("{s:s,s:s,s:s,s:b,s:o}", "key", name, "token", token->site->name,
                              "label", plan->label, "all_agree", (int)report.all_agree,
                              "attributes", report_rows(&report))));
    if (report.all_agree)
        return NULL;
    return refuse_attributes(engine, token, name, plan, stage, &report);
}

struct error *
key_destroy_recorded(struct engine *engine, struct engine_token *token, const char *does,
                     const char *key, const char *id_hex)
{
    unsigned char id[P11_ID_MAX];
    size_t id_len = 0;
    size_t destroyed = 0;
    uint64_t intent = 0;
    struct p11_session *session = NULL;
    TRY(key_id_parse(id_hex, id, &id_len));
    TRY(tokens_login_user(engine, token));
    TRY(tokens_session(engine, token, &session));
    TRY(engine_intent(
        engine, does,
        json_pack("{s:s,s:s,s:s}", "key", key, "token", token->site->name, "id", id_hex),
        &intent));
    struct error *error = p11_key_destroy(session, id, id_len, &destroyed);
    if (error != NULL)
        return engine_result_failed(engine, intent, error);
    return engine_result(engine, intent, "done",
                         json_pack("{s:s,s:s,s:i,s:s}", "key", key, "token", token->site->name,
                                   "objects", (int)destroyed, "absence", "proven by listing"));
}

const char *
key_pin_said(const struct state_key *key)
{
    return key->pin_each_signature ? "each-signature" : NULL;
}

const char *
key_use_said(const struct state_key *key)
{
    return key->decrypts ? "decrypt" : NULL;
}

struct error *
key_describe(const struct state_key *key, json_t **ret_data)
{
    unsigned char ski[20];
    char ski_hex[41];
    char sha384[DIGEST_SHA384_TEXT];
    AUTO_FREE char *spki = NULL;
    AUTO_FREE char *description = NULL;
    TRY(base64_encode_new(key->spki.data, key->spki.len, &spki));
    TRY(pki_key_describe(key->spki.data, key->spki.len, &description));
    TRY(pki_spki_ski(key->spki.data, key->spki.len, 0, ski));
    TRY(digest_sha384_text(key->spki.data, key->spki.len, sha384));
    hex_encode(ski, sizeof ski, ski_hex);
    *ret_data = json_pack(
        "{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s*,s:s*}", "key", key->name, "token",
        key->token, "label", key->label, "id", key->id_hex, "type", key->type, "spki", spki,
        "spki_sha256", key->spki_sha256, "spki_sha384", sha384, "ski", ski_hex, "description",
        description, "pin", key_pin_said(key), "use", key_use_said(key));
    return *ret_data == NULL ? error_memory() : NULL;
}

struct error *
key_copy_in_ledger(struct engine *engine, struct engine_token *token,
                   const struct state_key *key, const char *how, const char *state)
{
    struct p11_token_info info;
    TRY(tokens_info(engine, token, &info));
    return ledger_key_copy(engine->ledger, engine->state.ceremony_id, key->spki_sha256,
                           info.serial, how, state);
}

struct error *
key_add_to_ledger(struct engine *engine, struct engine_token *token,
                  const struct state_key *key)
{
    const struct ledger_key row = {.label = key->label,
                                   .id_hex = key->id_hex,
                                   .token = key->token,
                                   .spki_sha256 = key->spki_sha256,
                                   .type = key->type,
                                   .state = "generated"};
    TRY(ledger_add_key(engine->ledger, engine->state.ceremony_id, &row));
    return key_copy_in_ledger(engine, token, key, "generated", "present");
}

/* The interruption may have come between the key's entry and that of its copy. */
static struct error *
need_copy_in_ledger(struct engine *engine, struct engine_token *token,
                    const struct state_key *key)
{
    struct p11_token_info info;
    AUTO_FREE struct known_copy *copies = NULL;
    size_t count = 0;
    TRY(tokens_info(engine, token, &info));
    TRY(known_copies(engine->ledger, key->spki_sha256, &copies, &count));
    for (size_t i = 0; i < count; i++)
        if (strcmp(copies[i].serial, info.serial) == 0)
            return NULL;
    return key_copy_in_ledger(engine, token, key, "generated", "present");
}

/* The interruption may have come before the ledger heard of the key. */
struct error *
key_end_in_ledger(struct engine *engine, struct engine_token *token,
                  const struct state_key *key)
{
    struct known_key known;
    struct error *error = known_key(engine->ledger, key->spki_sha256, &known);
    if (error != NULL && error_code(error) == ERROR_NOT_FOUND) {
        error_free(error);
        error = key_add_to_ledger(engine, token, key);
    }
    TRY(error);
    TRY(need_copy_in_ledger(engine, token, key));
    TRY(key_copy_in_ledger(engine, token, key, "generated", "destroyed"));
    return ledger_key_state(engine->ledger, engine->state.ceremony_id, key->spki_sha256,
                            "destroyed");
}

struct error *
key_of_step(struct engine *engine, const char *name, struct state_key **ret_key)
{
    struct state_key *key = state_key(&engine->state, name);
    if (key == NULL || key->destroyed)
        return ERROR(ERROR_REFUSED, "the key \"%s\" %s", name,
                     key == NULL ? "has not been made yet" : "was destroyed");
    *ret_key = key;
    return NULL;
}

struct error *
key_may_certify(struct engine *engine, const struct state_key *key)
{
    struct known_key known;
    TRY(known_key(engine->ledger, key->spki_sha256, &known));
    if (strcmp(known.state, KEY_CRL_ONLY) != 0)
        return NULL;
    return error_hint(
        ERROR(ERROR_REFUSED, "the key \"%s\" signs only CRLs any more", key->label),
        "A rollover restricted it. Sign with the key of its successor.");
}
