/* SPDX-License-Identifier: Apache-2.0
 *
 * report: the evaluation sheet from the evidence folders of one past (R104), or the report of one ceremony
 * that people sign by hand (R17). */
#include <stdio.h>

#include "ceremony/audit/command.h"
#include "ceremony/audit/minutes.h"
#include "ceremony/audit/sheet.h"
#include "ceremony/base/cleanup.h"

enum {
    OPTION_CEREMONY,
    OPTION_CONFIDENTIAL,
    OPTION_JSON
};

static struct error *
report_ceremony(const struct arguments *arguments, struct bytes *ret_text)
{
    if (arguments->count != 1)
        return error_hint(ERROR(ERROR_USAGE, "the report of a ceremony is of one folder"),
                          "Usage: ceremony-audit report --ceremony EVIDENCE");
    if (arguments->values[OPTION_JSON] != NULL)
        return error_hint(ERROR(ERROR_USAGE, "the report of a ceremony is made for paper only"),
                          "Leave --json out; transcript.jsonl is there for programs.");
    return minutes_write(arguments->words[0], arguments->values[OPTION_CONFIDENTIAL] != NULL,
                         ret_text);
}

static struct error *
report_sheet(const struct arguments *arguments, struct bytes *ret_text)
{
    AUTO_SHEET sheet = {0};
    TRY(sheet_open(arguments->words, arguments->count, &sheet));
    sheet.confidential = arguments->values[OPTION_CONFIDENTIAL] != NULL;
    TRY(sheet_fill(&sheet));
    return arguments->values[OPTION_JSON] != NULL ? sheet_json(&sheet, ret_text)
                                                  : sheet_text(&sheet, ret_text);
}

struct error * /* NOLINTNEXTLINE(readability-non-const-parameter): as all rows of the table */
cmd_report(const struct arguments *arguments, int *ret_status)
{
    AUTO_BYTES out = {0};
    (void)ret_status;
    TRY(arguments->values[OPTION_CEREMONY] != NULL ? report_ceremony(arguments, &out)
                                                   : report_sheet(arguments, &out));
    (void)fputs(bytes_text(&out), stdout);
    return NULL;
}
