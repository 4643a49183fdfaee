/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/script/faults.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"

/* Nobody reads more; a hostile file must not cost more. */
#define FAULTS_MAX 500

void
faults_clear(struct faults *faults)
{
    for (size_t i = 0; i < faults->count; i++) {
        free(faults->items[i].file);
        free(faults->items[i].text);
    }
    free(faults->items);
    *faults = (struct faults){0};
}

static struct error *
add_fault(struct faults *faults, const char *file, unsigned line, unsigned column,
          const char *raw, size_t len)
{
    AUTO_FREE char *text = NULL;
    AUTO_FREE char *name = NULL;
    TRY(text_safe(raw, len, &text));
    TRY(text_copy(file, &name));
    struct fault *items = realloc(faults->items, (faults->count + 1) * sizeof *items);
    if (items == NULL)
        return error_memory();
    faults->items = items;
    items[faults->count++] = (struct fault){TAKE(name), line, column, TAKE(text)};
    return NULL;
}

struct error *
faults_add(struct faults *faults, const char *file, unsigned line, unsigned column,
           const char *format, ...)
{
    static const char too_many[] = "there are more faults, which are not listed";
    if (faults->count > FAULTS_MAX)
        return NULL;
    if (faults->count == FAULTS_MAX)
        return add_fault(faults, file, 0, 0, too_many, sizeof too_many - 1);
    va_list arguments;
    va_start(arguments, format);
    char *raw = NULL;
    int len = vasprintf(&raw, format, arguments);
    va_end(arguments);
    if (len < 0)
        return error_memory();
    struct error *error = add_fault(faults, file, line, column, raw, (size_t)len);
    free(raw);
    return error;
}

/* By file in the order first seen, then by place; equal places keep their order. */
static bool
comes_before(const struct faults *faults, const struct fault *a, const struct fault *b)
{
    if (strcmp(a->file, b->file) != 0) {
        for (size_t i = 0; i < faults->count; i++) {
            if (strcmp(faults->items[i].file, a->file) == 0)
                return true;
            if (strcmp(faults->items[i].file, b->file) == 0)
                return false;
        }
    }
    if (a->line != b->line)
        return a->line < b->line;
    if (a->column != b->column)
        return a->column < b->column;
    return a < b;
}

/* The fault that comes next after `last` (NULL: the first). Faults are few: no sorted copy. */
static const struct fault *
next_fault(const struct faults *faults, const struct fault *last)
{
    const struct fault *best = NULL;
    for (size_t i = 0; i < faults->count; i++) {
        const struct fault *fault = &faults->items[i];
        if (fault == last || (last != NULL && !comes_before(faults, last, fault)))
            continue;
        if (best == NULL || comes_before(faults, fault, best))
            best = fault;
    }
    return best;
}

static struct error *
append_fault(struct bytes *text, const struct fault *fault)
{
    TRY(text_append_safe(text, fault->file, strlen(fault->file), false));
    if (fault->line > 0)
        TRY(bytes_format(text, ":%u:%u", fault->line, fault->column));
    return bytes_format(text, ": %s", fault->text);
}

struct error *
faults_text(const struct faults *faults, struct bytes *ret_text)
{
    for (const struct fault *fault = next_fault(faults, NULL); fault != NULL;
         fault = next_fault(faults, fault)) {
        TRY(append_fault(ret_text, fault));
        TRY(bytes_append_char(ret_text, '\n'));
    }
    return NULL;
}

struct error *
faults_as_error(const struct faults *faults)
{
    if (faults->count == 0)
        return NULL;
    AUTO_BYTES first = {0};
    AUTO_BYTES all = {0};
    TRY(append_fault(&first, next_fault(faults, NULL)));
    TRY(faults_text(faults, &all));
    struct error *error = faults->count == 1
                              ? ERROR(ERROR_INPUT, "%s", bytes_text(&first))
                              : ERROR(ERROR_INPUT, "%s (the first of %zu faults)",
                                      bytes_text(&first), faults->count);
    return error_detail(error, "%s", bytes_text(&all));
}
