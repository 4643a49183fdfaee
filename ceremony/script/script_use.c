/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys that decrypt: what they may be, and that no step lets one sign. Keys that want a PIN for each signature, and
 * the one step that has no time for that. */
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/script/script_check.h"

static struct error *
check_declared(struct script_view *view, const struct script_key *key)
{
    if (key->use != USE_DECRYPT)
        return NULL;
    if (!text_starts_with(key->type, "rsa-")
        && !(key->made == MADE_EARLIER && strcmp(key->type, SCRIPT_TYPE_AS_MADE) == 0))
        TRY(script_fault(view, key->type, "the key '%s' decrypts, and only RSA keys do",
                         key->id));
    if (key->backup != BACKUP_NONE)
        TRY(script_fault(view, key->id,
                         "the key '%s' decrypts, and has no backup: who lost it has the list "
                         "encrypted again",
                         key->id));
    if (key->pin == PIN_EACH_SIGNATURE)
        TRY(script_fault(view, key->id,
                         "the key '%s' decrypts, and makes no signature that wants a PIN",
                         key->id));
    if (key->made == MADE_ELSEWHERE)
        TRY(script_fault(view, key->id,
                         "the key '%s' was made elsewhere, so nothing is decrypted with it",
                         key->id));
    return NULL;
}

/* Steps in which the key of `key:` signs nothing; any other lets it sign. */
static bool
is_no_signature(enum step_kind kind)
{
    static const enum step_kind kinds[] = {STEP_GENERATE_KEY, STEP_FIND_KEY,
                                           STEP_PROVE_POSSESSION, STEP_DESTROY_KEY};

    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (kinds[i] == kind)
            return true;
    return false;
}

static struct error *
check_signs(struct script_view *view, const struct script_step *step)
{
    const struct script_key *key = script_key(view->script, step->key);
    const struct pki_profile *profile = NULL;
    for (size_t i = 0; i < step->crls.count; i++)
        if (script_crl(view->script, step, i, &key, &profile) && key->use == USE_DECRYPT)
            return script_fault(view, step->crls.items[i],
                                "step '%s' signs with the key '%s', which decrypts", step->id,
                                key->id);
    key = script_key(view->script, step->key);
    if (key != NULL && key->pin == PIN_EACH_SIGNATURE && step->kind == STEP_SIGN_REQUESTS)
        TRY(script_fault(
            view, step->key,
            "step '%s' signs many at once, and the key '%s' wants its PIN for each "
            "signature",
            step->id, step->key));
    if (key == NULL || key->use != USE_DECRYPT || is_no_signature(step->kind))
        return NULL;
    return script_fault(view, step->key, "step '%s' signs with the key '%s', which decrypts",
                        step->id, step->key);
}

/* The key that opens the list of seeds: found on its token before. */
static struct error *
check_opener(struct script_view *view, size_t index)
{
    const struct script_step *step = view->steps[index];
    const struct script_key *key = script_key(view->script, step->seed_key);
    bool found = false;
    if (key == NULL)
        return NULL;
    if (key->use != USE_DECRYPT)
        return script_fault(view, step->seed_key,
                            "step '%s' decrypts with the key '%s', which "
                            "is not for that: it needs 'use: decrypt'",
                            step->id, step->seed_key);
    for (size_t i = 0; i < index; i++)
        found = found
                || (view->steps[i]->kind == STEP_FIND_KEY
                    && strcmp(view->steps[i]->key, step->seed_key) == 0);
    if (found)
        return NULL;
    return script_fault(view, step->seed_key,
                        "step '%s' uses the key '%s' before a step finds it", step->id,
                        step->seed_key);
}

struct error *
script_check_use(struct script_view *view)
{
    for (size_t i = 0; i < view->script->key_count; i++)
        TRY(check_declared(view, &view->script->keys[i]));
    for (size_t i = 0; i < view->step_count; i++) {
        TRY(check_signs(view, view->steps[i]));
        TRY(check_opener(view, i));
    }
    return NULL;
}
