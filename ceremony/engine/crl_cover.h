/* SPDX-License-Identifier: Apache-2.0
 *
 * The other issuers whose revocations an indirect CRL lists: each is a key of the script, and every
 * certificate that it signed and that is not over must name the signer of the CRL, else its readers would
 * never look there. (R55, RFC 5280 5.2.5, 6.3.3) */
#pragma once

#include "ceremony/batch/crl_source.h"
#include "ceremony/engine/context.h"

struct crl_cover {
    struct engine *engine;
    const struct script_step *step;
    const struct pki_profile *profile; /* of the indirect CRL */
    const struct bytes *signer;        /* its certificate, DER */
    const struct bytes *crl;           /* a sample, DER */
};

/* Refused unless what the ledger knows of this issuer's certificates names the signer: those that were signed
 * one by one are read, those of batches are judged by the profile that the step names for them. The
 * signer's own certificate is left out: no CRL speaks for its own signer. */
MUST_CHECK struct error *crl_cover_check(const struct crl_cover *cover,
                                         const struct script_key *issuer,
                                         const char *issuer_spki_sha256);
/* All that the step covers, with the keys that the ceremony found. */
MUST_CHECK struct error *crl_cover_check_all(const struct crl_cover *cover);
/* Adds what each of them revoked. Refused when one has the signer's name, or another's. */
MUST_CHECK struct error *crl_cover_add(struct engine *engine, const struct bytes *signer,
                                       struct crl_source *source);
