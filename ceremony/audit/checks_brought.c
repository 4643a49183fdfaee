/* SPDX-License-Identifier: Apache-2.0
 *
 * Certificates that came from another ceremony: whose key, signed by whom, compared with paper by two
 * witnesses, and entered in the ledger. (R9, R15, R62) */
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/audit/ledger_lines.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/pki/build.h"
#include "transcripts/record.h"

/* Each signed by the next, the last by itself. */
static struct error *
check_chain_above(const struct evidence *evidence, const struct transcript_record *result,
                  const struct bytes *certificate)
{
    AUTO_BYTES below = {0};
    size_t index = 0;
    const json_t *row = NULL;
    const json_t *issuers = data_inner(result->data, "issuers");
    TRY(bytes_copy(&below, certificate->data, certificate->len));
    json_array_foreach(issuers, index, row)
    {
        AUTO_BYTES issuer = {0};
        const char *name = json_string_value(row);
        TRY(evidence_file(evidence, name == NULL ? "" : name, &issuer));
        TRY(pki_certificate_verify(below.data, below.len, issuer.data, issuer.len));
        bytes_clear(&below);
        TRY(bytes_copy(&below, issuer.data, issuer.len));
    }
    if (json_array_size(issuers) == 0)
        return ERROR(ERROR_VERIFICATION, "no certificate of its issuer is there");
    return pki_certificate_verify(below.data, below.len, NULL, 0);
}

static struct error *
check_key_of(const struct evidence *evidence, const struct transcript_record *result,
             const struct bytes *certificate)
{
    AUTO_BYTES spki = {0};
    AUTO_BYTES said = {0};
    const char *name = data_text(result->data, "subject");
    const struct transcript_record *key = find_key(evidence, "key", name, result->seq);
    if (key == NULL)
        return ERROR(ERROR_VERIFICATION, "the key \"%s\" was not there before", name);
    TRY(data_bytes(key->data, "spki", &said));
    TRY(pki_certificate_spki(certificate->data, certificate->len, &spki));
    if (spki.len != said.len || memcmp(spki.data, said.data, spki.len) != 0)
        return ERROR(ERROR_VERIFICATION, "it is not for the key \"%s\"", name);
    return NULL;
}

static size_t
paper_witnesses(const struct evidence *evidence, const struct transcript_record *result)
{
    const char *seen = "";
    size_t count = 0;
    EACH_RECORD(record, evidence)
    {
        if (record->seq >= result->seq || record->type != TRANSCRIPT_CONFIRMATION
            || strcmp(data_text(record->data, "prompt"), "certificate") != 0
            || strcmp(data_text(record->data, "sha256"), data_text(result->data, "sha256")) != 0
            || strcmp(record->actor, seen) == 0)
            continue;
        seen = record->actor;
        count++;
    }
    return count;
}

static struct error *
check_one(const struct evidence *evidence, const struct transcript_record *result,
          const struct ledger_lines *lines, struct report *report)
{
    AUTO_BYTES der = {0};
    char hash[65];
    const char *file = data_text(result->data, "file");
    const char *said = data_text(result->data, "sha256");
    evidence_hash(evidence, file, hash);
    if (strcmp(hash, said) != 0)
        return report_fault(report, file, result->seq, "is not the certificate of the record");
    TRY(evidence_file(evidence, file, &der));
    TRY(check_key_of(evidence, result, &der));
    TRY(check_chain_above(evidence, result, &der));
    size_t witnesses = paper_witnesses(evidence, result);
    if (witnesses < 2)
        TRY(report_fault(report, TRANSCRIPT_FILE, result->seq,
                         "%zu witnesses compared the certificate with its paper; two must",
                         witnesses));
    if (!ledger_lines_has(lines, evidence_id(evidence), "certificate-import",
                          "certificate_sha256", said))
        TRY(report_fault(report, lines->name, result->seq, "\"%s\" is not entered", file));
    return NULL;
}

struct error *
check_brought(const struct evidence *evidence, struct report *report)
{
    AUTO_LEDGER_LINES lines = {0};
    size_t count = 0;
    EACH_RECORD(record, evidence)
    {
        if (!is_done(record, "import-certificate"))
            continue;
        if (count++ == 0)
            TRY(ledger_lines_read(evidence, &lines));
        TRY(report_error(report, data_text(record->data, "file"), record->seq,
                         check_one(evidence, record, &lines, report)));
    }
    return report_note(report, "%zu certificates of other ceremonies", count);
}
