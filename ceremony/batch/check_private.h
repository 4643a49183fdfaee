/* SPDX-License-Identifier: Apache-2.0
 *
 * The review file and the pass that makes it; inside batch/ only.
 *
 * The file: a head of 96 bytes ("ceremony review 2", a line feed, zeros), then 96 bytes for each item: 32 of
 * the input's hash (zeros: none), 32 of what was read in it where it was accepted, the verdict, how many codes, six
 * codes of two bytes (big-endian), zeros. */
#pragma once

#include "ceremony/batch/check.h"
#include "ceremony/batch/check_sort.h"
#include "ceremony/pki/weak_shared.h"

#define REVIEW_RECORD 96

struct review_record {
    unsigned char input[32];
    unsigned char parts[32]; /* SHA-256 of wire_put_bound, while it was accepted; else zeros */
    enum batch_verdict verdict;
    uint16_t codes[BATCH_CODES_MAX];
    size_t code_count;
};

struct batch_review {
    int file;
    char *path; /* as the caller named it */
    uint64_t count;
};

MUST_CHECK struct error *review_create(const char *path, struct batch_review **ret_review);
MUST_CHECK struct error *review_write(struct batch_review *review, uint64_t index,
                                      const struct review_record *record);
MUST_CHECK struct error *review_read(const struct batch_review *review, uint64_t index,
                                     struct review_record *ret_record);
/* A code that was found later than the item. */
MUST_CHECK struct error *review_add_code(struct batch_review *review, uint64_t index,
                                         unsigned code);
/* Flushed; the SHA-256 of the whole file. */
MUST_CHECK struct error *review_finish(struct batch_review *review, char ret_sha256[65]);
/* `parts` is left to review_bind. */
void review_of_item(const struct batch_item *item, struct review_record *ret_record);
/* An accepted item: all that is certified of it, whoever read it. */
MUST_CHECK struct error *review_bind(const struct batch_item *item,
                                     unsigned char ret_parts[32]);

/* The pass over a source. */
struct review_pass {
    const struct batch_check *check;
    struct batch_review *review;
    struct check_sort *sort;
    struct weak_shared *shared;
    struct batch_summary *summary;
};

/* What must not stand twice of an accepted item, into the sort. */
MUST_CHECK struct error *double_note(const struct batch_check *check, struct check_sort *sort,
                                     const struct batch_item *item);
/* All that stand twice: codes into the review. */
MUST_CHECK struct error *double_find(const struct batch_check *check, struct check_sort *sort,
                                     struct batch_review *review);
/* A sample of an accepted item, as the first, the last, or one between. */
MUST_CHECK struct error *sample_note(struct batch_summary *summary,
                                     const struct batch_item *item);
/* Counts of all records, the digest, and samples that were refused later taken out. */
MUST_CHECK struct error *summary_count(struct batch_summary *summary,
                                       const struct batch_review *review);
