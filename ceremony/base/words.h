/* SPDX-License-Identifier: Apache-2.0
 *
 * Word lists. A `word_list` is what a prompt carries so that a front end can complete words;
 * the PGP list (two columns, even and odd offsets) turns hashes into words that survive
 * being read aloud. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"

struct word_list {
    const char *const *words; /* sorted without regard to case */
    size_t count;
    size_t prefix; /* this many letters are enough to name a word; 0: type it whole */
};

/* The index of the word meant by `typed` (whole word, or at least `prefix` letters of just one; case
 * does not matter), or -1. */
int word_list_find(const struct word_list *list, const char *typed);
/* The same of `len` letters without a NUL. Takes the same time whatever they are; their number decides. */
int word_list_find_letters(const struct word_list *list, const char *typed, size_t len);

/* All 512 PGP words. */
extern const struct word_list words_pgp;
/* The word for `value` at byte offset `offset` (even and odd offsets have their own column). */
const char *words_pgp_word(uint8_t value, size_t offset);
/* Appends the words of `data`, blank between. */
MUST_CHECK struct error *words_pgp_append(struct bytes *bytes, const void *data, size_t len);
/* Back again; every word must stand in the column of its place. */
MUST_CHECK struct error *words_pgp_parse(const char *text, void *ret_data, size_t len);
