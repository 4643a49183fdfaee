/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/seeds_list.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/batch/seeds_list_private.h"
#include "ceremony/batch/source_private.h"
#include "transcripts/digest.h"

/* --- the list --- */

struct error *
seeds_list_new(struct seeds_list **ret_list)
{
    AUTO(seeds_list) list = calloc(1, sizeof *list);
    if (list == NULL)
        return error_memory();
    list->hash = EVP_MD_CTX_new();
    if (list->hash == NULL || EVP_DigestInit_ex(list->hash, EVP_sha256(), NULL) != 1)
        return error_memory();
    TRY(secret_new(SEED_LINE_MAX, &list->line));
    *ret_list = TAKE(list);
    return NULL;
}

void
seeds_list_free(struct seeds_list *list)
{
    if (list == NULL)
        return;
    for (size_t i = 0; i < list->count; i++)
        free(list->rows[i].values);
    for (size_t i = 0; i < list->page_count; i++)
        secret_free(list->pages[i]);
    for (size_t i = 0; i < list->column_count; i++)
        free(list->columns[i]);
    EVP_MD_CTX_free(list->hash); /* wipes what it still holds of a line */
    secret_free(list->line);
    bytes_clear(&list->faults);
    free(list->rows);
    free(list);
}

size_t
seeds_list_count(const struct seeds_list *list)
{
    return list->count;
}

const unsigned char *
seeds_list_borrow(const struct seeds_list *list, size_t index)
{
    BUG_ON(index >= list->count);
    return secret_borrow_const(list->pages[index / SEEDS_A_PAGE])
           + index % SEEDS_A_PAGE * SEED_SIZE;
}

struct error *
seeds_list_item(const struct seeds_list *list, size_t index, struct batch_item *item)
{
    BUG_ON(index >= list->count);
    const struct seed_row *row = &list->rows[index];
    const char *value = row->values;
    TRY(text_format(&item->name, "seeds:%zu", index + 2)); /* the line */
    memcpy(item->input_sha256, row->sha256, sizeof item->input_sha256);
    for (size_t i = 0; i < list->column_count; i++, value += strlen(value) + 1)
        if (value[0] != '\0')
            TRY(source_add_field(item, list->columns[i], value));
    return NULL;
}

/* --- taken --- */

struct error *
seeds_list_fault(struct seeds_list *list, const char *format, ...)
{
    AUTO_FREE char *said = NULL;
    va_list arguments;
    va_start(arguments, format);
    int len = vasprintf(&said, format, arguments);
    va_end(arguments);
    if (len < 0)
        return error_memory();
    if (list->fault_count++ >= FAULTS_SAID)
        return NULL;
    return bytes_format(&list->faults, "%sline %zu: %s", list->faults.len == 0 ? "" : "; ",
                        list->number, said);
}

/* Over the octets of every line but the last; the last is known only when it ends. */
static struct error *
hash_line(struct seeds_list *list)
{
    static const unsigned char feed = '\n';
    if (EVP_DigestUpdate(list->hash, secret_borrow_const(list->line), list->len) != 1
        || EVP_DigestUpdate(list->hash, &feed, 1) != 1)
        return error_memory();
    return NULL;
}

static struct error *
take_line(struct seeds_list *list)
{
    const unsigned char *line = secret_borrow_const(list->line);
    list->number++;
    if (list->ended)
        return list->over++ == 0 ? seeds_list_fault(list, "something stands after the end")
                                 : NULL;
    if (list->too_long) {
        TRY(seeds_list_fault(list, "it has more than %u octets", SEED_LINE_MAX));
        return hash_line(list);
    }
    if (list->len >= 4 && memcmp(line, "end,", 4) == 0)
        return seeds_list_end(list);
    TRY(list->number == 1 ? seeds_list_head(list) : seeds_list_row(list));
    return hash_line(list);
}

struct error *
seeds_list_take(struct seeds_list *list, const unsigned char *part, size_t len)
{
    unsigned char *line = secret_borrow(list->line);
    for (size_t i = 0; i < len; i++) {
        if (part[i] == '\n') {
            struct error *error = take_line(list);
            secret_wipe(line, SEED_LINE_MAX);
            list->len = 0;
            list->too_long = false;
            TRY(error);
        } else if (list->len < SEED_LINE_MAX) {
            line[list->len++] = part[i];
        } else {
            list->too_long = true;
        }
    }
    return NULL;
}

/* --- finished --- */

struct mark {
    unsigned char hash[32];
    size_t index;
};

static int
compare_marks(const void *a, const void *b)
{
    const struct mark *left = a;
    const struct mark *right = b;
    int order = memcmp(left->hash, right->hash, sizeof left->hash);
    if (order != 0)
        return order;
    return left->index < right->index ? -1 : left->index > right->index;
}

static struct error *
mark_serial(const struct seeds_list *list, size_t index, unsigned char ret_hash[32])
{
    const char *serial = list->rows[index].values;
    return digest_sha256(serial, strlen(serial), ret_hash);
}

static struct error *
mark_secret(const struct seeds_list *list, size_t index, unsigned char ret_hash[32])
{
    return digest_hkdf_sha256(seeds_list_borrow(list, index), SEED_SIZE, NULL, 0,
                              "ceremony the same seed", ret_hash, 32);
}

/* What stands twice is told at the later line. */
static struct error *
find_doubles(struct seeds_list *list,
             struct error *(*mark)(const struct seeds_list *list, size_t index,
                                   unsigned char ret_hash[32]),
             const char *what)
{
    AUTO_FREE struct mark *marks = calloc(list->count + 1, sizeof *marks);
    if (marks == NULL)
        return error_memory();
    for (size_t i = 0; i < list->count; i++) {
        marks[i].index = i;
        TRY(mark(list, i, marks[i].hash));
    }
    qsort(marks, list->count, sizeof *marks, compare_marks);
    for (size_t i = 1; i < list->count; i++) {
        if (memcmp(marks[i].hash, marks[i - 1].hash, sizeof marks[i].hash) != 0)
            continue;
        list->number = marks[i].index + 2;
        TRY(seeds_list_fault(list, "%s of line %zu stands here again", what,
                             marks[i - 1].index + 2));
    }
    return NULL;
}

static struct error *
tell_faults(const struct seeds_list *list)
{
    AUTO_FREE char *more = NULL;
    if (list->fault_count > FAULTS_SAID)
        TRY(text_format(&more, "; and %zu more", list->fault_count - FAULTS_SAID));
    return error_hint(ERROR(ERROR_REFUSED, "the list of seeds is refused: %s%s",
                            bytes_text(&list->faults), more == NULL ? "" : more),
                      "Have the list made again by whoever sent it; nothing of it was used.");
}

struct error *
seeds_list_finish(struct seeds_list *list)
{
    if (list->len > 0 || list->too_long) {
        list->number++;
        TRY(seeds_list_fault(list, "it does not end with a line feed"));
    }
    if (!list->ended) {
        list->number++;
        TRY(seeds_list_fault(list, "the line \"end\" is missing: the list is cut off"));
    }
    if (list->fault_count == 0 && list->count == 0) {
        list->number = 1;
        TRY(seeds_list_fault(list, "there is no device"));
    }
    if (list->fault_count == 0) {
        TRY(find_doubles(list, mark_serial, "the serial number"));
        TRY(find_doubles(list, mark_secret, "the seed"));
    }
    return list->fault_count == 0 ? NULL : tell_faults(list);
}
