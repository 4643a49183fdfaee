/* SPDX-License-Identifier: Apache-2.0
 *
 * The folder as such: sums, torn ends, addenda, outputs, markings. (R4, R90, R93) */
#include <stdlib.h>
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/build.h"
#include "transcripts/record.h"
#include "transcripts/seal.h"
#include "transcripts/torn.h"

#define ADDENDA "addenda"

struct sums {
    struct seal_check *rows;
    size_t count;
};

static void
sums_clear(struct sums *sums)
{
    seal_checks_free(sums->rows, sums->count);
}

#define AUTO_SUMS __attribute__((cleanup(sums_clear))) struct sums

/* `below` is put before names, for addenda. */
static struct error *
compare_sums(const char *folder, const char *below, bool is_public, struct report *report)
{
    AUTO_SUMS sums = {0};
    size_t right = 0;
    AUTO_FREE char *list = NULL;
    TRY(text_format(&list, "%s%s", below, SEAL_SUMS));
    struct error *error = seal_check_sums(folder, is_public, &sums.rows, &sums.count);
    if (error != NULL)
        return report_error(report, list, 0, error);
    for (size_t i = 0; i < sums.count; i++) {
        AUTO_FREE char *name = NULL;
        TRY(text_format(&name, "%s%s", below, sums.rows[i].file));
        if (sums.rows[i].fault == NULL)
            right++;
        else
            TRY(report_fault(report, name, 0, "%s", sums.rows[i].fault));
    }
    return report_note(report, "%zu files as sealed", right);
}

struct error *
check_sums(const struct evidence *evidence, struct report *report)
{
    return compare_sums(evidence->folder, "", evidence->public_extract, report);
}

/* Each addendum has sums and a seal of its own, which says who added it. */
static struct error *
check_addendum(const struct evidence *evidence, const char *number, struct report *report)
{
    AUTO_FREE char *inner = NULL;
    AUTO_FREE char *folder = NULL;
    AUTO_FREE char *below = NULL;
    AUTO_FREE char *seal = NULL;
    AUTO_FREE struct seal_signer *signers = NULL;
    size_t count = 0;
    TRY(text_format(&inner, ADDENDA "/%s", number));
    TRY(text_format(&below, "%s/", inner));
    TRY(text_format(&seal, "%s%s", below, SEAL_SIGNATURE));
    TRY(path_join(evidence->folder, inner, &folder));
    TRY(compare_sums(folder, below, false, report));
    struct error *error = seal_signers(folder, SEAL_SIGNATURE, &signers, &count);
    if (error != NULL)
        return report_error(report, seal, 0, error);
    for (size_t i = 0; i < count; i++)
        TRY(signers[i].valid
                ? report_note(report, "%s signed by %s", inner, signers[i].subject)
                : report_fault(report, seal, 0, "the signature of \"%s\" does not fit",
                               signers[i].subject));
    return NULL;
}

struct error *
check_addenda(const struct evidence *evidence, struct report *report)
{
    AUTO_FREE char *folder = NULL;
    AUTO_FOLDER_LIST list = {0};
    char last[64] = "";
    TRY(path_join(evidence->folder, ADDENDA, &folder));
    if (!file_is_folder(folder))
        return report_note(report, "none");
    TRY(folder_list(folder, true, true, &list));
    for (size_t i = 0; i < list.count; i++) {
        size_t len = strcspn(list.names[i], "/");
        if (list.names[i][len] == '\0' || len >= sizeof last) {
            TRY(report_fault(report, list.names[i], 0,
                             "stands in " ADDENDA "/ outside of an addendum"));
        } else if (strncmp(last, list.names[i], len) != 0 || last[len] != '\0') {
            memcpy(last, list.names[i], len);
            last[len] = '\0';
            TRY(check_addendum(evidence, last, report));
        }
    }
    return NULL;
}

/* --- torn ends --- */

