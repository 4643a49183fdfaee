/* SPDX-License-Identifier: Apache-2.0
 *
 * The ledger's own files only. */
#pragma once

#include "ceremony/ledger/entry.h"
#include "ceremony/ledger/json.h"
#include "ceremony/ledger/ledger.h"
#include "ceremony/ledger/store.h"

struct ledger {
    struct store store;
    struct ledger_chain chain;
    int lock; /* descriptor that holds the lock, -1 for readers */
    bool broken;
};

/* Makes one entry durable, unless it says nothing new. */
MUST_CHECK struct error *ledger_append(struct ledger *ledger, const char *ceremony,
                                       const char *kind, const struct ledger_json *data);
