/* SPDX-License-Identifier: Apache-2.0
 *
 * What holds for every copy, and the copies on tokens. */
#include "ceremony/engine/destruction.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/keys.h"
#include "ceremony/rules/key_end.h"
#include "p11/object.h"

void
destruction_clear(struct destruction *destruction)
{
    json_decref(destruction->copies);
    json_decref(destruction->wrapped);
    bytes_clear(&destruction->told);
}

struct error *
destruction_open(struct engine *engine, struct destruction *destruction, const char *observed)
{
    destruction->open++;
    TRY(bytes_format(&destruction->told, "OPEN: %s\n", observed));
    return exception_note(engine, KEY_IS_GONE, observed,
                          "left open; it stands in the certificate of destruction");
}

struct error *
destruction_consequences(struct engine *engine, const struct state_key *key)
{
    struct clock_reading now;
    uint64_t count = 0;
    int64_t until = 0;
    bool yes = false;
    char until_text[CLOCK_TEXT_SIZE];
    AUTO_FREE char *body = NULL;
    AUTO_FREE char *who = NULL;
    AUTO_FREE char *observed = NULL;
    clock_read(&now);
    TRY(known_unexpired(engine->ledger, key->spki_sha256, now.wall_ms / 1000, &count, &until));
    if (count == 0)
        return NULL;
    clock_format_seconds(until, until_text);
    TRY(text_format(&body,
                    "The key \"%s\" signed %llu certificates that are not\n"
                    "expired; the last ends on %s.\n"
                    "While one of them is valid, somebody must be able to\n"
                    "revoke it, and only this key signs the list.\n",
                    key->label, (unsigned long long)count, until_text));
    TRY(ask_confirm(engine, "consequences", body, "Destroy the key nevertheless?",
                    people_name(engine, "administrator", 0), &yes));
    if (!yes)
        return error_hint(
            ERROR(ERROR_REFUSED, "the key \"%s\" still has to sign CRLs, until %s", key->label,
                  until_text),
            "Wait until then, or let its certificates be revoked and replaced. Nothing was "
            "destroyed: abort this ceremony.");
    TRY(ask_text(engine, "consequences.who", body, "Who decides this, and why?",
                 people_name(engine, "administrator", 0), &who));
    TRY(text_format(&observed, "%llu certificates of it are unexpired, until %s",
                    (unsigned long long)count, until_text));
    return exception_note(engine, "the key has no CRL to sign any more", observed, who);
}

static struct error *
approve_once(struct engine *engine, const char *name, const char *part, const char *role,
             const char *body, const char *command)
{
    AUTO_FREE char *prompt = NULL;
    AUTO_FREE char *who = NULL;
    bool typed = false;
    TRY(text_format(&prompt, "%s.%s", name, part));
    TRY(text_copy(people_name(engine, role, 0), &who));
    TRY(ask_command(engine, prompt, body, command, who, &typed));
    if (!typed)
        return error_hint(ERROR(ERROR_REFUSED, "%s did not agree to destroy this copy", who),
                          "This copy was not touched. Resume to see it again, or abort.");
    return engine_record(engine, TRANSCRIPT_CONFIRMATION, who,
                         json_pack("{s:s,s:s}", "prompt", "destroy", "answer", command), NULL);
}

struct error *
destruction_approve(struct engine *engine, const char *name, const char *body,
                    const char *command)
{
    TRY(approve_once(engine, name, "destroy", engine->step->performs, body, command));
    return approve_once(engine, name, "agree", engine->step->verifies, body, command);
}

/* --- tokens --- */

/* The token of the environment with this serial; NULL when none of them is it. */
static struct error *
token_of_serial(struct engine *engine, const char *serial, struct engine_token **ret_token)
{
    *ret_token = NULL;
    for (size_t i = 0; i < engine->site->token_count && *ret_token == NULL; i++) {
        struct engine_token *token = NULL;
        struct p11_token_info info;
        if (engine->site->tokens[i].blank)
            continue;
        TRY(tokens_get(engine, engine->site->tokens[i].name, &token));
        struct error *error = tokens_info(engine, token, &info);
        if (error == NULL && strcmp(info.serial, serial) == 0)
            *ret_token = token;
        error_free(error); /* one that is not plugged in is not this one */
    }
    return NULL;
}

static struct error *
count_objects(struct engine *engine, struct engine_token *token, const struct state_key *key,
              size_t *ret_count)
{
    static const enum p11_class classes[] = {P11_PRIVATE_KEY, P11_PUBLIC_KEY};
    struct p11_session *session = NULL;
    unsigned char id[P11_ID_MAX];
    size_t id_len = 0;
    *ret_count = 0;
    TRY(key_id_parse(key->id_hex, id, &id_len));
    TRY(tokens_login_user(engine, token));
    TRY(tokens_session(engine, token, &session));
    for (size_t i = 0; i < 2; i++) {
        AUTO_FREE struct p11_object *objects = NULL;
        size_t count = 0;
        TRY(p11_objects_find(session, classes[i], id, id_len, NULL, &objects, &count));
        *ret_count += count;
    }
    return NULL;
}

