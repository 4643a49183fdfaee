/* SPDX-License-Identifier: Apache-2.0
 *
 * The end: ledger, sign-offs, and what the closing record says of all the others. (R53, R58, R93,
 * R94, R98) */
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/audit/ledger_lines.h"
#include "ceremony/audit/ledger_objects.h"
#include "ceremony/audit/share_proofs.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/clock.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/rules/crl_calendar.h"
#include "ceremony/rules/retention.h"
#include "transcripts/record.h"
#include "transcripts/seal.h"

/* --- ledger --- */

static struct error *
compare_head(const struct evidence *evidence, const struct transcript_record *record,
             const struct ledger_lines *lines, bool last, struct report *report)
{
    const json_t *said = data_inner(record->data, "ledger");
    const char *head = data_text(said, "head");
    int64_t entries = data_number(said, "entries");
    char is[65] = "0000000000000000000000000000000000000000000000000000000000000000";
    (void)evidence;
    if (entries < 0 || (uint64_t)entries > lines->count
        || (last && (uint64_t)entries != lines->count))
        return report_fault(report, lines->name, record->seq,
                            "the record counts %lld entries, the file %zu", (long long)entries,
                            lines->count);
    if (entries > 0)
        hex_encode(lines->rows[entries - 1].hash, 32, is);
    if (strcmp(is, head) != 0)
        return report_fault(report, lines->name, record->seq,
                            "its head at entry %lld is not that of the record",
                            (long long)entries);
    return NULL;
}

/* Where the ledger was written twice over an interruption, the earlier one is the beginning of the last. */
static struct error *
compare_earlier(const struct evidence *evidence, const struct ledger_lines *lines,
                struct report *report)
{
    AUTO_BYTES last = {0};
    TRY(evidence_file(evidence, lines->name, &last));
    EACH_RECORD(record, evidence)
    {
        AUTO_BYTES earlier = {0};
        const char *file = data_text(record->data, "file");
        if (record->type != TRANSCRIPT_OUTPUT || !text_starts_with(file, "ledger")
            || strcmp(file, lines->name) == 0)
            continue;
        TRY(evidence_file(evidence, file, &earlier));
        if (earlier.len > last.len || memcmp(earlier.data, last.data, earlier.len) != 0)
            TRY(report_fault(report, file, record->seq, "is not the beginning of %s",
                             lines->name));
    }
    return NULL;
}

/* What was there at the opening is of others, what came since is of this ceremony, and of this script. */
static struct error *
compare_span(const struct evidence *evidence, const struct ledger_lines *lines,
             struct report *report)
{
    if (evidence->opening == NULL)
        return NULL;
    int64_t before = data_number(data_inner(evidence->opening->data, "ledger"), "entries");
    for (size_t i = 0; i < lines->count; i++) {
        bool own =
            strcmp(data_text(lines->rows[i].object, "ceremony"), evidence_id(evidence)) == 0;
        if (own != ((int64_t)i >= before))
            return report_fault(
                report, lines->name, 0,
                "entry %zu is of %s, and %lld were there when the ceremony began", i + 1,
                own ? "this ceremony" : "another ceremony", (long long)before);
    }
    if (!ledger_lines_has(lines, evidence_id(evidence), "ceremony-open", "script_sha256",
                          data_text(data_inner(evidence->opening->data, "script"), "sha256")))
        return report_fault(report, lines->name, 0,
                            "this ceremony is entered with another script than the opening's");
    return NULL;
}

