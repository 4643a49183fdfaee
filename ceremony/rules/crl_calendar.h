/* SPDX-License-Identifier: Apache-2.0
 *
 * When CRLs must be signed, and whether a series of them leaves a gap. Pure decisions, used before
 * signing, by `ceremony status`, and by the audit. Times are seconds since 1970. (R53, R58, R59) */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/error.h"

#define CRL_SERIES_MAX           240
#define CRL_SERIES_HORIZON_YEARS 10

/* A series for an offline root (REQUIREMENTS 4.6): the first CRL begins at `start`, the next one a
 * `step` later, and so on; each is valid for step and overlap. */
struct crl_series {
    int64_t start;
    int64_t step;    /* seconds from one beginning to the next */
    int64_t overlap; /* seconds for which two are valid */
    int count;
    uint64_t first_number;
};

struct crl_span {
    uint64_t number;
    int64_t this_update;
    int64_t next_update;
};

/* Refuses a series that is not one: no overlap, no CRL, more than CRL_SERIES_MAX, a horizon of more
 * than ten years, or one that outlives its issuer. */
MUST_CHECK struct error *crl_series_check(const struct crl_series *series,
                                          int64_t issuer_until);
/* What begins at `from` reaches no further than CRL_SERIES_HORIZON_YEARS. Errors: refused. */
MUST_CHECK struct error *crl_horizon_check(int64_t from, int64_t until);
/* The n-th of the series, from 0. */
struct crl_span crl_series_at(const struct crl_series *series, int n);
/* At every instant from `from` to `until` (both included) at least one of the spans is valid, none
 * ends before it begins, and who begins later has the higher number. `spans` in any order; they are
 * sorted in place. Errors: refused, naming the first gap or number. */
MUST_CHECK struct error *crl_coverage_check(struct crl_span *spans, size_t count, int64_t from,
                                            int64_t until);
/* How long a stolen CRL of the series could hide a revocation made at `revoked`: until the last of
 * those that were signed and not released ends. 0: none reaches beyond it. */
int64_t crl_exposed_until(const struct crl_span *unreleased, size_t count, int64_t revoked);

/* --- the calendar (R58) --- */

/* Shares are to be proven once a year: opened, typed back, or checked one by one (R83). */
#define SHARE_PROOF_YEARS 1

enum crl_class {
    CRL_OF_CAS,               /* of CA certificates: within 12 months (BR 4.9.7, 7.2) */
    CRL_OF_USERS,             /* of a private PKI: as its profile says */
    CRL_OF_USERS_PUBLIC,      /* valid for 10 days at most, a new one within 4 days */
    CRL_OF_USERS_PUBLIC_OCSP, /* ... or within 7, where every certificate names an OCSP responder */
};

/* The latest nextUpdate that such a CRL may have; INT64_MAX: no rule. */
int64_t crl_cap(enum crl_class class, int64_t this_update);
/* When the next one must be signed at the latest: a tenth of its life before it ends, so that it can
 * be published; a public one of users as the rule says, if that is earlier. */
int64_t crl_due(enum crl_class class, int64_t this_update, int64_t next_update);

enum due_state {
    DUE_LATER,
    DUE_SOON, /* within the lead */
    DUE_OVER
};
enum due_state due_state_of(int64_t due, int64_t now, int64_t lead);
