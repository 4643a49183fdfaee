/* SPDX-License-Identifier: Apache-2.0
 *
 * One row per thing a record can tell: its type, the value of its "what", "does" or none, and the
 * function that takes it in. */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/engine/state_private.h"

static const char *
text_of(const json_t *data, const char *key)
{
    const char *text = json_string_value(json_object_get(data, key));
    return text == NULL ? "" : text;
}

static void
take(char *field, size_t size, const json_t *data, const char *key)
{
    (void)snprintf(field, size, "%s", text_of(data, key));
}

#define TAKE_TEXT(field, data, key) take((field), sizeof(field), (data), (key))

static struct error *
take_base64(struct bytes *bytes, const json_t *data, const char *key)
{
    bytes_clear(bytes);
    return base64_decode_append(text_of(data, key), bytes);
}

static struct error *
too_many(const char *what)
{
    return ERROR(ERROR_REFUSED, "the transcript holds more %s than this program takes", what);
}

void
state_clear(struct state *state)
{
    for (size_t i = 0; i < state->key_count; i++)
        bytes_clear(&state->keys[i].spki);
    for (size_t i = 0; i < state->intent_count; i++)
        json_decref(state->intents[i].data);
    bytes_clear(&state->recorder.spki);
    bytes_clear(&state->recorder.certificate);
    bytes_clear(&state->exception_text);
    memset(state, 0, sizeof *state); /* too large for a literal on the stack */
}

struct state_key *
state_key(struct state *state, const char *name)
{
    for (size_t i = 0; i < state->key_count; i++)
        if (strcmp(state->keys[i].name, name) == 0)
            return &state->keys[i];
    return NULL;
}

struct state_token *
state_token(struct state *state, const char *name)
{
    for (size_t i = 0; i < state->token_count; i++)
        if (strcmp(state->tokens[i].name, name) == 0)
            return &state->tokens[i];
    return NULL;
}

bool
state_step_done(const struct state *state, const char *step)
{
    for (size_t i = 0; i < state->step_count; i++)
        if (strcmp(state->steps_done[i], step) == 0)
            return true;
    return false;
}

bool
state_has_certificate(const struct state *state, const char *key)
{
    for (size_t i = 0; i < state->object_count; i++)
        if (strcmp(state->objects[i].kind, "certificate") == 0
            && strcmp(state->objects[i].subject, key) == 0)
            return true;
    return false;
}

struct state_intent *
state_intent(struct state *state, const char *does)
{
    for (size_t i = 0; i < state->intent_count; i++)
        if (strcmp(state->intents[i].does, does) == 0)
            return &state->intents[i];
    return NULL;
}

/* --- one function a row --- */

static struct error *
opening(struct state *state, const struct telling *t)
{
    TAKE_TEXT(state->ceremony_id, t->data, "ceremony");
    state->rehearsal = strcmp(text_of(t->data, "mode"), "rehearsal") == 0;
    state->opened = true;
    state->opened_ms = t->wall_ms;
    return NULL;
}

static struct error *
step_begin(struct state *state, const struct telling *t)
{
    (void)snprintf(state->step_open, sizeof state->step_open, "%s", t->step);
    return NULL;
}

static struct error *
step_end(struct state *state, const struct telling *t)
{
    state->step_open[0] = '\0';
    if (state_step_done(state, t->step))
        return NULL;
    if (state->step_count == STATE_STEPS_MAX)
        return too_many("steps");
    (void)snprintf(state->steps_done[state->step_count++], STATE_NAME_MAX, "%s", t->step);
    return NULL;
}

static struct error *
intent(struct state *state, const struct telling *t)
{
    if (state->intent_count == STATE_INTENTS_MAX)
        return too_many("open intents");
    struct state_intent *row = &state->intents[state->intent_count++];
    row->seq = t->seq;
    TAKE_TEXT(row->does, t->data, "does");
    (void)snprintf(row->step, sizeof row->step, "%s", t->step);
    row->data = json_incref(t->data);
    row->not_as_planned = false;
    if (strcmp(row->does, "back-up-key") == 0 || strcmp(row->does, "re-share") == 0)
        state->backup_attempts++;
    if (strcmp(row->does, "retire-backup") == 0)
        state->backup.replaces = true;
    return NULL;
}

