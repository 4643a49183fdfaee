/* SPDX-License-Identifier: Apache-2.0
 *
 * Batches: what the record says of each is counted again from results.jsonl, line by line; the lines'
 * root is the record's, the blocks' roots are the ledger's, and every certificate is read, is the one
 * that its line names, and is signed by the issuer. (R32, R47, R69; docs/formats/batch.md) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/audit/batch_certificate.h"
#include "ceremony/audit/batch_keys.h"
#include "ceremony/audit/batch_origin.h"
#include "ceremony/audit/checks.h"
#include "ceremony/audit/ledger_lines.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/ledger/blocks.h"
#include "ceremony/ledger/merkle.h"
#include "ceremony/pki/build.h"
#include "transcripts/digest.h"

#define RESULTS "results.jsonl"

/* One batch being gone through. */
struct batch {
    const struct evidence *evidence;
    const struct transcript_record *record;
    struct report *report;
    struct ledger_lines ledger;
    struct bytes issuer;
    struct merkle lines;
    struct merkle rows;
    struct merkle issued;
    int64_t block; /* whose lines are at hand */
    int64_t in_block;
    int64_t items;
    int64_t verdicts[3];
    int64_t resigned;
    struct bytes pem; /* of the block's file */
    size_t at;
    struct bytes line;
    struct batch_keys keys; /* of devices, where the batch made them */
    bool item_found;
};

static const char *const verdict_names[] = {"issued", "refused", "issued-before"};
static const char *const verdict_keys[] = {"issued", "refused", "before"};

/* --- one line --- */

static struct error *
hash_of(const json_t *line, const char *key, unsigned char ret_hash[32])
{
    return hex_decode(data_text(line, key), ret_hash, 32);
}

static struct error *
add_row(struct batch *batch, const json_t *line)
{
    struct ledger_row row = {.device = data_text(line, "device")};
    AUTO_BYTES serial = {0};
    AUTO_BYTES modulus = {0};
    unsigned char certificate[32];
    TRY(hex_decode_append(data_text(line, "serial"), &serial));
    TRY(hex_decode_append(data_text(line, "rsa_modulus"), &modulus));
    TRY(hash_of(line, "spki_sha256", row.spki));
    TRY(hash_of(line, "request_sha256", row.request));
    TRY(hash_of(line, "tbs_sha256", row.tbs));
    TRY(hash_of(line, "certificate_sha256", certificate));
    if (serial.len < 1 || serial.len > sizeof row.serial)
        return ERROR(ERROR_VERIFICATION, "a serial number has the wrong length");
    memcpy(row.serial, serial.data, serial.len);
    row.serial_len = serial.len;
    row.modulus = modulus.len == 0 ? NULL : modulus.data;
    row.modulus_len = modulus.len;
    batch->line.len = 0;
    TRY(ledger_row_write(&row, &batch->line));
    TRY(merkle_add(&batch->rows, batch->line.data, batch->line.len));
    batch->line.len = 0;
    TRY(ledger_issued_write(certificate, &batch->line));
    return merkle_add(&batch->issued, batch->line.data, batch->line.len);
}

/* The next certificate of the block's file: hash, content and signature. */
static struct error *
check_certificate(struct batch *batch, const json_t *line)
{
    AUTO_BYTES der = {0};
    char hash[DIGEST_SHA256_TEXT];
    const char *item = data_text(line, "item");
    TRY(batch_certificate_next(&batch->pem, &batch->at, item, &der));
    TRY(digest_sha256_text(der.data, der.len, hash));
    if (strcmp(hash, data_text(line, "certificate_sha256")) != 0)
        return ERROR(ERROR_VERIFICATION, "item \"%s\" has another certificate in its file",
                     item);
    TRY(batch_certificate_is(&der, line, item));
    return pki_certificate_verify(der.data, der.len, batch->issuer.data, batch->issuer.len);
}

/* --- one block --- */

static const json_t *
ledger_entry(const struct batch *batch, const char *kind, const char *key, int64_t number)
{
    for (size_t i = 0; i < batch->ledger.count; i++) {
        const json_t *row = batch->ledger.rows[i].object;
        const json_t *data = data_inner(row, "data");
        bool ours =
            strcmp(kind, "certificates-issue") == 0
            || strcmp(data_text(data, "batch"), data_text(batch->record->data, "batch")) == 0;
        if (ours && strcmp(data_text(row, "kind"), kind) == 0
            && data_number(data, key) == number)
            return row;
    }
    return NULL;
}

