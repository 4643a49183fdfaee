/* SPDX-License-Identifier: Apache-2.0
 *
 * CRLs of an offline root for years ahead (R59): what is the same for all of them is built before
 * anything is shown, and that no instant of the horizon is without a valid one is proven; the medium
 * that each is sealed on. */
#pragma once

#include "ceremony/engine/crl_batch.h"

/* A whole CRL of a series is held in memory. */
#define CRL_SERIES_ENTRIES 10000U

/* Builds each item's sample, which is the whole CRL, signed by a throw-away key, and lints it; then
 * proves that they cover the horizon. Refused: too many entries, a gap, too far ahead. */
MUST_CHECK struct error *crl_series_build(struct engine *engine, struct crl_batch *batch);
/* The same with a key that plays the issuer, before the ceremony. `spki`: of the certificate. */
MUST_CHECK struct error *crl_series_rehearse(const struct script_step *step,
                                             const struct pki_profile *profile,
                                             const struct bytes *certificate);

/* The folder is there; in production nothing is on the medium yet but `file`: a bag holds one CRL. */
MUST_CHECK struct error *sealed_medium_check(const struct engine *engine, const char *file);
/* Removes what a write that was cut off left there; a site without such a medium has nothing. */
MUST_CHECK struct error *sealed_medium_sweep(const struct engine *engine);
