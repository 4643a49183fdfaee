/* SPDX-License-Identifier: Apache-2.0
 *
 * The report as a whole: which folders it is made from, its first page, and the end of the chain. */
#include "ceremony/audit/minutes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/audit/version.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"

/* --- what it is made from --- */

/* The first fault is named; verify tells them all. */
static struct error *
refuse_faults(const struct report *report, const char *folder)
{
    for (size_t i = 0; i < report->count; i++) {
        if (report->checks[i].count == 0)
            continue;
        const struct check_fault *fault = &report->checks[i].faults[0];
        char record[40] = "";
        if (fault->seq > 0)
            (void)snprintf(record, sizeof record, ", record %llu",
                           (unsigned long long)fault->seq);
        return error_hint(
            ERROR(ERROR_VERIFICATION,
                  "no report of \"%s\": the check \"%s\" found a fault in \"%s\"%s: %s", folder,
                  report->checks[i].name, fault->file, record, fault->text),
            "Run ceremony-audit verify on the folder for all faults, and look for a copy that is whole.");
    }
    return NULL;
}

static struct error *
check_folder(struct evidence *evidence, struct report *report)
{
    if (evidence->transcript_error != NULL) {
        struct error *error = evidence->transcript_error;
        evidence->transcript_error = NULL;
        return error_recode(error, ERROR_VERIFICATION);
    }
    if (evidence->closing == NULL || evidence->opening == NULL)
        return error_hint(
            ERROR(ERROR_REFUSED, "the ceremony in \"%s\" is not closed", evidence->folder),
            "Run ceremony resume or ceremony abort first: only what is closed "
            "is reported.");
    TRY(checks_run(evidence, NULL, report));
    TRY(refuse_faults(report, evidence->folder));
    if (evidence->script_error != NULL) {
        struct error *error = evidence->script_error;
        evidence->script_error = NULL;
        return error_recode(error, ERROR_VERIFICATION);
    }
    return NULL;
}

/* --- the first page --- */

static struct error *
write_title(struct minutes *minutes, const struct report *report)
{
    const struct evidence *evidence = minutes->evidence;
    long long exceptions = (long long)data_number(evidence->closing->data, "exceptions");
    if (evidence_is_aborted(evidence))
        TRY(minutes_say(minutes,
                        "ABORTED: this ceremony was broken off, and never came to its end."));
    if (evidence_is_rehearsal(evidence))
        TRY(minutes_say(minutes, "PRACTICE: this was a rehearsal. Nothing of it is for use."));
    TRY(minutes_say(minutes, "CEREMONY REPORT, %s copy: %s",
                    minutes->confidential ? "CONFIDENTIAL" : "public",
                    evidence->script->title));
    if (exceptions == 0)
        TRY(minutes_say(minutes, "Exceptions: none."));
    else
        TRY(minutes_say(minutes, "Exceptions: %lld. They stand in full below.", exceptions));
    return minutes_say(minutes,
                       "Made from the evidence folder by ceremony-audit %s. Of its checks %zu "
                       "found no fault, and %zu could not be done. Where the folder comes from "
                       "only the paper of that day shows: compare the head below with it.",
                       CEREMONY_AUDIT_VERSION, report->count - report->not_done,
                       report->not_done);
}

static struct error *
write_approval(struct minutes *minutes)
{
    const json_t *approval = data_inner(minutes->evidence->opening->data, "approval");
    if (data_text(approval, "approver")[0] == '\0')
        return minutes_value(minutes, "Approval", data_text(approval, "approval"));
    TRY(minutes_line(minutes, "Approval", "%s, %s, on %s: %s", data_text(approval, "approver"),
                     data_text(approval, "role"), data_text(approval, "date"),
                     data_text(approval, "document")));
    return minutes_value(minutes, "  SHA-256", data_text(approval, "sha256"));
}

