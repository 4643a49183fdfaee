/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/restore.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/lost.h"
#include "ceremony/engine/shares.h"
#include "ceremony/ledger/known.h"

#define SHARE_WORDS 33U

/* A set that was replaced opens nothing any more; to mix it in would only confuse (R84). */
static struct error *
refuse_void_set(struct engine *engine, void *self, unsigned set)
{
    const struct restore *restore = self;
    char state[KNOWN_TEXT_MAX];
    TRY(known_share_set(engine->ledger, restore->key->spki_sha256, set, state));
    if (strcmp(state, "void") != 0)
        return NULL;
    return error_hint(
        ERROR(ERROR_ANSWER, "this share is of the set %u, which was replaced by another one",
              set),
        "Type the share of the newer set: look at the date on the form and at the bag's number.");
}

struct error *
restore_begin(struct restore *restore)
{
    restore->entry = (struct share_entry){.prefix = "",
                                          .what = "of this proof",
                                          .words = SHARE_WORDS,
                                          .accept = refuse_void_set,
                                          .self = restore};
    return share_entry_begin(&restore->entry);
}

void
restore_clear(struct restore *restore)
{
    secret_free(restore->kek);
    secret_free(restore->pin);
    share_entry_clear(&restore->entry);
    bytes_clear(&restore->blob);
}

struct error *
restore_collect(struct engine *engine, struct restore *restore)
{
    TRY(share_entry_collect(engine, &restore->entry, &restore->kek));
    if (shares_kcv_matches(restore->kek, restore->kcv))
        return NULL;
    return error_hint(
        ERROR(ERROR_REFUSED, "the shares give another key than the one recorded"),
        "They are whole, but of another set. Look at the numbers of the bags, then "
        "resume.");
}

struct error *
restore_commit(struct engine *engine, const struct restore *restore,
               char ret_commitment[DIGEST_SHA256_TEXT])
{
    return share_entry_commit(engine, &restore->entry, "restore", ret_commitment);
}

static bool
is_unkept(struct p11_session *session, struct p11_key_plan *plan)
{
    struct error *error = p11_key_unkept(session, &plan->unkept);
    bool proven = error == NULL && plan->unkept != 0;
    error_free(error); /* then the first one is told */
    return proven;
}

static struct error *
unwrap(struct engine *engine, struct restore *restore)
{
    struct p11_session *session = NULL;
    struct p11_wrap_method method;
    unsigned long kek = 0;
    TRY(tokens_session(engine, restore->token, &session));
    TRY(p11_key_name_free(session, restore->plan.label, restore->plan.id,
                          restore->plan.id_len));
    TRY(p11_wrap_probe(session, &method));
    TRY(p11_kek_import_unwrap(session, restore->kek, &kek));
    struct error *error =
        p11_key_unwrap(session, &method, kek, restore->blob.data, restore->blob.len,
                       &restore->plan, restore->key->spki.data, restore->key->spki.len, true);
    /* Opened, but not stored: is there an attribute that this token has no place for? */
    if (error != NULL && error_code(error) == ERROR_VERIFICATION
        && is_unkept(session, &restore->plan)) {
        error_free(error);
        error = p11_key_unwrap(session, &method, kek, restore->blob.data, restore->blob.len,
                               &restore->plan, restore->key->spki.data, restore->key->spki.len,
                               true);
    }
    struct error *second = p11_kek_destroy(session, kek);
    if (error == NULL)
        return second;
    error_free(second);
    return error;
}

struct error *
restore_key_and_sign(struct engine *engine, struct restore *restore)
{
    working_begin(engine, "The token takes the key in.", "usually a second or two");
    struct error *error = unwrap(engine, restore);
    secret_free(TAKE(restore->kek)); /* people may be asked from here on */
    if (error == NULL)
        error = tokens_reopen(engine, restore->token);
    working_end(engine);
    TRY(error);
    TRY(tokens_login_with(engine, restore->token, P11_USER, restore->pin));
    TRY(key_check_attributes(engine, restore->token, restore->key->name, &restore->plan,
                             KEY_NEW));
    return key_prove_possession(engine, restore->token, restore->key, restore->key->id_hex);
}

static struct error *
tell_copy(struct engine *engine, const struct state_key *key)
{
    struct engine_token *token = NULL;
    TRY(tokens_get(engine, key->token, &token));
    return key_copy_in_ledger(engine, token, key, "restored", "present");
}

struct error *
restore_tell_ledger(struct engine *engine)
{
    for (size_t i = 0; i < engine->state.key_count; i++) {
        const struct state_key *key = &engine->state.keys[i];
        if (key->restored && !key->destroyed && !lost_given_up(engine, key->token))
            TRY(lost_accept(engine, key->token, tell_copy(engine, key)));
    }
    return NULL;
}