/* Each certificate and CRL that the transcript issued stands in the ledger, and the other way round. */
static struct error *
compare_issued(const struct evidence *evidence, const struct ledger_lines *lines,
               struct report *report)
{
    size_t issued = 0;
    size_t entered = 0;
    EACH_RECORD(record, evidence)
    {
        if (!is_signed(record) && !is_done(record, "sign-crl-ahead"))
            continue;
        bool crl = strcmp(data_text(record->data, "object"), "crl") == 0;
        issued++;
        if (!ledger_lines_has(
                lines, evidence_id(evidence), crl ? "crl-issue" : "certificate-issue",
                crl ? "crl_sha256" : "certificate_sha256", data_text(record->data, "sha256")))
            TRY(report_fault(report, lines->name, record->seq, "\"%s\" is not entered",
                             data_text(record->data, "file")));
    }
    for (size_t i = 0; i < lines->count; i++) {
        const json_t *row = lines->rows[i].object;
        const char *kind = data_text(row, "kind");
        if (strcmp(data_text(row, "ceremony"), evidence_id(evidence)) == 0
            && (strcmp(kind, "certificate-issue") == 0 || strcmp(kind, "crl-issue") == 0))
            entered++;
    }
    if (issued != entered)
        return report_fault(report, lines->name, 0,
                            "it says that this ceremony issued %zu, the transcript says %zu",
                            entered, issued);
    return NULL;
}

static bool
has_copy(const struct evidence *evidence, const struct ledger_lines *lines, const char *spki,
         const char *how)
{
    for (size_t i = 0; i < lines->count; i++) {
        const json_t *row = lines->rows[i].object;
        const json_t *data = data_inner(row, "data");
        if (strcmp(data_text(row, "kind"), "key-copy") == 0
            && strcmp(data_text(row, "ceremony"), evidence_id(evidence)) == 0
            && strcmp(data_text(data, "spki_sha256"), spki) == 0
            && strcmp(data_text(data, "how"), how) == 0)
            return true;
    }
    return false;
}

/* A key that is on a token after this ceremony is a copy that the ledger must know, else its destruction would
 * one day forget it (R87). What an aborted one left is told by its exceptions. */
static struct error *
compare_copies(const struct evidence *evidence, const struct ledger_lines *lines,
               struct report *report)
{
    if (evidence->closing == NULL
        || strcmp(data_text(evidence->closing->data, "state"), "finished") != 0)
        return NULL;
    EACH_RECORD(record, evidence)
    {
        bool made = is_done(record, "generate-key");
        bool kept = (is_done(record, "restore-key") || is_done(record, "prove-restore"))
                    && strcmp(data_text(record->data, "kept"), "yes") == 0;
        const char *how = made ? "generated" : "restored";
        if ((made || kept)
            && !has_copy(evidence, lines, data_text(record->data, "spki_sha256"), how))
            TRY(report_fault(report, lines->name, record->seq,
                             "the key \"%s\" was %s on token \"%s\", and the copy is not "
                             "entered",
                             data_text(record->data, "key"), how,
                             data_text(record->data, "token")));
    }
    return NULL;
}

/* What the entries say of each object and backup. One that was interrupted is void, and another one is there. */
static struct error *
compare_objects(const struct evidence *evidence, const struct ledger_lines *lines,
                struct report *report)
{
    EACH_RECORD(record, evidence)
    {
        bool backup = is_done(record, "back-up-key") || is_done(record, "re-share");
        if (is_signed(record) || is_done(record, "sign-crl-ahead"))
            TRY(ledger_objects_check(evidence, lines, record, report));
        if (backup
            && find_done(evidence, "void-shares", "key", data_text(record->data, "key"), 0)
                   == NULL
            && !evidence_is_aborted(evidence))
            TRY(ledger_objects_backup(evidence, lines, record, report));
    }
    return NULL;
}

