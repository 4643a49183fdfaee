/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/random.h"
#include "shamir/slip39_internal.h"

struct slip39_set {
    struct slip39_plan plan;
    size_t count;
    size_t word_count;
    struct secret *words; /* count * word_count indices */
};

/* Working memory of one split, laid over a secret. */
struct work {
    uint8_t encrypted[SLIP39_MASTER_MAX];
    uint8_t scratch[SLIP39_MASTER_MAX];
    uint8_t groups[SLIP39_GROUPS_MAX][SLIP39_MASTER_MAX];
    uint8_t members[SLIP39_MEMBERS_MAX][SLIP39_MASTER_MAX];
};

void
slip39_set_free(struct slip39_set *set)
{
    if (set == NULL)
        return;
    secret_free(set->words);
    free(set);
}

static uint16_t *
words_of(const struct slip39_set *set, size_t i)
{
    BUG_ON(i >= set->count);
    return (uint16_t *)(void *)secret_borrow(set->words) + i * set->word_count;
}

static void
place_of(const struct slip39_set *set, size_t i, unsigned *ret_group, unsigned *ret_member)
{
    BUG_ON(i >= set->count);
    unsigned group = 0;
    while (i >= set->plan.groups[group].count)
        i -= set->plan.groups[group++].count;
    *ret_group = group;
    *ret_member = (unsigned)i;
}

static struct error *
split_members(struct slip39_set *set, const struct slip39_random *random, struct work *work,
              size_t size)
{
    uint8_t *shares[SLIP39_MEMBERS_MAX];
    for (size_t k = 0; k < SLIP39_MEMBERS_MAX; k++)
        shares[k] = work->members[k];
    size_t next = 0;
    for (size_t group = 0; group < set->plan.group_count; group++) {
        struct slip39_group size_of = set->plan.groups[group];
        TRY(slip39_level_split(random, size_of, work->groups[group], size, work->scratch,
                               shares));
        for (unsigned member = 0; member < size_of.count; member++, next++) {
            struct slip39_info info = slip39_set_info(set, next);
            slip39_words_encode(&info, shares[member], size, words_of(set, next));
        }
    }
    return NULL;
}

static struct error *
split(struct slip39_set *set, const struct secret *master, const struct secret *passphrase,
      const struct slip39_random *random)
{
    AUTO(secret) memory = NULL;
    TRY(secret_new(sizeof(struct work), &memory));
    struct work *work = (struct work *)(void *)secret_borrow(memory);
    size_t size = secret_size(master);
    struct slip39_info info = slip39_set_info(set, 0);
    TRY(slip39_encrypt(&info, passphrase, secret_borrow_const(master), size, work->encrypted));
    uint8_t *groups[SLIP39_GROUPS_MAX];
    for (size_t k = 0; k < SLIP39_GROUPS_MAX; k++)
        groups[k] = work->groups[k];
    struct slip39_group of_groups = {set->plan.group_threshold,
                                     (unsigned)set->plan.group_count};
    TRY(slip39_level_split(random, of_groups, work->encrypted, size, work->scratch, groups));
    return split_members(set, random, work, size);
}

static struct error *
choose_id(struct slip39_plan *plan, const struct slip39_random *random)
{
    if (plan->id_given)
        return NULL;
    uint8_t bytes[2];
    if (random == NULL || random->fill == NULL)
        TRY(random_bytes(bytes, sizeof bytes));
    else
        TRY(random->fill(random->self, bytes, sizeof bytes));
    plan->id = (uint16_t)((((uint32_t)bytes[0] << 8) | bytes[1]) & SLIP39_ID_MASK);
    plan->id_given = true;
    return NULL;
}

