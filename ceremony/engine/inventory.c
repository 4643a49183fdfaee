/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/inventory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/changes.h"
#include "ceremony/engine/token_head.h"
#include "ceremony/ledger/known.h"
#include "p11/object.h"

#define LABEL_SAID 60 /* octets of a label, which others choose, in a record */

static bool
belongs_here(const struct state_key *key, const char *token)
{
    return !key->destroyed
           && (strcmp(key->token, token) == 0 || strcmp(key->copy_token, token) == 0);
}

/* Ids of the keys whose copies the ledger knows on a token. */
struct earlier_keys {
    char (*ids)[KNOWN_TEXT_MAX];
    size_t count;
};

static void
earlier_clear(struct earlier_keys *earlier)
{
    free(earlier->ids);
}

#define AUTO_EARLIER __attribute__((cleanup(earlier_clear))) struct earlier_keys

static struct error *
is_copy_on(struct engine *engine, const struct known_key *key, const char *serial,
           bool *ret_there)
{
    AUTO_FREE struct known_copy *copies = NULL;
    size_t count = 0;
    TRY(known_copies(engine->ledger, key->spki_sha256, &copies, &count));
    *ret_there = false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(copies[i].serial, serial) == 0 && strcmp(copies[i].state, "present") == 0)
            *ret_there = true;
    return NULL;
}

static struct error *
find_earlier(struct engine *engine, struct engine_token *token, struct earlier_keys *earlier)
{
    AUTO_FREE struct known_key *keys = NULL;
    size_t count = 0;
    struct p11_token_info info;
    TRY(tokens_info(engine, token, &info));
    TRY(known_keys(engine->ledger, &keys, &count));
    earlier->ids = calloc(count + 1, sizeof *earlier->ids);
    if (earlier->ids == NULL)
        return error_memory();
    for (size_t i = 0; i < count; i++) {
        bool there = false;
        TRY(is_copy_on(engine, &keys[i], info.serial, &there));
        if (there)
            (void)snprintf(earlier->ids[earlier->count++], KNOWN_TEXT_MAX, "%s",
                           keys[i].id_hex);
    }
    return NULL;
}

/* What the object is for, as far as this ceremony and the ledger know; NULL: unexplained. */
static const char *
explain(const struct engine *engine, const struct engine_token *token,
        const struct earlier_keys *earlier, const struct p11_object *object, const char *id_hex)
{
    const struct state *state = &engine->state;
    const char *name = token->site->name;
    bool pair = object->class == P11_PRIVATE_KEY || object->class == P11_PUBLIC_KEY;
    if (object->readable && token_head_is(object))
        return "mark of the ledger's head";
    if (!object->readable || !pair)
        return NULL;
    for (size_t i = 0; i < state->key_count; i++)
        if (belongs_here(&state->keys[i], name) && strcmp(state->keys[i].id_hex, id_hex) == 0)
            return strcmp(state->keys[i].token, name) == 0 ? "key of this ceremony"
                                                           : "restored copy of a key";
    if (state->recorder.made && strcmp(state->recorder.token, name) == 0
        && strcmp(state->recorder.id_hex, id_hex) == 0)
        return "recorder of this ceremony";
    for (size_t i = 0; i < earlier->count; i++)
        if (strcmp(earlier->ids[i], id_hex) == 0)
            return "key of an earlier ceremony";
    return NULL;
}

/* All objects of a token, and who looks at them. */
struct listing {
    struct p11_object *objects;
    size_t count;
    bool user; /* private objects are seen */
};

static void
listing_clear(struct listing *listing)
{
    free(listing->objects);
}

#define AUTO_LISTING __attribute__((cleanup(listing_clear))) struct listing

static struct error *
list_objects(struct engine *engine, struct engine_token *token, struct listing *listing,
             bool *ret_so)
{
    struct p11_session *session = NULL;
    TRY(tokens_session(engine, token, &session));
    TRY(p11_login_state(session, &listing->user, ret_so));
    TRY_DOING(p11_objects_list(session, &listing->objects, &listing->count),
              "listing the objects of token \"%s\"", token->site->name);
    return NULL;
}

