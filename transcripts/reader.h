/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading transcripts: strict, canonical, with the exact record named when something is wrong. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"
#include "transcripts/writer.h"

struct transcript_record {
    uint64_t seq;
    enum transcript_type type;
    int64_t wall_ms;
    int64_t elapsed_ms;
    const char *act; /* "" for none; strings live as long as the reading */
    const char *step;
    const char *actor;
    json_t *data;  /* borrowed */
    size_t offset; /* of the line in the file */
    size_t length; /* with newline */
    unsigned char hash[32];
};

struct transcript_reading {
    struct transcript_record *records;
    size_t count;
    bool torn; /* the last line is not complete (only if allowed) */
    size_t torn_offset;
    struct bytes raw;
    json_t *lines; /* keeps the objects alive */
};

/* Reads and checks the chain of `path` (limit 1 GiB). Errors: verification, naming line and record.
 * A torn last line is an error unless `allow_torn`. */
MUST_CHECK struct error *transcript_read(const char *path, bool allow_torn,
                                         struct transcript_reading *ret_reading);
void transcript_reading_clear(struct transcript_reading *reading);
#define AUTO_READING                                                                           \
    __attribute__((cleanup(transcript_reading_clear))) struct transcript_reading

/* An opening in confidential.jsonl. */
struct transcript_opening {
    char commitment[DIGEST_SHA256_TEXT];
    const char *about;
    json_t *value; /* borrowed */
};

struct transcript_openings {
    struct transcript_opening *rows;
    size_t count;
    json_t *lines;
};
/* Reads confidential.jsonl, checking each commitment against its salt and value. */
MUST_CHECK struct error *transcript_openings_read(const char *path, bool allow_torn,
                                                  struct transcript_openings *ret_openings);
void transcript_openings_clear(struct transcript_openings *openings);
/* NULL if there is none. */
json_t *transcript_openings_find(const struct transcript_openings *openings,
                                 const char *commitment);
/* Canonical text of a JSON value (sorted, compact); the caller frees. */
MUST_CHECK struct error *transcript_canonical(const json_t *value, char **ret_text);
