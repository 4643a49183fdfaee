/* SPDX-License-Identifier: Apache-2.0
 *
 * report: the evaluation sheet from the evidence folders of one past (R104). */
#include <stdio.h>

#include "ceremony/audit/command.h"
#include "ceremony/audit/sheet.h"
#include "ceremony/base/cleanup.h"

enum {
    OPTION_CONFIDENTIAL,
    OPTION_JSON
};

struct error * /* NOLINTNEXTLINE(readability-non-const-parameter): as all rows of the table */
cmd_report(const struct arguments *arguments, int *ret_status)
{
    AUTO_SHEET sheet = {0};
    AUTO_BYTES out = {0};
    (void)ret_status;
    TRY(sheet_open(arguments->words, arguments->count, &sheet));
    sheet.confidential = arguments->values[OPTION_CONFIDENTIAL] != NULL;
    TRY(sheet_fill(&sheet));
    TRY(arguments->values[OPTION_JSON] != NULL ? sheet_json(&sheet, &out)
                                               : sheet_text(&sheet, &out));
    (void)fputs(bytes_text(&out), stdout);
    return NULL;
}
