/* SPDX-License-Identifier: Apache-2.0
 *
 * What people see of a batch before they approve it as a whole: numbers, reasons, samples, and a digest
 * to say aloud (R69, R70). Data, and the same as text; every text in it is safe to show. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ceremony/base/bytes.h"
#include "ceremony/batch/check_codes.h"

#define BATCH_SAMPLES_MAX 5

struct batch_sample {
    uint64_t index;
    char *item;    /* its name */
    char *subject; /* of the request, decoded */
    char *key;     /* "EC P-256" */
    char *device;
    char *asked; /* alternative names taken: "dns:a.example.com, ip:10.0.0.1"; "" */
    char input_sha256[65];
};

struct batch_summary {
    uint64_t items;
    uint64_t accepted;
    uint64_t refused;
    uint64_t remarked;                  /* accepted with a remark */
    uint64_t by_code[BATCH_CODE_COUNT]; /* refused items by their first code; remarks by each */
    char digest[65];                    /* SHA-256 of the lines of all items, below */
    char review_sha256[65];             /* of the review file */
    struct batch_sample samples[BATCH_SAMPLES_MAX]; /* accepted: the first, some, the last */
    size_t sample_count;
    bool has_list; /* of known private keys; else that check was not performed */
    char list_sha256[65];
    uint64_t list_count;
    uint64_t moduli; /* RSA moduli compared for shared primes, those of the ledger included */
    uint64_t moduli_beyond; /* not compared: the bound was reached */
    uint64_t ledger_primes; /* moduli of the ledger that share a prime: an incident */
    bool has_past;          /* the ledger was asked */
};

void batch_summary_clear(struct batch_summary *summary);
#define AUTO_BATCH_SUMMARY __attribute__((cleanup(batch_summary_clear))) struct batch_summary

/* The digest is over one line for each item, in order: "INDEX INPUT-SHA256 VERDICT CODE,CODE\n", with
 * "accepted" or "refused", and "-" for no code or no hash. So it can be made again from results. */
MUST_CHECK struct error *batch_summary_line(uint64_t index, const char *input_sha256,
                                            bool accepted, const uint16_t *codes, size_t count,
                                            struct bytes *line);

/* For a screen or a page, which may have to break long lines; the digest in hexadecimal and words. */
MUST_CHECK struct error *batch_summary_text(const struct batch_summary *summary,
                                            struct bytes *ret_text);
