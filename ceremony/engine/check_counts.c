/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/check_counts.h"

#include "ceremony/engine/crl_batch.h"

/* A profile with partitions stands for as many CRLs. */
static size_t
listed_crls(const struct script *script, const struct script_step *step)
{
    size_t count = 0;
    for (size_t i = 0; i < step->crls.count; i++) {
        const struct script_key *key = NULL;
        const struct pki_profile *profile = NULL;
        if (script_crl(script, step, i, &key, &profile))
            count += profile->crl.partitions > 0 ? (size_t)profile->crl.partitions : 1;
    }
    return count;
}

/* Certificates and CRLs that the record of the step will name one by one. */
static size_t
objects_of(const struct script *script, const struct script_step *step)
{
    if (step->kind == STEP_SIGN_CRLS)
        return listed_crls(script, step);
    if (step->kind == STEP_SIGN_SERIES)
        return step->count;
    return step->kind == STEP_ISSUE_CERTIFICATE || step->kind == STEP_CROSS_CERTIFY
                   || step->kind == STEP_IMPORT_CERTIFICATE || step->kind == STEP_ISSUE_CRL
                   || step->kind == STEP_RELEASE_CRL
               ? 1
               : 0;
}

struct error *
check_counts(const struct script *script, struct faults *faults)
{
    size_t objects = 0;
    for (size_t a = 0; a < script->act_count; a++)
        for (size_t s = 0; s < script->acts[a].step_count; s++) {
            const struct script_step *step = &script->acts[a].steps[s];
            size_t crls = listed_crls(script, step);
            objects += objects_of(script, step);
            if (crls > CRL_BATCH_MAX)
                TRY(faults_add(
                    faults, script->file, step->place.line, step->place.column,
                    "the step '%s' signs %zu CRLs, each partition counted, and a step signs "
                    "at most %d. Choose profiles with fewer partitions",
                    step->id, crls, CRL_BATCH_MAX));
        }
    if (objects <= STATE_OBJECTS_MAX)
        return NULL;
    return faults_add(
        faults, script->file, 1, 1,
        "the script makes %zu certificates and CRLs, and a ceremony makes at most %d. "
        "Hold several",
        objects, STATE_OBJECTS_MAX);
}
