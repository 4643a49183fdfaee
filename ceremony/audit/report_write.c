/* SPDX-License-Identifier: Apache-2.0
 *
 * A report as text of 80 columns and as JSON. */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "ceremony/audit/report.h"
#include "ceremony/audit/wrap_text.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"

#define NAME_COLUMNS 26
#define FAULTS_SHOWN 40U

static const char *const state_words[] = {"ok", "FAULT", "not checked"};

static struct error *
write_fault(const struct check_fault *fault, struct bytes *text)
{
    AUTO_FREE char *place = NULL;
    if (fault->seq > 0)
        TRY(text_format(&place, "    %s, record %llu: ", fault->file,
                        (unsigned long long)fault->seq));
    else
        TRY(text_format(&place, "    %s: ", fault->file));
    return wrap_text(text, place, 8, fault->text);
}

static struct error *
write_check(const struct check_result *check, struct bytes *text)
{
    char first[64];
    (void)snprintf(first, sizeof first, "  %-*.*s %-11s ", NAME_COLUMNS, NAME_COLUMNS,
                   check->name, state_words[check->state]);
    TRY(wrap_text(text, first, NAME_COLUMNS + 15, check->note));
    for (size_t i = 0; i < check->count && i < FAULTS_SHOWN; i++)
        TRY(write_fault(&check->faults[i], text));
    if (check->count > FAULTS_SHOWN)
        TRY(bytes_format(text, "    and %zu more\n", check->count - FAULTS_SHOWN));
    return NULL;
}

struct error *
report_text(const struct report *report, struct bytes *text)
{
    AUTO_FREE char *first = NULL;
    TRY(text_format(&first, "%s: ", report_verdict(report)));
    TRY(wrap_text(text, first, 4,
                  report->ceremony[0] != '\0' ? report->ceremony : report->subject));
    TRY(bytes_format(text, "%zu checks, %zu faults, %zu not done\n\n", report->count,
                     report->faults, report->not_done));
    for (size_t i = 0; i < report->count; i++)
        TRY(write_check(&report->checks[i], text));
    return NULL;
}

static json_t *
faults_json(const struct check_result *check)
{
    json_t *rows = json_array();
    for (size_t i = 0; rows != NULL && i < check->count && i < FAULTS_SHOWN; i++)
        (void)json_array_append_new(
            rows, json_pack("{s:s,s:I,s:s}", "file", check->faults[i].file, "record",
                            (json_int_t)check->faults[i].seq, "text", check->faults[i].text));
    return rows;
}

struct error *
report_json(const struct report *report, struct bytes *text)
{
    json_t *rows = json_array();
    for (size_t i = 0; rows != NULL && i < report->count; i++) {
        const struct check_result *check = &report->checks[i];
        (void)json_array_append_new(rows, json_pack("{s:s,s:s,s:s,s:o}", "check", check->name,
                                                    "state", state_words[check->state], "note",
                                                    check->note, "faults", faults_json(check)));
    }
    json_t *whole =
        json_pack("{s:s,s:s,s:s,s:i,s:I,s:o}", "folder", report->subject, "ceremony",
                  report->ceremony, "verdict", report_verdict(report), "status",
                  report_status(report), "faults", (json_int_t)report->faults, "checks", rows);
    AUTO_FREE char *dump =
        whole == NULL ? NULL : json_dumps(whole, JSON_INDENT(2) | JSON_SORT_KEYS);
    json_decref(whole);
    if (dump == NULL)
        return error_memory();
    return bytes_format(text, "%s\n", dump);
}
