/* SPDX-License-Identifier: Apache-2.0
 *
 * CRLs that were signed ahead: rebuilt from the bytes that the folder keeps without their signatures, they
 * hold what the first one holds, keep the rules of their profile, and leave no gap; each lies in a bag of
 * its own, of which record and ledger say the same; one that is released is the one that was sealed, and
 * had begun. And nothing is revoked while the ledger knows one that is neither released nor destroyed.
 * (R53, R59) */
#include <stdlib.h>
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/audit/ledger_lines.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/lint.h"
#include "ceremony/pki/x509.h"
#include "ceremony/rules/crl_calendar.h"
#include "transcripts/digest.h"
#include "transcripts/record.h"

#define AHEAD "sign-crl-ahead"

/* --- one CRL --- */

/* As it would be read, signed by a throw-away key; of the first one the file itself. */
static struct error *
rebuild(const struct evidence *evidence, const struct transcript_record *result,
        const struct bytes *issuer, struct bytes *ret_der)
{
    AUTO_BYTES tbs = {0};
    AUTO_BYTES spki = {0};
    AUTO_DRAFT draft = {0};
    char hash[DIGEST_SHA256_TEXT];
    const struct transcript_record *intent = intent_of(evidence, result);
    if (!is_done(result, AHEAD))
        return evidence_file(evidence, data_text(result->data, "file"), ret_der);
    TRY(evidence_file(evidence, data_text(result->data, "file"), &tbs));
    TRY(digest_sha256_text(tbs.data, tbs.len, hash));
    if (intent == NULL || strcmp(hash, data_text(intent->data, "tbs_sha256")) != 0)
        return ERROR(ERROR_VERIFICATION, "these bytes were not announced");
    TRY(pki_certificate_spki(issuer->data, issuer->len, &spki));
    TRY(pki_draft_from_tbs(tbs.data, tbs.len, spki.data, spki.len, &draft));
    return bytes_copy(ret_der, draft.specimen.data, draft.specimen.len);
}

static const struct pki_profile *
profile_of(const struct evidence *evidence, const struct transcript_record *result)
{
    const struct transcript_record *intent = intent_of(evidence, result);
    const char *profile = intent == NULL ? "" : data_text(intent->data, "profile");
    for (size_t i = 0; i < evidence->script->profile_count; i++)
        if (strcmp(evidence->script->profiles[i].profile->id, profile) == 0)
            return evidence->script->profiles[i].profile;
    return NULL;
}

static struct error *
lint(const struct evidence *evidence, const struct transcript_record *result,
     const struct bytes *issuer, const struct bytes *der)
{
    AUTO_LINT_REPORT lints = {0};
    struct pki_lint_context context = {.issuer = issuer->data,
                                       .issuer_len = issuer->len,
                                       .profile = profile_of(evidence, result),
                                       .specimen_signature = true,
                                       .now = result->wall_ms / 1000};
    if (context.profile == NULL)
        return ERROR(ERROR_VERIFICATION, "the script has no such profile");
    if (context.profile->trust == PKI_TRUST_PUBLIC)
        return ERROR(ERROR_VERIFICATION, "a public PKI signs no CRLs ahead");
    TRY(pki_lint(der->data, der->len, &context, &lints));
    return pki_lint_require(&lints, "CRL");
}

static struct error *
span_of(const struct transcript_record *result, const struct bytes *der,
        struct crl_span *ret_span)
{
    struct x509 crl;
    struct der_item item;
    int64_t number = 0;
    TRY(x509_read(der->data, der->len, KIND_CRL, "the CRL", &crl));
    const struct x509_extension *extension = x509_find(&crl, OID_CRL_NUMBER);
    if (extension == NULL || der_only(extension->value, DER_INTEGER, &item) != NULL
        || der_small_integer(item.body, &number) != NULL
        || number != data_number(result->data, "number"))
        return ERROR(ERROR_VERIFICATION, "its number is not the one of the record");
    ret_span->number = (uint64_t)number;
    TRY(pki_validity_of(der->data, der->len, &ret_span->this_update, &ret_span->next_update));
    if (ret_span->this_update != data_number(result->data, "valid_from")
        || ret_span->next_update != data_number(result->data, "valid_until"))
        return ERROR(ERROR_VERIFICATION, "its dates are not those of the record");
    return NULL;
}

static struct error *
compare_entries(const struct bytes *first, const struct bytes *later)
{
    struct x509 a;
    struct x509 b;
    TRY(x509_read(first->data, first->len, KIND_CRL, "the CRL", &a));
    TRY(x509_read(later->data, later->len, KIND_CRL, "the CRL", &b));
    if (!der_equal(a.revoked.body, b.revoked.body)
        || !der_equal(a.issuer.whole, b.issuer.whole))
        return ERROR(ERROR_VERIFICATION,
                     "it lists something else than the first of its series");
    return NULL;
}

