/* SPDX-License-Identifier: Apache-2.0
 *
 * One line of a transcript: its form, its hash, and whether it follows the line before. Reader and
 * writer both stand on this. */
#pragma once

#include "transcripts/reader.h"

#define TRANSCRIPT_FILE   "transcript.jsonl"
#define CONFIDENTIAL_FILE "confidential.jsonl"
/* The kind of an output that an abort found, not the act that wrote it; and what the exception expected that tells of it. */
#define TRANSCRIPT_LEFT          "left by an interruption"
#define TRANSCRIPT_LEFT_EXPECTED "every file was recorded when it was written"
#define TRANSCRIPT_LIMIT         ((size_t)1 << 30)

/* Where a chain stands. All zeros is the beginning. */
struct record_chain {
    uint64_t count;
    int64_t elapsed_ms;
    int64_t wall_ms;
    unsigned char head[DIGEST_SHA256_SIZE];
};

/* The form alone: `text` is a line with its newline. Sets all of `ret_record` but offset; its texts
 * belong to `ret_line`, which the caller releases. Errors: verification, worded to follow "line 3: ".
 */
MUST_CHECK struct error *record_decode(const char *text, size_t len, json_t **ret_line,
                                       struct transcript_record *ret_record);
/* Moves `chain` on by this record. Errors: verification, naming line and record. */
MUST_CHECK struct error *record_follow(struct record_chain *chain,
                                       const struct transcript_record *record,
                                       const json_t *line);
/* Reads lines of `raw` into `reading` (which owns them) as transcript_read promises. */
MUST_CHECK struct error *record_read_all(const char *raw, size_t len, bool allow_torn,
                                         struct record_chain *chain,
                                         struct transcript_reading *reading);
