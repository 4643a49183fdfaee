/* SPDX-License-Identifier: Apache-2.0
 *
 * A public key's fingerprint, confirmed by witnesses who type words chosen at random; and possession
 * shown on its own. (R15, R30, R31) */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/random.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/inventory.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/pki/show.h"

#define WORDS_PER_GROUP 4U

static struct error *
ask_source(struct engine *engine, const char *body, size_t n, const char *who,
           char **ret_source)
{
    static const struct prompt_choice sources[] = {
        {"second-screen", "a second screen (ceremony watch)"},
        {"printout",      "a printout made in this room"    },
        {"own-notes",     "own notes, taken by ear"         },
    };
    AUTO_FREE char *name = NULL;
    TRY(text_format(&name, "%zu.source", n));
    return ask_choose(engine, name, body, "Where do you read your own copy?", who, sources,
                      sizeof sources / sizeof sources[0], ret_source);
}

/* `count` different places of the hash. */
static struct error *
choose_places(size_t count, uint32_t below, uint32_t *ret_places)
{
    for (size_t i = 0; i < count;) {
        bool used = false;
        TRY(random_below(below, &ret_places[i]));
        for (size_t before = 0; before < i; before++)
            used = used || ret_places[before] == ret_places[i];
        i += used ? 0 : 1;
    }
    return NULL;
}

#define WORDS_ASKED 2U /* where the script does not say */

static struct error *
witness_confirms(struct engine *engine, const unsigned char hash[32], const char *body,
                 size_t n, const char *spki_sha256)
{
    const char *who = people_name(engine, engine->step->performs, n - 1);
    AUTO_FREE char *actor = NULL;
    AUTO_FREE char *source = NULL;
    TRY(text_copy(who, &actor));
    TRY(ask_source(engine, body, n, actor, &source));
    uint32_t places[SCRIPT_WORDS_MAX];
    size_t count = engine->step->words == 0 ? WORDS_ASKED : engine->step->words;
    TRY(choose_places(count, 32, places));
    unsigned wrong_all = 0;
    for (size_t w = 0; w < count; w++) {
        AUTO_FREE char *name = NULL;
        AUTO_FREE char *question = NULL;
        unsigned wrong = 0;
        TRY(text_format(&name, "%zu.word-%zu", n, w + 1));
        TRY(text_format(&question, "Word %u of group %u", places[w] % WORDS_PER_GROUP + 1,
                        places[w] / WORDS_PER_GROUP + 1));
        TRY(ask_word(engine, name, body, question, actor,
                     words_pgp_word(hash[places[w]], places[w]), &wrong));
        wrong_all += wrong;
    }
    return engine_record(engine, TRANSCRIPT_CONFIRMATION, actor,
                         json_pack("{s:s,s:s,s:s,s:s,s:i,s:i}", "prompt", "fingerprint",
                                   "answer", "equal", "source", source, "spki_sha256",
                                   spki_sha256, "words", (int)count, "wrong", (int)wrong_all),
                         NULL);
}

struct error *
step_run_compare_fingerprint(struct engine *engine)
{
    struct state_key *key = NULL;
    unsigned char hash[32];
    AUTO_BYTES body = {0};
    AUTO_BYTES groups = {0};
    TRY(key_of_step(engine, engine->step->of, &key));
    TRY(hex_decode(key->spki_sha256, hash, sizeof hash));
    TRY(pki_show_fingerprint(hash, sizeof hash, &groups));
    TRY(bytes_format(&body, "SHA-256 of the public key\n%s", bytes_text(&groups)));
    size_t people = engine->step->people > 0 ? engine->step->people : 1;
    size_t there = roster_present(&engine->site->roster, engine->step->performs, NULL, 0);
    if (there < people)
        return ERROR(ERROR_REFUSED, "%zu of role \"%s\" must confirm, but %zu are in the room",
                     people, engine->step->performs, there);
    for (size_t n = 1; n <= people; n++)
        TRY(witness_confirms(engine, hash, bytes_text(&body), n, key->spki_sha256));
    return NULL;
}

struct error *
step_run_prove_possession(struct engine *engine)
{
    struct state_key *key = NULL;
    struct engine_token *token = NULL;
    TRY(key_of_step(engine, engine->step->key, &key));
    TRY(tokens_get(engine, key->token, &token));
    TRY(tokens_login_user(engine, token));
    TRY(key_prove_possession(engine, token, key, key->id_hex));
    TRY(inventory_take(engine, token, "with the new key"));
    return ask_tell(engine, "proven",
                    "The key signed a challenge of this ceremony.\n"
                    "The signature was checked in software with the\n"
                    "public key that the witnesses confirmed: it is right.",
                    NULL);
}
