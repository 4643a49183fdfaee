/* SPDX-License-Identifier: Apache-2.0
 *
 * A key that an earlier ceremony made, as ledger and archive know it: for ceremonies in which its own
 * token is not in the room. */
#pragma once

#include "ceremony/engine/context.h"
#include "ceremony/ledger/known.h"

/* Names, id, type and public key of the script's key `planned`; the public key comes from its
 * certificate in the archive and has the hash that the ledger holds. `ret_key`'s spki is the caller's to
 * clear. Errors: not-found, refused, verification. */
MUST_CHECK struct error *earlier_key(struct engine *engine, const struct script_key *planned,
                                     struct state_key *ret_key);
/* Its wrapped copy that is live, and the bytes of it. */
MUST_CHECK struct error *earlier_backup(struct engine *engine, const struct state_key *key,
                                        struct known_backup *ret_backup,
                                        struct bytes *ret_blob);
/* The label of a planned key on its token ("PRACTICE-root"); the caller frees. */
MUST_CHECK struct error *earlier_label(struct engine *engine, const struct script_key *planned,
                                       char **ret_label);
/* Refuses a key whose type is not the one that the script says. */
MUST_CHECK struct error *earlier_check_type(const struct script_key *planned,
                                            const struct known_key *known);
