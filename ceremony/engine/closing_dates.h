/* SPDX-License-Identifier: Apache-2.0
 *
 * The dates of the closing record: when people must meet again, and how long its folder is kept. (R58, R98) */
#pragma once

#include "ceremony/base/clock.h"
#include "ceremony/engine/context.h"

/* The earliest end of anything that was issued, and of the year after shares were proven in this ceremony; "" for
 * neither. */
MUST_CHECK struct error *closing_next_due(struct engine *engine,
                                          char ret_text[CLOCK_TEXT_SIZE]);
/* {class, not_before, keys_alive}: the folder is a link of its site's past, so that the ledger's keys decide, all of
 * them. While one is alive the two years have not begun. The caller owns it. */
MUST_CHECK struct error *closing_retention(struct engine *engine, json_t **ret_retention);
