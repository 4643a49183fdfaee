/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/restore.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/shares.h"
#include "ceremony/ledger/known.h"

#define WRONG_MAX   20U
#define SHARE_WORDS 33U

struct error *
restore_begin(struct restore *restore)
{
    restore->bags = json_array();
    restore->shares = json_array();
    return restore->bags == NULL || restore->shares == NULL ? error_memory() : NULL;
}

void
restore_clear(struct restore *restore)
{
    secret_free(restore->kek);
    secret_free(restore->pin);
    json_decref(restore->bags);
    json_decref(restore->shares);
    bytes_clear(&restore->blob);
}

/* The form is sealed again at once, by its holder; the numbers are part of the confidential value. */
static struct error *
ask_new_bag(struct engine *engine, struct restore *restore, size_t n)
{
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *bag = NULL;
    TRY(text_format(&name, "%zu.bag", n));
    TRY(ask_text(engine, name,
                 "The form goes into a new numbered bag, sealed by its\n"
                 "holder before anything else is done.",
                 "Number of the new bag", "a custodian", &bag));
    return json_array_append_new(restore->bags, json_string(bag)) == 0 ? NULL : error_memory();
}

/* A set that was replaced opens nothing any more; to mix it in would only confuse (R84). */
static struct error *
refuse_void_set(struct engine *engine, const struct restore *restore, unsigned set)
{
    char state[KNOWN_TEXT_MAX];
    TRY(known_share_set(engine->ledger, restore->key->spki_sha256, set, state));
    if (strcmp(state, "void") != 0)
        return NULL;
    return error_hint(
        ERROR(ERROR_ANSWER, "this share is of the set %u, which was replaced by another one",
              set),
        "Type the share of the newer set: look at the date on the form and at the bag's number.");
}

/* Which share it was, and its new bag. */
static struct error *
take_note(struct engine *engine, struct restore *restore, const struct slip39_info *info,
          size_t n)
{
    if (json_array_append_new(restore->shares,
                              json_pack("{s:i,s:i}", "group", (int)info->group_index + 1,
                                        "share", (int)info->member_index + 1))
        != 0)
        return error_memory();
    return ask_new_bag(engine, restore, n);
}

/* One share, asked until it is taken. */
static struct error *
ask_share(struct engine *engine, struct restore *restore, struct slip39_collector *collector,
          size_t n)
{
    AUTO_FREE char *call = NULL;
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *body = NULL;
    AUTO_FREE char *warning = NULL;
    TRY(text_format(&call, "%zu.alone", n));
    TRY(text_format(&name, "%zu.share", n));
    TRY(text_format(&body, "Share number %zu of this proof: type it from your form.", n));
    TRY(ask_tell(engine, call,
                 "A custodian whose share has not been typed yet opens\n"
                 "the bag, and comes to the screen, alone, with the form.\n"
                 "Everyone else turns away. All tokens are logged out.",
                 "a custodian"));
    TRY(text_copy("", &warning));
    for (;;) {
        AUTO(secret) typed = NULL;
        struct slip39_share *share = NULL;
        TRY(ask_words(engine, name, body, "", "a custodian", warning, &slip39_word_list,
                      SHARE_WORDS, &typed));
        struct slip39_info info = {0};
        struct error *error = slip39_share_parse(typed, &share);
        if (error == NULL) {
            info = slip39_share_info(share);
            error = refuse_void_set(engine, restore, info.id);
            if (error != NULL)
                slip39_share_free(share);
            else
                error = slip39_collector_add(collector, share);
        }
        if (error == NULL)
            return take_note(engine, restore, &info, n);
        if (!error_may_retry(error) || ++restore->wrong >= WRONG_MAX)
            return error;
        free(TAKE(warning));
        warning = error_format_plain(error);
        error_free(error);
        if (warning == NULL)
            return error_memory();
    }
}

struct error *
restore_collect(struct engine *engine, struct restore *restore)
{
    AUTO(slip39_collector) collector = NULL;
    TRY(tokens_logout_all(engine));
    TRY(slip39_collector_new(&collector));
    for (size_t n = 1; !slip39_collector_is_complete(collector); n++)
        TRY(ask_share(engine, restore, collector, n));
    TRY(slip39_combine(collector, NULL, &restore->kek));
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
    return engine_commit(engine, "restore",
                         json_pack("{s:i,s:O,s:O}", "wrong_entries", (int)restore->wrong,
                                   "new_bags", restore->bags, "shares", restore->shares),
                         ret_commitment);
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
