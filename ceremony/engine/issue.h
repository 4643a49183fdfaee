/* SPDX-License-Identifier: Apache-2.0
 *
 * Two-phase signing as the ceremony does it: a draft is built, linted, shown decoded, approved by a
 * typed command, announced with its exact bytes, signed by the token, verified, compared, written.
 * A draft that was announced before an interruption is signed again as it was. (R18, R32, R36) */
#pragma once

#include "ceremony/engine/context.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/lint.h"

struct issue {
    const char *object; /* "certificate", "cross-certificate", "crl" */
    const char *pem_label;
    char command[120]; /* "SIGN ROOT CERTIFICATE" */
    char file[120];    /* below the evidence folder, without ending */
    const struct pki_profile *profile;
    const struct state_key *key;     /* who signs */
    const struct state_key *subject; /* certificate: whose it is; NULL for a CRL */
    const void *issuer;              /* DER certificate for lint and AKI; NULL: self-signed */
    size_t issuer_len;
    const void *existing; /* DER: the certificate that a cross-certificate repeats (P2); NULL */
    size_t existing_len;
    struct pki_draft draft;
    /* What the ledger must know before and after; called around the signature. `self` is the step's. */
    struct error *(*reserve)(struct engine *engine, struct issue *issue);
    struct error *(*issued)(struct engine *engine, struct issue *issue, const char *sha256);
    void *self;
    json_t *
        announce; /* fields of its own in the intent, so that a resumed step knows them again */
};

void issue_clear(struct issue *issue);
#define AUTO_ISSUE __attribute__((cleanup(issue_clear))) struct issue

/* The open intent of the current step to sign such an object, or NULL: then its "tbs" is to be used. */
const json_t *issue_announced(struct engine *engine);
/* The draft of an announced intent. */
MUST_CHECK struct error *issue_draft_again(struct engine *engine, const json_t *announced,
                                           struct issue *issue);
/* Lints the draft (faults refuse), writes the report to lint/, shows, asks, signs, verifies, writes. */
MUST_CHECK struct error *issue_perform(struct engine *engine, struct issue *issue);
/* Lint of a draft with the throw-away signature, without people (engine_check); `issuer` NULL: self-signed,
 * `existing` NULL: it repeats none. */
MUST_CHECK struct error *issue_lint(const struct pki_profile *profile, const void *specimen,
                                    size_t len, const struct bytes *issuer,
                                    const struct bytes *existing,
                                    struct pki_lint_report *ret_report);
/* The certificate that the ledger knows for the key with this label on a token; for checks beforehand. */
MUST_CHECK struct error *issue_earlier_certificate(struct ledger *ledger,
                                                   const char *site_folder, const char *label,
                                                   struct bytes *ret_der);
/* The certificate of a key, DER: issued in this ceremony, or by an earlier one (the ledger says which, the
 * site's archive holds it): the self-signed one if there is one, else the newest; or the one that another
 * CA brought. */
MUST_CHECK struct error *issue_certificate_of(struct engine *engine, const char *key,
                                              struct bytes *ret_der);