static struct error *
write_script(struct minutes *minutes)
{
    const json_t *opening = minutes->evidence->opening->data;
    const json_t *script = data_inner(opening, "script");
    const json_t *program = data_inner(opening, "program");
    size_t index = 0;
    const json_t *row = NULL;
    TRY(minutes_line(minutes, "Script", "%s, version %s of %s; policy: %s",
                     data_text(script, "name"), data_text(script, "version"),
                     data_text(script, "date"),
                     minutes_or_missing(data_text(script, "policy"))));
    TRY(minutes_value(minutes, "  SHA-256", data_text(script, "sha256")));
    TRY(minutes_value(minutes, "  SHA-384", data_text(script, "sha384")));
    json_array_foreach(data_inner(opening, "profiles"), index, row)
    {
        TRY(minutes_line(minutes, "Profile", "%s, version %s", data_text(row, "id"),
                         data_text(row, "version")));
        TRY(minutes_value(minutes, "  SHA-256", data_text(row, "sha256")));
    }
    TRY(minutes_line(minutes, "Program", "ceremony %s, commit %s",
                     data_text(program, "version"),
                     minutes_or_missing(data_text(program, "commit"))));
    TRY(minutes_value(minutes, "  SHA-256", data_text(program, "sha256")));
    json_array_foreach(data_inner(opening, "modules"), index, row)
    {
        TRY(minutes_value(minutes, "Module", data_text(row, "name")));
        TRY(minutes_value(minutes, "  SHA-256", data_text(row, "sha256")));
    }
    return write_approval(minutes);
}

static struct error *
write_ceremony(struct minutes *minutes)
{
    const struct evidence *evidence = minutes->evidence;
    TRY(minutes_part(minutes, "Ceremony and script"));
    TRY(minutes_value(minutes, "Ceremony", evidence_id(evidence)));
    TRY(minutes_line(minutes, "State", "%s; %s%s", data_text(evidence->closing->data, "state"),
                     data_text(evidence->opening->data, "mode"),
                     json_is_true(json_object_get(evidence->opening->data, "one_player"))
                         ? ", one player in all roles"
                         : ""));
    return write_script(minutes);
}

/* --- where and when --- */

static struct error *
write_tokens(struct minutes *minutes)
{
    EACH_RECORD(record, minutes->evidence)
    {
        const struct transcript_record *newest = record;
        if (!is_fact(record, "token"))
            continue;
        EACH_RECORD(later, minutes->evidence)
        if (is_fact(later, "token")
            && strcmp(data_text(later->data, "token"), data_text(record->data, "token")) == 0)
            newest = later;
        if (newest != record)
            continue;
        const json_t *data = record->data;
        TRY(minutes_line(
            minutes, "Token",
            "%s: %s, %s, serial %s, hardware %s, firmware %s; "
            "validation: %s",
            data_text(data, "token"), data_text(data, "manufacturer"), data_text(data, "model"),
            minutes_or_missing(data_text(data, "serial")), data_text(data, "hardware"),
            data_text(data, "firmware"), minutes_or_missing(data_text(data, "validation"))));
    }
    return NULL;
}

static struct error *
write_breaks(struct minutes *minutes)
{
    char time[32];
    EACH_RECORD(record, minutes->evidence)
    {
        minutes_time(record, time);
        if (record->type == TRANSCRIPT_PAUSE)
            TRY(minutes_line(minutes, "Pause", "%s: %s", time,
                             minutes_or_missing(data_text(record->data, "reason"))));
        if (record->type == TRANSCRIPT_RESUME)
            TRY(minutes_line(minutes, "Resumed", "%s, after a%s %s", time,
                             strcmp(data_text(record->data, "after"), "pause") == 0 ? "" : "n",
                             data_text(record->data, "after")));
    }
    return NULL;
}

