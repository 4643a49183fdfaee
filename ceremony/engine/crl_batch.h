/* SPDX-License-Identifier: Apache-2.0
 *
 * What one step signs: CRLs of several issuers, each of its kind, a partition each where the profile
 * has them. Numbers and dates are fixed once, before anything is shown, and are the same when the step
 * is resumed. (R52-R55) */
#pragma once

#include "ceremony/batch/crl_source.h"
#include "ceremony/engine/context.h"

#define CRL_BATCH_MAX  64
#define CRL_ISSUER_MAX 16
#define CRL_NO_BAG     "none"
#define CRL_AHEAD      "ahead/" /* in names of what is signed ahead */

struct crl_issuer {
    const struct state_key *key;
    struct bytes certificate; /* DER */
    bool is_root;             /* self-signed: each of its CRLs has its own command (R18) */
    uint64_t number;          /* of all its CRLs in this step; of a series, the first one */
};

struct crl_item {
    const struct crl_issuer *issuer;
    const struct pki_profile *profile;
    int partition;
    char scope[CRL_SCOPE_SIZE];
    uint64_t number;
    int64_t this_update;
    bool ahead; /* its time comes later: it goes to the sealed medium */
    char file
        [160]; /* below the evidence folder, or with `ahead` the sealed one; without ending */
    uint64_t base_number;
    uint64_t since; /* the ledger's entry of the base */
    bool done;      /* by the interrupted run */
    struct pki_draft sample;
    struct pki_crl_stream *stream;
};

struct crl_batch {
    struct crl_issuer issuers[CRL_ISSUER_MAX];
    size_t issuer_count;
    struct crl_item items[CRL_BATCH_MAX];
    size_t count;
    int64_t this_update;
    uint64_t plan; /* the intent that fixed numbers and dates */
};

void crl_batch_free(struct crl_batch *batch);
DEFINE_AUTO(crl_batch, crl_batch_free);

/* Whether an interrupted run fixed the current step's numbers and dates already. */
bool crl_batch_is_planned(const struct engine *engine);
/* The current step's items, with numbers above every number that this ledger ever saw (R53). */
MUST_CHECK struct error *crl_batch_plan(struct engine *engine, struct crl_batch **ret_batch);
/* The item's sample with its first `most` entries, linted. */
MUST_CHECK struct error *crl_batch_sample(struct engine *engine, struct crl_item *item,
                                          size_t most);
/* Writes the to-be-signed bytes of an item beside its place. */
MUST_CHECK struct error *crl_batch_write(struct engine *engine, struct crl_item *item);
/* Both. */
MUST_CHECK struct error *crl_batch_draft(struct engine *engine, struct crl_item *item);
/* Where it gets its name. */
MUST_CHECK struct error *crl_item_path(const struct engine *engine, const struct crl_item *item,
                                       char **ret_path);
/* The CRLs that a step lists; a series is one. */
size_t crl_batch_listed(const struct engine *engine);
bool crl_batch_list_at(const struct engine *engine, size_t n, const struct script_key **ret_key,
                       const struct pki_profile **ret_profile);
/* "full", "delta since 4", "partition 2 of 4": for people. */
void crl_item_kind(const struct crl_item *item, char *ret_text, size_t size);
