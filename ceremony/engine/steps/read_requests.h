/* SPDX-License-Identifier: Apache-2.0
 *
 * By which rules the requests of a step are judged, and where they come from: known from script, site and the issuer's
 * certificate alone, so that the process that reads them (reader.h) finds the same as the one that signs. */
#pragma once

#include "ceremony/batch/check.h"
#include "ceremony/engine/blocklist.h"
#include "ceremony/engine/context.h"
#include "ceremony/engine/reader_passes.h"
#include "ceremony/pki/request_profile.h"

#define BATCH_WORKERS 4U

struct requests_rules {
    const struct site_input *input;
    const struct pki_profile *profile;
    struct request_profile_rules profile_rules;
    struct request_looks *looks;
    struct blocklist blocklist;
    struct batch_check check; /* by rules, workers, `made` and what was declared; no past */
};

void requests_rules_clear(struct requests_rules *rules);
/* Of the current step. Errors: input (no such input, a list of keys that is not whole), refused (a root signs no
 * batches), io. */
MUST_CHECK struct error *requests_rules_open(struct engine *engine, const struct bytes *issuer,
                                             bool made, struct requests_rules *ret_rules);

/* What must be readable for it: the medium, the folder of the list of known keys; only what is there. */
size_t read_requests_paths(const struct reader_task *task, const char *ret_paths[READER_PATHS]);
/* All of the medium. Errors: what cannot be opened; io, memory. */
MUST_CHECK struct error *read_requests(const struct reader_task *task);
