/* SPDX-License-Identifier: Apache-2.0
 *
 * Share sets that earlier ceremonies gave out, as script, custody.yaml and ledger know them together. (R58) */
#pragma once

#include "ceremony/engine/context.h"

struct custody_set {
    const char *shares;            /* the script's name of it */
    const struct share_plan *plan; /* who holds which share */
    unsigned set_id;               /* of the one that counts now */
    size_t words;                  /* of one share */
    char of[160]; /* "the backup of key \"root\"", "the user PIN of token \"ca\"" */
};

/* The live set of the current step's `shares`. Errors: not-found, refused (several are live). */
MUST_CHECK struct error *custody_find_set(struct engine *engine, struct custody_set *ret_set);
