/* SPDX-License-Identifier: Apache-2.0
 *
 * The recorder and what it signed on the way. (R94, R101) */
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/pki.h"
#include "transcripts/digest.h"
#include "transcripts/record.h"

#define RECORDER_FILE "certificates/recorder.pem"

static const struct transcript_record *
recorder_before(const struct evidence *evidence, uint64_t seq)
{
    const struct transcript_record *found = NULL;
    EACH_RECORD(record, evidence)
    if (record->seq < seq && is_done(record, "create-recorder"))
        found = record;
    return found;
}

/* The certificate of the record: its hash, its key, its own signature. */
static struct error *
check_certificate(const struct transcript_record *made, struct bytes *der,
                  struct report *report)
{
    AUTO_BYTES said = {0};
    AUTO_BYTES spki = {0};
    char hash[DIGEST_SHA256_TEXT];
    TRY(data_bytes(made->data, "certificate", der));
    TRY(data_bytes(made->data, "spki", &said));
    TRY(digest_sha256_text(der->data, der->len, hash));
    if (strcmp(hash, data_text(made->data, "certificate_sha256")) != 0)
        TRY(report_fault(report, TRANSCRIPT_FILE, made->seq,
                         "the recorder's certificate has another hash"));
    TRY(pki_certificate_spki(der->data, der->len, &spki));
    if (spki.len != said.len || memcmp(spki.data, said.data, spki.len) != 0)
        TRY(report_fault(report, TRANSCRIPT_FILE, made->seq,
                         "the recorder's certificate holds another key"));
    return pki_certificate_verify(der->data, der->len, NULL, 0);
}

/* Killed before the certificate became a file, and aborted: the record alone holds it. */
static bool
was_never_written(const struct evidence *evidence)
{
    EACH_RECORD(record, evidence)
    if (record->type == TRANSCRIPT_OUTPUT
        && strcmp(data_text(record->data, "file"), RECORDER_FILE) == 0)
        return false;
    return evidence_is_aborted(evidence) && !evidence_has(evidence, RECORDER_FILE);
}

static struct error *
check_file(const struct evidence *evidence, const struct bytes *der, struct report *report)
{
    AUTO_BYTES file = {0};
    AUTO_BYTES again = {0};
    if (was_never_written(evidence))
        return report_note(report, "aborted before its certificate was a file");
    TRY(evidence_file(evidence, RECORDER_FILE, &file));
    TRY(pki_pem("CERTIFICATE", der->data, der->len, &again));
    if (file.len != again.len || memcmp(file.data, again.data, file.len) != 0)
        return report_fault(report, RECORDER_FILE, 0, "is not the certificate of the record");
    return NULL;
}

/* Aborted without its token, which people decided by name: then its signature cannot be wanted. */
static bool
was_given_up(const struct evidence *evidence, const char *token)
{
    EACH_RECORD(record, evidence)
    if (record->type == TRANSCRIPT_EXCEPTION
        && strcmp(data_text(record->data, "token_given_up"), token) == 0)
        return evidence_is_aborted(evidence);
    return false;
}

static struct error *
check_named(const struct evidence *evidence, const struct transcript_record *made,
            struct report *report)
{
    size_t index = 0;
    const json_t *row = NULL;
    if (evidence->closing == NULL)
        return NULL;
    json_array_foreach(data_inner(evidence->closing->data, "required_signers"), index,
                       row) if (strcmp(data_text(row, "signer"), "recorder") == 0
                                && strcmp(data_text(row, "certificate_sha256"),
                                          data_text(made->data, "certificate_sha256"))
                                       == 0) return NULL;
    if (was_given_up(evidence, data_text(made->data, "token")))
        return report_note(report, "its token was given up; it did not seal");
    return report_fault(report, TRANSCRIPT_FILE, evidence->closing->seq,
                        "the closing record does not want the recorder's signature");
}

struct error *
check_recorder(const struct evidence *evidence, struct report *report)
{
    AUTO_BYTES der = {0};
    const struct transcript_record *made =
        recorder_before(evidence, evidence->reading.count + 1);
    if (made == NULL)
        return evidence_is_aborted(evidence)
                   ? report_note(report, "aborted before there was one")
                   : report_fault(report, TRANSCRIPT_FILE, 0, "no recorder was made");
    TRY(report_error(report, TRANSCRIPT_FILE, made->seq,
                     check_certificate(made, &der, report)));
    TRY(report_error(report, RECORDER_FILE, 0, check_file(evidence, &der, report)));
    TRY(check_named(evidence, made, report));
    return report_note(report, "certificate %.16s...",
                       data_text(made->data, "certificate_sha256"));
}

/* --- checkpoints --- */

static struct error *
verify_checkpoint(const struct evidence *evidence, const struct transcript_record *record,
                  const struct transcript_record *recorder)
{
    AUTO_BYTES spki = {0};
    AUTO_BYTES signature = {0};
    const char *head = data_text(record->data, "head");
    (void)evidence;
    TRY(data_bytes(recorder->data, "spki", &spki));
    TRY(data_bytes(record->data, "signature", &signature));
    if (signature.len == 0)
        return ERROR(ERROR_VERIFICATION, "the recorder did not sign the checkpoint");
    return pki_verify(spki.data, spki.len, "sha256", head, strlen(head), signature.data,
                      signature.len);
}

/* The act of the last step that ended. */
static const char *
act_before(const struct evidence *evidence, const struct transcript_record *point)
{
    const char *act = "";
    EACH_RECORD(record, evidence)
    if (record->seq < point->seq && record->type == TRANSCRIPT_STEP_END)
        act = record->act;
    return act;
}

static struct error *
check_point(const struct evidence *evidence, const struct transcript_record *record,
            struct report *report)
{
    char head[65] = "";
    int64_t count = data_number(record->data, "count");
    if (count >= 1 && (uint64_t)count < record->seq)
        hex_encode(evidence->reading.records[count - 1].hash, 32, head);
    if (count < 0 || (uint64_t)count + 1 != record->seq)
        TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                         "it is of record %lld, and not of the one right before it",
                         (long long)count));
    if (strcmp(data_text(record->data, "ended_act"), act_before(evidence, record)) != 0)
        TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                         "it says that another act ended than did"));
    if (strcmp(head, data_text(record->data, "head")) != 0)
        TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                         "the head is not that of the chain at record %lld", (long long)count));
    const struct transcript_record *recorder = recorder_before(evidence, record->seq);
    if (recorder == NULL)
        return NULL;
    return report_error(report, TRANSCRIPT_FILE, record->seq,
                        verify_checkpoint(evidence, record, recorder));
}

struct error *
check_checkpoints(const struct evidence *evidence, struct report *report)
{
    size_t count = 0;
    EACH_RECORD(record, evidence)
    {
        if (record->type != TRANSCRIPT_CHECKPOINT)
            continue;
        count++;
        TRY(check_point(evidence, record, report));
    }
    if (evidence->script != NULL && !evidence_is_aborted(evidence)
        && count + 1 < evidence->script->act_count)
        TRY(report_fault(report, TRANSCRIPT_FILE, 0, "%zu checkpoints for %zu acts", count,
                         evidence->script->act_count));
    return report_note(report, "%zu", count);
}
