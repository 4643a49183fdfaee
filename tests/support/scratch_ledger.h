/* SPDX-License-Identifier: Apache-2.0
 *
 * A new ledger in a folder of its own, for one test program (cmocka's set-up and tear-down). */
#pragma once

#include <unistd.h>

#include "ceremony/ledger/ledger.h"
#include "tests/support/check.h"

static char folder[256];
static char path[300];
static struct ledger *ledger;

static inline int
scratch_ledger_make(void **state)
{
    (void)state;
    (void)snprintf(folder, sizeof folder, "%s/ledger.XXXXXX", TEST_BINARY_DIR);
    if (mkdtemp(folder) == NULL)
        return -1;
    (void)snprintf(path, sizeof path, "%s/ledger.db", folder);
    check_ok(ledger_open(path, true, &ledger));
    return 0;
}

static inline int
scratch_ledger_remove(void **state)
{
    (void)state;
    char command[300];
    ledger_close(ledger);
    (void)snprintf(command, sizeof command, "rm -r -- '%s'", folder);
    return system(command);
}

static inline uint64_t
scratch_ledger_entries(void)
{
    unsigned char head[32];
    uint64_t count = 0;
    ledger_head(ledger, head, &count);
    return count;
}
