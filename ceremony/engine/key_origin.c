/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/key_origin.h"

#include <string.h>

#include "ceremony/engine/keys.h"
#include "ceremony/engine/recipient_read.h"
#include "ceremony/engine/shares.h"
#include "ceremony/ledger/known.h"
#include "transcripts/digest.h"

void
key_origin_clear(struct key_origin *origin)
{
    bytes_clear(&origin->recipient);
    secret_free(origin->pool);
    origin->pool = NULL;
    seeds_file_clear(&origin->seeds_file);
    seeds_list_free(origin->seeds);
    origin->seeds = NULL;
}

bool
key_origin_wraps(const struct key_origin *origin)
{
    return key_origin_made_here(origin) && !origin->row->derived;
}

struct error *
key_origin_fits(const struct script_step *step)
{
    const struct derivation *derivation = derivation_find(step->derivation);
    if (step->derivation[0] == '\0' || derivation->makes(key_kind_by_type(step->device_key)))
        return NULL;
    return ERROR(ERROR_INPUT, "the derivation '%s' makes no keys of the type '%s'",
                 step->derivation, step->device_key);
}

bool
key_origin_made_here(const struct key_origin *origin)
{
    return origin->row != NULL && origin->row->made_here;
}

static struct error *
read_recipient(struct engine *engine, struct key_origin *origin)
{
    if (site_input(engine->site, origin->step->recipient) == NULL)
        return error_hint(ERROR(ERROR_INPUT, "environment.yaml names no input \"%s\"",
                                origin->step->recipient),
                          "Name the file with the recipient's certificate there.");
    TRY_DOING(recipient_read_ask(engine, origin->step->recipient, &origin->recipient),
              "reading the certificate that keys are wrapped for");
    return digest_sha256_text(origin->recipient.data, origin->recipient.len,
                              origin->recipient_sha256);
}

static struct error *
open_derived(struct engine *engine, struct key_origin *origin)
{
    TRY(key_origin_fits(origin->step));
    TRY(key_of_step(engine, origin->step->seed_key, &origin->seed_key));
    if (!origin->seed_key->decrypts)
        return ERROR(ERROR_BUG, "a list of seeds would be opened by a key that signs");
    TRY(seeds_file_read(engine, origin->seed_key, &origin->seeds_file));
    origin->keys = (struct device_keys){
        .kind = key_kind_by_type(origin->step->device_key),
        .derivation = derivation_find(origin->step->derivation),
    };
    return NULL;
}

struct error *
key_origin_open_seeds(struct engine *engine, struct key_origin *origin)
{
    if (origin->keys.derivation == NULL || origin->seeds != NULL)
        return NULL;
    TRY(seeds_open(engine, &origin->seeds_file, origin->seed_key, &origin->seeds));
    origin->keys.seeds = origin->seeds;
    return NULL;
}

struct error *
key_origin_open(struct engine *engine, struct key_origin *ret_origin)
{
    ret_origin->step = engine->step;
    ret_origin->row = key_origin_find(engine->step->origin);
    if (!key_origin_made_here(ret_origin))
        return NULL;
    if (ret_origin->row->derived)
        return open_derived(engine, ret_origin);
    TRY(read_recipient(engine, ret_origin));
    ret_origin->keys = (struct device_keys){
        .kind = key_kind_by_type(engine->step->device_key),
        .recipient = ret_origin->recipient.data,
        .recipient_len = ret_origin->recipient.len,
    };
    return NULL;
}

struct error *
key_origin_draw(struct key_origin *origin, struct p11_session *session)
{
    if (!key_origin_wraps(origin))
        return NULL;
    TRY(secret_new(DEVICE_KEY_POOL, &origin->pool));
    TRY(shares_mixed_random(session, "ceremony device keys", secret_borrow(origin->pool),
                            DEVICE_KEY_POOL));
    origin->keys.pool = origin->pool;
    return NULL;
}

/* --- told --- */

static struct error *
put(struct bytes *body, const char *what, const char *value)
{
    return value[0] == '\0' ? NULL : bytes_format(body, "%-12s %s\n", what, value);
}

struct error *
key_origin_text(const struct key_origin *origin, struct bytes *body)
{
    const struct script_step *step = origin->step;
    if (origin->row == NULL)
        return NULL;
    TRY(bytes_format(body, "\nKeys made    %s (%s)\n", origin->row->describe,
                     origin->row->name));
    TRY(put(body, "Transfer", step->transfer));
    TRY(put(body, "Line", step->line));
    TRY(put(body, "Shift", step->shift));
    TRY(put(body, "Operators", step->operators));
    if (!origin->row->made_here)
        return NULL;
    if (origin->row->derived)
        return bytes_format(body,
                            "Key type     %s\nFrom seeds   %s\n"
                            "Their list   the file with the SHA-256\n"
                            "             %.32s\n             %s\n",
                            origin->keys.kind->describe, origin->keys.derivation->describe,
                            origin->seeds_file.sha256, origin->seeds_file.sha256 + 32);
    return bytes_format(body,
                        "Key type     %s\nWrapped for  the certificate with the SHA-256\n"
                        "             %.32s\n             %s\n",
                        origin->keys.kind->describe, origin->recipient_sha256,
                        origin->recipient_sha256 + 32);
}

static bool
add_derived(const struct key_origin *origin, json_t *object)
{
    const char *const members[][2] = {
        {"key",             origin->step->device_key     },
        {"derivation",      origin->step->derivation     },
        {"seed_key_sha256", origin->seed_key->spki_sha256},
        {"seeds_sha256",    origin->seeds_file.sha256    },
    };
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
        if (json_object_set_new(object, members[i][0], json_string(members[i][1])) != 0)
            return false;
    return true;
}

json_t *
key_origin_json(const struct key_origin *origin)
{
    const struct script_step *step = origin->step;
    if (origin->row == NULL)
        return json_object();
    json_t *object = json_pack("{s:s,s:s,s:s,s:s,s:s}", "method", origin->row->name, "transfer",
                               step->transfer, "line", step->line, "shift", step->shift,
                               "operators", step->operators);
    if (object != NULL && origin->row->derived && !add_derived(origin, object)) {
        json_decref(object);
        return NULL;
    }
    if (object != NULL && key_origin_wraps(origin)
        && (json_object_set_new(object, "key", json_string(step->device_key)) != 0
            || json_object_set_new(object, "recipient_sha256",
                                   json_string(origin->recipient_sha256))
                   != 0)) {
        json_decref(object);
        return NULL;
    }
    return object;
}

struct error *
key_origin_enter(struct engine *engine, const struct key_origin *origin, const char *batch)
{
    AUTO_FREE char *text = NULL;
    bool known = false;
    if (origin->row == NULL)
        return NULL;
    const struct script_step *step = origin->step;
    const struct key_origin_said said = {batch,      origin->row->name, step->transfer,
                                         step->line, step->shift,       step->operators};
    TRY(key_origin_entry(&said, &text));
    TRY(known_custody(engine->ledger, engine->state.ceremony_id, KEY_ORIGIN_ENTRY, text,
                      &known));
    if (known)
        return NULL; /* before an interruption */
    return ledger_custody(engine->ledger, engine->state.ceremony_id, KEY_ORIGIN_ENTRY, text);
}
