/* SPDX-License-Identifier: Apache-2.0
 *
 * What the ledger holds of an object that this ceremony signed is what the object is: whoever reads the ledger
 * later learns from it which serial numbers and CRL numbers are used. (R53, R54, R102) */
#pragma once

#include "ceremony/audit/ledger_lines.h"
#include "ceremony/audit/report.h"

/* `result`: a signature that was made (is_signed), or of a CRL signed ahead. */
MUST_CHECK struct error *ledger_objects_check(const struct evidence *evidence,
                                              const struct ledger_lines *lines,
                                              const struct transcript_record *result,
                                              struct report *report);
/* `result`: a key was wrapped and its KEK split. */
MUST_CHECK struct error *ledger_objects_backup(const struct evidence *evidence,
                                               const struct ledger_lines *lines,
                                               const struct transcript_record *result,
                                               struct report *report);
