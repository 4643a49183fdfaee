/* SPDX-License-Identifier: Apache-2.0
 *
 * A token that bears no mark cannot refuse an older ledger by itself. The paper of the ceremony that used it last can:
 * its closing words are typed, and compared with what the ledger says of that ceremony. (R53, R102;
 * docs/formats/token-head.md) */
#pragma once

#include "ceremony/engine/context.h"
#include "ceremony/ledger/known.h"

/* Two words of the paper's 32, at places chosen by chance. `ret_compared` false: the ledger says no end of that
 * ceremony, so there is no paper to compare with. Errors: refused, when the words are others. */
MUST_CHECK struct error *token_paper_compare(struct engine *engine,
                                             const struct engine_token *token,
                                             const struct known_head *announced,
                                             bool *ret_compared);