static size_t
count_with_id(const struct listing *listing, const struct p11_object *like,
              enum p11_class class)
{
    size_t found = 0;
    for (size_t i = 0; i < listing->count; i++) {
        const struct p11_object *object = &listing->objects[i];
        found += object->readable && object->class == class && object->id_len == like->id_len
                 && memcmp(object->id, like->id, like->id_len) == 0;
    }
    return found;
}

/* Two with one id: nobody can tell which is meant, so neither is explained. */
static bool
is_double(const struct listing *listing, const struct p11_object *object)
{
    return object->readable && object->id_len > 0
           && count_with_id(listing, object, object->class) > 1;
}

static const char *
remark_on(const struct listing *listing, const struct p11_object *object)
{
    if (is_double(listing, object))
        return ", and another one with the same id";
    if (object->class == P11_PUBLIC_KEY && listing->user /* else private ones are not seen */
        && count_with_id(listing, object, P11_PRIVATE_KEY) == 0)
        return ", without its private key";
    for (size_t i = 0; i < listing->count; i++)
        if (&listing->objects[i] != object && listing->objects[i].class == object->class
            && strcmp(listing->objects[i].label, object->label) == 0)
            return ", and another one is called so, too";
    return "";
}

static struct error *
note_unexplained(struct engine *engine, const struct engine_token *token,
                 const struct listing *listing, const struct p11_object *object)
{
    AUTO_FREE char *observed = NULL;
    char id_hex[2 * P11_ID_MAX + 1];
    char label[LABEL_SAID + 1];
    hex_encode(object->id, object->id_len, id_hex);
    text_fit(object->label, label, sizeof label);
    if (!object->readable)
        TRY(text_format(&observed, "token \"%s\" holds an object that cannot be read",
                        token->site->name));
    else
        TRY(text_format(&observed, "token \"%s\" holds a %s labelled \"%s\"%s%.64s%s",
                        token->site->name, p11_class_name(object->class), label,
                        object->id_len > 0 ? ", id " : "", id_hex, remark_on(listing, object)));
    return exception_note(engine, "every object on the token is explained", observed,
                          "named here; it is not used");
}

static json_t *
object_row(const struct p11_object *object, const char *id_hex, const char *reason)
{
    char digest[65];
    hex_encode(object->digest, sizeof object->digest, digest);
    return json_pack("{s:s,s:s,s:s,s:s,s:b,s:s,s:s}", "class", p11_class_name(object->class),
                     "type", object->key_type, "label", object->label, "id", id_hex, "readable",
                     (int)object->readable, "digest", digest, "explained",
                     reason == NULL ? "no" : reason);
}

static const char *
reason_for(const struct engine *engine, const struct engine_token *token,
           const struct earlier_keys *earlier, const struct listing *listing,
           const struct p11_object *object, char id_hex[2 * P11_ID_MAX + 1])
{
    hex_encode(object->id, object->id_len, id_hex);
    return is_double(listing, object) ? NULL : explain(engine, token, earlier, object, id_hex);
}

struct error *
inventory_take(struct engine *engine, struct engine_token *token, const char *when)
{
    AUTO_LISTING listing = {0};
    AUTO_EARLIER earlier = {0};
    char id_hex[2 * P11_ID_MAX + 1];
    bool so = false;
    size_t unexplained = 0;
    TRY(find_earlier(engine, token, &earlier));
    TRY(list_objects(engine, token, &listing, &so));
    for (size_t i = 0; i < listing.count; i++) {
        const struct p11_object *object = &listing.objects[i];
        if (reason_for(engine, token, &earlier, &listing, object, id_hex) != NULL)
            continue;
        unexplained++;
        TRY(note_unexplained(engine, token, &listing, object));
    }
    json_t *rows = json_array();
    for (size_t i = 0; i < listing.count && rows != NULL; i++) {
        const struct p11_object *object = &listing.objects[i];
        const char *reason = reason_for(engine, token, &earlier, &listing, object, id_hex);
        (void)json_array_append_new(rows, object_row(object, id_hex, reason));
    }
    return engine_fact(engine, "inventory", /* last: an interruption takes it again */
                       json_pack("{s:s,s:s,s:s,s:i,s:o}", "token", token->site->name, "when",
                                 when, "seen_as",
                                 listing.user ? "user"
                                 : so         ? "SO"
                                              : "nobody",
                                 "unexplained", (int)unexplained, "objects", rows));
}

