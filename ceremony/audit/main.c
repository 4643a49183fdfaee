/* SPDX-License-Identifier: Apache-2.0
 *
 * ceremony-audit: the auditor's program. It knows no token and no terminal. */
#include <stdio.h>

#include "ceremony/audit/command.h"
#include "ceremony/base/process.h"

int
main(int argc, char **argv)
{
    struct error *error = process_harden();
    if (error != NULL) {
        (void)fprintf(stderr, "ceremony-audit: %s\n", error_what(error));
        error_free(error);
        return 1;
    }
    return commands_main(argc, argv);
}
