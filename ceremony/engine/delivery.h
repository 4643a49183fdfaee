/* SPDX-License-Identifier: Apache-2.0
 *
 * Shares given out: each custodian alone at the screen, the share shown, hidden, typed back from the paper, the
 * form sealed in a numbered bag. (R23, R76) */
#pragma once

#include "ceremony/engine/context.h"

/* Everyone in the order of the plan; tokens are logged out. `rows` gets one object a share: holder, group,
 * place, numbers, bag, wrong entries; they are confidential. Errors: refused (a holder is not in the room, before the first
 * share is shown or when the turn comes), and the usual. */
MUST_CHECK struct error *delivery_run(struct engine *engine, const struct slip39_set *set,
                                      const struct share_plan *plan, json_t *rows);
