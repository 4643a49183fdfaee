/* SPDX-License-Identifier: Apache-2.0
 *
 * SLIP-0039: a secret becomes groups of shares, each a line of words; enough of them give it back.
 * Everything secret (master secret, passphrase, share values, words) lives in `struct secret`; what
 * every share tells its holder anyway (set id, indices, thresholds) is plain. Errors name words by
 * their number and shares by set, group and index; they never repeat a word. Format:
 * docs/formats/share.md. (R72-R76) */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"
#include "ceremony/base/secret.h"
#include "ceremony/base/words.h"

#define SLIP39_GROUPS_MAX     16U /* the format's fields have four bits */
#define SLIP39_MEMBERS_MAX    16U
#define SLIP39_MASTER_MIN     16U /* bytes; the standard's least */
#define SLIP39_MASTER_MAX     64U /* bytes; ours */
#define SLIP39_WORDS_MIN      20U
#define SLIP39_WORDS_MAX      59U
#define SLIP39_WORD_SIZE_MAX  8U /* letters */
#define SLIP39_PASSPHRASE_MAX 1024U
#define SLIP39_EXPONENT       1U /* what we write */

/* The 1,024 words, sorted; four letters name a word. */
extern const struct word_list slip39_word_list;

/* --- Plans ------------------------------------------------------------------------------------ */

struct slip39_group {
    unsigned threshold; /* T: so many of ... */
    unsigned count;     /* ... N shares stand for the group */
};

struct slip39_plan {
    unsigned group_threshold; /* GT: so many groups give the secret */
    size_t group_count;
    struct slip39_group groups[SLIP39_GROUPS_MAX];
    bool extendable;   /* false in what we write (older readers know nothing else) */
    unsigned exponent; /* 0 .. 15; SLIP39_EXPONENT */
    uint16_t id;       /* 15 bits, used if `id_given`, else random */
    bool id_given;
};

/* R74: 2 <= T <= N <= 16, or 1 of 1; 1 <= GT <= G <= 16; one share that is everything is no split.
 * Errors: refused, saying which rule. */
MUST_CHECK struct error *slip39_plan_check(const struct slip39_plan *plan);
/* All shares of the plan, 1 .. 256. */
size_t slip39_plan_share_count(const struct slip39_plan *plan);
/* How many subsets are just enough: exactly GT groups, exactly T shares of each. Stops at UINT64_MAX. */
uint64_t slip39_plan_subset_count(const struct slip39_plan *plan);

/* --- Splitting -------------------------------------------------------------------------------- */

/* Where random bytes come from (R73). A NULL pointer to it, or a NULL `fill`, means random_bytes. */
struct slip39_random {
    struct error *(*fill)(void *self, void *ret_data, size_t len);
    void *self;
};

/* What a share says of itself. Indices count from 0 (people are told index + 1). */
struct slip39_info {
    uint16_t id;
    bool extendable;
    unsigned exponent;
    unsigned group_index;
    unsigned group_threshold;
    unsigned group_count;
    unsigned member_index;
    unsigned member_threshold;
    size_t word_count;
};

struct slip39_set;

/* `master`: SLIP39_MASTER_MIN .. MAX bytes, an even number. `passphrase`: printable ASCII without a
 * NUL, or NULL for none. Errors: refused (plan), input (lengths, passphrase), memory, and whatever
 * `random` says. */
MUST_CHECK struct error *slip39_split(const struct slip39_plan *plan,
                                      const struct secret *master,
                                      const struct secret *passphrase,
                                      const struct slip39_random *random,
                                      struct slip39_set **ret_set);
void slip39_set_free(struct slip39_set *set);
DEFINE_AUTO(slip39_set, slip39_set_free);

uint16_t slip39_set_id(const struct slip39_set *set);
const struct slip39_plan *slip39_set_plan(const struct slip39_set *set); /* with the id in it */
/* Shares are numbered 0 .. count-1 through all groups, group by group. */
size_t slip39_set_count(const struct slip39_set *set);
struct slip39_info slip39_set_info(const struct slip39_set *set, size_t i);
/* Indices into slip39_word_list, borrowed: secret memory, valid until the set is freed. */
const uint16_t *slip39_set_words(const struct slip39_set *set, size_t i, size_t *ret_count);
/* "word word ...": lower case, one blank between, no newline, no NUL; the caller frees. */
MUST_CHECK struct error *slip39_set_text(const struct slip39_set *set, size_t i,
                                         struct secret **ret_text);