/* Of a key that is being made: whatever it reads like later, it is not what was asked for. */
static struct error *
attributes_read(struct state *state, const struct telling *t)
{
    if (strcmp(text_of(t->data, "what"), "attributes") != 0
        || json_is_true(json_object_get(t->data, "all_agree")))
        return NULL;
    for (size_t i = 0; i < state->intent_count; i++)
        if (strcmp(state->intents[i].does, "generate-key") == 0
            && strcmp(text_of(state->intents[i].data, "key"), text_of(t->data, "key")) == 0)
            state->intents[i].not_as_planned = true;
    return NULL;
}

static void
close_intent(struct state *state, uint64_t seq)
{
    for (size_t i = 0; i < state->intent_count; i++) {
        if (state->intents[i].seq != seq)
            continue;
        json_decref(state->intents[i].data);
        state->intents[i] = state->intents[--state->intent_count];
        return;
    }
}

static struct error *
token_initialised(struct state *state, const struct telling *t)
{
    struct state_token *token = state_token(state, text_of(t->data, "token"));
    if (token == NULL) {
        if (state->token_count == STATE_TOKENS_MAX)
            return too_many("tokens");
        token = &state->tokens[state->token_count++];
    }
    *token = (struct state_token){.bound = true};
    TAKE_TEXT(token->name, t->data, "token");
    TAKE_TEXT(token->label, t->data, "label");
    TAKE_TEXT(token->serial, t->data, "serial");
    return NULL;
}

static struct error *
pins_set(struct state *state, const struct telling *t)
{
    struct state_token *token = state_token(state, text_of(t->data, "token"));
    if (token != NULL)
        token->pins_set = true;
    return NULL;
}

static struct error *
recorder_made(struct state *state, const struct telling *t)
{
    struct state_recorder *recorder = &state->recorder;
    TAKE_TEXT(recorder->token, t->data, "token");
    TAKE_TEXT(recorder->label, t->data, "label");
    TAKE_TEXT(recorder->id_hex, t->data, "id");
    TAKE_TEXT(recorder->certificate_sha256, t->data, "certificate_sha256");
    TRY(take_base64(&recorder->spki, t->data, "spki"));
    TRY(take_base64(&recorder->certificate, t->data, "certificate"));
    recorder->made = true;
    return NULL;
}

/* The row of the key that the record names, made if need be; empty but for its names. */
static struct error *
take_key(struct state *state, const struct telling *t, struct state_key **ret_key)
{
    struct state_key *key = state_key(state, text_of(t->data, "key"));
    if (key == NULL) {
        if (state->key_count == STATE_KEYS_MAX)
            return too_many("keys");
        key = &state->keys[state->key_count++];
    } else {
        bytes_clear(&key->spki);
    }
    *key = (struct state_key){0};
    TAKE_TEXT(key->name, t->data, "key");
    TAKE_TEXT(key->token, t->data, "token");
    TAKE_TEXT(key->label, t->data, "label");
    TAKE_TEXT(key->id_hex, t->data, "id");
    TAKE_TEXT(key->type, t->data, "type");
    TAKE_TEXT(key->spki_sha256, t->data, "spki_sha256");
    key->pin_each_signature = strcmp(text_of(t->data, "pin"), "each-signature") == 0;
    key->decrypts = strcmp(text_of(t->data, "use"), "decrypt") == 0;
    *ret_key = key;
    return take_base64(&key->spki, t->data, "spki");
}

static struct error *
key_made(struct state *state, const struct telling *t)
{
    struct state_key *key = NULL;
    return take_key(state, t, &key);
}

/* What an earlier ceremony finished: backed up as its script said, proven and locked then. */
static struct error *
key_found(struct state *state, const struct telling *t)
{
    struct state_key *key = NULL;
    TRY(take_key(state, t, &key));
    TAKE_TEXT(key->certificate, t->data, "certificate");
    key->found = key->backed_up = key->restore_proven = key->locked = true;
    return NULL;
}