/* Ids can be copied: only the very key goes. Nothing there is fine: an interrupted run was faster. */
static struct error *
check_same(struct engine *engine, struct engine_token *token, const struct state_key *key)
{
    struct p11_session *session = NULL;
    unsigned char id[P11_ID_MAX];
    size_t id_len = 0;
    size_t count = 0;
    AUTO_BYTES spki = {0};
    TRY(count_objects(engine, token, key, &count));
    if (count == 0)
        return NULL;
    TRY(key_id_parse(key->id_hex, id, &id_len));
    TRY(tokens_session(engine, token, &session));
    TRY(p11_key_spki(session, id, id_len, &spki));
    if (spki.len == key->spki.len && memcmp(spki.data, key->spki.data, spki.len) == 0)
        return NULL;
    return error_hint(ERROR(ERROR_REFUSED,
                            "what bears the id of key \"%s\" on token \"%s\" is another key",
                            key->label, token->site->name),
                      "Nothing was destroyed. Look at that token before anything else.");
}

/* Gone in this process, and gone after the store was read anew. */
static struct error *
destroy_on(struct engine *engine, struct engine_token *token, const struct state_key *key,
           const char *how)
{
    size_t left = 0;
    TRY(check_same(engine, token, key));
    TRY(key_destroy_recorded(engine, token, "destroy-key", key->name, key->id_hex));
    TRY(tokens_reopen(engine, token));
    TRY(count_objects(engine, token, key, &left));
    if (left != 0)
        return ERROR(ERROR_TOKEN, "the token \"%s\" still shows %zu objects of the key",
                     token->site->name, left);
    return key_copy_in_ledger(engine, token, key, how, "destroyed");
}

static struct error *
add_copy(struct destruction *destruction, const struct known_copy *copy, const char *token,
         const char *command, const char *state)
{
    json_t *row = json_pack("{s:s,s:s,s:s,s:s}", "serial", copy->serial, "token", token,
                            "command", command, "state", state);
    return json_array_append_new(destruction->copies, row) == 0 ? NULL : error_memory();
}

static struct error *
tell_before(struct destruction *destruction, const struct known_copy *copy)
{
    TRY(bytes_format(&destruction->told,
                     "Token with serial %s: the copy was destroyed before.\n", copy->serial));
    return add_copy(destruction, copy, "", "", "destroyed-before");
}

static struct error *
destroy_copy(struct engine *engine, struct destruction *destruction, size_t number,
             const struct known_copy *copy)
{
    const struct state_key *key = destruction->key;
    struct engine_token *token = NULL;
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *command = NULL;
    AUTO_FREE char *text = NULL;
    TRY(token_of_serial(engine, copy->serial, &token));
    if (token == NULL) {
        destruction->tokens_left++;
        TRY(text_format(&text, "the copy (%s) on the token with serial %s was not brought",
                        copy->how, copy->serial));
        TRY(destruction_open(engine, destruction, text));
        return add_copy(destruction, copy, "", "", "present");
    }
    TRY(text_format(&name, "copy-%zu", number));
    TRY(text_format(&command, "DESTROY %.60s ON %.60s", key->label, token->site->name));
    TRY(text_format(&text,
                    "Key        %s\nToken      %s\nSerial     %s\nThis copy  %s\n\n"
                    "It cannot be undone.\n",
                    key->label, token->site->name, copy->serial, copy->how));
    TRY(destruction_approve(engine, name, text, command));
    TRY(destroy_on(engine, token, key, copy->how));
    TRY(bytes_format(&destruction->told,
                     "Token %s, serial %s: copy (%s) destroyed, absence proven by listing\n"
                     "before and after the token was opened anew.\n",
                     token->site->name, copy->serial, copy->how));
    return add_copy(destruction, copy, token->site->name, command, "destroyed");
}

struct error *
destruction_of_tokens(struct engine *engine, struct destruction *destruction)
{
    AUTO_FREE struct known_copy *copies = NULL;
    size_t count = 0;
    TRY(known_copies(engine->ledger, destruction->key->spki_sha256, &copies, &count));
    for (size_t i = 0; i < count; i++)
        TRY(strcmp(copies[i].state, "present") == 0
                ? destroy_copy(engine, destruction, i + 1, &copies[i])
                : tell_before(destruction, &copies[i]));
    return NULL;
}
