/* SPDX-License-Identifier: Apache-2.0
 *
 * Words of ten bits, most significant bit first (SLIP-0039, "Format of the share mnemonic"):
 *
 *   word 0, 1   id 15 | extendable 1 | exponent 4
 *   word 2, 3   group index 4 | group threshold-1 4 | group count-1 4 | member index 4 | threshold-1 4
 *   words 4 ..  zero bits on the left up to a multiple of ten, value
 *   last three  RS1024 checksum of all words before, with a customisation string in front */
#include <string.h>

#include "ceremony/base/bytes.h"
#include "shamir/slip39_internal.h"

#define RS1024_GENERATORS 10U
#define PADDING_BITS_MAX  8U

static const uint32_t rs1024_generator[RS1024_GENERATORS] = {
    0x00E0E040, 0x01C1C080, 0x03838100, 0x07070200, 0x0E0E0009,
    0x1C0C2412, 0x38086C24, 0x3090FC48, 0x21B1F890, 0x03F3F120,
};

static uint32_t
rs1024_step(uint32_t state, uint32_t value)
{
    uint32_t top = state >> 20;
    state = ((state & 0xFFFFFU) << SLIP39_WORD_BITS) ^ value;
    for (unsigned i = 0; i < RS1024_GENERATORS; i++)
        state ^= (0U - ((top >> i) & 1U)) & rs1024_generator[i];
    return state;
}

/* The extendable flag, a bit of the second word, chooses the customisation string. */
static uint32_t
rs1024(const uint16_t *words, size_t count)
{
    const char *text = (words[1] & 0x10U) != 0 ? "shamir_extendable" : "shamir";
    uint32_t state = 1;
    for (; *text != '\0'; text++)
        state = rs1024_step(state, (unsigned char)*text);
    for (size_t i = 0; i < count; i++)
        state = rs1024_step(state, words[i]);
    return state;
}

static size_t
padding_bits(size_t word_count)
{
    return SLIP39_WORD_BITS * (word_count - SLIP39_HEADER_WORDS - SLIP39_CHECKSUM_WORDS) % 16U;
}

size_t
slip39_value_size(size_t word_count)
{
    if (word_count < SLIP39_WORDS_MIN || word_count > SLIP39_WORDS_MAX
        || padding_bits(word_count) > PADDING_BITS_MAX)
        return 0;
    return SLIP39_WORD_BITS * (word_count - SLIP39_HEADER_WORDS - SLIP39_CHECKSUM_WORDS) / 16U
           * 2U;
}

size_t
slip39_word_count(size_t value_size)
{
    return SLIP39_HEADER_WORDS + SLIP39_CHECKSUM_WORDS
           + (value_size * 8U + SLIP39_WORD_BITS - 1U) / SLIP39_WORD_BITS;
}

static uint16_t
word(uint32_t bits)
{
    return (uint16_t)(bits & (SLIP39_WORD_COUNT - 1U));
}

void
slip39_words_encode(const struct slip39_info *info, const uint8_t *value, size_t size,
                    uint16_t *words)
{
    size_t count = slip39_word_count(size);
    uint32_t group_count = info->group_count - 1U;
    words[0] = word((uint32_t)info->id >> 5);
    words[1] =
        word(((uint32_t)info->id << 5) | (info->extendable ? 0x10U : 0U) | info->exponent);
    words[2] = word((info->group_index << 6) | ((info->group_threshold - 1U) << 2)
                    | (group_count >> 2));
    words[3] =
        word((group_count << 8) | (info->member_index << 4) | (info->member_threshold - 1U));
    size_t next = SLIP39_HEADER_WORDS;
    uint32_t bits = 0;
    size_t held = padding_bits(count);
    for (size_t i = 0; i < size; i++) {
        bits = (bits << 8) | value[i];
        held += 8U;
        if (held >= SLIP39_WORD_BITS) {
            held -= SLIP39_WORD_BITS;
            words[next++] = word(bits >> held);
        }
    }
    for (size_t i = next; i < count; i++)
        words[i] = 0;
    uint32_t checksum = rs1024(words, count) ^ 1U;
    words[next] = word(checksum >> 20);
    words[next + 1] = word(checksum >> 10);
    words[next + 2] = word(checksum);
}

