/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/tui/word_entry.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ceremony/tui/keys.h"

/* What must not be seen. */
struct letters {
    int32_t words[WORD_ENTRY_MAX]; /* index in the list, -1: none yet */
    char typed[WORD_ENTRY_LETTERS + 1];
    /* What remains of the word that completed itself: whoever types words whole goes on with these
     * letters, and a blank then tells that they were not the beginning of the next word. */
    char tail[WORD_ENTRY_LETTERS + 1];
};

struct word_entry {
    const struct word_list *list;
    struct secret *memory; /* struct letters */
    size_t count;
    size_t current;
    bool tail_completed; /* the tail itself has completed the word before `current` */
};

static struct letters *
letters_of(const struct word_entry *entry)
{
    return (struct letters *)(void *)secret_borrow(entry->memory);
}

struct error *
word_entry_new(const struct word_list *list, size_t count, struct word_entry **ret_entry)
{
    BUG_ON(count == 0 || count > WORD_ENTRY_MAX);
    struct word_entry *entry = calloc(1, sizeof *entry);
    if (entry == NULL)
        return error_memory();
    struct error *error = secret_new(sizeof(struct letters), &entry->memory);
    if (error != NULL) {
        free(entry);
        return error;
    }
    entry->list = list;
    entry->count = count;
    for (size_t i = 0; i < WORD_ENTRY_MAX; i++)
        letters_of(entry)->words[i] = -1;
    *ret_entry = entry;
    return NULL;
}

void
word_entry_free(struct word_entry *entry)
{
    if (entry == NULL)
        return;
    secret_free(entry->memory);
    free(entry);
}

size_t
word_entry_count(const struct word_entry *entry)
{
    return entry->count;
}

size_t
word_entry_current(const struct word_entry *entry)
{
    return entry->current;
}

size_t
word_entry_filled(const struct word_entry *entry)
{
    size_t filled = 0;
    for (size_t i = 0; i < entry->count; i++)
        filled += letters_of(entry)->words[i] >= 0 ? 1 : 0;
    return filled;
}

const char *
word_entry_word(const struct word_entry *entry, size_t place)
{
    int32_t index = place < entry->count ? letters_of(entry)->words[place] : -1;
    return index >= 0 ? entry->list->words[index] : NULL;
}

const char *
word_entry_typed(const struct word_entry *entry)
{
    return letters_of(entry)->typed;
}

/* How many words begin with what is typed, at most two; the first of them in `ret_index`. */
static size_t
count_matches(const struct word_entry *entry, int32_t *ret_index)
{
    const char *typed = letters_of(entry)->typed;
    size_t len = strlen(typed);
    size_t matches = 0;
    for (size_t i = 0; i < entry->list->count && matches < 2; i++) {
        if (strncasecmp(entry->list->words[i], typed, len) != 0)
            continue;
        if (matches++ == 0)
            *ret_index = (int32_t)i;
    }
    return matches;
}

const char *
word_entry_candidate(const struct word_entry *entry)
{
    int32_t index = -1;
    if (letters_of(entry)->typed[0] == '\0' || count_matches(entry, &index) != 1)
        return NULL;
    return entry->list->words[index];
}

static bool
is_tail(const struct letters *letters)
{
    return letters->tail[0] != '\0'
           && strncasecmp(letters->tail, letters->typed, strlen(letters->typed)) == 0;
}

bool
word_entry_is_wrong(const struct word_entry *entry)
{
    const struct letters *letters = letters_of(entry);
    int32_t index = -1;
    return letters->typed[0] != '\0' && !is_tail(letters) && count_matches(entry, &index) == 0;
}

static void
forget_typed(struct letters *letters)
{
    secret_wipe(letters->typed, sizeof letters->typed);
    memset(letters->typed, 0, sizeof letters->typed);
}

static void
forget_tail(struct word_entry *entry)
{
    struct letters *letters = letters_of(entry);
    secret_wipe(letters->tail, sizeof letters->tail);
    memset(letters->tail, 0, sizeof letters->tail);
    entry->tail_completed = false;
}