static bool
names_torn(const json_t *torn, const char *name, const char *hash)
{
    size_t index = 0;
    const json_t *earlier = NULL;
    if (strcmp(data_text(torn, "file"), name) == 0)
        return strcmp(data_text(torn, "sha256"), hash) == 0;
    json_array_foreach(data_inner(torn, "earlier"), index,
                       earlier) if (strcmp(data_text(earlier, "file"), name)
                                    == 0) return strcmp(data_text(earlier, "sha256"), hash)
        == 0;
    return false;
}

static struct error *
check_torn_file(const struct evidence *evidence, const char *name, struct report *report)
{
    char hash[65];
    evidence_hash(evidence, name, hash);
    EACH_RECORD(record, evidence)
    if (record->type == TRANSCRIPT_RESUME
        && names_torn(data_inner(record->data, "torn"), name, hash))
        return NULL;
    return report_fault(report, name, 0, "no resume record names it with its hash");
}

static struct error *
check_torn_named(const struct evidence *evidence, const struct transcript_record *record,
                 struct report *report)
{
    const char *file = data_text(data_inner(record->data, "torn"), "file");
    if (file[0] == '\0' || evidence_has(evidence, file))
        return NULL;
    return report_fault(report, file, record->seq, "the torn end is named, but is not there");
}

struct error *
check_torn(const struct evidence *evidence, struct report *report)
{
    AUTO_FREE char *folder = NULL;
    AUTO_FOLDER_LIST list = {0};
    TRY(path_join(evidence->folder, TORN_FOLDER, &folder));
    if (file_is_folder(folder))
        TRY(folder_list(folder, true, true, &list));
    for (size_t i = 0; i < list.count; i++) {
        AUTO_FREE char *name = NULL;
        TRY(text_format(&name, TORN_FOLDER "/%s", list.names[i]));
        TRY(check_torn_file(evidence, name, report));
    }
    EACH_RECORD(record, evidence)
    if (record->type == TRANSCRIPT_RESUME)
        TRY(check_torn_named(evidence, record, report));
    return report_note(report, "%zu set aside", list.count);
}

/* --- outputs --- */

static bool
is_void_backup(const struct evidence *evidence, const struct transcript_record *output)
{
    const char *name = path_name(data_text(output->data, "file"));
    EACH_RECORD(record, evidence)
    {
        size_t index = 0;
        const json_t *file = NULL;
        if (record->seq < output->seq || !is_done(record, "void-shares"))
            continue;
        json_array_foreach(data_inner(record->data, "files_destroyed"), index,
                           file) if (json_is_string(file)
                                     && strcmp(json_string_value(file), name) == 0) return true;
    }
    return false;
}

/* Only an abort takes in what an act left, and tells it first. */
static bool
left_is_told(const struct evidence *evidence, const struct transcript_record *output)
{
    EACH_RECORD(record, evidence)
    if (record->seq < output->seq && record->type == TRANSCRIPT_EXCEPTION
        && strcmp(data_text(record->data, "expected"), TRANSCRIPT_LEFT_EXPECTED) == 0)
        return evidence_is_aborted(evidence);
    return false;
}

static struct error *
check_output(const struct evidence *evidence, const struct transcript_record *record,
             struct report *report)
{
    char hash[65];
    const char *file = data_text(record->data, "file");
    const char *said = data_text(record->data, "sha256");
    const struct transcript_record *intent = intent_of(evidence, record);
    if (intent == NULL || strcmp(data_text(intent->data, "file"), file) != 0
        || strcmp(data_text(intent->data, "sha256"), said) != 0)
        TRY(report_fault(report, file, record->seq,
                         "the output is not what was announced before it was written"));
    if (strcmp(data_text(record->data, "kind"), TRANSCRIPT_LEFT) == 0
        && !left_is_told(evidence, record))
        TRY(report_fault(report, file, record->seq,
                         "it was left by an interruption, and no abort told so before"));
    if (evidence->public_extract && seal_is_confidential(file))
        return NULL;
    if (!evidence_has(evidence, file))
        return is_void_backup(evidence, record)
                   ? NULL
                   : report_fault(report, file, record->seq, "was written, and is not there");
    evidence_hash(evidence, file, hash);
    if (strcmp(hash, said) != 0)
        return report_fault(report, file, record->seq, "is not the file that was written");
    return NULL;
}

