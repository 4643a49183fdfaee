/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder of its own for each test, with a place for a ledger in it (cmocka's set-up and tear-down). */
#pragma once

#include <stdio.h>
#include <stdlib.h>

static char folder[256];
static char path[300]; /* of the ledger */

static inline int
scratch_folder_make(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/ledger.XXXXXX", TEST_BINARY_DIR);
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/ledger.db", folder);
    return 0;
}

static inline int
scratch_folder_remove(void **state)
{
    (void)state;
    char command[300];
    (void)snprintf(command, sizeof command, "rm -r -- '%s'", folder);
    return system(command);
}
