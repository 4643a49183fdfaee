/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of seeds that the maker of a chip sends (key origin "carrot"): an envelope to a key on a
 * token, opened by that key, its contents in secrets' pages and nowhere else. (R71, R77;
 * docs/formats/seeds.md) */
#pragma once

#include "ceremony/batch/seeds_list.h"
#include "ceremony/engine/context.h"
#include "ceremony/engine/seeds_read.h"

#define SEEDS_FILE_MAX ((size_t)32 << 20)

/* The file as it was brought, DER or one PEM block, read by the confined process (seeds_read.h). */
struct seeds_file {
    struct seeds_envelope envelope;
    char sha256[65]; /* of the file's octets, as `sha256sum` says it */
};

void seeds_file_clear(struct seeds_file *file);
/* The input that bears the step's name, an envelope for the certificate of `key`. Errors: input (there is none, it is
 * no envelope), refused (a list in clear, for another key). */
MUST_CHECK struct error *seeds_file_read(struct engine *engine, const struct state_key *key,
                                         struct seeds_file *ret_file);
/* Opened by the key, which an earlier step found; recorded. Errors: input, refused (changed on the way, a list that is refused), those of the token. */
MUST_CHECK struct error *seeds_open(struct engine *engine, const struct seeds_file *file,
                                    const struct state_key *key, struct seeds_list **ret_list);
