/* SPDX-License-Identifier: Apache-2.0
 *
 * The machinery of the lints; inside pki/ only. A row of lint_rows.h names a check; the check looks
 * at `run` and reports with lint_find, as often as it finds. */
#pragma once

#include "ceremony/pki/lint.h"
#include "ceremony/pki/name.h"
#include "ceremony/pki/x509.h"

/* What a row needs beside an object of its kind. */
#define NEEDS_NOTHING   0U
#define NEEDS_ISSUER    (1U << 0)
#define NEEDS_PROFILE   (1U << 1)
#define NEEDS_PUBLIC    (1U << 2) /* a profile with trust "public" */
#define NEEDS_SIGNATURE (1U << 3) /* the true one, not a specimen's */
#define NEEDS_NOW       (1U << 4)
#define NEEDS_EXISTING  (1U << 6)
#define NEEDS_PRIVATE   (1U << 7) /* a profile with trust "private" */
#define NEEDS_ROOT      (1U << 5) /* issuer and subject are the same bytes, and it is a CA's */

#define KIND_ENTRY  8 /* of a CRL: the row runs once for each entry */
#define KIND_SIGNED (KIND_CERTIFICATE | KIND_CRL)
#define KIND_ANY    (KIND_SIGNED | KIND_REQUEST)
#define KIND_KEYED  (KIND_CERTIFICATE | KIND_REQUEST)

struct lint_run {
    const struct pki_lint_context *context;
    const struct x509 *object;
    const struct x509 *issuer; /* NULL: not known; the object itself where it is self-issued */
    const struct x509 *existing; /* NULL: not given */
    const char *fault;           /* why the object could not be taken apart, or NULL */
    const struct lint_row *row;
    struct pki_lint_report *report;
    /* The entry of a CRL that rows of KIND_ENTRY look at. */
    const struct x509_revoked *entry;
    const char *entry_fault; /* why it could not be taken apart; then it is the last one */
    struct der entry_whole;
    struct der entry_previous; /* the serial of the one before */
    size_t entry_number;       /* from 1 */
    struct der_time entry_time;
    const char *entry_time_fault;
    int64_t made;        /* the CRL's thisUpdate; INT64_MAX if it cannot be read */
    bool entry_unsorted; /* it was said that they are not sorted */
    struct error *error; /* out of memory; ends the run */
};

#define ROLE(name) (1U << PKI_ROLE_##name)

struct lint_row {
    unsigned kinds;
    unsigned needs;
    unsigned roles; /* ROLE(...) of profiles for which it holds; 0: whatever the role */
    int argument;   /* of the check: an enum oid, a string type */
    void (*check)(struct lint_run *run);
};

/* A finding of the current row. The words are shown: nothing raw of the object may be in them. */
void lint_find(struct lint_run *run, const char *format, ...) PRINTF_LIKE(2, 3);
/* The same if `fault` is not NULL, with `where` before it. */
void lint_fault(struct lint_run *run, const char *where, const char *fault);

/* The extension of this kind in the object, or NULL. */
const struct x509_extension *lint_extension(const struct lint_run *run, enum oid id);
/* Which of [0] .. [5] a readable issuingDistributionPoint has; false if there is none. */
bool lint_has_issuing_point(const struct lint_run *run, bool has[6]);
bool lint_is_ca(const struct lint_run *run);
bool lint_is_self_issued(const struct lint_run *run);
/* Is every extended usage of `object` but this one also one of `limit`, or does that name none? */
bool lint_is_purpose_within(const struct x509 *object, const struct x509 *limit, enum oid but);
const char *lint_oid_name(enum oid id);

/* Every check, declared from the table; a check that serves several rows is declared as often. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wredundant-decls"
#define LINT(id, source, severity, kinds, needs, argument, check, text)                        \
    void lint_##check(struct lint_run *run);
#include "ceremony/pki/lint_rows.h"
#undef LINT
#pragma GCC diagnostic pop