/* Whether `text`, typed back from paper (R76), is share `i`. Errors: answer, naming the words (by
 * number) that are not in the list, else those that are not the ones shown, or the wrong number of
 * words. */
MUST_CHECK struct error *slip39_set_confirm(const struct slip39_set *set, size_t i,
                                            const struct secret *text);

/* --- One share -------------------------------------------------------------------------------- */

struct slip39_share;

/* Words, whole or at least four letters, in any case, any blanks, tabs and newlines between; a NUL
 * ends the text. Errors (answer): words not in the list; too few or too many; the checksum, with the
 * position to look at where RS1024 can tell (one wrong word; it promises nothing for more); header
 * and padding. Never a proposal what the word should be. */
MUST_CHECK struct error *slip39_share_parse(const struct secret *text,
                                            struct slip39_share **ret_share);
/* The same from indices into the word list; an index >= 1,024 is a word not in the list. */
MUST_CHECK struct error *slip39_share_from_words(const uint16_t *words, size_t count,
                                                 struct slip39_share **ret_share);
void slip39_share_free(struct slip39_share *share);
DEFINE_AUTO(slip39_share, slip39_share_free);
struct slip39_info slip39_share_info(const struct slip39_share *share);
/* Same share of the same set, value included. */
bool slip39_share_equal(const struct slip39_share *a, const struct slip39_share *b);

/* --- Combining -------------------------------------------------------------------------------- */

struct slip39_collector;

struct slip39_progress {
    size_t shares;        /* accepted so far; 0: all below is 0 too */
    unsigned groups_done; /* complete groups ... */
    unsigned groups_need; /* ... of so many needed */
    unsigned group_count;

    struct {
        unsigned have;
        unsigned need; /* 0 until a share of the group was seen */
    } groups[SLIP39_GROUPS_MAX];
};

MUST_CHECK struct error *slip39_collector_new(struct slip39_collector **ret_collector);
void slip39_collector_free(struct slip39_collector *collector);
DEFINE_AUTO(slip39_collector, slip39_collector_free);
/* Takes the share over, accepted or not. Errors (answer), nothing changed: the same share again;
 * same place, other words; another set (both numbers named); other thresholds or length; the group
 * has enough; all is there already. */
MUST_CHECK struct error *slip39_collector_add(struct slip39_collector *collector,
                                              struct slip39_share *share);
bool slip39_collector_is_complete(const struct slip39_collector *collector);
void slip39_collector_progress(const struct slip39_collector *collector,
                               struct slip39_progress *ret_progress);
/* The secret again. Shares of groups that are not complete play no part. A wrong passphrase is never
 * noticed here (the standard wants it so): compare a check value (backup.h). Errors: refused (shares
 * missing), input (digest: a share is forged or miswritten with a right checksum; passphrase). */
MUST_CHECK struct error *slip39_combine(const struct slip39_collector *collector,
                                        const struct secret *passphrase,
                                        struct secret **ret_master);

/* --- Proving a set (R75) ------------------------------------------------------------------------ */

#define SLIP39_SUBSETS_ALL    5000U /* up to so many: every one */
#define SLIP39_SUBSETS_SAMPLE 1000U /* else so many at random, and every share at least once */

struct slip39_subsets {
    uint64_t total; /* subsets that are just enough; UINT64_MAX: that many or more */
    uint64_t checked;
    bool sampled;
};

/* Reads every share back from its words and recombines every subset that is just enough if there are
 * at most `limit`, else a sample; `check` is called with each result and says whether it is right
 * (e.g. compares the check value). PBKDF2 runs once per different encrypted secret, not per subset:
 * equal input gives equal output. Errors: verification, naming the shares of the subset. */
MUST_CHECK struct error *
slip39_verify_subsets(const struct slip39_set *set, const struct secret *passphrase,
                      bool (*check)(void *self, const struct secret *master), void *self,
                      size_t limit, struct slip39_subsets *ret_subsets);
