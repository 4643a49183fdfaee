/* SPDX-License-Identifier: Apache-2.0
 *
 * Which word was typed: shares are typed, so it must not be the letters that decide how long
 * this takes, or what memory is looked at. Every word of the list is compared, and nothing
 * but the number of letters makes a branch. tests/ct looks at it. */
#include <stdint.h>
#include <string.h>

#include "ceremony/base/words.h"

/* All bits set if `value` (below 2^31) is zero, else none. */
static uint32_t
mask_if_zero(uint32_t value)
{
    return 0U - ((value - 1U) >> 31);
}

/* A capital letter of ASCII made small. */
static uint32_t
small_letter(uint32_t letter)
{
    uint32_t is_capital = ((0x40U - letter) & (letter - 0x5bU)) >> 31;
    return letter | is_capital << 5;
}

/* Not zero where the first `len` letters are others. */
static uint32_t
differ(const char *word, const char *typed, size_t len)
{
    uint32_t difference = 0;
    for (size_t i = 0; i < len; i++)
        difference |=
            small_letter((unsigned char)word[i]) ^ small_letter((unsigned char)typed[i]);
    return difference;
}

int
word_list_find(const struct word_list *list, const char *typed)
{
    return word_list_find_letters(list, typed, strlen(typed));
}

int
word_list_find_letters(const struct word_list *list, const char *typed, size_t len)
{
    if (len == 0)
        return -1;
    uint32_t whole = 0; /* index + 1; 0: none */
    uint32_t begun = 0;
    uint32_t begun_count = 0;
    for (size_t i = 0; i < list->count; i++) {
        size_t word_len = strlen(list->words[i]);
        if (word_len < len)
            continue;
        uint32_t same = mask_if_zero(differ(list->words[i], typed, len));
        if (word_len == len) {
            whole |= same & (uint32_t)(i + 1);
        } else if (list->prefix != 0 && len >= list->prefix) {
            begun |= same & (uint32_t)(i + 1);
            begun_count += same & 1U;
        }
    }
    begun &= mask_if_zero(begun_count ^ 1U);
    return (int)(whole | (begun & mask_if_zero(whole))) - 1;
}