struct error *
check_ledger(const struct evidence *evidence, struct report *report)
{
    AUTO_LEDGER_LINES lines = {0};
    TRY(report_error(report, "ledger.jsonl", 0, ledger_lines_read(evidence, &lines)));
    if (lines.name[0] == '\0')
        return NULL;
    if (evidence->opening != NULL)
        TRY(compare_head(evidence, evidence->opening, &lines, false, report));
    if (evidence->closing != NULL)
        TRY(compare_head(evidence, evidence->closing, &lines, true, report));
    if (!ledger_lines_has(&lines, evidence_id(evidence), "ceremony-open", "mode",
                          evidence_is_rehearsal(evidence) ? "rehearsal" : "production"))
        TRY(report_fault(report, lines.name, 0, "this ceremony is not entered as opened"));
    TRY(report_error(report, lines.name, 0, compare_earlier(evidence, &lines, report)));
    TRY(compare_span(evidence, &lines, report));
    TRY(compare_issued(evidence, &lines, report));
    TRY(compare_copies(evidence, &lines, report));
    TRY(compare_objects(evidence, &lines, report));
    return report_note(report, "%zu entries, rules applied again", lines.count);
}

/* --- sign-offs --- */

static struct error *
check_wanted(const struct evidence *evidence, const struct transcript_record *record,
             struct report *report)
{
    size_t index = 0;
    const json_t *row = NULL;
    const char *hash = data_text(record->data, "certificate_sha256");
    if (hash[0] == '\0')
        return NULL; /* wet ink, or the custodians' one record */
    json_array_foreach(
        data_inner(evidence->closing->data, "required_signers"), index,
        row) if (strcmp(data_text(row, "certificate_sha256"), hash) == 0
                 && strcmp(data_text(row, "signer"), data_text(record->data, "person"))
                        == 0) return NULL;
    return report_fault(report, TRANSCRIPT_FILE, record->seq,
                        "\"%s\" signed off, and the closing record does not want the signature",
                        data_text(record->data, "person"));
}

static struct error *
check_required(const struct evidence *evidence, const json_t *required, struct report *report)
{
    const char *name = data_text(required, "signer");
    if (strcmp(name, "recorder") == 0)
        return NULL; /* checks_recorder.c */
    EACH_RECORD(record, evidence)
    if (record->type == TRANSCRIPT_SIGN_OFF
        && strcmp(data_text(record->data, "person"), name) == 0)
        return NULL;
    return report_fault(report, TRANSCRIPT_FILE, evidence->closing->seq,
                        "\"%s\" must sign, and never signed off", name);
}

struct error *
check_sign_offs(const struct evidence *evidence, struct report *report)
{
    size_t agree = 0;
    size_t all = 0;
    size_t index = 0;
    const json_t *row = NULL;
    EACH_RECORD(record, evidence)
    {
        if (record->type != TRANSCRIPT_SIGN_OFF)
            continue;
        bool agrees = json_is_true(json_object_get(record->data, "agrees"));
        all++;
        agree += agrees ? 1 : 0;
        if (!agrees)
            TRY(report_note(report, "\"%s\" does not agree (record %llu)",
                            data_text(record->data, "person"),
                            (unsigned long long)record->seq));
        TRY(check_wanted(evidence, record, report));
    }
    json_array_foreach(data_inner(evidence->closing->data, "required_signers"), index, row)
        TRY(check_required(evidence, row, report));
    bool unanimous = json_is_true(json_object_get(evidence->closing->data, "unanimous"));
    if (unanimous != (all > 0 && all == agree))
        TRY(report_fault(report, TRANSCRIPT_FILE, evidence->closing->seq,
                         "the closing record says %s, the sign-offs do not",
                         unanimous ? "unanimous" : "not unanimous"));
    return report_note(report, "%zu of %zu agree", agree, all);
}

/* --- what the closing record says --- */

