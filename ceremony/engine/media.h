/* SPDX-License-Identifier: Apache-2.0
 *
 * Output media, and the people's own signing keys. */
#pragma once

#include "ceremony/engine/context.h"

/* Copies what lies in these folders of the evidence ("" is the folder itself, whole) to
 * MEDIUM/CEREMONY-ID/, each file read back and compared; what is there already must be equal. */
MUST_CHECK struct error *media_write(struct engine *engine, const char *medium,
                                     const char *const *folders, size_t folder_count,
                                     size_t *ret_files);
/* SHA-256 of the DER certificate a person signs off with. */
MUST_CHECK struct error *signer_certificate_sha256(struct engine *engine,
                                                   const struct person *person,
                                                   char ret_hash[DIGEST_SHA256_TEXT]);
/* Adds the person's signature over SHA256SUMS to that signature file, with the own key: on a token
 * (logged in for it and out again) or, in a rehearsal, in a file. */
MUST_CHECK struct error *signer_sign(struct engine *engine, const struct person *person,
                                     const char *signature);
