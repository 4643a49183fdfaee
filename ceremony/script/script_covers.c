/* SPDX-License-Identifier: Apache-2.0
 *
 * Indirect CRLs in a script: signed by 'sign-crls' alone, which says whose revocations they list; complete,
 * and of a private PKI. (R55) */
#include <string.h>

#include "ceremony/script/script_check.h"

static struct error *
check_profile(struct script_view *view, const struct script_step *step, const char *text,
              const struct pki_profile *profile)
{
    const struct pki_crl_profile *crl = &profile->crl;
    if (profile->trust == PKI_TRUST_PUBLIC)
        TRY(script_fault(view, text,
                         "the profile '%s' is of a public PKI, which has no indirect CRLs",
                         profile->id));
    if (crl->delta || crl->partitions > 0 || crl->only_ca_certs || crl->only_user_certs
        || crl->only_reasons != 0)
        TRY(script_fault(view, text,
                         "the profile '%s' is of an indirect CRL of a part only; it must list "
                         "all that its issuers revoked",
                         profile->id));
    if (step->kind == STEP_SIGN_CRLS && step->covers.count == 0)
        return script_fault(
            view, text,
            "the profile '%s' is of an indirect CRL, so the step needs 'covers': "
            "the keys of the CAs whose revocations it lists",
            profile->id);
    return NULL;
}

/* `*ret_indirect`: the step signs one. */
static struct error *
check_listed(struct script_view *view, const struct script_step *step, bool *ret_indirect)
{
    *ret_indirect = false;
    for (size_t i = 0; i < step->crls.count; i++) {
        const struct script_key *key = NULL;
        const struct pki_profile *profile = NULL;
        if (!script_crl(view->script, step, i, &key, &profile) || !profile->crl.indirect)
            continue;
        *ret_indirect = true;
        TRY(check_profile(view, step, step->crls.items[i], profile));
    }
    return NULL;
}

static bool
signs_indirect(const struct script_view *view, const struct script_step *step,
               const struct script_key *wanted)
{
    for (size_t i = 0; i < step->crls.count; i++) {
        const struct script_key *key = NULL;
        const struct pki_profile *profile = NULL;
        if (script_crl(view->script, step, i, &key, &profile) && profile->crl.indirect
            && key == wanted)
            return true;
    }
    return false;
}

/* Its certificates name a CRL issuer, or say that nobody can ask (R60). */
static bool
sends_elsewhere(const struct pki_profile *profile)
{
    const struct pki_certificate_profile *certificate = &profile->certificate;
    return profile->kind == PKI_PROFILE_CERTIFICATE
           && (certificate->no_rev_avail != PKI_ABSENT
               || (certificate->crl_issuer != NULL && certificate->crl_issuer[0] != '\0'));
}

static struct error *
check_covered(struct script_view *view, const struct script_step *step, size_t n)
{
    const char *text = step->covers.items[n];
    const struct script_key *key = NULL;
    const struct pki_profile *profile = NULL;
    if (!script_covered(view->script, step, n, &key, &profile))
        return script_fault(view, text,
                            "'%s' is not a key of this script, or a key and a profile, such as "
                            "'issuing' or 'issuing device'",
                            text);
    if (profile != NULL && !sends_elsewhere(profile))
        TRY(script_fault(view, text,
                         "the profile '%s' has no 'crl-issuer', so its certificates do not say "
                         "who signs an indirect CRL for them",
                         profile->id));
    if (signs_indirect(view, step, key))
        TRY(script_fault(view, text,
                         "the key '%s' signs the indirect CRL, which lists its own revocations "
                         "anyway",
                         key->id));
    return NULL;
}

struct error *
script_check_covers(struct script_view *view, const struct script_step *step)
{
    const struct pki_profile *profile = script_profile(view->script, step->profile);
    bool indirect = false;
    if (step->kind == STEP_ISSUE_CRL && profile != NULL && profile->crl.indirect)
        return script_fault(view, step->profile,
                            "the profile '%s' is of an indirect CRL, which a step 'sign-crls' "
                            "signs",
                            step->profile);
    TRY(check_listed(view, step, &indirect));
    for (size_t i = 0; i < step->covers.count; i++)
        TRY(check_covered(view, step, i));
    if (step->covers.count > 0 && !indirect)
        TRY(script_fault(view, step->covers.items[0],
                         "'covers' is for indirect CRLs, and the step '%s' signs none",
                         step->id));
    return NULL;
}