/* Of another CA: its request, or the certificate that it has. */
static struct error *
request_read(struct state *state, const struct telling *t)
{
    struct state_key *key = NULL;
    TRY(take_key(state, t, &key));
    TAKE_TEXT(key->certificate, t->data, "certificate");
    key->elsewhere = true;
    return NULL;
}

static struct error *
key_destroyed(struct state *state, const struct telling *t)
{
    struct state_key *key = state_key(state, text_of(t->data, "key"));
    if (key != NULL && strcmp(key->token, text_of(t->data, "token")) == 0)
        key->destroyed = true; /* a copy elsewhere is another matter */
    return NULL;
}

static struct error *
key_ended(struct state *state, const struct telling *t)
{
    struct state_key *key = state_key(state, text_of(t->data, "key"));
    if (key != NULL)
        key->ended = true;
    return NULL;
}

static struct error *
key_locked(struct state *state, const struct telling *t)
{
    struct state_key *key = state_key(state, text_of(t->data, "key"));
    if (key != NULL)
        key->locked = true;
    return NULL;
}

static struct error *
key_wrapped(struct state *state, const struct telling *t)
{
    struct state_backup *backup = &state->backup;
    *backup = (struct state_backup){.made = true};
    TAKE_TEXT(backup->shares, t->data, "shares");
    TAKE_TEXT(backup->key, t->data, "key");
    TAKE_TEXT(backup->kcv, t->data, "kcv");
    TAKE_TEXT(backup->blob, t->data, "blob");
    TAKE_TEXT(backup->blob_sha256, t->data, "blob_sha256");
    TAKE_TEXT(backup->card_sha256, t->data, "card_sha256");
    TAKE_TEXT(backup->mechanism, t->data, "mechanism");
    backup->set_id = (unsigned)json_integer_value(json_object_get(t->data, "set"));
    struct state_key *key = state_key(state, backup->key);
    if (key != NULL)
        key->backed_up = true;
    return NULL;
}

/* A key brought back from its shares; in a drill it is gone again. */
static struct error *
key_restored(struct state *state, const struct telling *t)
{
    TRY(key_found(state, t));
    struct state_key *key = state_key(state, text_of(t->data, "key"));
    if (key != NULL) {
        key->restored = strcmp(text_of(t->data, "kept"), "yes") == 0;
        key->destroyed = !key->restored;
    }
    return NULL;
}

/* The same key under a new KEK: to be delivered and proven like a first backup. */
static struct error *
key_shared_again(struct state *state, const struct telling *t)
{
    TRY(key_found(state, t));
    TRY(key_wrapped(state, t));
    struct state_key *key = state_key(state, text_of(t->data, "key"));
    if (key != NULL)
        key->restore_proven = false;
    return NULL;
}

static struct error *
shares_delivered(struct state *state, const struct telling *t)
{
    (void)t;
    state->backup.delivered = true;
    return NULL;
}

static struct error *
restore_proven(struct state *state, const struct telling *t)
{
    state->backup.proven = true;
    struct state_key *key = state_key(state, text_of(t->data, "key"));
    if (key == NULL)
        return NULL;
    key->restore_proven = true;
    if (strcmp(text_of(t->data, "kept"), "yes") == 0)
        TAKE_TEXT(key->copy_token, t->data, "token");
    return NULL;
}

/* The backup unit begins anew: its steps are to be done again. */
static struct error *
shares_void(struct state *state, const struct telling *t)
{
    struct state_key *key = state_key(state, state->backup.key);
    if (key != NULL)
        key->backed_up = key->restore_proven = false;
    state->backup = (struct state_backup){0};
    state->step_open[0] = '\0';
    uint64_t before = (uint64_t)json_integer_value(json_object_get(t->data, "acts_before"));
    if (before < state->acts_checked)
        state->acts_checked = before;
    size_t index = 0;
    const json_t *step = NULL;
    json_array_foreach(json_object_get(t->data, "steps"), index, step)
    {
        const char *id = json_string_value(step);
        for (size_t i = 0; id != NULL && i < state->step_count; i++)
            if (strcmp(state->steps_done[i], id) == 0) {
                memmove(state->steps_done[i], state->steps_done[--state->step_count],
                        STATE_NAME_MAX);
                break;
            }
    }
    return NULL;
}