static struct error *
compare_outputs(const struct evidence *evidence, struct report *report)
{
    const char *name = NULL;
    json_t *value = NULL;
    json_t *outputs = json_object_get(evidence->closing->data, "outputs");
    AUTO_FOLDER_LIST list = {0};
    json_object_foreach(outputs, name, value)
    {
        char hash[65];
        if (evidence->public_extract && seal_is_confidential(name)
            && !evidence_has(evidence, name))
            continue;
        evidence_hash(evidence, name, hash);
        if (!json_is_string(value) || strcmp(hash, json_string_value(value)) != 0)
            TRY(report_fault(report, name, evidence->closing->seq,
                             "is not the file that the closing record names"));
    }
    TRY(folder_list(evidence->folder, true, true, &list));
    static const char *const folders[] = {"certificates/", "crls/", "wrapped/", "requests/",
                                          SEAL_DEVICE_KEYS};
    for (size_t i = 0; i < list.count; i++)
        for (size_t f = 0; f < sizeof folders / sizeof folders[0]; f++)
            if (text_starts_with(list.names[i], folders[f])
                && json_object_get(outputs, list.names[i]) == NULL)
                TRY(report_fault(report, list.names[i], evidence->closing->seq,
                                 "the closing record does not name it"));
    return report_note(report, "%zu outputs", json_object_size(outputs));
}

static void
keep_earlier(int64_t *first, int64_t time)
{
    if (*first == 0 || time < *first)
        *first = time;
}

static struct error *
compare_due(const struct evidence *evidence, const struct ledger_lines *lines,
            struct report *report)
{
    int64_t first = 0;
    int64_t proof = 0;
    char due[CLOCK_TEXT_SIZE] = "";
    EACH_RECORD(record, evidence)
    if (is_signed(record) || is_done(record, "release-crl")
        || is_done(record, "import-certificate"))
        keep_earlier(&first, data_number(record->data, "valid_until"));
    TRY(share_proofs_first(lines, evidence_id(evidence), &proof));
    if (proof != 0)
        keep_earlier(&first, clock_add_years(proof, SHARE_PROOF_YEARS));
    if (first != 0)
        clock_format_seconds(first, due);
    if (strcmp(due, data_text(evidence->closing->data, "next_ceremony_by")) != 0)
        return report_fault(report, TRANSCRIPT_FILE, evidence->closing->seq,
                            "the next ceremony must be held by %s, the record says otherwise",
                            due[0] != '\0' ? due : "no day of its own");
    return due[0] == '\0' ? NULL : report_note(report, "next ceremony by %s", due);
}

/* One that was issued or brought here; what was reserved only is none. */
static bool
is_ca_certificate(const struct ledger_lines *lines, const char *kind, const json_t *data)
{
    return json_is_true(json_object_get(data, "is_ca"))
           && (strcmp(kind, "certificate-import") == 0
               || (strcmp(kind, "certificate-reserve") == 0
                   && ledger_lines_has(lines, NULL, "certificate-issue", "serial",
                                       data_text(data, "serial"))));
}

/* The end of the last CA certificate that was issued, or the last entry, whichever is later. */
static struct error *
last_of_keys(const struct ledger_lines *lines, int64_t *ret_last, int64_t *ret_alive)
{
    int64_t ms = 0;
    if (lines->count == 0)
        return NULL;
    TRY(clock_parse(data_text(lines->rows[lines->count - 1].object, "time"), &ms));
    *ret_last = ms / 1000;
    for (size_t i = 0; i < lines->count; i++) {
        const char *kind = data_text(lines->rows[i].object, "kind");
        const json_t *data = data_inner(lines->rows[i].object, "data");
        bool ends = strcmp(kind, "key-state") == 0
                    && strcmp(data_text(data, "state"), "destroyed") == 0;
        *ret_alive += (strcmp(kind, "key-add") == 0 ? 1 : 0) - (ends ? 1 : 0);
        if (is_ca_certificate(lines, kind, data) && data_number(data, "not_after") > *ret_last)
            *ret_last = data_number(data, "not_after");
    }
    return NULL;
}