/* --- one series --- */

struct series {
    struct bytes issuer;
    struct bytes first;
    struct crl_span spans[CRL_SERIES_MAX];
    size_t count;
};

static struct error *
take_one(const struct evidence *evidence, const struct transcript_record *result,
         struct series *series)
{
    AUTO_BYTES der = {0};
    TRY(rebuild(evidence, result, &series->issuer, &der));
    if (series->count == CRL_SERIES_MAX)
        return ERROR(ERROR_VERIFICATION, "the series has more CRLs than there can be");
    TRY(span_of(result, &der, &series->spans[series->count]));
    series->count++;
    if (series->count == 1)
        return bytes_copy(&series->first, der.data, der.len);
    TRY(compare_entries(&series->first, &der));
    return lint(evidence, result, &series->issuer, &der);
}

static struct error *
check_coverage(struct series *series)
{
    int64_t from = series->spans[0].this_update;
    int64_t until = from;
    for (size_t i = 0; i < series->count; i++)
        if (series->spans[i].next_update > until)
            until = series->spans[i].next_update;
    TRY(crl_coverage_check(series->spans, series->count, from, until));
    return crl_horizon_check(from, until);
}

static bool
is_of_series(const struct transcript_record *record, const char *step)
{
    return strcmp(record->step, step) == 0
           && (is_done(record, "sign-crl") || is_done(record, AHEAD));
}

static struct error *
check_series(const struct evidence *evidence, const struct transcript_record *plan,
             struct series *series, struct report *report)
{
    const struct script_step *step = step_of(evidence->script, plan->step);
    TRY(certificate_of(evidence, step->key, plan->seq, &series->issuer));
    EACH_RECORD(record, evidence)
    if (is_of_series(record, plan->step))
        TRY(report_error(report, data_text(record->data, "file"), record->seq,
                         take_one(evidence, record, series)));
    if (series->count != (size_t)data_number(plan->data, "crls"))
        return ERROR(ERROR_VERIFICATION,
                     "the series has %zu CRLs here, and the record says %lld", series->count,
                     (long long)data_number(plan->data, "crls"));
    return check_coverage(series);
}

/* --- custody --- */

static bool
is_same_crl(const json_t *a, const json_t *b)
{
    return strcmp(data_text(a, "issuer"), data_text(b, "issuer")) == 0
           && strcmp(data_text(a, "scope"), data_text(b, "scope")) == 0
           && data_number(a, "number") == data_number(b, "number");
}

/* Whether the ledger holds one of this issuer before line `end` that is not at its end, nor given up. */
static bool
has_open(const struct ledger_lines *lines, size_t end, const char *issuer)
{
    for (size_t i = 0; i < end; i++) {
        const json_t *data = data_inner(lines->rows[i].object, "data");
        bool open = true;
        if (strcmp(data_text(lines->rows[i].object, "kind"), "crl-custody") != 0
            || strcmp(data_text(data, "issuer"), issuer) != 0
            || strcmp(data_text(data, "state"), "unreleased") != 0)
            continue;
        for (size_t k = i + 1; k < end; k++) {
            const json_t *later = data_inner(lines->rows[k].object, "data");
            const char *state = data_text(later, "state");
            if (strcmp(data_text(lines->rows[k].object, "kind"), "crl-custody") == 0
                && is_same_crl(later, data)
                && (strcmp(state, "released") == 0 || strcmp(state, "destroyed") == 0
                    || strcmp(state, "lost") == 0))
                open = false;
        }
        if (open)
            return true;
    }
    return false;
}

static struct error *
check_nothing_hides(const struct evidence *evidence, const struct ledger_lines *lines,
                    struct report *report)
{
    for (size_t i = 0; i < lines->count; i++) {
        const json_t *row = lines->rows[i].object;
        if (strcmp(data_text(row, "kind"), "revocations") == 0
            && strcmp(data_text(row, "ceremony"), evidence_id(evidence)) == 0
            && has_open(lines, i, data_text(data_inner(row, "data"), "issuer")))
            TRY(report_fault(
                report, lines->name, 0,
                "entry %zu revokes while CRLs of its CA that were signed ahead are "
                "neither released nor destroyed",
                i + 1));
    }
    return NULL;
}

static bool
has_custody(const struct evidence *evidence, const struct ledger_lines *lines, int64_t number,
            const char *state)
{
    for (size_t i = 0; i < lines->count; i++) {
        const json_t *row = lines->rows[i].object;
        const json_t *data = data_inner(row, "data");
        if (strcmp(data_text(row, "kind"), "crl-custody") == 0
            && strcmp(data_text(row, "ceremony"), evidence_id(evidence)) == 0
            && data_number(data, "number") == number
            && strcmp(data_text(data, "state"), state) == 0)
            return true;
    }
    return false;
}

