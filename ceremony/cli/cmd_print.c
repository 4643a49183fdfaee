/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/cli/command.h"
#include "ceremony/cli/load.h"
#include "ceremony/paper/booklet.h"

struct error *
cmd_print(const struct command *command)
{
    (void)command;
    AUTO(script) script = NULL;
    AUTO_FAULTS faults = {0};
    AUTO_BYTES text = {0};
    const char *output = option_value("--output");
    if (output == NULL)
        return ERROR(ERROR_USAGE, "--output FILE is missing");
    if (!text_ends_with(output, ".txt"))
        return error_hint(ERROR(ERROR_UNSUPPORTED, "only text can be printed: \"%s\"", output),
                          "Name a file ending in .txt. PDF is not made by this version.");
    struct error *error = script_load(argument(0), &faults, &script);
    if (faults.count > 0) {
        error_free(error);
        return report_faults(&faults);
    }
    TRY(error);
    TRY(script_apply_parameters(script));
    TRY(booklet_text(script, &text));
    TRY(file_write_new(output, text.data, text.len));
    (void)printf("%s\n", output);
    return NULL;
}
