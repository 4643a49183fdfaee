/* SPDX-License-Identifier: Apache-2.0
 *
 * The seal: every signature right, and signed by those who had to. (R93-R95) */
#include <stdlib.h>
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/audit/seal_frame.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"
#include "transcripts/record.h"
#include "transcripts/seal.h"

/* What one of the two signature files holds. */
struct signatures {
    const char *file;
    struct seal_signer *rows;
    size_t count;
};

static void
signatures_clear(struct signatures *signatures)
{
    free(signatures->rows);
}

#define AUTO_SIGNATURES __attribute__((cleanup(signatures_clear))) struct signatures

static bool
has_signed(const struct signatures *signatures, const char *certificate_sha256)
{
    for (size_t i = 0; i < signatures->count; i++)
        if (signatures->rows[i].valid
            && strcmp(signatures->rows[i].certificate_sha256, certificate_sha256) == 0)
            return true;
    return false;
}

static bool
is_required(const json_t *required, const char *certificate_sha256)
{
    size_t index = 0;
    const json_t *row = NULL;
    json_array_foreach(required, index,
                       row) if (strcmp(data_text(row, "certificate_sha256"), certificate_sha256)
                                == 0) return true;
    return false;
}

/* Required and there, there and required: the two sets are one. */
static struct error *
compare_signers(const struct evidence *evidence, const json_t *required,
                const struct signatures *signatures, struct report *report)
{
    size_t index = 0;
    const json_t *row = NULL;
    json_array_foreach(required, index,
                       row) if (!has_signed(signatures, data_text(row, "certificate_sha256")))
        TRY(report_fault(report, signatures->file, evidence->closing->seq,
                         "\"%s\" had to sign, and no valid signature is there",
                         data_text(row, "signer")));
    for (size_t i = 0; i < signatures->count; i++) {
        const struct seal_signer *signer = &signatures->rows[i];
        if (!signer->valid)
            TRY(report_fault(report, signatures->file, 0,
                             "the signature of \"%s\" does not fit", signer->subject));
        else if (!is_required(required, signer->certificate_sha256))
            TRY(report_fault(report, signatures->file, evidence->closing->seq,
                             "\"%s\" signed, and the closing record does not name that signer",
                             signer->subject));
    }
    return report_note(report, "%zu signatures valid, %zu required", signatures->count,
                       json_array_size(required));
}

static struct error *
check_signatures(const struct evidence *evidence, const char *file, const json_t *required,
                 struct report *report)
{
    AUTO_SIGNATURES signatures = {.file = file};
    if (evidence_has(evidence, file))
        TRY(report_error(
            report, file, 0,
            seal_signers(evidence->folder, file, &signatures.rows, &signatures.count)));
    return compare_signers(evidence, required, &signatures, report);
}

struct error *
check_seal(const struct evidence *evidence, struct report *report)
{
    const json_t *required = data_inner(evidence->closing->data, "required_signers");
    if (json_array_size(required) == 0) {
        if (!evidence_is_aborted(evidence) || evidence_has(evidence, SEAL_SIGNATURE))
            return report_fault(report, TRANSCRIPT_FILE, evidence->closing->seq,
                                "the closing record names nobody who must sign");
        return report_note(report, "aborted, and nobody had a key to sign with: no seal");
    }
    return check_signatures(evidence, SEAL_SIGNATURE, required, report);
}

struct error *
check_custodians_seal(const struct evidence *evidence, struct report *report)
{
    const char *commitment = data_text(evidence->closing->data, "required_custodians");
    const json_t *required = transcript_openings_find(&evidence->openings, commitment);
    if (!json_is_array(required))
        return report_fault(report, TRANSCRIPT_FILE, evidence->closing->seq,
                            "who of the custodians had to sign cannot be opened");
    return check_signatures(evidence, SEAL_CUSTODIANS, required, report);
}

/* Who must have signed this file, as far as it is known; NULL: not known. */
static const json_t *
required_of(const struct evidence *evidence, const char *file)
{
    if (evidence->closing == NULL)
        return NULL;
    if (strcmp(file, SEAL_SIGNATURE) == 0)
        return data_inner(evidence->closing->data, "required_signers");
    return transcript_openings_find(&evidence->openings,
                                    data_text(evidence->closing->data, "required_custodians"));
}

static struct error *
check_frame(const struct evidence *evidence, const char *file, struct report *report)
{
    const json_t *required = required_of(evidence, file);
    AUTO_BYTES cms = {0};
    AUTO_FREE struct seal_frame *frame = calloc(1, sizeof *frame);
    if (frame == NULL)
        return error_memory();
    if (!evidence_has(evidence, file))
        return NULL;
    TRY(evidence_file(evidence, file, &cms));
    TRY(seal_frame_check(cms.data, cms.len, frame));
    for (size_t i = 0; required != NULL && i < frame->count; i++)
        if (!is_required(required, frame->certificates[i]))
            TRY(report_fault(report, file, evidence->closing->seq,
                             "it holds a certificate that the closing record does not name"));
    return report_note(report, "%s: %zu signers", file, frame->count);
}

struct error *
check_seal_form(const struct evidence *evidence, struct report *report)
{
    static const char *const files[] = {SEAL_SIGNATURE, SEAL_CUSTODIANS};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        TRY(report_error(report, files[i], 0, check_frame(evidence, files[i], report)));
    return NULL;
}