/* What the record says became of each stands in the ledger. */
static struct error *
check_bags(const struct evidence *evidence, const struct ledger_lines *lines,
           struct report *report)
{
    EACH_RECORD(record, evidence)
    {
        int64_t number = data_number(record->data, "number");
        const char *state = is_done(record, AHEAD)           ? "sealed"
                            : is_done(record, "release-crl") ? "released"
                            : is_done(record, "destroy-crl") ? data_text(record->data, "state")
                                                             : NULL;
        if (state == NULL || has_custody(evidence, lines, number, state)
            || (evidence_is_aborted(evidence) && is_done(record, AHEAD)))
            continue;
        TRY(report_fault(report, lines->name, record->seq,
                         "it does not say that CRL %lld was %s", (long long)number, state));
    }
    return NULL;
}

/* The record of a bag: of this key and number, in this bag if one is named; NULL. */
static const struct transcript_record *
find_sealed(const struct evidence *evidence, const char *issuer, int64_t number,
            const char *bag)
{
    EACH_RECORD(record, evidence)
    {
        const struct transcript_record *key =
            is_fact(record, "crl-sealed")
                ? find_key(evidence, "key", data_text(record->data, "key"), record->seq)
                : NULL;
        if (key != NULL && strcmp(data_text(key->data, "spki_sha256"), issuer) == 0
            && data_number(record->data, "number") == number
            && strcmp(data_text(record->data, "bag"), bag) == 0)
            return record;
    }
    return NULL;
}

/* The bag was typed and recorded before the ledger was told: what stands there stands here, too, after
 * the signature and with the same bag. */
static struct error *
check_sealed(const struct evidence *evidence, const struct ledger_lines *lines,
             struct report *report)
{
    for (size_t i = 0; i < lines->count; i++) {
        const json_t *row = lines->rows[i].object;
        const json_t *data = data_inner(row, "data");
        const int64_t number = data_number(data, "number");
        if (strcmp(data_text(row, "kind"), "crl-custody") != 0
            || strcmp(data_text(row, "ceremony"), evidence_id(evidence)) != 0
            || strcmp(data_text(data, "state"), "sealed") != 0
            || find_sealed(evidence, data_text(data, "issuer"), number, data_text(data, "bag"))
                   != NULL)
            continue;
        TRY(report_fault(report, lines->name, 0,
                         "entry %zu seals CRL %lld in bag %s, and the record does not", i + 1,
                         (long long)number, data_text(data, "bag")));
    }
    return NULL;
}

/* --- released --- */

static struct error *
check_release(const struct evidence *evidence, const struct transcript_record *result)
{
    AUTO_BYTES der = {0};
    AUTO_BYTES issuer = {0};
    struct crl_span span;
    char hash[DIGEST_SHA256_TEXT];
    TRY(evidence_file(evidence, data_text(result->data, "file"), &der));
    TRY(evidence_file(evidence, data_text(result->data, "issuer_file"), &issuer));
    TRY(digest_sha256_text(der.data, der.len, hash));
    if (strcmp(hash, data_text(result->data, "sha256")) != 0)
        return ERROR(ERROR_VERIFICATION, "it is not the one of the record");
    TRY(pki_crl_verify(der.data, der.len, issuer.data, issuer.len));
    TRY(span_of(result, &der, &span));
    if (span.this_update > result->wall_ms / 1000)
        return ERROR(ERROR_VERIFICATION, "it was released before it begins");
    return NULL;
}

static struct error *
check_one_series(const struct evidence *evidence, const struct transcript_record *plan,
                 struct report *report)
{
    AUTO_FREE struct series *series = calloc(1, sizeof *series);
    if (series == NULL)
        return error_memory();
    struct error *error = check_series(evidence, plan, series, report);
    bytes_clear(&series->issuer);
    bytes_clear(&series->first);
    return report_error(report, TRANSCRIPT_FILE, plan->seq, error);
}

struct error *
check_ahead(const struct evidence *evidence, struct report *report)
{
    AUTO_LEDGER_LINES lines = {0};
    size_t ahead = 0;
    size_t released = 0;
    EACH_RECORD(record, evidence)
    {
        const struct script_step *step = step_of(evidence->script, record->step);
        ahead += is_done(record, AHEAD);
        if (is_done(record, "plan-crls") && step != NULL && step->kind == STEP_SIGN_SERIES)
            TRY(check_one_series(evidence, record, report));
        if (is_done(record, "release-crl")) {
            released++;
            TRY(report_error(report, data_text(record->data, "file"), record->seq,
                             check_release(evidence, record)));
        }
    }
    struct error *error = ledger_lines_read(evidence, &lines);
    if (error != NULL)
        return report_error(report, "ledger.jsonl", 0, error);
    TRY(check_bags(evidence, &lines, report));
    TRY(check_sealed(evidence, &lines, report));
    TRY(check_nothing_hides(evidence, &lines, report));
    return report_note(report, "%zu signed ahead, %zu released", ahead, released);
}
