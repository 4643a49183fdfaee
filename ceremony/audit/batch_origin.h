/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the keys of a batch come from (R71): as the script says; and where they follow from seeds
 * (docs/formats/seeds.md), their list was opened before it was approved, by a key of the token that
 * decrypts, and nothing of it or of keys is in the folder as a file. Whether a public key follows from
 * its seed only those can say who have the seed. */
#pragma once

#include "ceremony/audit/ledger_lines.h"

/* `intent`: what was announced of the batch; NULL: nothing. Errors: verification. */
MUST_CHECK struct error *batch_origin_check(const struct evidence *evidence,
                                            const struct ledger_lines *lines,
                                            const struct transcript_record *intent);