/* How long the folder is kept (R98). */
static struct error *
compare_retention(const struct evidence *evidence, const struct ledger_lines *lines,
                  struct report *report)
{
    char day[CLOCK_TEXT_SIZE];
    int64_t last = 0;
    int64_t alive = 0;
    const json_t *said = data_inner(evidence->closing->data, "retention");
    TRY(last_of_keys(lines, &last, &alive));
    clock_format_seconds(retention_until(last), day);
    if (strcmp(data_text(said, "class"), RETENTION_CLASS) != 0
        || strcmp(data_text(said, "not_before"), day) != 0
        || data_number(said, "keys_alive") != alive)
        return report_fault(report, TRANSCRIPT_FILE, evidence->closing->seq,
                            "the folder is kept until %s at least, with %lld keys alive; the "
                            "record says otherwise",
                            day, (long long)alive);
    return report_note(report, "kept until %s at least, and two years after the last key", day);
}

static struct error *
compare_dates(const struct evidence *evidence, struct report *report)
{
    AUTO_LEDGER_LINES lines = {0};
    TRY(report_error(report, "ledger.jsonl", 0, ledger_lines_read(evidence, &lines)));
    if (lines.name[0] == '\0')
        return NULL; /* check_ledger said why */
    TRY(compare_due(evidence, &lines, report));
    return compare_retention(evidence, &lines, report);
}

/* Whoever aborts takes the ceremony up again, and begins no step after that. */
static bool
was_given_up(const struct evidence *evidence)
{
    bool resumed = false;
    EACH_RECORD(record, evidence)
    {
        if (record->type == TRANSCRIPT_RESUME)
            resumed = strcmp(data_text(record->data, "after"), "interruption") == 0 || resumed;
        if (record->type == TRANSCRIPT_STEP_BEGIN)
            resumed = false;
    }
    return resumed;
}

/* Where it is said that a ceremony is given up, no step begins any more, and it is not finished. */
static struct error *
check_given_up(const struct evidence *evidence, const char *state, struct report *report)
{
    bool given_up = false;
    EACH_RECORD(record, evidence)
    {
        given_up = given_up || is_fact(record, "given-up");
        if (given_up && record->type == TRANSCRIPT_STEP_BEGIN)
            return report_fault(report, TRANSCRIPT_FILE, record->seq,
                                "a step begins after the ceremony was given up");
    }
    if (!given_up || strcmp(state, "finished") != 0)
        return NULL;
    return report_fault(
        report, TRANSCRIPT_FILE, evidence->closing->seq,
        "it says finished, and a record before says that the ceremony was given up");
}

struct error *
check_closing(const struct evidence *evidence, struct report *report)
{
    int64_t exceptions = 0;
    const json_t *data = evidence->closing->data;
    const char *state = data_text(data, "state");
    EACH_RECORD(record, evidence)
    exceptions += record->type == TRANSCRIPT_EXCEPTION ? 1 : 0;
    if (exceptions != data_number(data, "exceptions"))
        TRY(report_fault(report, TRANSCRIPT_FILE, evidence->closing->seq,
                         "it counts %lld exceptions, there are %lld",
                         (long long)data_number(data, "exceptions"), (long long)exceptions));
    if (strcmp(data_text(data, "ceremony"), evidence_id(evidence)) != 0)
        TRY(report_fault(report, TRANSCRIPT_FILE, evidence->closing->seq,
                         "it closes another ceremony"));
    if (strcmp(state, "finished") != 0 && strcmp(state, "aborted") != 0)
        TRY(report_fault(report, TRANSCRIPT_FILE, evidence->closing->seq,
                         "it says neither finished nor aborted"));
    if (strcmp(state, "aborted") == 0 && !was_given_up(evidence))
        TRY(report_fault(
            report, TRANSCRIPT_FILE, evidence->closing->seq,
            "it says aborted, and no record before says that the ceremony was taken "
            "up again to end it"));
    TRY(check_given_up(evidence, state, report));
    TRY(compare_outputs(evidence, report));
    TRY(compare_dates(evidence, report));
    return report_note(report, "%s, %lld exceptions", state, (long long)exceptions);
}
