/* SPDX-License-Identifier: Apache-2.0
 *
 * The ceremony itself: runs a script before a front end, resumes an interrupted one, aborts what
 * cannot be finished. Every fact goes into the transcript before it takes effect; no token operation
 * without a step, no signature without a record. */
#pragma once

#include <stdbool.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"
#include "ceremony/engine/frontend.h"
#include "ceremony/script/script.h"
#include "ceremony/script/site.h"

enum engine_task {
    ENGINE_RUN,
    ENGINE_RESUME,
    ENGINE_ABORT
};

struct engine_program {
    const char *version;
    const char *build;
    const char *commit;
};

struct engine_reader;

/* The process that reads what people bring (reader.h), made before there is a thread, a terminal, a module, a ledger or
 * a transcript; NULL where no step of the script reads such. Script and site must be as the engine gets them. Errors: io. */
MUST_CHECK struct error *engine_reader_start(struct script *script, struct site *site,
                                             struct engine_reader **ret_reader);
/* Waits for its end. */
void engine_reader_stop(struct engine_reader *reader);
DEFINE_AUTO(engine_reader, engine_reader_stop);

struct engine_options {
    enum engine_task task;
    struct script *script; /* parameters applied */
    struct site *site;
    const char *evidence; /* folder; made by run, must exist for resume and abort */
    struct frontend *frontend;
    struct engine_reader *reader; /* borrowed */
    struct engine_program program;
    bool explain; /* record and show more */
};

/* What people carry home: the lines of the trust file. Filled when the ceremony closed. */
struct engine_outcome {
    char *ceremony_id; /* NULL if it never opened */
    struct bytes trust_lines;
    bool closed;
    bool given_up; /* an abort was begun: only an abort can end it */
};

void engine_outcome_clear(struct engine_outcome *outcome);

/* Errors by exit status (error_exit_status): refused before anything was touched, interrupted and
 * resumable, ... `ret_outcome` is filled as far as it went, also on error. */
MUST_CHECK struct error *engine_perform(const struct engine_options *options,
                                        struct engine_outcome *ret_outcome);

/* Everything that can be known before the first step: what tokens cannot do, a draft of everything
 * the script will issue, signed by throw-away keys and linted. Faults go to `faults`; nothing is
 * changed anywhere. What people bring is read by `reader`. `touch_tokens` false: modules are not loaded. */
MUST_CHECK struct error *engine_check(struct script *script, struct site *site,
                                      struct engine_reader *reader, bool touch_tokens,
                                      struct faults *faults);
