/* SPDX-License-Identifier: Apache-2.0
 *
 * Share words while they are typed back from paper. A word is complete as soon as the letters that
 * the list asks for name one, and the next begins; one may type words whole, with blanks, as well.
 * All of it lives in secret memory. (R76) */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/error.h"
#include "ceremony/base/secret.h"
#include "ceremony/base/words.h"

#define WORD_ENTRY_MAX     128
#define WORD_ENTRY_LETTERS 16

struct word_entry;

/* `count` words of `list` (which must outlive it) are wanted, 1 .. WORD_ENTRY_MAX. */
MUST_CHECK struct error *word_entry_new(const struct word_list *list, size_t count,
                                        struct word_entry **ret_entry);
/* Wipes. NULL is fine. */
void word_entry_free(struct word_entry *entry);
DEFINE_AUTO(word_entry, word_entry_free);

/* Letters, blank, Tab, Backspace, Up, Down, Ctrl-U. True if the key was for it; Enter never is. */
bool word_entry_key(struct word_entry *entry, int32_t key);

size_t word_entry_count(const struct word_entry *entry);
/* The place that is typed at, from 0; `count` when it stands behind the last word. */
size_t word_entry_current(const struct word_entry *entry);
/* How many places have their word. */
size_t word_entry_filled(const struct word_entry *entry);
/* The word at a place, or NULL; points into the list. */
const char *word_entry_word(const struct word_entry *entry, size_t place);
/* The letters typed so far at the current place; secret, valid until the next key. */
const char *word_entry_typed(const struct word_entry *entry);
/* The only word that these letters can become, or NULL. */
const char *word_entry_candidate(const struct word_entry *entry);
/* The letters at the current place begin no word of the list. */
bool word_entry_is_wrong(const struct word_entry *entry);
/* All words, a blank between, no NUL; every place must be filled. */
MUST_CHECK struct error *word_entry_answer(const struct word_entry *entry,
                                           struct secret **ret_answer);