static struct error *
compare_root(struct merkle *tree, const json_t *entry, const char *what)
{
    unsigned char root[MERKLE_HASH];
    char text[2 * MERKLE_HASH + 1];
    TRY(merkle_root(tree, root));
    hex_encode(root, sizeof root, text);
    if (entry == NULL || strcmp(data_text(data_inner(entry, "data"), "root"), text) != 0)
        return ERROR(ERROR_VERIFICATION, "the ledger %s other certificates than the results",
                     what);
    return NULL;
}

static struct error *
end_block(struct batch *batch)
{
    if (batch->in_block == 0)
        return NULL;
    if (batch->at != batch->pem.len)
        return ERROR(ERROR_VERIFICATION,
                     "the file of block %lld holds more than its certificates",
                     (long long)batch->block);
    TRY(batch_keys_end(&batch->keys, batch->block));
    const json_t *reserved = ledger_entry(batch, "certificates-reserve", "block", batch->block);
    TRY(compare_root(&batch->rows, reserved, "reserved"));
    return compare_root(
        &batch->issued,
        ledger_entry(batch, "certificates-issue", "reserved", data_number(reserved, "seq")),
        "issued");
}

static struct error *
begin_block(struct batch *batch, int64_t block)
{
    TRY(end_block(batch));
    if (block <= batch->block)
        return ERROR(ERROR_VERIFICATION, "block %lld stands behind block %lld",
                     (long long)block, (long long)batch->block);
    batch->block = block;
    batch->in_block = 0;
    batch->at = 0;
    batch->pem.len = 0;
    merkle_reset(&batch->rows);
    merkle_reset(&batch->issued);
    return NULL;
}

/* The file is read when its first certificate is wanted: a block of refusals has none. */
static struct error *
open_block(struct batch *batch)
{
    AUTO_FREE char *name = NULL;
    const char *prefix = evidence_is_rehearsal(batch->evidence) ? "PRACTICE-" : "";
    if (batch->in_block > 1)
        return NULL;
    TRY(text_format(&name, "certificates/%s%s/%06lld.pem", prefix, batch->record->step,
                    (long long)batch->block));
    TRY(batch_keys_open(&batch->keys, batch->evidence, prefix, batch->record->step,
                        batch->block));
    return evidence_file(batch->evidence, name, &batch->pem);
}

/* The one that was asked for; what it stands on is checked with all the others. */
static struct error *
note_item(struct batch *batch, const json_t *line)
{
    const char *wanted = batch->evidence->item_sha256;
    if (wanted == NULL || strcmp(wanted, data_text(line, "certificate_sha256")) != 0)
        return NULL;
    batch->item_found = true;
    return report_note(batch->report,
                       "the certificate is of item %lld, device \"%s\", batch %s",
                       (long long)batch->items, data_text(line, "device"),
                       data_text(batch->record->data, "batch"));
}

static struct error *
count_line(struct batch *batch, const json_t *line)
{
    const char *verdict = data_text(line, "verdict");
    int64_t block = data_number(line, "block");
    if (data_number(line, "index") != batch->items)
        return ERROR(ERROR_VERIFICATION, "line %lld is of another item",
                     (long long)batch->items + 1);
    batch->items++;
    if (block != batch->block)
        TRY(begin_block(batch, block));
    batch->resigned += json_is_true(json_object_get(line, "resigned")) ? 1 : 0;
    for (size_t i = 0; i < 3; i++)
        batch->verdicts[i] += strcmp(verdict, verdict_names[i]) == 0 ? 1 : 0;
    if (strcmp(verdict, "issued") != 0)
        return NULL;
    batch->in_block++;
    TRY(note_item(batch, line));
    TRY(open_block(batch));
    TRY(add_row(batch, line));
    TRY(batch_keys_next(&batch->keys, line));
    return check_certificate(batch, line);
}

/* --- all lines --- */

static struct error *
take_line(struct batch *batch, const char *text, size_t len)
{
    if (len < 2 || text[len - 1] != '\n')
        return ERROR(ERROR_VERIFICATION, "the last line is not complete");
    TRY(merkle_add(&batch->lines, text, len - 1));
    json_t *line = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    if (line == NULL)
        return ERROR(ERROR_VERIFICATION, "line %lld cannot be read",
                     (long long)batch->items + 1);
    struct error *error = count_line(batch, line);
    json_decref(line);
    return error;
}

static void
close_auto(FILE **file)
{
    if (*file != NULL)
        (void)fclose(*file);
}

