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
    struct bytes found; /* what the last row found lends */
};

/* Makes one entry durable, unless it says nothing new. */
MUST_CHECK struct error *ledger_append(struct ledger *ledger, const char *ceremony,
                                       const char *kind, const struct ledger_json *data);
/* The same with rows, which are written in the entry's transaction after its rules. */
MUST_CHECK struct error *
ledger_append_rows(struct ledger *ledger, const char *ceremony, const char *kind,
                   const struct ledger_json *data,
                   struct error *(*rows)(void *user, struct store *store, uint64_t seq),
                   void *user);

#define REASON_HOLD     6
#define REASON_RELEASED 8
/* Whether a revocation may follow the last one of the serial; REASON_RELEASED where there is none. */
bool ledger_revocation_follows(int64_t last, int64_t next);
