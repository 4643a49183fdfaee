/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing a transcript: one canonical JSON object a line in `transcript.jsonl`, each carrying the
 * SHA-256 of the line before (with its newline), flushed before the call returns. Transcript and
 * journal are one file. Confidential values go into `confidential.jsonl` first, and stand in the
 * transcript as salted commitments. docs/formats/transcript.md is the format. (R5, R88-R92) */
#pragma once

#include <stdint.h>

#include <jansson.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"
#include "transcripts/digest.h"

struct transcript;

enum transcript_type {
    TRANSCRIPT_OPENING,
    TRANSCRIPT_STEP_BEGIN,
    TRANSCRIPT_STEP_END,
    TRANSCRIPT_ROLL_CALL,
    TRANSCRIPT_FACTS,
    TRANSCRIPT_INTENT,
    TRANSCRIPT_RESULT,
    TRANSCRIPT_CONFIRMATION,
    TRANSCRIPT_EXCEPTION,
    TRANSCRIPT_CHECKPOINT,
    TRANSCRIPT_PAUSE,
    TRANSCRIPT_RESUME,
    TRANSCRIPT_OUTPUT,
    TRANSCRIPT_SIGN_OFF,
    TRANSCRIPT_CLOSING,
    TRANSCRIPT_TYPES
};

const char *transcript_type_name(enum transcript_type type); /* "step-begin" */
int transcript_type_parse(const char *name);                 /* -1 if unknown */

/* Starts both files in the evidence folder, which must not hold them. */
MUST_CHECK struct error *transcript_create(const char *folder,
                                           struct transcript **ret_transcript);
/* For resume: checks the chain whole, moves a torn last line to torn/NNN. `ret_torn` is NULL or the
 * torn file's name and SHA-256 as a JSON object to be recorded (caller's reference). */
MUST_CHECK struct error *transcript_open(const char *folder, struct transcript **ret_transcript,
                                         json_t **ret_torn);
void transcript_close(struct transcript *transcript);
DEFINE_AUTO(transcript, transcript_close);

/* Where the ceremony stands; both are copied, NULL for none. */
MUST_CHECK struct error *transcript_set_place(struct transcript *transcript, const char *act,
                                              const char *step);
/* Appends and flushes one record. `data` is an object whose reference is taken, success or not (NULL:
 * empty object). `actor` is a role and name, or a commitment for a custodian. Strings with control
 * characters and reals are a bug of the caller. `ret_seq` may be NULL. */
MUST_CHECK struct error *transcript_append(struct transcript *transcript,
                                           enum transcript_type type, const char *actor,
                                           json_t *data, uint64_t *ret_seq);
/* Writes value (reference taken) with a fresh 32-byte salt to confidential.jsonl, flushed, and gives
 * the commitment: SHA-256 over "ceremony commitment 1\n", salt, canonical JSON of the value. `about`
 * names it for the reader ("share plan", "custodian"). */
MUST_CHECK struct error *transcript_commit(struct transcript *transcript, const char *about,
                                           json_t *value, char ret_text[DIGEST_SHA256_TEXT]);

/* SHA-256 of the last line with its newline; zeros before the first. */
void transcript_head(const struct transcript *transcript, unsigned char ret_head[32]);
uint64_t transcript_count(const struct transcript *transcript); /* records so far */
int64_t transcript_elapsed_ms(const struct transcript *transcript);