static struct error *
read_lines(struct batch *batch)
{
    AUTO_FREE char *path = NULL;
    AUTO_FREE char *text = NULL;
    size_t room = 0;
    TRY(path_join(batch->evidence->folder, RESULTS, &path));
    __attribute__((cleanup(close_auto))) FILE *file = fopen(path, "re");
    if (file == NULL)
        return ERROR(ERROR_VERIFICATION, "the results of a batch are not there");
    for (ssize_t len = getline(&text, &room, file); len > 0; len = getline(&text, &room, file))
        TRY(take_line(batch, text, (size_t)len));
    return end_block(batch);
}

static struct error *
compare_totals(struct batch *batch)
{
    const json_t *data = batch->record->data;
    unsigned char root[MERKLE_HASH];
    char text[2 * MERKLE_HASH + 1];
    TRY(merkle_root(&batch->lines, root));
    hex_encode(root, sizeof root, text);
    bool same = strcmp(data_text(data, "root"), text) == 0
                && data_number(data, "items") == batch->items
                && data_number(data, "resigned") == batch->resigned;
    for (size_t i = 0; i < 3; i++)
        same = same && data_number(data, verdict_keys[i]) == batch->verdicts[i];
    return same ? NULL
                : ERROR(ERROR_VERIFICATION,
                        "the totals of the record are not those of the results");
}

/* What was typed is the number that was approved, and no more was signed. */
static struct error *
compare_approval(struct batch *batch)
{
    char command[64];
    const struct transcript_record *intent = intent_of(batch->evidence, batch->record);
    if (intent == NULL || strcmp(data_text(intent->data, "does"), "sign-requests") != 0)
        return ERROR(ERROR_VERIFICATION, "the batch was not announced");
    static const char *const same[] = {"batch", "key", "profile"};
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        if (strcmp(data_text(intent->data, same[i]), data_text(batch->record->data, same[i]))
            != 0)
            return ERROR(ERROR_VERIFICATION, "\"%s\" of the batch is not what was announced",
                         same[i]);
    int64_t accepted = data_number(intent->data, "accepted");
    (void)snprintf(command, sizeof command, "SIGN %lld REQUESTS", (long long)accepted);
    if (strcmp(data_text(intent->data, "command"), command) != 0
        || data_number(intent->data, "items") != batch->items
        || batch->verdicts[0] + batch->verdicts[2] > accepted)
        return ERROR(ERROR_VERIFICATION, "another batch was approved than was signed");
    return NULL;
}

static struct error *
go_through(struct batch *batch)
{
    TRY(merkle_init(&batch->lines));
    TRY(merkle_init(&batch->rows));
    TRY(merkle_init(&batch->issued));
    batch_keys_init(&batch->keys, batch->evidence, batch->record);
    TRY(ledger_lines_read(batch->evidence, &batch->ledger));
    TRY(certificate_of(batch->evidence, data_text(batch->record->data, "key"),
                       batch->record->seq, &batch->issuer));
    TRY(read_lines(batch));
    TRY(compare_totals(batch));
    TRY(batch_origin_check(batch->evidence, &batch->ledger,
                           intent_of(batch->evidence, batch->record)));
    return compare_approval(batch);
}

static void
batch_clear(struct batch *batch)
{
    ledger_lines_clear(&batch->ledger);
    bytes_clear(&batch->issuer);
    merkle_clear(&batch->lines);
    merkle_clear(&batch->rows);
    merkle_clear(&batch->issued);
    bytes_clear(&batch->pem);
    bytes_clear(&batch->line);
    batch_keys_clear(&batch->keys);
}

struct error *
check_batches(const struct evidence *evidence, struct report *report)
{
    int64_t certificates = 0;
    int64_t batches = 0;
    bool found = false;
    EACH_RECORD(record, evidence)
    {
        if (!is_done(record, "sign-requests"))
            continue;
        struct batch *batch = calloc(1, sizeof *batch);
        if (batch == NULL)
            return error_memory();
        batch->evidence = evidence;
        batch->record = record;
        batch->report = report;
        struct error *error = go_through(batch);
        certificates += batch->verdicts[0];
        batches++;
        found = found || batch->item_found;
        batch_clear(batch);
        free(batch);
        TRY(report_error(report, RESULTS, record->seq, error));
    }
    if (evidence->item_sha256 != NULL && !found)
        TRY(report_fault(report, RESULTS, 0, "the certificate %.16s... is of no batch here",
                         evidence->item_sha256));
    return report_note(report, "%lld, %lld certificates read and verified", (long long)batches,
                       (long long)certificates);
}
