/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks of the ledger that this ceremony entered: each is of a batch that was announced, by its key and profile, and there
 * are no more certificates in them than were approved, or than the record says.
 *
 * A batch that an aborted ceremony left unfinished: its results are not whole, but the ledger holds blocks of it. Their
 * rows are there, with the roots of the ledger's entries, so that a ledger can be made again and nobody certifies the
 * devices a second time unknowingly; the certificates of a block are all there or, where it was only reserved, perhaps
 * none, and are those of its rows, signed by the issuer. (R71, R102; docs/formats/ledger.md) */
#include <stdio.h>
#include <string.h>

#include "ceremony/audit/batch_certificate.h"
#include "ceremony/audit/batch_origin.h"
#include "ceremony/audit/checks.h"
#include "ceremony/audit/ledger_lines.h"
#include "ceremony/audit/revoked_rows.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/ledger/merkle.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/x509.h"
#include "transcripts/digest.h"
#include "transcripts/record.h"

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

/* --- what was announced --- */

static const struct transcript_record *
announced(const struct evidence *evidence, const char *batch)
{
    EACH_RECORD(record, evidence)
    if (is_intent(record, "sign-requests")
        && strcmp(data_text(record->data, "batch"), batch) == 0)
        return record;
    return NULL;
}

static bool
is_block_of(const json_t *entry, const char *batch)
{
    return strcmp(data_text(entry, "kind"), "certificates-reserve") == 0
           && strcmp(data_text(data_inner(entry, "data"), "batch"), batch) == 0;
}

/* By whom, and by what profile. */
static struct error *
compare_entry(const struct unfinished *all, const struct transcript_record *intent,
              const json_t *entry)
{
    const json_t *data = data_inner(entry, "data");
    struct x509 issuer;
    char spki[DIGEST_SHA256_TEXT];
    TRY(x509_read(all->issuer.data, all->issuer.len, KIND_CERTIFICATE,
                  "the issuer's certificate", &issuer));
    TRY(digest_sha256_text(issuer.spki.whole.p, issuer.spki.whole.len, spki));
    if (strcmp(data_text(data, "issuer"), spki) == 0
        && strcmp(data_text(data, "profile"), data_text(intent->data, "profile")) == 0)
        return NULL;
    return ERROR(ERROR_VERIFICATION,
                 "entry %lld of the ledger is of another issuer or profile than was announced",
                 (long long)data_number(entry, "seq"));
}

/* No more than was typed; where the batch was finished, as many as its record says. */
static struct error *
compare_count(const struct transcript_record *intent, const struct transcript_record *done,
              int64_t count)
{
    char command[64];
    int64_t accepted = data_number(intent->data, "accepted");
    (void)snprintf(command, sizeof command, "SIGN %lld REQUESTS", (long long)accepted);
    if (strcmp(command, data_text(intent->data, "command")) != 0 || count > accepted)
        return ERROR(ERROR_VERIFICATION, "another batch was approved than the ledger holds");
    if (done != NULL && count != data_number(done->data, "issued"))
        return ERROR(ERROR_VERIFICATION,
                     "the ledger holds %lld certificates of the batch, and the record %lld",
                     (long long)count, (long long)data_number(done->data, "issued"));
    return NULL;
}

/* Certificates of a batch that was not finished, of which the ledger holds no block. */
static struct error *
refuse_strangers(const struct unfinished *all, const char *folder)
{
    AUTO_FREE char *path = NULL;
    AUTO_FOLDER_LIST list = {0};
    TRY(path_join(all->evidence->folder, folder, &path));
    if (!file_is_folder(path))
        return NULL;
    TRY(folder_list(path, false, false, &list));
    for (size_t i = 0; i < list.count; i++) {
        bool known = strcmp(list.names[i], "chain.pem") == 0
                     || strcmp(list.names[i], "refused.txt") == 0; /* beside the blocks */
        for (size_t k = 0; k < all->ledger->count && !known; k++) {
            const json_t *entry = all->ledger->rows[k].object;
            char name[32];
            (void)snprintf(name, sizeof name, "%06lld.pem",
                           (long long)data_number(data_inner(entry, "data"), "block"));
            known = is_block_of(entry, all->batch) && strcmp(name, list.names[i]) == 0;
        }
        if (!known)
            return ERROR(ERROR_VERIFICATION, "\"%s\" is of no block of the ledger",
                         list.names[i]);
    }
    return NULL;
}

static struct error *
check_folder(const struct unfinished *all, const char *step)
{
    AUTO_FREE char *folder = NULL;
    TRY(text_format(&folder, "certificates/%s%s",
                    evidence_is_rehearsal(all->evidence) ? "PRACTICE-" : "", step));
    return refuse_strangers(all, folder);
}

/* --- all --- */

static struct error *
check_batch(struct unfinished *all, const struct transcript_record *intent,
            struct report *report)
{
    int64_t count = 0;
    const struct transcript_record *done = NULL;
    all->batch = data_text(intent->data, "batch");
    done = find_done(all->evidence, "sign-requests", "batch", all->batch, 0);
    bytes_clear(&all->issuer);
    TRY(certificate_of(all->evidence, data_text(intent->data, "key"), intent->seq,
                       &all->issuer));
    for (size_t i = 0; i < all->ledger->count; i++) {
        const json_t *entry = all->ledger->rows[i].object;
        if (!is_block_of(entry, all->batch))
            continue;
        count += data_number(data_inner(entry, "data"), "count");
        TRY(compare_entry(all, intent, entry));
        if (done == NULL)
            TRY(check_block(all, entry, report));
    }
    TRY(compare_count(intent, done, count));
    if (done != NULL || count == 0) /* then checks_batch.c looks, or there is nothing */
        return NULL;
    TRY(check_folder(all, intent->step));
    return batch_origin_check(all->evidence, all->ledger, intent);
}

static struct error *
check_announced(const struct unfinished *all, struct report *report)
{
    for (size_t i = 0; i < all->ledger->count; i++) {
        const json_t *entry = all->ledger->rows[i].object;
        if (strcmp(data_text(entry, "kind"), "certificates-reserve") == 0
            && strcmp(data_text(entry, "ceremony"), evidence_id(all->evidence)) == 0
            && announced(all->evidence, data_text(data_inner(entry, "data"), "batch")) == NULL)
            TRY(report_fault(report, all->ledger->name, 0,
                             "entry %lld is of a batch that was never announced",
                             (long long)data_number(entry, "seq")));
    }
    return NULL;
}

struct error *
check_blocks(const struct evidence *evidence, struct report *report)
{
    AUTO_LEDGER_LINES ledger = {0};
    struct unfinished all = {.evidence = evidence, .ledger = &ledger};
    struct error *error = ledger_lines_read(evidence, &ledger);
    if (error != NULL)
        return report_error(report, "ledger.jsonl", 0, error);
    TRY(check_announced(&all, report));
    EACH_RECORD(record, evidence)
    if (is_intent(record, "sign-requests")
        && announced(evidence, data_text(record->data, "batch")) == record)
        TRY(report_error(report, TRANSCRIPT_FILE, record->seq,
                         check_batch(&all, record, report)));
    bytes_clear(&all.issuer);
    return report_note(report, "%zu of unfinished batches, %zu certificates read and verified",
                       all.blocks, all.certificates);
}
