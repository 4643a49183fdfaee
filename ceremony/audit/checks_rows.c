/* SPDX-License-Identifier: Apache-2.0
 *
 * The revocations that this ceremony entered: their rows are there, have the root that the ledger's
 * entry names, and stand in the CRLs that were signed afterwards as they were entered. (R52, R56, R102;
 * docs/formats/ledger.md) */
#include <stdlib.h>
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/audit/ledger_lines.h"
#include "ceremony/audit/revoked_rows.h"
#include "ceremony/audit/revoked_scope.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/x509.h"
#include "transcripts/digest.h"

static struct error *
check_block(const struct evidence *evidence, const json_t *entry, const char *name)
{
    AUTO_REVOKED_ROWS rows = {0};
    char root[2 * MERKLE_HASH + 1];
    const json_t *data = data_inner(entry, "data");
    TRY(revoked_rows_read(evidence, name, &rows, root));
    if ((int64_t)rows.count != data_number(data, "count")
        || strcmp(root, data_text(data, "root")) != 0)
        return ERROR(ERROR_VERIFICATION,
                     "its rows are not those that entry %lld of the ledger stands for",
                     (long long)data_number(entry, "seq"));
    return NULL;
}

/* --- against the CRLs --- */

/* The entry that reserved a CRL; NULL. */
static const json_t *
reserved(const struct ledger_lines *ledger, const char *tbs_sha256)
{
    for (size_t i = 0; i < ledger->count; i++) {
        const json_t *entry = ledger->rows[i].object;
        if (strcmp(data_text(entry, "kind"), "crl-reserve") == 0
            && strcmp(data_text(data_inner(entry, "data"), "tbs_sha256"), tbs_sha256) == 0)
            return entry;
    }
    return NULL;
}

/* What a CRL that was brought along lists stands in the next one, unless this ceremony released it. */
static struct error *
compare_brought(const struct evidence *evidence, const struct transcript_record *result,
                const struct revoked_rows *rows, const struct revoked_rows *entries)
{
    EACH_RECORD(record, evidence)
    {
        AUTO_BYTES der = {0};
        AUTO_REVOKED_ROWS brought = {0};
        if (!is_done(record, "carry-crl") || record->seq > result->seq
            || strcmp(data_text(record->data, "key"), data_text(result->data, "key")) != 0)
            continue;
        TRY(evidence_file(evidence, data_text(record->data, "file"), &der));
        TRY(pki_crl_previous_each(der.data, der.len, revoked_rows_take, &brought));
        for (size_t i = 0; i < brought.count; i++) {
            const struct pki_revocation *is = &brought.items[i].is;
            const struct revoked_row *row = revoked_rows_find(rows, is);
            char serial[2 * sizeof is->serial + 1];
            hex_encode(is->serial, is->serial_len, serial);
            if (revoked_rows_find(entries, is) == NULL
                && (row == NULL || row->is.reason != REVOKED_RELEASED))
                return ERROR(ERROR_VERIFICATION,
                             "it lacks %s, which the CRL that was brought lists", serial);
        }
    }
    return NULL;
}

/* --- an indirect one: issuer by issuer (R55) --- */

/* Those of the entries that are of the issuer with this Name, len 0: of the CRL's own. */
static struct error *
entries_of(const struct revoked_rows *entries, struct der name, struct revoked_rows *ret)
{
    for (size_t i = 0; i < entries->count; i++) {
        const struct pki_revocation *is = &entries->items[i].is;
        if (der_equal(der_view(is->issuer, is->issuer_len), name))
            TRY(revoked_rows_add(ret, is));
    }
    return NULL;
}

/* What the issuer with this key revoked; `*seen` counts the entries that were looked at. */
static struct error *
compare_issuer(const struct evidence *evidence, const struct ledger_lines *ledger,
               const json_t *crl, const struct revoked_rows *entries, const char *spki_sha256,
               struct der name, size_t *seen)
{
    AUTO_REVOKED_ROWS rows = {0};
    AUTO_REVOKED_ROWS own = {0};
    size_t released = 0;
    bool all = false;
    TRY(revoked_rows_before(evidence, ledger, crl, spki_sha256, &rows, &all));
    revoked_rows_keep_last(&rows, &released);
    TRY(entries_of(entries, name, &own));
    *seen += own.count;
    return revoked_rows_compare(&rows, &own, released, all);
}

static struct error *
compare_covered(const struct evidence *evidence, const struct ledger_lines *ledger,
                const json_t *crl, const struct revoked_rows *entries, const char *key,
                uint64_t before, size_t *seen)
{
    AUTO_BYTES der = {0};
    AUTO_BYTES spki = {0};
    struct x509 issuer;
    char hash[DIGEST_SHA256_TEXT];
    TRY(certificate_of(evidence, key, before, &der));
    TRY(x509_read(der.data, der.len, KIND_CERTIFICATE, "the issuer's certificate", &issuer));
    TRY(digest_sha256_text(issuer.spki.whole.p, issuer.spki.whole.len, hash));
    return compare_issuer(evidence, ledger, crl, entries, hash, issuer.subject.whole, seen);
}

