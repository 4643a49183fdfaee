/* SPDX-License-Identifier: Apache-2.0
 *
 * Output media, and the people's own signing keys. */
#pragma once

#include "ceremony/engine/context.h"

/* Copies what lies in these folders of the evidence ("" is the folder itself, whole) to
 * MEDIUM/CEREMONY-ID/, each file read back and compared. The three confidential files go along only when
 * `confidential`: whoever holds the wrapped key must not learn from the same medium who holds shares. */
MUST_CHECK struct error *media_write(struct engine *engine, const char *medium,
                                     const char *const *folders, size_t folder_count,
                                     bool confidential, size_t *ret_files);
/* The same files with the beginning of each hash, to be read aloud. */
MUST_CHECK struct error *media_describe(struct engine *engine, const char *const *folders,
                                        size_t folder_count, struct bytes *body);
/* SHA-256 of the DER certificate a person signs off with. */
MUST_CHECK struct error *signer_certificate_sha256(struct engine *engine,
                                                   const struct person *person,
                                                   char ret_hash[DIGEST_SHA256_TEXT]);
/* Whether what the person signs off with is there and fits together, as far as files tell. */
MUST_CHECK struct error *signer_check(struct engine *engine, const struct person *person);
/* Adds the person's signature over SHA256SUMS to that signature file, with the own key: on a token
 * (logged in for it and out again) or, in a rehearsal, in a file. */
MUST_CHECK struct error *signer_sign(struct engine *engine, const struct person *person,
                                     const char *signature);
