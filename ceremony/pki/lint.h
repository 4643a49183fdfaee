/* SPDX-License-Identifier: Apache-2.0
 *
 * Lints over raw DER: a table of rows with id, source and severity; our own reader, strict, that
 * does not trust what OpenSSL repairs silently. The same table serves the ceremony (before a key is
 * touched) and the audit. (R36, R47-R61) */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"
#include "ceremony/pki/profile.h"

enum pki_severity {
    PKI_NOTE,
    PKI_WARNING,
    PKI_FAULT
};

/* Told how far an object has been read for good, so that what is mapped can be let go. */
struct pki_passing {
    void (*passed)(void *self, const void *upto);
    void *self;
};

struct pki_lint_context {
    const void *issuer; /* DER certificate, NULL: none given */
    size_t issuer_len;
    const void
        *existing; /* DER: the certificate of the same key that this one repeats (P2); NULL */
    size_t existing_len;
    const struct pki_profile *profile; /* NULL: RFC 5280 rules only */
    bool specimen_signature; /* signed by a throw-away key: do not verify the signature */
    int64_t now;             /* seconds since 1970 for dated rules and waivers; 0: none */
    const struct pki_passing *passing; /* NULL: nobody */
};

struct pki_finding {
    const char *lint;   /* "crl-number-missing" */
    const char *source; /* "RFC 5280 5.2.3" */
    enum pki_severity severity;
    bool waived;
    char detail[160]; /* safe to show */
};

struct pki_lint_report {
    struct pki_finding *findings;
    size_t count;
    size_t checks; /* rows that applied and ran */
    size_t faults; /* unwaived */
    size_t warnings;
    size_t notes;
}; /* zero-initialise: AUTO_LINT_REPORT report = {0}; what it held is cleared */

/* A certificate, CRL or request. Cannot fail on bad input: what cannot be read is a finding. */
MUST_CHECK struct error *pki_lint(const void *der, size_t len,
                                  const struct pki_lint_context *context,
                                  struct pki_lint_report *ret_report);
void pki_lint_report_clear(struct pki_lint_report *report);
#define AUTO_LINT_REPORT __attribute__((cleanup(pki_lint_report_clear))) struct pki_lint_report

/* As text, a line a finding, and a closing line "61 checks, 0 faults, 0 warnings, 1 note". */
MUST_CHECK struct error *pki_lint_text(const struct pki_lint_report *report,
                                       struct bytes *ret_text);
/* Refused (with every fault named) if the report has unwaived faults. */
MUST_CHECK struct error *pki_lint_require(const struct pki_lint_report *report,
                                          const char *object);

struct pki_lint_row_info {
    const char *id;
    const char *source;
    enum pki_severity severity;
    const char *text;
};
/* The whole table, for docs and `skip-lints` checks. */
const struct pki_lint_row_info *pki_lint_rows(size_t *ret_count);