static struct error *
object_issued(struct state *state, const struct telling *t)
{
    if (state->object_count == STATE_OBJECTS_MAX)
        return too_many("certificates and CRLs");
    struct state_object *object = &state->objects[state->object_count++];
    *object = (struct state_object){0};
    TAKE_TEXT(object->kind, t->data, "object");
    TAKE_TEXT(object->key, t->data, "key");
    TAKE_TEXT(object->subject, t->data, "subject");
    TAKE_TEXT(object->file, t->data, "file");
    TAKE_TEXT(object->sha256, t->data, "sha256");
    TAKE_TEXT(object->issuer, t->data, "issuer_file");
    const char *does = text_of(t->data, "does");
    const char *first =
        json_string_value(json_array_get(json_object_get(t->data, "issuers"), 0));
    if (first != NULL)
        (void)snprintf(object->issuer, sizeof object->issuer, "%s", first);
    object->armoured = strcmp(does, "sign") == 0 || strcmp(does, "import-certificate") == 0;
    (void)snprintf(object->step, sizeof object->step, "%s", t->step);
    object->valid_until = json_integer_value(json_object_get(t->data, "valid_until"));
    return NULL;
}

/* The last result of a step that enters or signs many: done again, it would do it twice. */
static struct error *
work_done(struct state *state, const struct telling *t)
{
    (void)snprintf(state->work_done, sizeof state->work_done, "%s", t->step);
    return NULL;
}

static struct error *
exception(struct state *state, const struct telling *t)
{
    static const char *const rows[][2] = {
        {"expected", "Expected"},
        {"observed", "Seen"    },
        {"decision", "Decided" }
    };
    state->exceptions++;
    TRY(bytes_format(&state->exception_text, "\nException %llu\n",
                     (unsigned long long)state->exceptions));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *text = json_string_value(json_object_get(t->data, rows[i][0]));
        TRY(bytes_format(&state->exception_text, "  %s: %s\n", rows[i][1],
                         text == NULL ? "" : text));
    }
    return NULL;
}

static struct error *
checkpoint(struct state *state, const struct telling *t)
{
    (void)t;
    state->acts_checked++;
    return NULL;
}

static struct error *
given_up(struct state *state, const struct telling *t)
{
    if (strcmp(text_of(t->data, "what"), "given-up") == 0)
        state->given_up = true;
    return NULL;
}

static struct error *
sign_off(struct state *state, const struct telling *t)
{
    if (state->sign_off_count == STATE_OBJECTS_MAX)
        return too_many("sign-offs");
    struct state_sign_off *row = &state->sign_offs[state->sign_off_count++];
    *row = (struct state_sign_off){0};
    TAKE_TEXT(row->person, t->data, "person");
    TAKE_TEXT(row->certificate_sha256, t->data, "certificate_sha256");
    row->agrees = json_is_true(json_object_get(t->data, "agrees"));
    row->custodian = json_is_true(json_object_get(t->data, "custodian"));
    return NULL;
}

static struct error *
closing(struct state *state, const struct telling *t)
{
    size_t index = 0;
    const json_t *row = NULL;
    state->closed = true;
    json_array_foreach(json_object_get(t->data, "required_signers"), index, row)
    {
        if (strcmp(text_of(row, "signer"), "recorder") == 0)
            state->recorder.seals = true;
    }
    return NULL;
}

