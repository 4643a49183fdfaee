/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of a key, copy by copy: on tokens, wrapped in files, and as shares. Each copy goes after two
 * people typed its command; what cannot be reached stays on a list of open exceptions. (R13, R87,
 * REQUIREMENTS 4.4) */
#pragma once

#include "ceremony/engine/context.h"
#include "ceremony/ledger/known.h"

struct destruction {
    const struct state_key *key;
    json_t *copies;      /* rows of the record */
    json_t *wrapped;     /* the same */
    struct bytes told;   /* lines of the certificate of destruction */
    size_t open;         /* copies that were not reached */
    size_t tokens_left;  /* copies still on a token */
    size_t files_left;   /* wrapped copies that may still be somewhere */
    bool shares_useless; /* too few are left to open any of these */
};

void destruction_clear(struct destruction *destruction);
#define AUTO_DESTRUCTION __attribute__((cleanup(destruction_clear))) struct destruction

/* Refused while certificates of the key are unexpired, unless somebody decides otherwise by name; that is an
 * exception. */
MUST_CHECK struct error *destruction_consequences(struct engine *engine,
                                                  const struct state_key *key);
MUST_CHECK struct error *destruction_of_tokens(struct engine *engine,
                                               struct destruction *destruction);
/* `plan` NULL: nobody brings shares. */
MUST_CHECK struct error *destruction_of_shares(struct engine *engine,
                                               const struct share_plan *plan,
                                               struct destruction *destruction);
MUST_CHECK struct error *destruction_of_files(struct engine *engine,
                                              struct destruction *destruction);
/* Two people type the command: who performs the step, and who verifies it. `name` begins the prompts' ids.
 * Errors: refused (somebody did not). */
MUST_CHECK struct error *destruction_approve(struct engine *engine, const char *name,
                                             const char *body, const char *command);
/* Notes an exception, counts it, and tells it in the certificate. */
MUST_CHECK struct error *
destruction_open(struct engine *engine, struct destruction *destruction, const char *observed);
