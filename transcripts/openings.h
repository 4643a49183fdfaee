/* SPDX-License-Identifier: Apache-2.0
 *
 * Salted commitments and the lines that open them (R97). */
#pragma once

#include "transcripts/reader.h"

#define OPENING_SALT_SIZE 32

/* SHA-256 over "ceremony commitment 1\n", the salt, and the canonical JSON of the value. */
MUST_CHECK struct error *opening_commitment(const unsigned char salt[OPENING_SALT_SIZE],
                                            const json_t *value,
                                            char ret_text[DIGEST_SHA256_TEXT]);
/* The line, with newline, for a value under a fresh salt. The caller frees. */
MUST_CHECK struct error *opening_encode(const char *about, json_t *value, char **ret_line,
                                        char ret_commitment[DIGEST_SHA256_TEXT]);
/* All lines of `raw`. When the last one is torn and that is allowed, its offset, else `len`. */
MUST_CHECK struct error *openings_parse(const char *raw, size_t len, bool allow_torn,
                                        struct transcript_openings *openings, size_t *ret_end);
