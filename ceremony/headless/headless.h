/* SPDX-License-Identifier: Apache-2.0
 *
 * A front end that answers from a file: for rehearsals without a person and for tests. Production
 * refuses it. What an earlier prompt displayed can be an answer ({shown: ID}); share words so kept
 * stay in secret memory until the front end is freed. */
#pragma once

#include <stdio.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"
#include "ceremony/engine/frontend.h"
#include "ceremony/script/answers.h"

struct headless;

/* `answers` is borrowed. `log` gets a line for each step, each warning and each prompt answered
 * (`verbose`), never a secret; NULL: silent. */
MUST_CHECK struct error *headless_new(struct answers *answers, FILE *log, bool verbose,
                                      struct headless **ret_headless);
/* What custodians would write on paper (shares of a rehearsal) is appended to `paper`, a line each:
 * "PROMPT-ID": "words". The file is the caller's. */
void headless_write_paper(struct headless *headless, FILE *paper);
void headless_free(struct headless *headless);
DEFINE_AUTO(headless, headless_free);
struct frontend *headless_frontend(struct headless *headless);
