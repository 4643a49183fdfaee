/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parts of a script must be together: names that exist, things that are made before they
 * are used, and the order that a root ceremony must have (nothing is certified before it can be
 * restored, nothing signs before it is locked). Missing names (already at fault) are passed over. */
#include "ceremony/script/script_check.h"

#include <string.h>

#include "ceremony/script/script_read.h"
#include "ceremony/script/step_fields.h"

#define NAMES_MAX 64

struct error *
script_fault(struct script_view *view, const char *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *said = NULL;
    int len = vasprintf(&said, format, arguments);
    va_end(arguments);
    if (len < 0)
        return error_memory();
    struct error *error =
        places_fault(view->script->places, view->faults, view->script->file, text, "%s", said);
    free(said);
    return error;
}

/* A name that must be one of `names`; empty ones are somebody else's fault. */
static struct error *
check_name(struct script_view *view, const char *name, const char *what,
           const char *const *names, size_t count)
{
    if (name[0] == '\0')
        return NULL;
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return NULL;
    AUTO_FREE char *advice = NULL;
    TRY(yaml_did_you_mean(name, names, count, &advice));
    return script_fault(view, name, "the script has no %s '%s'%s", what, name, advice);
}

static struct error *
check_role(struct script_view *view, const char *name)
{
    const char *names[ROSTER_ROLES_MAX];
    for (size_t i = 0; i < view->script->role_count; i++)
        names[i] = view->script->roles[i].id;
    return check_name(view, name, "role", names, view->script->role_count);
}

static struct error *
check_key_name(struct script_view *view, const char *name)
{
    const char *names[SCRIPT_KEYS_MAX];
    for (size_t i = 0; i < view->script->key_count; i++)
        names[i] = view->script->keys[i].id;
    return check_name(view, name, "key", names, view->script->key_count);
}

static struct error *
check_shares_name(struct script_view *view, const char *name)
{
    const char *names[NAMES_MAX];
    size_t count =
        view->script->share_count < NAMES_MAX ? view->script->share_count : NAMES_MAX;
    for (size_t i = 0; i < count; i++)
        names[i] = view->script->shares[i].id;
    return check_name(view, name, "share set", names, count);
}

static struct error *
check_profile_name(struct script_view *view, const char *name)
{
    const char *names[NAMES_MAX];
    size_t count =
        view->script->profile_count < NAMES_MAX ? view->script->profile_count : NAMES_MAX;
    for (size_t i = 0; i < count; i++)
        names[i] = view->script->profiles[i].id;
    return check_name(view, name, "profile", names, count);
}

static struct error *
check_roles(struct script_view *view)
{
    const struct script *script = view->script;
    for (size_t i = 0; i < script->role_count; i++)
        for (size_t j = 0; j < script->roles[i].apart_count; j++) {
            const char *other = script->roles[i].apart_from[j];
            TRY(check_role(view, other));
            if (strcmp(other, script->roles[i].id) == 0)
                TRY(script_fault(view, other, "the role '%s' is apart from itself", other));
        }
    for (size_t i = 0; i < script->share_count; i++) {
        TRY(check_key_name(view, script->shares[i].of));
        TRY(check_role(view, script->shares[i].holders));
    }
    return NULL;
}

/* CRLs with dates to come are for private PKIs: thisUpdate is the day of issue elsewhere (R59). */
static struct error *
check_series(struct script_view *view, const struct script_step *step,
             const struct pki_profile *profile)
{
    const struct pki_crl_profile *crl = &profile->crl;
    if (profile->kind != PKI_PROFILE_CRL)
        return NULL;
    if (profile->trust == PKI_TRUST_PUBLIC)
        TRY(script_fault(view, step->profile,
                         "the profile '%s' is of a public PKI, which signs no CRLs ahead",
                         step->profile));
    if (crl->delta || crl->partitions > 0 || pki_crl_has_scope(crl))
        TRY(script_fault(view, step->profile,
                         "the profile '%s' is not of a full CRL, as a series is",
                         step->profile));
    if (crl->next_update_days <= 0)
        return script_fault(view, step->profile,
                            "the profile '%s' must say 'next-update' in days, as a series has "
                            "'every-days'",
                            step->profile);
    if (crl->next_update_days <= (int)step->every_days)
        return script_fault(
            view, step->profile,
            "the CRLs of the series do not overlap: one begins every %u days, and "
            "each ends after %d",
            step->every_days, crl->next_update_days);
    return NULL;
}

