/* SPDX-License-Identifier: Apache-2.0
 *
 * The signing line: takes judged items from a feed, and for block after block reserves serial numbers
 * in the ledger, signs, verifies, writes, and tells the ledger. Several workers; two blocks under
 * way, so that the token has work while files and ledger are written; memory depends on the size of
 * a block only; what comes out does not depend on the number of workers.
 *
 * Never twice, never lost: serial numbers and hashes of the bytes to be signed are in the ledger, the
 * bytes themselves in a journal, before the token signs; the output has its name and the results are
 * flushed before the ledger calls the block issued. Killed anywhere, the same order finishes the
 * batch: open blocks are signed again, the same bytes, and marked `resigned`. An item that an earlier
 * batch of this issuer signed (the same request) is not signed again. (R32, R47, R69, R70) */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "ceremony/batch/device_key.h"
#include "ceremony/batch/item.h"
#include "ceremony/batch/output.h"
#include "ceremony/batch/results.h"
#include "ceremony/batch/signer.h"
#include "ceremony/batch/template.h"
#include "ceremony/ledger/blocks.h"

#define BATCH_BLOCK_MAX 10000

struct batch_progress {
    uint64_t issued;
    uint64_t refused;
    uint64_t before;
    uint64_t total; /* items in all; 0: not known */
    double rate;    /* certificates a second, lately */
    uint64_t seconds_left;
};

struct batch_line {
    struct ledger *ledger;
    const char *ceremony; /* id, for the ledger's entries */
    const char *batch;    /* id of the batch, the same when it is resumed */
    const char *issuer_spki_sha256;
    const struct pki_profile *profile;
    const struct batch_template *template;
    struct batch_feed feed;
    const char *(*code_name)(unsigned code); /* of an item's codes: "rsa-size" */
    const struct device_keys *made; /* keys are made here; NULL: they come in requests */
    struct batch_signer signer;
    struct batch_output output;
    const char *results; /* path of results.jsonl */
    const char *journal; /* a folder for the blocks under way and nothing else; exists */
    unsigned workers;
    size_t block;   /* items signed together, 1 to BATCH_BLOCK_MAX; 0: by the token's pace */
    uint64_t total; /* items, for the progress; 0: not known */
    bool reissue; /* declared: a subject or key that had a certificate may get another (R71) */
    unsigned
        sample; /* every so many certificates is compared with the slow path; 0: the first of
                      * each block only */
    const volatile sig_atomic_t *pause; /* not 0: end after the blocks under way; may be NULL */
    /* Called by the thread that called batch_line_run, now and then and at the end. An error ends the
     * line as any other would. NULL: nobody. */
    struct error *(*progress)(void *user, const struct batch_progress *progress);
    void *user;
};

/* The device that the line enters for an item, so that a review can judge by the same name; "" where it has none. The
 * caller frees. Errors: verdicts on the item (batch_is_verdict), which the line would give, too; memory. */
MUST_CHECK struct error *batch_line_device(const struct batch_template *template,
                                           const struct pki_profile *profile,
                                           const struct batch_item *item, char **ret_device);
/* Errors leave everything so that the same order may be run again. `*ret_paused`: it ended because it
 * was asked to. */
MUST_CHECK struct error *batch_line_run(const struct batch_line *line,
                                        struct batch_totals *ret_totals, bool *ret_paused);