static struct error *
write_place(struct minutes *minutes)
{
    const struct evidence *evidence = minutes->evidence;
    const char *host = "";
    const char *kernel = "";
    char time[32];
    TRY(minutes_part(minutes, "Where and when"));
    TRY(minutes_value(minutes, "Place",
                      "not recorded; by hand: ...................................."));
    minutes_time(evidence->opening, time);
    TRY(minutes_value(minutes, "Opened", time));
    minutes_time(evidence->closing, time);
    TRY(minutes_value(minutes, "Closed", time));
    long long seconds = (long long)(evidence->closing->elapsed_ms / 1000);
    TRY(minutes_line(minutes, "Lasted", "%lld minutes and %lld seconds", seconds / 60,
                     seconds % 60));
    TRY(write_breaks(minutes));
    EACH_RECORD(record, evidence)
    if (is_fact(record, "host")) {
        host = data_text(record->data, "hostname");
        kernel = data_text(record->data, "kernel");
    }
    TRY(minutes_value(minutes, "Computer", host));
    TRY(minutes_value(minutes, "Kernel", kernel));
    TRY(minutes_value(minutes, "Cameras", evidence->site == NULL ? "" : evidence->site->video));
    return write_tokens(minutes);
}

/* --- the end of the chain --- */

static struct error *
write_record(struct minutes *minutes)
{
    const struct evidence *evidence = minutes->evidence;
    const struct transcript_record *recorder = NULL;
    const json_t *ledger = data_inner(evidence->closing->data, "ledger");
    char head[65];
    hex_encode(evidence->closing->hash, 32, head);
    TRY(minutes_part(minutes, "Recorder and transcript"));
    EACH_RECORD(record, evidence)
    if (is_done(record, "create-recorder"))
        recorder = record;
    TRY(minutes_say(minutes, "The recorder's certificate, by SHA-256:"));
    TRY(minutes_value(minutes, "Recorder",
                      recorder == NULL ? "" : data_text(recorder->data, "certificate_sha256")));
    TRY(minutes_say(minutes, "The head of the transcript, SHA-256 of its last line:"));
    TRY(minutes_value(minutes, "Head", head));
    TRY(minutes_line(minutes, "Records", "%zu", evidence->reading.count));
    TRY(minutes_value(minutes, "Ledger", data_text(ledger, "head")));
    TRY(minutes_line(minutes, "Entries", "%lld", (long long)data_number(ledger, "entries")));
    const char *next = data_text(evidence->closing->data, "next_ceremony_by");
    return minutes_value(minutes, "Next by", next);
}

static struct error *
write_all(struct minutes *minutes, const struct report *report)
{
    TRY(write_title(minutes, report));
    TRY(write_ceremony(minutes));
    TRY(write_place(minutes));
    TRY(minutes_people(minutes));
    TRY(minutes_keys(minutes));
    TRY(minutes_objects(minutes));
    TRY(minutes_shares(minutes));
    TRY(minutes_exceptions(minutes));
    TRY(write_record(minutes));
    TRY(minutes_retention(minutes));
    return minutes_sign(minutes);
}

/* Which ceremony a loose page is of, and of which record of it. */
static struct error *
page_head(const struct evidence *evidence, char **ret_head)
{
    AUTO_FREE char *id = NULL;
    char digits[65];
    hex_encode(evidence->closing->hash, 32, digits);
    TRY(text_safe(evidence_id(evidence), strlen(evidence_id(evidence)), &id));
    return text_format(ret_head, "%s\n%shead %.16s", id,
                       evidence_is_aborted(evidence) ? "ABORTED, " : "", digits);
}

struct error *
minutes_write(const char *folder, bool confidential, struct bytes *ret_text)
{
    AUTO_EVIDENCE evidence = {0};
    AUTO_REPORT report = {0};
    AUTO_FREE char *head = NULL;
    struct minutes minutes = {.evidence = &evidence, .confidential = confidential};
    TRY(evidence_open(folder, false, &evidence));
    TRY(check_folder(&evidence, &report));
    struct error *error = write_all(&minutes, &report);
    if (error == NULL)
        error = page_head(&evidence, &head);
    if (error == NULL)
        error = minutes_pages(bytes_text(&minutes.text), head, ret_text);
    bytes_clear(&minutes.text);
    return error;
}