struct error *
inventory_show(struct engine *engine, struct engine_token *token, struct bytes *body)
{
    AUTO_LISTING listing = {0};
    AUTO_EARLIER earlier = {0};
    char id_hex[2 * P11_ID_MAX + 1];
    bool so = false;
    TRY(find_earlier(engine, token, &earlier));
    TRY(list_objects(engine, token, &listing, &so));
    TRY(bytes_format(body, "Objects       %zu\n", listing.count));
    for (size_t i = 0; i < listing.count; i++) {
        const struct p11_object *object = &listing.objects[i];
        const char *reason = reason_for(engine, token, &earlier, &listing, object, id_hex);
        if (!object->readable)
            TRY(bytes_append_text(body, "  object\n    NOT EXPLAINED, it cannot be read\n"));
        else
            TRY(bytes_format(body, "  %s \"%.32s\"\n    %s%s\n", p11_class_name(object->class),
                             object->label, reason == NULL ? "NOT EXPLAINED" : reason,
                             reason == NULL ? remark_on(&listing, object) : ""));
    }
    struct p11_token_info info;
    TRY(tokens_info(engine, token, &info));
    return changes_of_token(engine, info.serial, listing.objects, listing.count, body);
}

/* --- what an interruption left --- */

static struct error *
destroy_debris(struct engine *engine, struct engine_token *token, const struct listing *listing,
               const struct p11_object *object, const char *id_hex)
{
    uint64_t intent = 0;
    struct p11_session *session = NULL;
    TRY(tokens_session(engine, token, &session));
    TRY(note_unexplained(engine, token, listing, object));
    TRY(engine_intent(engine, "destroy-debris",
                      json_pack("{s:s,s:s,s:s,s:s}", "token", token->site->name, "class",
                                p11_class_name(object->class), "label", object->label, "id",
                                id_hex),
                      &intent));
    struct error *error = p11_object_destroy(session, object->handle);
    if (error != NULL)
        return engine_result_failed(engine, intent, error);
    return engine_result(
        engine, intent, "done",
        json_pack("{s:s,s:s}", "token", token->site->name, "absence", "proven by listing"));
}

/* SoftHSM's halves have neither id nor label. Anything else was put there by somebody: people decide. */
static struct error *
may_destroy(struct engine *engine, const struct engine_token *token,
            const struct listing *listing, const struct p11_object *object, bool *ret_destroy)
{
    *ret_destroy = true;
    if (!object->readable || (object->id_len == 0 && object->label[0] == '\0'))
        return NULL;
    AUTO_BYTES body = {0};
    TRY(bytes_format(&body,
                     "Token \"%s\" was blank when this ceremony began.\n"
                     "Now it holds a %s labelled \"%.40s\"\n"
                     "that this ceremony did not make.\n",
                     token->site->name, p11_class_name(object->class), object->label));
    TRY(ask_confirm(engine, "debris", bytes_text(&body), "Shall it be destroyed?",
                    people_name(engine, "administrator", 0), ret_destroy));
    return *ret_destroy ? NULL : note_unexplained(engine, token, listing, object);
}

struct error *
inventory_sweep(struct engine *engine, struct engine_token *token)
{
    AUTO_LISTING listing = {0};
    AUTO_EARLIER earlier = {0};
    bool so = false;
    TRY(tokens_login_user(engine, token));
    TRY(find_earlier(engine, token, &earlier));
    TRY(list_objects(engine, token, &listing, &so));
    for (size_t i = 0; i < listing.count; i++) {
        const struct p11_object *object = &listing.objects[i];
        char id_hex[2 * P11_ID_MAX + 1];
        hex_encode(object->id, object->id_len, id_hex);
        bool destroy = false;
        if (explain(engine, token, &earlier, object, id_hex) != NULL)
            continue;
        TRY(may_destroy(engine, token, &listing, object, &destroy));
        if (destroy)
            TRY(destroy_debris(engine, token, &listing, object, id_hex));
    }
    return NULL;
}
