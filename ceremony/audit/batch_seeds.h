/* SPDX-License-Identifier: Apache-2.0
 *
 * A batch whose keys follow from seeds (docs/formats/seeds.md): that its list was opened before it was approved, by a key of
 * the token that decrypts, and that nothing of the seeds or keys is in the folder as files of keys. Whether a public key follows
 * from its seed only those can say who have the seed. */
#pragma once

#include "ceremony/audit/evidence.h"

/* `record`: the result of the batch. Nothing to do where keys come otherwise. Errors: verification. */
MUST_CHECK struct error *batch_seeds_check(const struct evidence *evidence,
                                           const struct transcript_record *record);