static const struct {
    enum transcript_type type;
    const char *tells; /* value of "does" (results with outcome "done"); NULL: any */
    struct error *(*apply)(struct state *state, const struct telling *telling);
} rows[] = {
    {TRANSCRIPT_OPENING,    NULL,                 opening            },
    {TRANSCRIPT_STEP_BEGIN, NULL,                 step_begin         },
    {TRANSCRIPT_STEP_END,   NULL,                 step_end           },
    {TRANSCRIPT_INTENT,     NULL,                 intent             },
    {TRANSCRIPT_RESULT,     "initialise-token",   token_initialised  },
    {TRANSCRIPT_RESULT,     "set-pins",           pins_set           },
    {TRANSCRIPT_RESULT,     "create-recorder",    recorder_made      },
    {TRANSCRIPT_RESULT,     "generate-key",       key_made           },
    {TRANSCRIPT_RESULT,     "find-key",           key_found          },
    {TRANSCRIPT_RESULT,     "import-request",     request_read       },
    {TRANSCRIPT_RESULT,     "import-existing",    request_read       },
    {TRANSCRIPT_RESULT,     "restore-key",        key_restored       },
    {TRANSCRIPT_RESULT,     "re-share",           key_shared_again   },
    {TRANSCRIPT_RESULT,     "destroy-key",        key_destroyed      },
    {TRANSCRIPT_RESULT,     "end-key",            key_ended          },
    {TRANSCRIPT_RESULT,     "lock-key",           key_locked         },
    {TRANSCRIPT_RESULT,     "back-up-key",        key_wrapped        },
    {TRANSCRIPT_RESULT,     "deliver-shares",     shares_delivered   },
    {TRANSCRIPT_RESULT,     "prove-restore",      restore_proven     },
    {TRANSCRIPT_RESULT,     "void-shares",        shares_void        },
    {TRANSCRIPT_RESULT,     "sign",               object_issued      },
    {TRANSCRIPT_RESULT,     "sign-crl",           object_issued      },
    {TRANSCRIPT_RESULT,     "release-crl",        object_issued      },
    {TRANSCRIPT_RESULT,     "import-certificate", object_issued      },
    {TRANSCRIPT_INTENT,     "split-pin",          state_pin_cut      },
    {TRANSCRIPT_RESULT,     "split-pin",          state_pin_delivered},
    {TRANSCRIPT_INTENT,     "change-pin",         state_pin_changing },
    {TRANSCRIPT_RESULT,     "change-pin",         state_pin_changed  },
    {TRANSCRIPT_RESULT,     "void-pin-set",       state_pin_void     },
    {TRANSCRIPT_FACTS,      NULL,                 state_pin_fact     },
    {TRANSCRIPT_FACTS,      NULL,                 attributes_read    },
    {TRANSCRIPT_FACTS,      NULL,                 given_up           },
    {TRANSCRIPT_EXCEPTION,  NULL,                 exception          },
    {TRANSCRIPT_CHECKPOINT, NULL,                 checkpoint         },
    {TRANSCRIPT_SIGN_OFF,   NULL,                 sign_off           },
    {TRANSCRIPT_CLOSING,    NULL,                 closing            },
    {TRANSCRIPT_RESULT,     "revoke",             work_done          },
    {TRANSCRIPT_RESULT,     "plan-crls",          work_done          },
    {TRANSCRIPT_RESULT,     "sign-requests",      work_done          },
};

/* A step back over an interruption counts from a second on; the exception that tells it ends it. */
static void
follow_clock(struct state *state, enum transcript_type type, int64_t wall_ms,
             const json_t *data)
{
    int64_t back = state->wall_ms - wall_ms;
    bool interrupted =
        type == TRANSCRIPT_RESUME && strcmp(text_of(data, "after"), "interruption") == 0;
    if (interrupted && back > STATE_CLOCK_BACK_MS)
        state->clock_back_ms = back;
    if (type == TRANSCRIPT_EXCEPTION && json_object_get(data, "clock_back_ms") != NULL)
        state->clock_back_ms = 0;
    state->wall_ms = wall_ms;
}

struct error *
state_apply(struct state *state, uint64_t seq, enum transcript_type type, const char *step,
            int64_t wall_ms, json_t *data)
{
    struct telling telling = {seq, step, wall_ms, data};
    bool is_result = type == TRANSCRIPT_RESULT;
    follow_clock(state, type, wall_ms, data);
    if (is_result || type == TRANSCRIPT_OUTPUT)
        close_intent(state, (uint64_t)json_integer_value(json_object_get(data, "of")));
    if (is_result && strcmp(text_of(data, "outcome"), "done") != 0)
        return NULL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].type == type
            && (rows[i].tells == NULL || strcmp(rows[i].tells, text_of(data, "does")) == 0))
            TRY(rows[i].apply(state, &telling));
    return NULL;
}
