/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/token_head.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/token_paper.h"
#include "ceremony/ledger/known.h"

#define CUSTODY_KIND "ceremony-head"
#define VALUE_MAX    400
/* Version, counter, ceremony, head of the ledger, head of the transcript. */
#define HEAD_FORM "1 %" PRIu64 " %s %s %s\n"
#define PARTS     5U

struct head {
    uint64_t counter;
    char ceremony[KNOWN_TEXT_MAX];
    char ledger[65];     /* hash of the entry that announced it */
    char transcript[65]; /* head of the transcript when it was written */
};

bool
token_head_is(const struct p11_object *object)
{
    return object->class == P11_DATA && strcmp(object->label, TOKEN_HEAD_LABEL) == 0;
}

/* --- on the token --- */

static bool
is_hash(const char *text)
{
    return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

static bool
parse(const struct bytes *value, struct head *ret_head)
{
    char text[VALUE_MAX + 1];
    char again[VALUE_MAX + 1];
    char *words[PARTS + 1];
    struct head head = {0};
    if (value->len == 0 || value->len > VALUE_MAX
        || memchr(value->data, '\0', value->len) != NULL)
        return false;
    memcpy(text, value->data, value->len);
    text[value->len] = '\0';
    if (text_split_words(text, words, PARTS + 1) != PARTS
        || strlen(words[2]) >= sizeof head.ceremony || !is_hash(words[3]) || !is_hash(words[4]))
        return false;
    head.counter = strtoull(words[1], NULL, 10);
    memcpy(head.ceremony, words[2], strlen(words[2]) + 1);
    memcpy(head.ledger, words[3], sizeof head.ledger);
    memcpy(head.transcript, words[4], sizeof head.transcript);
    /* Nothing but what we would have written ourselves. */
    int len = snprintf(again, sizeof again, HEAD_FORM, head.counter, head.ceremony, head.ledger,
                       head.transcript);
    if (len < 0 || (size_t)len != value->len || memcmp(again, value->data, value->len) != 0)
        return false;
    *ret_head = head;
    return true;
}

/* Of several (an interruption between the new one and the end of the old) the higher counter counts.
 * `ret_count`: how many objects bear the label, readable or not. */
static struct error *
read_newest(struct p11_session *session, struct head *ret_head, bool *ret_found,
            size_t *ret_count)
{
    AUTO_FREE struct p11_object *objects = NULL;
    TRY(p11_objects_find(session, P11_DATA, NULL, 0, TOKEN_HEAD_LABEL, &objects, ret_count));
    *ret_found = false;
    for (size_t i = 0; i < *ret_count; i++) {
        AUTO_BYTES value = {0};
        struct head head;
        TRY(p11_data_read(session, objects[i].handle, &value));
        if (!parse(&value, &head) || (*ret_found && head.counter <= ret_head->counter))
            continue;
        *ret_head = head;
        *ret_found = true;
    }
    return NULL;
}

/* --- at the opening --- */

static struct error *
refuse_unknown(const struct engine_token *token, const struct head *head)
{
    return error_hint(
        ERROR(ERROR_REFUSED,
              "token \"%s\" bears the mark of the ceremony \"%s\", which the ledger of this "
              "site folder does not know",
              token->site->name, head->ceremony),
        "The ledger is an older one, a copy that was not the one in use, or another's. Abort, "
        "bring the ledger of that ceremony, and begin again. Nothing was signed.");
}

/* What the ledger says should be there, if that is not what is there; NULL: as it should be. */
static const char *
difference(const struct engine *engine, const struct known_head *announced,
           const struct head *found)
{
    if (announced->counter == 0 || strcmp(announced->ceremony, engine->state.ceremony_id) == 0)
        return NULL; /* never announced; or in this very ceremony, which was interrupted */
    if (found == NULL)
        return "it bears no mark, although the ledger announced one for it";
    if (found->counter < announced->counter)
        return "its mark is older than the last one that the ledger announced for it";
    return NULL;
}

static struct error *
record_found(struct engine *engine, const struct engine_token *token,
             const struct known_head *announced, const struct head *found)
{
    const char *differs = difference(engine, announced, found);
    TRY(engine_fact(engine, "ceremony-head",
                    json_pack("{s:s,s:I,s:I,s:s,s:s}", "token", token->site->name, "counter",
                              (json_int_t)(found == NULL ? 0 : found->counter), "announced",
                              (json_int_t)announced->counter, "ceremony",
                              found == NULL ? "" : found->ceremony, "ledger",
                              found == NULL ? "" : found->ledger)));
    if (differs == NULL)
        return NULL;
    AUTO_FREE char *observed = NULL;
    bool compared = false;
    if (found == NULL)
        TRY(token_paper_compare(engine, token, announced, &compared));
    TRY(text_format(&observed, "token \"%s\": %s", token->site->name, differs));
    return exception_note(engine, "the token's mark is the last that the ledger announced",
                          observed,
                          compared ? "the paper of the last ceremony has the words that the "
                                     "ledger has of it: the ledger is not older"
                                   : "noted: writing it was interrupted, or the token was put "
                                     "back to an older state; the ledger decides");
}

struct error *
token_head_check(struct engine *engine, struct engine_token *token)
{
    struct p11_session *session = NULL;
    struct p11_token_info info;
    struct known_head announced;
    struct head head = {0};
    unsigned char hash[32];
    bool found = false;
    size_t count = 0;
    uint64_t seq = 0;
    if (token->head_checked)
        return NULL;
    TRY(tokens_info(engine, token, &info));
    TRY(known_head_of(engine->ledger, info.serial, &announced));
    TRY(tokens_session(engine, token, &session));
    TRY_DOING(read_newest(session, &head, &found, &count), "reading the mark on token \"%s\"",
              token->site->name);
    if (found) {
        TRY(hex_decode(head.ledger, hash, sizeof hash));
        TRY(ledger_find_head(engine->ledger, hash, &seq));
        if (seq == 0)
            return refuse_unknown(token, &head);
    }
    if (found || count > 0 || announced.counter > 0)
        TRY(record_found(engine, token, &announced, found ? &head : NULL));
    token->head_checked = true;
    return NULL;
}

/* --- at the last look --- */

bool
token_head_is_due(const struct engine *engine, const struct engine_token *token)
{
    bool after = false;
    for (size_t a = 0; a < engine->script->act_count; a++)
        for (size_t s = 0; s < engine->script->acts[a].step_count; s++) {
            const struct script_step *step = &engine->script->acts[a].steps[s];
            if (after && step->kind == STEP_CHECK_TOKEN
                && strcmp(step->token, token->site->name) == 0)
                return false;
            after = after || step == engine->step;
        }
    return after;
}

static struct error *
holds_key(struct engine *engine, const char *serial, bool *ret_holds)
{
    AUTO_FREE struct known_key *keys = NULL;
    size_t count = 0;
    TRY(known_keys(engine->ledger, &keys, &count));
    *ret_holds = false;
    for (size_t i = 0; i < count; i++) {
        AUTO_FREE struct known_copy *copies = NULL;
        size_t copy_count = 0;
        TRY(known_copies(engine->ledger, keys[i].spki_sha256, &copies, &copy_count));
        for (size_t c = 0; c < copy_count; c++)
            *ret_holds = *ret_holds
                         || (strcmp(copies[c].serial, serial) == 0
                             && strcmp(copies[c].state, "present") == 0);
    }
    return NULL;
}

/* The entry is durable before the token says it: a token is never ahead of the ledger. */
static struct error *
announce(struct engine *engine, const char *serial, struct head *ret_head)
{
    AUTO_FREE char *text = NULL;
    struct known_head last;
    unsigned char hash[32];
    uint64_t entries = 0;
    TRY(known_head_of(engine->ledger, serial, &last));
    ret_head->counter = last.counter + 1;
    TRY(text_format(&text, "%s %" PRIu64, serial, ret_head->counter));
    TRY(ledger_custody(engine->ledger, engine->state.ceremony_id, CUSTODY_KIND, text));
    ledger_head(engine->ledger, hash, &entries);
    hex_encode(hash, sizeof hash, ret_head->ledger);
    transcript_head(engine->transcript, hash);
    hex_encode(hash, sizeof hash, ret_head->transcript);
    (void)snprintf(ret_head->ceremony, sizeof ret_head->ceremony, "%.*s", KNOWN_TEXT_MAX - 1,
                   engine->state.ceremony_id);
    return NULL;
}

/* A value cannot be changed: the new object first, flushed, then the end of the old ones. */
static struct error *
replace(struct engine *engine, struct engine_token *token, const struct head *head)
{
    AUTO_FREE char *text = NULL;
    AUTO_FREE struct p11_object *old = NULL;
    struct p11_session *session = NULL;
    size_t count = 0;
    TRY(tokens_session(engine, token, &session));
    TRY(p11_objects_find(session, P11_DATA, NULL, 0, TOKEN_HEAD_LABEL, &old, &count));
    TRY(text_format(&text, HEAD_FORM, head->counter, head->ceremony, head->ledger,
                    head->transcript));
    TRY(p11_data_create(session, TOKEN_HEAD_LABEL, text, strlen(text)));
    TRY(tokens_flush(engine));
    for (size_t i = 0; i < count; i++)
        TRY(p11_object_destroy(session, old[i].handle));
    return NULL;
}

/* A token that cannot keep it signs as before; only its mark is missing, and the next opening will say so.
 * One that is gone, and a disk that fails, stop the step as they would anywhere. */
static struct error *
accept_failure(struct engine *engine, const struct engine_token *token, uint64_t intent,
               struct error *error)
{
    AUTO_FREE char *observed = NULL;
    bool cannot = error_code(error) == ERROR_TOKEN || error_code(error) == ERROR_UNSUPPORTED;
    struct error *second = text_format(&observed, "token \"%s\" did not take it: %s",
                                       token->site->name, error_what(error));
    uint64_t records = engine->state.intent_count;
    error = engine_result_failed(engine, intent, error);
    if (second != NULL || !cannot || engine->state.intent_count == records) {
        error_free(second);
        return error; /* the last: the result could not be recorded */
    }
    error_free(error);
    return exception_note(engine, "the token bears the mark of this ceremony", observed,
                          "the ceremony goes on: the next one compares the ledger with the "
                          "paper of this one");
}

struct error *
token_head_write(struct engine *engine, struct engine_token *token)
{
    struct p11_token_info info;
    struct head head = {0};
    uint64_t intent = 0;
    bool holds = false;
    TRY(tokens_info(engine, token, &info));
    TRY(holds_key(engine, info.serial, &holds));
    if (!holds)
        return NULL;
    TRY(announce(engine, info.serial, &head));
    TRY(engine_intent(engine, "write-head",
                      json_pack("{s:s,s:I,s:s}", "token", token->site->name, "counter",
                                (json_int_t)head.counter, "ledger", head.ledger),
                      &intent));
    struct error *error = replace(engine, token, &head);
    if (error != NULL)
        return accept_failure(engine, token, intent, error);
    return engine_result(engine, intent, "done",
                         json_pack("{s:s,s:I,s:s}", "token", token->site->name, "counter",
                                   (json_int_t)head.counter, "ledger", head.ledger));
}