/* The current place gets its word and the next is typed at. */
static void
complete(struct word_entry *entry, int32_t index)
{
    struct letters *letters = letters_of(entry);
    const char *word = entry->list->words[index];
    bool was_tail = letters->tail[0] != '\0' && strcasecmp(letters->tail, letters->typed) == 0;
    size_t typed = strlen(letters->typed);
    letters->words[entry->current] = index;
    entry->tail_completed = was_tail;
    if (!was_tail) {
        forget_tail(entry);
        size_t rest = strlen(word) > typed ? strlen(word) - typed : 0;
        if (rest <= WORD_ENTRY_LETTERS)
            memcpy(letters->tail, word + typed, rest);
    }
    forget_typed(letters);
    entry->current++;
}

/* The letters that completed a place were the rest of the word before: that place is open again. */
static void
take_back_tail(struct word_entry *entry)
{
    entry->current--;
    letters_of(entry)->words[entry->current] = -1;
    forget_tail(entry);
}

static void
add_letter(struct word_entry *entry, char letter)
{
    struct letters *letters = letters_of(entry);
    size_t len = strlen(letters->typed);
    if (entry->tail_completed)
        forget_tail(entry);
    if (entry->current == entry->count || len == WORD_ENTRY_LETTERS)
        return;
    letters->typed[len] = letter;
    if (letters->tail[0] != '\0' && !is_tail(letters))
        forget_tail(entry);
    int index = word_list_find(entry->list, letters->typed);
    if (index >= 0 && entry->list->prefix > 0 && len + 1 >= entry->list->prefix)
        complete(entry, index);
}

/* A blank: the word is finished, if it is one. */
static void
finish_word(struct word_entry *entry)
{
    struct letters *letters = letters_of(entry);
    if (entry->tail_completed) {
        take_back_tail(entry);
        return;
    }
    bool whole_tail =
        letters->tail[0] != '\0' && strcasecmp(letters->tail, letters->typed) == 0;
    forget_tail(entry);
    if (whole_tail) {
        forget_typed(letters);
        return;
    }
    int index = letters->typed[0] != '\0' ? word_list_find(entry->list, letters->typed) : -1;
    if (index >= 0)
        complete(entry, index);
    forget_tail(entry);
}

static void
finish_candidate(struct word_entry *entry)
{
    int32_t index = -1;
    forget_tail(entry);
    if (letters_of(entry)->typed[0] != '\0' && count_matches(entry, &index) == 1)
        complete(entry, index);
    forget_tail(entry);
}

/* The last letter goes; before the first one, the word before is open again. */
static void
step_back(struct word_entry *entry)
{
    struct letters *letters = letters_of(entry);
    size_t len = strlen(letters->typed);
    forget_tail(entry);
    if (len > 0) {
        letters->typed[len - 1] = '\0';
        return;
    }
    if (entry->current > 0
        && (entry->current == entry->count || letters->words[entry->current] < 0))
        entry->current--;
    letters->words[entry->current] = -1;
}

static void
go(struct word_entry *entry, int by)
{
    forget_tail(entry);
    forget_typed(letters_of(entry));
    if (by < 0 && entry->current > 0)
        entry->current--;
    if (by > 0 && entry->current < entry->count)
        entry->current++;
}

bool
word_entry_key(struct word_entry *entry, int32_t key)
{
    bool letter = (key >= 'a' && key <= 'z') || (key >= 'A' && key <= 'Z') || key == '-';
    if (letter)
        add_letter(entry, (char)key);
    else if (key == ' ')
        finish_word(entry);
    else if (key == UI_TAB)
        finish_candidate(entry);
    else if (key == UI_BACKSPACE)
        step_back(entry);
    else if (key == UI_UP || key == UI_DOWN)
        go(entry, key == UI_UP ? -1 : 1);
    else if (key == UI_CTRL_U)
        go(entry, 0);
    else
        return false;
    return true;
}

struct error *
word_entry_answer(const struct word_entry *entry, struct secret **ret_answer)
{
    BUG_ON(word_entry_filled(entry) != entry->count);
    size_t size = entry->count - 1;
    for (size_t i = 0; i < entry->count; i++)
        size += strlen(word_entry_word(entry, i));
    AUTO(secret) answer = NULL;
    TRY(secret_new(size, &answer));
    unsigned char *to = secret_borrow(answer);
    for (size_t i = 0; i < entry->count; i++) {
        const char *word = word_entry_word(entry, i);
        if (i > 0)
            *to++ = ' ';
        while (*word != '\0')
            *to++ = (unsigned char)*word++;
    }
    *ret_answer = TAKE(answer);
    return NULL;
}
