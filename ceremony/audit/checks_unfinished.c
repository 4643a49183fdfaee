/* SPDX-License-Identifier: Apache-2.0
 *
 * A batch that an aborted ceremony left unfinished: its results are not whole, but the ledger holds blocks of it. Their
 * rows are there, with the roots of the ledger's entries, so that a ledger can be made again and nobody certifies the
 * devices a second time unknowingly; the certificates of a block are all there or, where it was only reserved, perhaps
 * none, and are those of its rows, signed by the issuer. (R71, R102; docs/formats/ledger.md) */
#include <string.h>

#include "ceremony/audit/batch_certificate.h"
#include "ceremony/audit/checks.h"
#include "ceremony/audit/ledger_lines.h"
#include "ceremony/audit/revoked_rows.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/ledger/merkle.h"
#include "ceremony/pki/build.h"
#include "transcripts/digest.h"

struct unfinished {
    const struct evidence *evidence;
    const struct ledger_lines *ledger;
    struct bytes issuer; /* its certificate */
    const char *batch;   /* CEREMONY/STEP */
    size_t blocks;
    size_t certificates;
};

/* --- the rows of one entry --- */

static struct error *
take_rows(const char *text, size_t len, struct merkle *tree, json_t *rows)
{
    for (size_t at = 0; at < len;) {
        const char *end = memchr(text + at, '\n', len - at);
        if (end == NULL)
            return ERROR(ERROR_VERIFICATION, "the last line of its rows is not complete");
        size_t row_len = (size_t)(end - text) - at;
        json_t *row = json_loadb(text + at, row_len, JSON_REJECT_DUPLICATES, NULL);
        if (row == NULL || json_array_append_new(rows, row) != 0)
            return ERROR(ERROR_VERIFICATION, "a line of its rows cannot be read");
        TRY(merkle_add(tree, text + at, row_len));
        at += row_len + 1;
    }
    return NULL;
}

static struct error *
compare_root(struct merkle *tree, const json_t *entry, const json_t *rows)
{
    unsigned char root[MERKLE_HASH];
    char text[2 * MERKLE_HASH + 1];
    const json_t *data = data_inner(entry, "data");
    TRY(merkle_root(tree, root));
    hex_encode(root, sizeof root, text);
    return (int64_t)json_array_size(rows) == data_number(data, "count")
                   && strcmp(text, data_text(data, "root")) == 0
               ? NULL
               : ERROR(ERROR_VERIFICATION,
                       "its rows are not those that entry %lld of the ledger stands for",
                       (long long)data_number(entry, "seq"));
}

static struct error *
read_rows(const struct unfinished *all, const json_t *entry, json_t *rows)
{
    AUTO_FREE char *name = NULL;
    AUTO_BYTES file = {0};
    AUTO_MERKLE tree = {0};
    TRY(revoked_rows_name(entry, &name));
    if (!evidence_has(all->evidence, name))
        return ERROR(ERROR_VERIFICATION,
                     "the rows of entry %lld of the ledger, \"%s\", are not there",
                     (long long)data_number(entry, "seq"), name);
    TRY(evidence_file(all->evidence, name, &file));
    TRY(merkle_init(&tree));
    TRY(take_rows((const char *)file.data, file.len, &tree, rows));
    return compare_root(&tree, entry, rows);
}

/* --- the certificates of one block --- */

static struct error *
check_certificate(struct unfinished *all, const struct bytes *pem, size_t *at,
                  const json_t *row, const json_t *issued)
{
    AUTO_BYTES der = {0};
    char hash[DIGEST_SHA256_TEXT];
    const char *item = data_text(row, "device");
    TRY(batch_certificate_next(pem, at, item, &der));
    TRY(digest_sha256_text(der.data, der.len, hash));
    if (issued != NULL && strcmp(hash, data_text(issued, "certificate_sha256")) != 0)
        return ERROR(ERROR_VERIFICATION, "item \"%s\" has another certificate than was issued",
                     item);
    TRY(batch_certificate_is(&der, row, item));
    all->certificates++;
    return pki_certificate_verify(der.data, der.len, all->issuer.data, all->issuer.len);
}

