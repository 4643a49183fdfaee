/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of revocations, brought on a medium: both halves of reading it. (T17, R56) */
#pragma once

#include "ceremony/batch/revocation_list.h"
#include "ceremony/engine/reader_passes.h"

#define REVOCATIONS_MAX (512U << 20)

/* --- the process that reads --- */
/* By the rules of the current step; `issuer`: the certificate of the CA. */
MUST_CHECK struct error *revocations_read_serve(const struct reader_task *task);

/* --- both --- */
/* What script and issuer say of a list: all rules but whose ledger it is. Borrows the issuer. */
MUST_CHECK struct error *revocations_read_rules(const struct engine *engine,
                                                const struct bytes *issuer, int64_t now,
                                                struct revocation_rules *ret_rules);

/* --- the process that signs --- */
/* Whether rows are those of the intent that announced them (`rows_sha256`), in a run that was interrupted. `what` they
 * were read of. Errors: verification. */
MUST_CHECK struct error *revocations_require_same(const struct state_intent *open,
                                                  const struct revocation_list *list,
                                                  const char *what);
/* The lines of the step's input, which lies in `documents`, each judged by itself. Errors: input, verification, io. */
MUST_CHECK struct error *revocations_read_ask(struct engine *engine,
                                              struct documents *documents,
                                              const struct bytes *issuer,
                                              const struct revocation_rules *rules,
                                              struct revocation_list **ret_list);