static struct error *
check_profile_kind(struct script_view *view, const struct script_step *step)
{
    const struct pki_profile *profile = script_profile(view->script, step->profile);
    if (profile == NULL)
        return NULL;
    if ((step->kind == STEP_ISSUE_CERTIFICATE || step->kind == STEP_SIGN_REQUESTS)
        && profile->kind != PKI_PROFILE_CERTIFICATE)
        return script_fault(view, step->profile,
                            "the profile '%s' is for a CRL, not a certificate", step->profile);
    if (step->kind == STEP_CROSS_CERTIFY
        && (profile->kind != PKI_PROFILE_CERTIFICATE
            || !profile->certificate.subject_of_existing))
        return script_fault(view, step->profile,
                            "the profile '%s' has no 'subject: of-existing', as a "
                            "cross-certificate's must have",
                            step->profile);
    if (step->kind == STEP_SIGN_SERIES)
        TRY(check_series(view, step, profile));
    if ((step->kind == STEP_ISSUE_CRL || step->kind == STEP_REVOKE
         || step->kind == STEP_SIGN_SERIES || step->kind == STEP_RELEASE_CRL)
        && profile->kind != PKI_PROFILE_CRL)
        return script_fault(view, step->profile,
                            "the profile '%s' is for a certificate, not a CRL", step->profile);
    return NULL;
}

static struct error *
check_crls(struct script_view *view, const struct script_step *step)
{
    for (size_t i = 0; i < step->crls.count; i++) {
        const struct script_key *key = NULL;
        const struct pki_profile *profile = NULL;
        if (!script_crl(view->script, step, i, &key, &profile))
            TRY(script_fault(view, step->crls.items[i],
                             "'%s' is not a key and a profile of this script, such as "
                             "'issuing full'",
                             step->crls.items[i]));
        else if (profile->kind != PKI_PROFILE_CRL)
            TRY(script_fault(view, step->crls.items[i],
                             "the profile '%s' is for a certificate, not a CRL", profile->id));
    }
    return NULL;
}

static bool
uses_profile(const struct script *script, const struct script_step *step, const char *id)
{
    const struct script_key *key = NULL;
    const struct pki_profile *profile = NULL;
    for (size_t i = 0; i < step->crls.count; i++)
        if (script_crl(script, step, i, &key, &profile)
            && profile == script_profile(script, id))
            return true;
    for (size_t i = 0; i < step->covers.count; i++)
        if (script_covered(script, step, i, &key, &profile) && profile != NULL
            && profile == script_profile(script, id))
            return true;
    return strcmp(step->profile, id) == 0;
}

static struct error *
check_step_names(struct script_view *view, size_t index)
{
    const struct script_step *step = view->steps[index];
    for (size_t i = 0; i < index && step->kind == STEP_SIGN_REQUESTS; i++)
        if (view->steps[i]->kind == STEP_SIGN_REQUESTS)
            TRY(script_fault(view, step->id,
                             "'%s' signs requests, and so does '%s'; a script has "
                             "one such step",
                             step->id, view->steps[i]->id));
    for (size_t i = 0; i < index; i++)
        if (step->id[0] != '\0' && strcmp(view->steps[i]->id, step->id) == 0) {
            TRY(script_fault(view, step->id, "two steps are called '%s' (the first in line %u)",
                             step->id, view->steps[i]->place.line));
            break;
        }
    TRY(check_role(view, step->performs));
    TRY(check_role(view, step->verifies));
    if (step->performs[0] != '\0' && strcmp(step->performs, step->verifies) == 0)
        TRY(script_fault(view, step->verifies,
                         "step '%s' is performed and verified by the same role", step->id));
    TRY(check_key_name(view, step->key));
    TRY(check_key_name(view, step->of));
    TRY(check_key_name(view, step->seed_key));
    TRY(check_shares_name(view, step->shares));
    TRY(check_profile_name(view, step->profile));
    TRY(check_crls(view, step));
    TRY(script_check_covers(view, step));
    TRY(script_check_origin(view, step));
    return check_profile_kind(view, step);
}

/* What is declared and never used is a leftover that reviewers would puzzle over. */
static struct error *
check_unused(struct script_view *view)
{
    const struct script *script = view->script;
    for (size_t i = 0; i < script->profile_count; i++) {
        const char *id = script->profiles[i].id;
        bool used = false;
        for (size_t s = 0; s < view->step_count; s++)
            used = used || uses_profile(script, view->steps[s], id);
        if (!used)
            TRY(script_fault(view, id, "the profile '%s' is used by no step", id));
    }
    return NULL;
}

struct error *
script_check(const struct script *script, struct faults *faults)
{
    struct script_view view = {.script = script, .faults = faults};
    for (size_t a = 0; a < script->act_count; a++)
        for (size_t s = 0; s < script->acts[a].step_count; s++)
            if (view.step_count < SCRIPT_STEPS_MAX)
                view.steps[view.step_count++] = &script->acts[a].steps[s];
    TRY(check_roles(&view));
    for (size_t i = 0; i < view.step_count; i++)
        TRY(check_step_names(&view, i));
    TRY(check_unused(&view));
    TRY(script_check_pins(&view));
    TRY(script_check_use(&view));
    return script_check_order(&view);
}
