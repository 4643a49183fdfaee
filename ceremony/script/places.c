/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/script/places.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/text.h"

/* Read from the end: a text that was dropped may have lent its address to a later one. */
struct place_entry {
    const char *text; /* borrowed; only compared */
    size_t file;
    unsigned line;
    unsigned column;
};

struct places {
    struct place_entry *items;
    size_t count;
    size_t room;
    char **files;
    size_t file_count;
};

struct error *
places_new(struct places **ret_places)
{
    *ret_places = calloc(1, sizeof **ret_places);
    return *ret_places == NULL ? error_memory() : NULL;
}

void
places_free(struct places *places)
{
    if (places == NULL)
        return;
    for (size_t i = 0; i < places->file_count; i++)
        free(places->files[i]);
    free(places->files);
    free(places->items);
    free(places);
}

static struct error *
find_file(struct places *places, const char *file, size_t *ret_index)
{
    for (*ret_index = 0; *ret_index < places->file_count; (*ret_index)++)
        if (strcmp(places->files[*ret_index], file) == 0)
            return NULL;
    char **files = realloc(places->files, (places->file_count + 1) * sizeof *files);
    if (files == NULL)
        return error_memory();
    places->files = files;
    TRY(text_copy(file, &files[places->file_count]));
    places->file_count++;
    return NULL;
}

struct error *
places_add(struct places *places, const char *file, const char *text, unsigned line,
           unsigned column)
{
    size_t index = 0;
    TRY(find_file(places, file, &index));
    if (places->count == places->room) {
        size_t room = places->room == 0 ? 64 : places->room * 2;
        struct place_entry *items = realloc(places->items, room * sizeof *items);
        if (items == NULL)
            return error_memory();
        places->items = items;
        places->room = room;
    }
    places->items[places->count++] = (struct place_entry){text, index, line, column};
    return NULL;
}

void
places_move(struct places *places, const char *from, const char *to)
{
    for (size_t i = 0; i < places->count; i++)
        if (places->items[i].text == from)
            places->items[i].text = to;
}

struct error *
places_fault(const struct places *places, struct faults *faults, const char *file,
             const char *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *said = NULL;
    int len = vasprintf(&said, format, arguments);
    va_end(arguments);
    if (len < 0)
        return error_memory();
    struct place_entry place = {0};
    for (size_t i = places->count; i > 0; i--)
        if (places->items[i - 1].text == text) {
            place = places->items[i - 1];
            file = places->files[place.file];
            break;
        }
    struct error *error = faults_add(faults, file, place.line, place.column, "%s", said);
    free(said);
    return error;
}