struct error *
slip39_split(const struct slip39_plan *plan, const struct secret *master,
             const struct secret *passphrase, const struct slip39_random *random,
             struct slip39_set **ret_set)
{
    TRY(slip39_plan_check(plan));
    TRY(slip39_passphrase_check(passphrase));
    size_t size = secret_size(master);
    if (size < SLIP39_MASTER_MIN || size > SLIP39_MASTER_MAX || size % 2 != 0)
        return ERROR(ERROR_INPUT,
                     "the secret has %zu bytes; %u to %u are possible, and an even number",
                     size, SLIP39_MASTER_MIN, SLIP39_MASTER_MAX);
    AUTO(slip39_set) set = calloc(1, sizeof *set);
    if (set == NULL)
        return error_memory();
    set->plan = *plan;
    set->count = slip39_plan_share_count(plan);
    set->word_count = slip39_word_count(size);
    TRY(secret_new(set->count * set->word_count * sizeof(uint16_t), &set->words));
    TRY(choose_id(&set->plan, random));
    TRY(split(set, master, passphrase, random));
    *ret_set = TAKE(set);
    return NULL;
}

uint16_t
slip39_set_id(const struct slip39_set *set)
{
    return set->plan.id;
}

const struct slip39_plan *
slip39_set_plan(const struct slip39_set *set)
{
    return &set->plan;
}

size_t
slip39_set_count(const struct slip39_set *set)
{
    return set->count;
}

struct slip39_info
slip39_set_info(const struct slip39_set *set, size_t i)
{
    unsigned group = 0;
    unsigned member = 0;
    place_of(set, i, &group, &member);
    return (struct slip39_info){
        .id = set->plan.id,
        .extendable = set->plan.extendable,
        .exponent = set->plan.exponent,
        .group_index = group,
        .group_threshold = set->plan.group_threshold,
        .group_count = (unsigned)set->plan.group_count,
        .member_index = member,
        .member_threshold = set->plan.groups[group].threshold,
        .word_count = set->word_count,
    };
}

const uint16_t *
slip39_set_words(const struct slip39_set *set, size_t i, size_t *ret_count)
{
    *ret_count = set->word_count;
    return words_of(set, i);
}

struct error *
slip39_set_text(const struct slip39_set *set, size_t i, struct secret **ret_text)
{
    const uint16_t *words = words_of(set, i);
    AUTO(secret) text = NULL;
    TRY(secret_new(set->word_count * (SLIP39_WORD_SIZE_MAX + 1U), &text));
    char *letters = (char *)secret_borrow(text);
    size_t len = 0;
    for (size_t k = 0; k < set->word_count; k++) {
        const char *word = slip39_word_list.words[words[k]];
        if (k > 0)
            letters[len++] = ' ';
        while (*word != '\0')
            letters[len++] = *word++;
    }
    secret_shrink(text, len);
    *ret_text = TAKE(text);
    return NULL;
}

static struct error *
wrong_words(const uint16_t *shown, const uint16_t *typed, size_t count)
{
    AUTO_BYTES numbers = {0};
    size_t wrong = 0;
    for (size_t i = 0; i < count; i++) {
        if (shown[i] == typed[i])
            continue;
        TRY(bytes_format(&numbers, "%s%zu", wrong == 0 ? "" : ", ", i + 1));
        wrong++;
    }
    if (wrong == 0)
        return NULL;
    return error_hint(ERROR(ERROR_ANSWER, "%s %s %s the one%s shown",
                            wrong == 1 ? "word" : "words", bytes_text(&numbers),
                            wrong == 1 ? "is not" : "are not", wrong == 1 ? "" : "s"),
                      "Look at the paper: was it written down wrong, or typed wrong?");
}

struct error *
slip39_set_confirm(const struct slip39_set *set, size_t i, const struct secret *text)
{
    AUTO(secret) words = NULL;
    TRY(secret_new(SLIP39_WORDS_MAX * sizeof(uint16_t), &words));
    uint16_t *typed = (uint16_t *)(void *)secret_borrow(words);
    size_t count = 0;
    TRY(slip39_words_from_text(text, typed, &count));
    if (count != set->word_count)
        return error_hint(ERROR(ERROR_ANSWER, "the share has %zu words, and %zu were typed",
                                set->word_count, count),
                          "Type the whole share from the paper.");
    return wrong_words(words_of(set, i), typed, count);
}
