/* SPDX-License-Identifier: Apache-2.0
 *
 * The list of seeds that the maker of a chip sends (key origin "carrot"): an envelope to a key on a
 * token, opened by that key, its contents in secrets' pages and nowhere else. (R71, R77;
 * docs/formats/seeds.md) */
#pragma once

#include "ceremony/batch/seeds_list.h"
#include "ceremony/engine/context.h"

#define SEEDS_FILE_MAX ((size_t)32 << 20)

/* The file as it was brought: DER or one PEM block. */
struct seeds_file {
    struct bytes der;
    char sha256[65]; /* of the file's octets, as `sha256sum` says it */
};

void seeds_file_clear(struct seeds_file *file);
/* The input that bears the step's name. Errors: input (there is none, it is no envelope, or a list in
 * clear). */
MUST_CHECK struct error *seeds_file_read(struct engine *engine, struct seeds_file *ret_file);
/* Opened by the key, which an earlier step found; recorded. Errors: input, refused (for another key,
 * changed on the way, a list that is refused), those of the token. */
MUST_CHECK struct error *seeds_open(struct engine *engine, const struct seeds_file *file,
                                    const struct state_key *key, struct seeds_list **ret_list);
