/* SPDX-License-Identifier: Apache-2.0
 *
 * A new ledger in a folder of its own, for one test program (cmocka's set-up and tear-down). */
#pragma once

#include "ceremony/ledger/ledger.h"
#include "tests/support/check.h"
#include "tests/support/scratch_folder.h"

static struct ledger *ledger;

static inline int
scratch_ledger_make(void **state)
{
    if (scratch_folder_make(state) != 0)
        return -1;
    check_ok(ledger_open(path, true, &ledger));
    return 0;
}

static inline int
scratch_ledger_remove(void **state)
{
    ledger_close(ledger);
    return scratch_folder_remove(state);
}

static inline uint64_t
scratch_ledger_entries(void)
{
    unsigned char head[32];
    uint64_t count = 0;
    ledger_head(ledger, head, &count);
    return count;
}
