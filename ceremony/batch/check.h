/* SPDX-License-Identifier: Apache-2.0
 *
 * Items judged before anything is signed: each by itself, then beside all others and what the ledger
 * remembers (R62 - R69, R71). The whole medium is gone through once; what was decided stands in a
 * review file, so that people approve a known set, and the signing line later takes from the medium
 * only what has the same bytes (T18). Memory stays flat but for the comparison of RSA moduli, whose
 * bound is weak_shared.h's.
 *
 * How the step uses it:
 *   batch_source_open, batch_review_make, summary.h: shown and approved, its SHA-256 recorded;
 *   batch_source_open, batch_review_open, batch_review_feed_new: the line's feed. After an
 *   interruption only the second line again. */
#pragma once

#include "ceremony/batch/check_codes.h"
#include "ceremony/batch/source.h"
#include "ceremony/batch/summary.h"

enum batch_known {
    BATCH_KNOWN_NOT,
    BATCH_KNOWN_SAME, /* by this very request: the line says what was made, and signs nothing */
    BATCH_KNOWN_OTHER
};

/* What was certified before; each NULL: not asked. Called by one thread. */
struct batch_past {
    void *self;
    /* By SHA-256 of the SPKI and of the request. */
    struct error *(*key)(void *self, const unsigned char spki[32],
                         const unsigned char request[32], enum batch_known *ret_known);
    struct error *(*device)(void *self, const char *device, const unsigned char request[32],
                            enum batch_known *ret_known);
    struct error *(*each_modulus)(
        void *self, struct error *(*each)(void *user, const unsigned char *modulus, size_t len),
        void *user);
};

enum batch_stage {
    BATCH_STAGE_ITEMS,   /* read and judged: `done` items */
    BATCH_STAGE_DOUBLES, /* sorted: `done` marks */
    BATCH_STAGE_PRIMES   /* `done` of 1,000 */
};

struct batch_check {
    const struct request_rules *rules;
    const unsigned char (*ca_keys)[32]; /* SHA-256 of the SPKIs of CAs */
    size_t ca_key_count;
    bool made; /* the items' keys are made here: there are no requests to judge */
    bool
        repeats; /* declared: a key, device or name may come again (R71); it is a remark then */
    /* Names the device that an item is for ("": none); NULL: the field "serial", else the
     * serialNumber that is taken from the request. Several threads at once. Errors input, refused, unsupported: it
     * cannot be certified, which is a verdict on the item; any other ends the review. */
    struct error *(*device)(void *user, const struct batch_item *item, char **ret_device);
    struct batch_past past;
    unsigned workers;    /* threads that judge; 0: 1 */
    size_t shared_bytes; /* bound of the moduli compared; 0: the default */
    /* Now and then, by the calling thread; an error ends the review. NULL: nobody. */
    struct error *(*progress)(void *user, enum batch_stage stage, uint64_t done);
    void *user;
};

/* One item by itself: its request, and whether its key is a CA's. What the rules take from the request
 * is put into it. Errors: memory only. */
MUST_CHECK struct error *batch_check_item(const struct batch_check *check,
                                          struct request_checker *checker,
                                          struct batch_item *item);
/* The device of an accepted item, put into it; or the verdict that it cannot be certified. */
MUST_CHECK struct error *batch_check_device(const struct batch_check *check,
                                            struct batch_item *item);

/* Reads and judges all of a source. `path`: the review file, new; its folder also takes nameless
 * scratch files. Errors: those of the source, of `past` and of `progress`; io. */
MUST_CHECK struct error *batch_review_make(const struct batch_check *check,
                                           struct batch_source *source, const char *path,
                                           struct batch_summary *ret_summary);

struct batch_review;
/* `sha256`: what the review file must have (batch_summary's), hexadecimal. Errors: verification. */
MUST_CHECK struct error *batch_review_open(const char *path, const char *sha256,
                                           struct batch_review **ret_review);
void batch_review_free(struct batch_review *review);
DEFINE_AUTO(batch_review, batch_review_free);
uint64_t batch_review_count(const struct batch_review *review);

/* Items of a source with the verdicts of the review. One whose bytes differ from those reviewed, or
 * that was not there, is refused (`changed-since-review`); fewer items are an input error at the end.
 * The feed is NULL-safe to free; source, review and check must outlive it. `from`: the first item. */
struct batch_review_feed;
MUST_CHECK struct error *batch_review_feed_new(const struct batch_check *check,
                                               const struct batch_review *review,
                                               struct batch_source *source, uint64_t from,
                                               struct batch_review_feed **ret_feed);
void batch_review_feed_free(struct batch_review_feed *feed);
DEFINE_AUTO(batch_review_feed, batch_review_feed_free);
struct batch_feed batch_review_as_feed(struct batch_review_feed *feed);
