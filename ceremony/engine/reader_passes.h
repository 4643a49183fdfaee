/* SPDX-License-Identifier: Apache-2.0
 *
 * What the confined process does in each pass of the reader, and which paths it must read for it. Runs without a token,
 * a ledger and a transcript: of the engine only script, site and the current step are there. */
#pragma once

#include "ceremony/engine/reader.h"

struct reader_task {
    struct engine *engine;
    const char *input;
    const struct bytes *issuer;
    const struct documents *documents;
    int64_t now;
    bool flag;
    int out;
};

#define READER_PATHS DOCUMENTS_MAX

/* Those that are there; kept as long as the process. */
size_t reader_paths(enum reader_pass pass, const struct reader_task *task,
                    const char *ret_paths[READER_PATHS]);
/* The answer to `out`. What is wrong with the file is the error returned, which the caller sends. */
MUST_CHECK struct error *reader_serve(enum reader_pass pass, const struct reader_task *task);

/* What was put by tables, as the whole answer. */
MUST_CHECK struct error *reader_answer(const struct bytes *facts, int out);
