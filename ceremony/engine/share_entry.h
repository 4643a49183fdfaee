/* SPDX-License-Identifier: Apache-2.0
 *
 * Custodians bring their shares back: each comes to the screen alone, types the own share from paper, and seals
 * the form again, until there are enough. Shared by restores, by new shares for a key, and by PINs that are
 * held as shares. (R76, R85) */
#pragma once

#include "ceremony/engine/context.h"

struct share_entry {
    const char *prefix; /* of the prompts' names, with its dot ("primary.user-pin."), or "" */
    const char *what;   /* for what the share is asked: "of this proof" */
    size_t words;       /* of one share */
    /* Whether shares of the set are wanted here. An error that may be retried is told to the custodian, who
     * types another share; NULL takes any set. */
    struct error *(*accept)(struct engine *engine, void *self, unsigned set);
    void *self;
    unsigned set;   /* of the shares that were taken */
    unsigned wrong; /* entries that were not taken */
    json_t *bags;   /* numbers of the new bags, in the order of the shares */
    json_t *shares; /* which were typed: {group, share} */
};

/* `prefix`, `what`, `words` and `accept` are set; the rest is made. */
MUST_CHECK struct error *share_entry_begin(struct share_entry *entry);
void share_entry_clear(struct share_entry *entry);
#define AUTO_SHARE_ENTRY __attribute__((cleanup(share_entry_clear))) struct share_entry

/* Logs all tokens out and asks until the secret is there. Errors besides the usual: refused or input (the
 * shares do not fit together), or the last one's, after twenty entries that were not taken. */
MUST_CHECK struct error *share_entry_collect(struct engine *engine, struct share_entry *entry,
                                             struct secret **ret_secret);
/* What custodians did, as one committed value (R85). */
MUST_CHECK struct error *share_entry_commit(struct engine *engine,
                                            const struct share_entry *entry, const char *about,
                                            char ret_commitment[DIGEST_SHA256_TEXT]);
