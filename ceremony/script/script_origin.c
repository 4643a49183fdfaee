/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the keys of a batch come from, as a step declares it (R71): what belongs to which origin. */
#include <string.h>

#include "ceremony/rules/key_origin.h"
#include "ceremony/script/script_check.h"

/* Which fields a batch has, and must have, by where its keys come from. */
static struct error *
check_fields(struct script_view *view, const struct script_step *step,
             const struct key_origin_row *origin)
{
    bool made_here = origin != NULL && origin->made_here;
    bool derived = origin != NULL && origin->derived;

    const struct {
        const char *name;
        const char *text;
        bool wanted;
    } fields[] = {
        {"device-key", step->device_key, made_here            },
        {"recipient",  step->recipient,  made_here && !derived},
        {"derivation", step->derivation, derived              },
        {"seed-key",   step->seed_key,   derived              },
    };

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        bool given = fields[i].text[0] != '\0';
        if (fields[i].wanted && !given)
            TRY(script_fault(view, step->origin, "step '%s' %s the keys and needs '%s'",
                             step->id, derived ? "derives" : "makes", fields[i].name));
        if (!fields[i].wanted && given)
            TRY(script_fault(view, fields[i].text, "step '%s' %s and takes no '%s'", step->id,
                             !made_here ? "makes no keys"
                             : derived  ? "wraps no keys"
                                        : "derives no keys",
                             fields[i].name));
    }
    return NULL;
}

static struct error *
check_key(struct script_view *view, const struct script_step *step,
          const struct pki_profile *profile)
{
    const struct pki_texts *keys = &profile->certificate.keys;
    bool fits = keys->count == 0 || step->device_key[0] == '\0';
    for (size_t i = 0; i < keys->count; i++)
        fits = fits || strcmp(keys->items[i], step->device_key) == 0;
    if (!fits)
        return script_fault(view, step->device_key, "the profile '%s' has no keys of type '%s'",
                            step->profile, step->device_key);
    for (size_t i = 0; i < profile->certificate.fields.count; i++)
        if (profile->certificate.fields.items[i].source == PKI_FROM_REQUEST)
            return script_fault(
                view, step->profile,
                "the profile '%s' takes the field '%s' from a request, and step "
                "'%s' has none",
                step->profile, profile->certificate.fields.items[i].name, step->id);
    return NULL;
}

struct error *
script_check_origin(struct script_view *view, const struct script_step *step)
{
    const struct pki_profile *profile = script_profile(view->script, step->profile);
    const struct key_origin_row *origin = key_origin_find(step->origin);
    if (step->kind != STEP_SIGN_REQUESTS || profile == NULL)
        return NULL;
    if (profile->role == PKI_ROLE_IDEVID && step->origin[0] == '\0')
        return script_fault(view, step->id,
                            "step '%s' signs first identities of devices and needs 'origin'",
                            step->id);
    TRY(check_fields(view, step, origin));
    return origin != NULL && origin->made_here ? check_key(view, step, profile) : NULL;
}
