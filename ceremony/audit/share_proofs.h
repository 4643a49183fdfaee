/* SPDX-License-Identifier: Apache-2.0
 *
 * Share sets of which a ceremony proved shares, read from the ledger's lines: they are due again a year after,
 * unless the set was made void. (R58, R83; ceremony/ledger/rules_pins.c has the rules that are followed here) */
#pragma once

#include "ceremony/audit/ledger_lines.h"

/* Seconds since 1970 of the earliest of the last proofs that this ceremony made of each set that it left live;
 * 0 for none. Errors: verification (a time that cannot be read), memory. */
MUST_CHECK struct error *share_proofs_first(const struct ledger_lines *lines,
                                            const char *ceremony, int64_t *ret_time);
