/* SPDX-License-Identifier: Apache-2.0
 *
 * Looks for many byte strings, and for rows of words, in one pass over memory: what tests/support/py/canaries.py
 * searches with. A row is four words by their first four letters, whatever stands between them. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PUBLIC __attribute__((visibility("default")))

#define HEAD        4U /* bytes that are looked up; no form is shorter */
#define BUCKET_BITS 16U
#define BUCKETS     (1U << BUCKET_BITS)
#define LETTERS     4U /* of a word; also the words in a row */
#define WORD_MAX    8U
#define ROW         (LETTERS * LETTERS)

struct form {
    struct form *next; /* in its bucket */
    unsigned char *data;
    size_t size;
    unsigned number;
};

struct search {
    struct form *forms[BUCKETS];
    struct form *rows[BUCKETS];
    bool has_rows;
};

struct hit {
    size_t at;
    unsigned number;
};

struct hits {
    struct hit *rows;
    size_t count;
    size_t room;
};

static unsigned
bucket_of(const unsigned char *data)
{
    uint32_t head;
    memcpy(&head, data, sizeof head);
    return (head * UINT32_C(2654435761)) >> (32U - BUCKET_BITS);
}

PUBLIC struct search *search_new(void);
PUBLIC void search_free(struct search *search);
PUBLIC bool search_add(struct search *search, bool row, const unsigned char *data, size_t size,
                       unsigned number);
PUBLIC size_t search_run(const struct search *search, const unsigned char *data, size_t size,
                         struct hit *ret_hits, size_t room);

struct search *
search_new(void)
{
    return calloc(1, sizeof(struct search));
}

static void
free_forms(struct form **buckets)
{
    for (unsigned i = 0; i < BUCKETS; i++)
        while (buckets[i] != NULL) {
            struct form *form = buckets[i];
            buckets[i] = form->next;
            free(form->data);
            free(form);
        }
}

void
search_free(struct search *search)
{
    free_forms(search->forms);
    free_forms(search->rows);
    free(search);
}

bool
search_add(struct search *search, bool row, const unsigned char *data, size_t size,
           unsigned number)
{
    if (size < HEAD || (row && size != ROW))
        return false;
    struct form *form = calloc(1, sizeof *form);
    unsigned char *copy = malloc(size);
    if (form == NULL || copy == NULL) {
        free(form);
        free(copy);
        return false;
    }
    memcpy(copy, data, size);
    struct form **bucket = &(row ? search->rows : search->forms)[bucket_of(data)];
    *form = (struct form){*bucket, copy, size, number};
    *bucket = form;
    search->has_rows = search->has_rows || row;
    return true;
}

static void
note(struct hits *hits, size_t at, unsigned number)
{
    if (hits->count < hits->room)
        hits->rows[hits->count] = (struct hit){at, number};
    hits->count++;
}

static void
look_for_forms(const struct search *search, const unsigned char *data, size_t size,
               struct hits *hits)
{
    for (size_t at = 0; at + HEAD <= size; at++)
        for (const struct form *form = search->forms[bucket_of(data + at)]; form != NULL;
             form = form->next)
            if (form->size <= size - at && memcmp(form->data, data + at, form->size) == 0)
                note(hits, at, form->number);
}

static bool
is_letter(unsigned char byte)
{
    return (byte | 0x20U) >= 'a' && (byte | 0x20U) <= 'z';
}

/* The letters of the last four words, moved on by one. */
static void
push_word(unsigned char row[ROW], const unsigned char *word)
{
    memmove(row, row + LETTERS, ROW - LETTERS);
    for (size_t i = 0; i < LETTERS; i++)
        row[ROW - LETTERS + i] = word[i] | 0x20U;
}

static void
look_for_rows(const struct search *search, const unsigned char *data, size_t size,
              struct hits *hits)
{
    unsigned char row[ROW] = {0};
    size_t at = 0;
    while (at < size) {
        size_t len = 0;
        while (len < WORD_MAX && at + len < size && is_letter(data[at + len]))
            len++;
        if (len >= LETTERS) {
            push_word(row, data + at);
            for (const struct form *form = search->rows[bucket_of(row)]; form != NULL;
                 form = form->next)
                if (memcmp(form->data, row, ROW) == 0)
                    note(hits, at, form->number);
        }
        at += len == 0 ? 1 : len;
    }
}

/* How many were found; so many as there is room for are given back. */
size_t
search_run(const struct search *search, const unsigned char *data, size_t size,
           struct hit *ret_hits, size_t room)
{
    struct hits hits = {ret_hits, 0, room};
    look_for_forms(search, data, size, &hits);
    if (search->has_rows)
        look_for_rows(search, data, size, &hits);
    return hits.count;
}
