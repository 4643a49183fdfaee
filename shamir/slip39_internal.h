/* SPDX-License-Identifier: Apache-2.0
 *
 * What the slip39_*.c files share; nobody else includes this. */
#pragma once

#include "shamir/slip39.h"

#define SLIP39_WORD_BITS      10U
#define SLIP39_WORD_COUNT     1024U
#define SLIP39_HEADER_WORDS   4U
#define SLIP39_CHECKSUM_WORDS 3U
#define SLIP39_DIGEST_SIZE    4U
#define SLIP39_DIGEST_INDEX   254U
#define SLIP39_SECRET_INDEX   255U
#define SLIP39_ID_MASK        0x7FFFU

/* slip39_words.c ------------------------------------------------------------------------------- */

/* Bytes of value in a share of so many words, or 0 if no share has that many. */
size_t slip39_value_size(size_t word_count);
size_t slip39_word_count(size_t value_size);
/* `words` has room for slip39_word_count(size). */
void slip39_words_encode(const struct slip39_info *info, const uint8_t *value, size_t size,
                         uint16_t *words);
bool slip39_checksum_is_right(const uint16_t *words, size_t count);
/* The only place (from 0) where changing one word mends the checksum, or -1. Uses `words` as scratch
 * and leaves it as it was. */
int slip39_checksum_locate(uint16_t *words, size_t count);
/* Header only; `count` is a valid number of words. */
struct slip39_info slip39_header_decode(const uint16_t *words, size_t count);
/* False if the padding bits are not zero. `ret_value` has slip39_value_size(count) bytes. */
bool slip39_value_decode(const uint16_t *words, size_t count, uint8_t *ret_value);
/* Typed text to indices; `ret_words` holds SLIP39_WORDS_MAX, more are counted only. Errors: answer,
 * numbering the words that are not in the list. */
MUST_CHECK struct error *slip39_words_from_text(const struct secret *text, uint16_t *ret_words,
                                                size_t *ret_count);

/* slip39_share.c ------------------------------------------------------------------------------- */

/* Borrowed; slip39_value_size(info.word_count) bytes. */
const uint8_t *slip39_share_value(const struct slip39_share *share);

/* slip39_cipher.c ------------------------------------------------------------------------------ */

/* NULL is the empty passphrase. */
MUST_CHECK struct error *slip39_passphrase_check(const struct secret *passphrase);
/* The four-round Feistel network; `in` and `out` are `size` bytes and may be the same. Only id,
 * extendable and exponent of `info` matter. */
MUST_CHECK struct error *slip39_encrypt(const struct slip39_info *info,
                                        const struct secret *passphrase, const uint8_t *in,
                                        size_t size, uint8_t *out);
MUST_CHECK struct error *slip39_decrypt(const struct slip39_info *info,
                                        const struct secret *passphrase, const uint8_t *in,
                                        size_t size, uint8_t *out);

/* slip39_level.c: one level of sharing, members of a group or groups of a set -------------------- */

struct slip39_points {
    unsigned count;
    uint8_t xs[SLIP39_MEMBERS_MAX];
    const uint8_t *ys[SLIP39_MEMBERS_MAX]; /* borrowed */
};

/* Splits into `group.count` shares of `size` bytes. `scratch`: `size` bytes of secret memory. */
MUST_CHECK struct error *slip39_level_split(const struct slip39_random *random,
                                            struct slip39_group group, const uint8_t *secret,
                                            size_t size, uint8_t *scratch,
                                            uint8_t *const *shares);
/* Joins exactly as many shares as the threshold says. `*ret_right`: the digest fits (always so for
 * one). */
MUST_CHECK struct error *slip39_level_join(const struct slip39_points *points, size_t size,
                                           uint8_t *scratch, uint8_t *ret_secret,
                                           bool *ret_right);
