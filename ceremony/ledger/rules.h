/* SPDX-License-Identifier: Apache-2.0
 *
 * What each kind of entry must hold and what it does to the tables. The same code runs when an entry
 * is made and when a ledger is checked, so neither can be laxer than the other. */
#pragma once

#include "ceremony/ledger/entry.h"
#include "ceremony/ledger/json.h"
#include "ceremony/ledger/store.h"

/* Applies one entry whose data is `data`. `*ret_nothing`: it says what the ledger holds already and
 * must not become an entry. Errors: input (a value has the wrong form), refused (a rule forbids it). */
MUST_CHECK struct error *ledger_rules_apply(struct store *store,
                                            const struct ledger_entry *entry,
                                            const struct ledger_json *data, bool *ret_nothing);
