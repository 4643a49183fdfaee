/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "shamir/slip39_internal.h"

struct slip39_share {
    struct slip39_info info;
    struct secret *value;
};

void
slip39_share_free(struct slip39_share *share)
{
    if (share == NULL)
        return;
    secret_free(share->value);
    free(share);
}

static struct error *
check_count(size_t count)
{
    if (count < SLIP39_WORDS_MIN)
        return error_hint(ERROR(ERROR_ANSWER,
                                "there are too few words: %zu, and a share has %u or more",
                                count, SLIP39_WORDS_MIN),
                          "Count the words on the paper, and type the whole share.");
    if (count > SLIP39_WORDS_MAX)
        return error_hint(ERROR(ERROR_ANSWER,
                                "there are too many words: %zu, and a share has %u or fewer",
                                count, SLIP39_WORDS_MAX),
                          "Type one share only.");
    if (slip39_value_size(count) == 0)
        return error_hint(
            ERROR(ERROR_ANSWER,
                  "no share has %zu words: a word is missing, or there is one too many", count),
            "Count the words on the paper. A share of a 256-bit secret has 33 words, "
            "of a 128-bit secret 20.");
    return NULL;
}

static struct error *
check_checksum(uint16_t *words, size_t count)
{
    if (slip39_checksum_is_right(words, count))
        return NULL;
    struct error *error =
        ERROR(ERROR_ANSWER, "the checksum is wrong: one or more words are not the right ones");
    int place = slip39_checksum_locate(words, count);
    if (place >= 0)
        return error_hint(
            error,
            "If just one word is wrong, it is word %d: look at it again on the paper. "
            "Otherwise compare all of them.",
            place + 1);
    return error_hint(error,
                      "More than one word is wrong, or their order is: compare all words with "
                      "the paper.");
}

static struct error *
check_header(const struct slip39_info *info)
{
    const char *hint =
        "Its checksum is right, so it was typed as it was made: another program made "
        "it wrong. Use another share.";
    if (info->group_threshold > info->group_count)
        return error_hint(ERROR(ERROR_ANSWER,
                                "the share is not valid: it asks for %u groups of %u",
                                info->group_threshold, info->group_count),
                          "%s", hint);
    if (info->group_index >= info->group_count)
        return error_hint(ERROR(ERROR_ANSWER, "the share is not valid: it is of group %u of %u",
                                info->group_index + 1U, info->group_count),
                          "%s", hint);
    return NULL;
}

/* `words`: secret memory that may be used as scratch. */
static struct error *
decode(uint16_t *words, size_t count, struct slip39_share **ret_share)
{
    TRY(check_count(count));
    TRY(check_checksum(words, count));
    struct slip39_info info = slip39_header_decode(words, count);
    TRY(check_header(&info));
    AUTO(slip39_share) share = calloc(1, sizeof *share);
    if (share == NULL)
        return error_memory();
    share->info = info;
    TRY(secret_new(slip39_value_size(count), &share->value));
    if (!slip39_value_decode(words, count, secret_borrow(share->value)))
        return error_hint(
            ERROR(ERROR_ANSWER, "the share is not valid: its padding is not zero"),
            "Its checksum is right, so it was typed as it was made: another program "
            "made it wrong. Use another share.");
    *ret_share = TAKE(share);
    return NULL;
}

struct error *
slip39_share_parse(const struct secret *text, struct slip39_share **ret_share)
{
    AUTO(secret) words = NULL;
    TRY(secret_new(SLIP39_WORDS_MAX * sizeof(uint16_t), &words));
    uint16_t *indices = (uint16_t *)(void *)secret_borrow(words);
    size_t count = 0;
    TRY(slip39_words_from_text(text, indices, &count));
    return decode(indices, count, ret_share);
}

struct error *
slip39_share_from_words(const uint16_t *words, size_t count, struct slip39_share **ret_share)
{
    TRY(check_count(count));
    for (size_t i = 0; i < count; i++)
        if (words[i] >= SLIP39_WORD_COUNT)
            return ERROR(ERROR_ANSWER, "word %zu is not in the word list", i + 1);
    AUTO(secret) copy = NULL;
    TRY(secret_from(words, count * sizeof *words, &copy));
    return decode((uint16_t *)(void *)secret_borrow(copy), count, ret_share);
}

struct slip39_info
slip39_share_info(const struct slip39_share *share)
{
    return share->info;
}

const uint8_t *
slip39_share_value(const struct slip39_share *share)
{
    return secret_borrow_const(share->value);
}

bool
slip39_share_equal(const struct slip39_share *a, const struct slip39_share *b)
{
    return a->info.id == b->info.id && a->info.extendable == b->info.extendable
           && a->info.exponent == b->info.exponent && a->info.group_index == b->info.group_index
           && a->info.group_threshold == b->info.group_threshold
           && a->info.group_count == b->info.group_count
           && a->info.member_index == b->info.member_index
           && a->info.member_threshold == b->info.member_threshold
           && secret_equal(a->value, b->value);
}
