/* SPDX-License-Identifier: Apache-2.0
 *
 * The certificates of a block as files: a PEM file or a tar archive for the block, or a folder with
 * one PEM file for each device. A block has its final name only when it is whole and on the disk.
 * (docs/formats/batch.md) */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ceremony/base/error.h"
#include "ceremony/batch/block.h"

enum batch_form {
    BATCH_FORM_PEM,  /* NNNNNN.pem, all certificates of the block */
    BATCH_FORM_TAR,  /* NNNNNN.tar, one PEM file for each */
    BATCH_FORM_FILES /* NNNNNN/, one PEM file for each */
};

struct batch_output {
    const char *folder; /* exists */
    enum batch_form form;
    const char *chain; /* PEM of the issuer and what is above it; NULL: without. Behind each
                        * certificate of a tar archive or folder; in a file of its own, chain.pem,
                        * beside files of many */
    const char
        *keys;    /* folder of private keys that were made here; exists; NULL: there are none */
    int64_t time; /* of tar entries, seconds since 1970 */
};

/* Once, before the first block. */
MUST_CHECK struct error *batch_output_begin(const struct batch_output *output);
/* Replaces what an interrupted run left of this block. Nothing to sign: no file. */
MUST_CHECK struct error *batch_output_block(const struct batch_output *output,
                                            const struct batch_block *block);

/* The private keys of a block as NNNNNN.jsonl, wrapped, and the key that wrapped them as NNNNNN.p7m; part of
 * batch_output_block. */
MUST_CHECK struct error *batch_output_keys(const struct batch_output *output,
                                           const struct batch_block *block);

#define BATCH_NAME_MAX 200
/* A name of letters, digits, "-", "_" and "." for any text: other octets become "%XX", so does a "."
 * in front; what is longer than 150 octets then is cut and ends with "~" and 16 digits of the text's
 * SHA-256; an empty text is "none". */
MUST_CHECK struct error *batch_safe_name(const char *text, char ret_name[BATCH_NAME_MAX]);