static bool
has_output(const struct evidence *evidence, const char *name)
{
    EACH_RECORD(record, evidence)
    if (record->type == TRANSCRIPT_OUTPUT && strcmp(data_text(record->data, "file"), name) == 0)
        return true;
    return false;
}

static bool
needs_no_output(const char *name)
{
    static const char *const own[] = {TRANSCRIPT_FILE, CONFIDENTIAL_FILE, SEAL_SUMS,
                                      SEAL_SIGNATURE, SEAL_CUSTODIANS};
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (strcmp(name, own[i]) == 0)
            return true;
    return text_starts_with(name, TORN_FOLDER "/") || text_starts_with(name, ADDENDA "/");
}

struct error *
check_outputs(const struct evidence *evidence, struct report *report)
{
    AUTO_FOLDER_LIST list = {0};
    size_t outputs = 0;
    EACH_RECORD(record, evidence)
    if (record->type == TRANSCRIPT_OUTPUT) {
        outputs++;
        TRY(check_output(evidence, record, report));
    }
    TRY(folder_list(evidence->folder, true, true, &list));
    for (size_t i = 0; i < list.count; i++)
        if (!needs_no_output(list.names[i]) && !has_output(evidence, list.names[i]))
            TRY(report_fault(report, list.names[i], 0, "no record says that it was written"));
    return report_note(report, "%zu files announced, written and recorded", outputs);
}

/* --- markings --- */

static struct error *
check_marked(const struct evidence *evidence, const struct transcript_record *record,
             struct report *report)
{
    const char *label = data_text(record->data, "label");
    bool practice = evidence_is_rehearsal(evidence);
    if (label[0] != '\0' && text_starts_with(label, "PRACTICE") != practice)
        TRY(report_fault(report, TRANSCRIPT_FILE, record->seq, "the label \"%s\" is %s marked",
                         label, practice ? "not" : "wrongly"));
    if (!is_signed(record))
        return NULL;
    const char *file = data_text(record->data, "file");
    if ((strstr(file, "/PRACTICE-") != NULL) != practice)
        TRY(report_fault(report, file, record->seq, "the file's name is %s marked",
                         practice ? "not" : "wrongly"));
    if (strcmp(data_text(record->data, "object"), "certificate") != 0)
        return NULL;
    AUTO_BYTES der = {0};
    AUTO_FREE char *subject = NULL;
    TRY(evidence_file(evidence, file, &der));
    TRY(pki_certificate_subject(der.data, der.len, &subject));
    if ((strstr(subject, "PRACTICE") != NULL) != practice)
        return report_fault(report, file, record->seq, "the subject is %s marked",
                            practice ? "not" : "wrongly");
    return NULL;
}

struct error *
check_practice(const struct evidence *evidence, struct report *report)
{
    bool practice = evidence_is_rehearsal(evidence);
    if (evidence->opening != NULL
        && strcmp(data_text(evidence->opening->data, "marking"), practice ? "PRACTICE" : "none")
               != 0)
        TRY(report_fault(report, TRANSCRIPT_FILE, 1,
                         "the opening's marking is not that of its "
                         "mode"));
    EACH_RECORD(record, evidence)
    if (record->type == TRANSCRIPT_RESULT)
        TRY(report_error(report, data_text(record->data, "file"), record->seq,
                         check_marked(evidence, record, report)));
    if (practice && evidence->demand_production)
        TRY(report_fault(report, TRANSCRIPT_FILE, 1, "this is a rehearsal, not production"));
    return report_note(report, practice ? "a rehearsal, all marked PRACTICE" : "production");
}