static struct error *
check_certificates(struct unfinished *all, const char *name, const json_t *rows,
                   const json_t *issued)
{
    AUTO_BYTES pem = {0};
    size_t at = 0;
    size_t index = 0;
    const json_t *row = NULL;
    if (!evidence_has(all->evidence, name))
        return issued == NULL ? NULL
                              : ERROR(ERROR_VERIFICATION,
                                      "its certificates, which the ledger holds as issued, are "
                                      "not there");
    TRY(evidence_file(all->evidence, name, &pem));
    json_array_foreach(rows, index, row)
        TRY(check_certificate(all, &pem, &at, row, json_array_get(issued, index)));
    return at == pem.len
               ? NULL
               : ERROR(ERROR_VERIFICATION, "it holds more than the certificates of its block");
}

/* --- one block --- */

static const json_t *
issue_of(const struct unfinished *all, const json_t *reserved)
{
    for (size_t i = 0; i < all->ledger->count; i++) {
        const json_t *entry = all->ledger->rows[i].object;
        if (strcmp(data_text(entry, "kind"), "certificates-issue") == 0
            && data_number(data_inner(entry, "data"), "reserved")
                   == data_number(reserved, "seq"))
            return entry;
    }
    return NULL;
}

static struct error *
check_rows_of(struct unfinished *all, const json_t *reserved, const char *name, json_t *rows,
              json_t *issued)
{
    const json_t *issue = issue_of(all, reserved);
    if (rows == NULL || issued == NULL)
        return error_memory();
    TRY(read_rows(all, reserved, rows));
    if (issue != NULL)
        TRY(read_rows(all, issue, issued));
    return check_certificates(all, name, rows, issue == NULL ? NULL : issued);
}

static struct error *
check_block(struct unfinished *all, const json_t *reserved, struct report *report)
{
    AUTO_FREE char *name = NULL;
    const char *step = strchr(all->batch, '/');
    TRY(text_format(&name, "certificates/%s%s/%06lld.pem",
                    evidence_is_rehearsal(all->evidence) ? "PRACTICE-" : "",
                    step == NULL ? "" : step + 1,
                    (long long)data_number(data_inner(reserved, "data"), "block")));
    json_t *rows = json_array();
    json_t *issued = json_array();
    all->blocks++;
    struct error *error = check_rows_of(all, reserved, name, rows, issued);
    json_decref(rows);
    json_decref(issued);
    return report_error(report, name, 0, error);
}

/* --- all --- */

static struct error *
check_batch(struct unfinished *all, const struct transcript_record *intent,
            struct report *report)
{
    all->batch = data_text(intent->data, "batch");
    bytes_clear(&all->issuer);
    TRY(certificate_of(all->evidence, data_text(intent->data, "key"), intent->seq,
                       &all->issuer));
    for (size_t i = 0; i < all->ledger->count; i++) {
        const json_t *entry = all->ledger->rows[i].object;
        if (strcmp(data_text(entry, "kind"), "certificates-reserve") == 0
            && strcmp(data_text(data_inner(entry, "data"), "batch"), all->batch) == 0)
            TRY(check_block(all, entry, report));
    }
    return NULL;
}

struct error *
check_unfinished(const struct evidence *evidence, struct report *report)
{
    AUTO_LEDGER_LINES ledger = {0};
    struct unfinished all = {.evidence = evidence, .ledger = &ledger};
    if (!evidence_is_aborted(evidence))
        return report_note(report, "none: it was not aborted");
    struct error *error = ledger_lines_read(evidence, &ledger);
    if (error != NULL)
        return report_error(report, "ledger.jsonl", 0, error);
    EACH_RECORD(record, evidence)
    {
        if (!is_intent(record, "sign-requests")
            || find_done(evidence, "sign-requests", "batch", data_text(record->data, "batch"),
                         0)
                   != NULL)
            continue;
        TRY(report_error(report, "transcript.jsonl", record->seq,
                         check_batch(&all, record, report)));
    }
    bytes_clear(&all.issuer);
    return report_note(report, "%zu blocks, %zu certificates read and verified", all.blocks,
                       all.certificates);
}