bool
slip39_checksum_is_right(const uint16_t *words, size_t count)
{
    return rs1024(words, count) == 1U;
}

int
slip39_checksum_locate(uint16_t *words, size_t count)
{
    int found = -1;
    for (size_t i = 0; i < count; i++) {
        uint16_t written = words[i];
        bool mends = false;
        for (uint16_t other = 0; other < SLIP39_WORD_COUNT && !mends; other++) {
            words[i] = other;
            mends = slip39_checksum_is_right(words, count);
        }
        words[i] = written;
        if (mends && found >= 0)
            return -1;
        if (mends)
            found = (int)i;
    }
    return found;
}

struct slip39_info
slip39_header_decode(const uint16_t *words, size_t count)
{
    uint32_t first = ((uint32_t)words[0] << SLIP39_WORD_BITS) | words[1];
    uint32_t second = ((uint32_t)words[2] << SLIP39_WORD_BITS) | words[3];
    return (struct slip39_info){
        .id = (uint16_t)(first >> 5),
        .extendable = (first & 0x10U) != 0,
        .exponent = first & 0xFU,
        .group_index = second >> 16,
        .group_threshold = (second >> 12 & 0xFU) + 1U,
        .group_count = (second >> 8 & 0xFU) + 1U,
        .member_index = second >> 4 & 0xFU,
        .member_threshold = (second & 0xFU) + 1U,
        .word_count = count,
    };
}

bool
slip39_value_decode(const uint16_t *words, size_t count, uint8_t *ret_value)
{
    size_t padding = padding_bits(count);
    uint32_t bits = words[SLIP39_HEADER_WORDS];
    size_t held = SLIP39_WORD_BITS - padding;
    if (bits >> held != 0)
        return false;
    size_t size = 0;
    for (size_t i = SLIP39_HEADER_WORDS + 1; i <= count - SLIP39_CHECKSUM_WORDS; i++) {
        while (held >= 8U) {
            held -= 8U;
            ret_value[size++] = (uint8_t)(bits >> held);
        }
        if (i == count - SLIP39_CHECKSUM_WORDS)
            break;
        bits = (bits << SLIP39_WORD_BITS) | words[i];
        held += SLIP39_WORD_BITS;
    }
    return true;
}

static bool
is_blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* "words 3, 7 and 9 are" */
static struct error *
unknown_words(const bool *unknown, size_t count)
{
    size_t left = 0;
    for (size_t i = 0; i < count; i++)
        left += unknown[i];
    bool one = left == 1;
    AUTO_BYTES numbers = {0};
    for (size_t i = 0; i < count; i++) {
        if (!unknown[i])
            continue;
        left--;
        TRY(bytes_format(&numbers, "%zu%s", i + 1,
                         left == 0   ? ""
                         : left == 1 ? " and "
                                     : ", "));
    }
    return error_hint(
        ERROR(ERROR_ANSWER, "%s %s %s not in the word list", one ? "word" : "words",
              bytes_text(&numbers), one ? "is" : "are"),
        "Look at %s again on the paper. The first four letters of a word are enough.",
        one ? "it" : "them");
}

struct error *
slip39_words_from_text(const struct secret *text, uint16_t *ret_words, size_t *ret_count)
{
    const unsigned char *bytes = secret_borrow_const(text);
    size_t size = strnlen((const char *)bytes, secret_size(text));
    bool unknown[SLIP39_WORDS_MAX] = {false};
    size_t count = 0;
    bool any_unknown = false;
    for (size_t at = 0; at < size;) {
        if (is_blank(bytes[at])) {
            at++;
            continue;
        }
        size_t start = at;
        while (at < size && !is_blank(bytes[at]))
            at++;
        if (count++ >= SLIP39_WORDS_MAX)
            continue;
        int index =
            word_list_find_letters(&slip39_word_list, (const char *)bytes + start, at - start);
        unknown[count - 1] = index < 0;
        any_unknown = any_unknown || index < 0;
        ret_words[count - 1] = index < 0 ? 0 : (uint16_t)index;
    }
    if (any_unknown)
        return unknown_words(unknown, count < SLIP39_WORDS_MAX ? count : SLIP39_WORDS_MAX);
    *ret_count = count;
    return NULL;
}
