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

/* The acts that bring one, and what their results call its parts. */
static const struct brought {
    const char *does;
    const char *key;
    const char *file;
    const char *sha256;
    bool brings_key; /* of another CA: the key comes with it, and it is not of this ledger */
} rows[] = {
    {"import-certificate", "subject", "file",        "sha256",             false},
    {"import-existing",    "key",     "certificate", "certificate_sha256", true },
};

/* Each signed by the next, the last by itself. `self` admits one that has none above it. */
static struct error *
check_chain_above(const struct evidence *evidence, const struct transcript_record *result,
                  const struct bytes *certificate, bool self)
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
    if (json_array_size(issuers) == 0 && !self)
        return ERROR(ERROR_VERIFICATION, "no certificate of its issuer is there");
    return pki_certificate_verify(below.data, below.len, NULL, 0);
}

/* `before`: the record before which the key must have come. */
static struct error *
check_key_of(const struct evidence *evidence, const char *name, uint64_t before,
             const struct bytes *certificate)
{
    AUTO_BYTES spki = {0};
    AUTO_BYTES said = {0};
    const struct transcript_record *key = find_key(evidence, "key", name, before);
    if (key == NULL)
        return ERROR(ERROR_VERIFICATION, "the key \"%s\" was not there before", name);
    TRY(data_bytes(key->data, "spki", &said));
    TRY(pki_certificate_spki(certificate->data, certificate->len, &spki));
    if (spki.len != said.len || memcmp(spki.data, said.data, spki.len) != 0)
        return ERROR(ERROR_VERIFICATION, "it is not for the key \"%s\"", name);
    return NULL;
}

static size_t
paper_witnesses(const struct evidence *evidence, const struct transcript_record *result,
                const char *sha256)
{
    const char *seen = "";
    size_t count = 0;
    EACH_RECORD(record, evidence)
    {
        if (record->seq >= result->seq || record->type != TRANSCRIPT_CONFIRMATION
            || strcmp(data_text(record->data, "prompt"), "certificate") != 0
            || strcmp(data_text(record->data, "sha256"), sha256) != 0
            || strcmp(record->actor, seen) == 0)
            continue;
        seen = record->actor;
        count++;
    }
    return count;
}

/* What holds of every certificate that was brought: the file, whose it is, who is above it, the paper. */
static struct error *
check_certificate(const struct evidence *evidence, const struct transcript_record *result,
                  const struct brought *brought, struct report *report)
{
    AUTO_BYTES der = {0};
    char hash[65];
    const char *file = data_text(result->data, brought->file);
    const char *said = data_text(result->data, brought->sha256);
    evidence_hash(evidence, file, hash);
    if (strcmp(hash, said) != 0)
        return report_fault(report, file, result->seq, "is not the certificate of the record");
    TRY(evidence_file(evidence, file, &der));
    TRY(check_key_of(evidence, data_text(result->data, brought->key),
                     result->seq + (brought->brings_key ? 1 : 0), &der));
    TRY(check_chain_above(evidence, result, &der, brought->brings_key));
    size_t witnesses = paper_witnesses(evidence, result, said);
    if (witnesses >= 2)
        return NULL;
    return report_fault(report, TRANSCRIPT_FILE, result->seq,
                        "%zu witnesses compared the certificate with its paper; two must",
                        witnesses);
}

static struct error *
check_entered(const struct evidence *evidence, const struct transcript_record *result,
              const struct brought *brought, struct report *report)
{
    AUTO_LEDGER_LINES lines = {0};
    TRY(ledger_lines_read(evidence, &lines));
    if (ledger_lines_has(&lines, evidence_id(evidence), "certificate-import",
                         "certificate_sha256", data_text(result->data, brought->sha256)))
        return NULL;
    return report_fault(report, lines.name, result->seq, "\"%s\" is not entered",
                        data_text(result->data, brought->file));
}

struct error *
check_brought(const struct evidence *evidence, struct report *report)
{
    size_t count = 0;
    EACH_RECORD(record, evidence)
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (!is_done(record, rows[i].does))
            continue;
        count++;
        const char *file = data_text(record->data, rows[i].file);
        TRY(report_error(report, file, record->seq,
                         check_certificate(evidence, record, &rows[i], report)));
        if (!rows[i].brings_key)
            TRY(report_error(report, file, record->seq,
                             check_entered(evidence, record, &rows[i], report)));
    }
    return report_note(report, "%zu certificates of other ceremonies", count);
}
