/* SPDX-License-Identifier: Apache-2.0
 *
 * CRLs that were signed ahead and lie sealed until their time comes. Whoever has a later one can show it
 * instead of the list of today, and hide a revocation with it: so nothing is revoked or signed while
 * there are any, but by a script that destroys them first. (R59) */
#pragma once

#include "ceremony/engine/context.h"
#include "ceremony/ledger/revoked.h"

/* Refused while the ledger holds CRLs of this key that are neither released nor destroyed. Those that
 * people gave up as lost, by name, do not keep a ceremony from going on. */
MUST_CHECK struct error *crl_ahead_require_none(struct engine *engine,
                                                const struct state_key *key);
/* The file on the sealed medium that holds this CRL, known by the bytes that were signed. `*ret_path` stays
 * NULL if there is none. */
MUST_CHECK struct error *crl_ahead_find(const struct engine *engine,
                                        const struct ledger_crl *crl, char **ret_path);
