/* SPDX-License-Identifier: Apache-2.0
 *
 * Between the share plan of the site and SLIP-39: splitting, proof of all subsets, mixed randomness. */
#pragma once

#include "ceremony/engine/context.h"

/* HKDF over as many bytes of the token's generator and of the host's (R73). */
MUST_CHECK struct error *shares_mixed_random(struct p11_session *session, const char *purpose,
                                             void *ret_data, size_t len);
/* Splits by the plan. */
MUST_CHECK struct error *shares_split(struct engine *engine, struct p11_session *session,
                                      const struct share_plan *plan, const struct secret *kek,
                                      struct slip39_set **ret_set);
/* Every qualified subset gives a KEK with this check value (R75). */
MUST_CHECK struct error *shares_verify(const struct slip39_set *set, const char *kcv_hex,
                                       struct slip39_subsets *ret_subsets);
/* The wrapped copy that the state knows, told to the ledger as "live", "void" or "destroyed". */
MUST_CHECK struct error *
shares_backup_in_ledger(struct engine *engine, const char *key_spki_sha256, const char *state);
bool shares_kcv_matches(const struct secret *kek, const char *kcv_hex);
/* Holder of share `i` of the set (shares run group by group). */
const struct share_holder *shares_holder(const struct share_plan *plan, size_t i,
                                         const struct share_group **ret_group);