static bool
is_again(const struct script *script, const struct script_step *step, size_t n,
         const struct script_key *wanted)
{
    const struct script_key *key = NULL;
    const struct pki_profile *profile = NULL;
    for (size_t i = 0; i < n; i++)
        if (script_covered(script, step, i, &key, &profile) && key == wanted)
            return true;
    return false;
}

static struct error *
check_indirect(const struct evidence *evidence, const struct ledger_lines *ledger,
               const struct transcript_record *result, const json_t *crl)
{
    AUTO_BYTES der = {0};
    AUTO_REVOKED_ROWS entries = {0};
    size_t seen = 0;
    const struct script_step *step =
        evidence->script == NULL ? NULL : step_of(evidence->script, result->step);
    if (step == NULL)
        return ERROR(ERROR_VERIFICATION, "no script says whose revocations it lists");
    TRY(evidence_file(evidence, data_text(result->data, "file"), &der));
    TRY(pki_crl_previous_each(der.data, der.len, revoked_rows_take, &entries));
    TRY(compare_issuer(evidence, ledger, crl, &entries,
                       data_text(data_inner(crl, "data"), "issuer"), (struct der){0}, &seen));
    for (size_t i = 0; i < step->covers.count; i++) {
        const struct script_key *key = NULL;
        const struct pki_profile *profile = NULL;
        if (script_covered(evidence->script, step, i, &key, &profile)
            && !is_again(evidence->script, step, i, key))
            TRY(compare_covered(evidence, ledger, crl, &entries, key->id, result->seq, &seen));
    }
    if (seen != entries.count)
        return ERROR(ERROR_VERIFICATION,
                     "%zu of its entries are of issuers that the script does not cover",
                     entries.count - seen);
    return NULL;
}

static struct error *
check_crl(const struct evidence *evidence, const struct ledger_lines *ledger,
          const struct transcript_record *result)
{
    AUTO_BYTES der = {0};
    AUTO_REVOKED_ROWS rows = {0};
    AUTO_REVOKED_ROWS entries = {0};
    size_t released = 0;
    bool all = false;
    const json_t *crl = reserved(ledger, data_text(result->data, "tbs_sha256"));
    if (crl == NULL)
        return ERROR(ERROR_VERIFICATION, "the ledger does not know it");
    const char *scope = data_text(data_inner(crl, "data"), "scope");
    if (strcmp(scope, "indirect") == 0)
        return check_indirect(evidence, ledger, result, crl);
    struct revoked_scope covers;
    const char *issuer = data_text(data_inner(crl, "data"), "issuer");
    const bool full = strcmp(scope, "full") == 0;
    if (!revoked_scope_read(scope, &covers))
        return NULL; /* a delta: checks_crls.c compares it with the one beside it */
    TRY(revoked_rows_before(evidence, ledger, crl, issuer, &rows, &all));
    revoked_rows_keep_last(&rows, &released);
    revoked_scope_keep(&covers, ledger, issuer, &rows, &released);
    TRY(evidence_file(evidence, data_text(result->data, "file"), &der));
    TRY(pki_crl_previous_each(der.data, der.len, revoked_rows_take, &entries));
    if (full)
        TRY(compare_brought(evidence, result, &rows, &entries));
    return revoked_rows_compare(&rows, &entries, released, all);
}

struct error *
check_revocations(const struct evidence *evidence, struct report *report)
{
    AUTO_LEDGER_LINES ledger = {0};
    size_t blocks = 0;
    size_t crls = 0;
    struct error *error = ledger_lines_read(evidence, &ledger);
    if (error != NULL)
        return report_error(report, "ledger.jsonl", 0, error);
    for (size_t i = 0; i < ledger.count; i++) {
        AUTO_FREE char *name = NULL;
        const json_t *entry = ledger.rows[i].object;
        if (!revoked_is_block(entry) || !revoked_is_ours(evidence, entry))
            continue;
        blocks++;
        TRY(revoked_rows_name(entry, &name));
        TRY(report_error(report, name, 0, check_block(evidence, entry, name)));
    }
    EACH_RECORD(record, evidence)
    if (is_done(record, "sign-crl")) {
        crls++;
        TRY(report_error(report, data_text(record->data, "file"), record->seq,
                         check_crl(evidence, &ledger, record)));
    }
    return report_note(report, "%zu blocks of rows, compared with %zu CRLs", blocks, crls);
}
