/* SPDX-License-Identifier: Apache-2.0
 *
 * One batch of requests in this process: between its approval (sign_requests.c) and its signatures
 * (sign_requests_line.c). Private to this kind of step. */
#pragma once

#include <signal.h>

#include "ceremony/batch/check_past.h"
#include "ceremony/batch/line.h"
#include "ceremony/engine/key_origin.h"
#include "ceremony/engine/steps/read_requests.h"
#include "ceremony/engine/steps/step.h"

struct batch {
    struct engine *engine;
    struct state_key *key;
    const struct pki_profile *profile;
    struct bytes issuer; /* its certificate */
    struct requests_rules rules;
    struct batch_ledger_past past;
    struct batch_check check;      /* that of the rules, and what was certified before */
    struct batch_template *naming; /* tells the device of an item, as the line will */
    struct key_origin origin;
    char *folder;  /* of review and journal, beside the ledger */
    char *review;  /* its file */
    char *journal; /* a folder */
    char *output;  /* below the evidence folder */
    char *keys;    /* likewise, of keys that are made here */
    char id[2 * STATE_NAME_MAX];
    uint64_t intent;
    const json_t
        *announced; /* what the open intent says; borrowed; NULL: nothing was announced */
    int64_t now;
    char review_sha256[65];
    uint64_t items;
    volatile sig_atomic_t
        pause; /* somebody wants to stop: the line ends after its open blocks */
};

/* Signs all that was approved, or goes on with it, and records what came of it. */
MUST_CHECK struct error *batch_sign_all(struct batch *batch);
/* The list or the requests. */
MUST_CHECK struct error *batch_open_source(const struct batch *batch,
                                           struct batch_source **ret_source);
