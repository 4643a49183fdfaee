/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder of requests and the folders in it. Names are sorted by byte, one folder's at a time, so that
 * the order is the same in every run and memory holds names only. What is no regular file of the same
 * file system is not opened at all; what is opened is looked at again by its descriptor (T17). */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ceremony/base/text.h"
#include "ceremony/batch/source_private.h"

struct folder {
    int descriptor;
    char **names; /* sorted */
    size_t count;
    size_t at;
    size_t path_len; /* of the path above it, in the state's `path` */
};

#define DEPTH_MAX 64

struct folder_state {
    struct folder stack[DEPTH_MAX + 1];
    size_t depth;
    dev_t device;
    struct bytes path; /* of the folder on top, with a '/' at its end; "" for the first */
};

static void
close_folder(struct folder *folder)
{
    for (size_t i = 0; i < folder->count; i++)
        free(folder->names[i]);
    free(folder->names);
    if (folder->descriptor >= 0)
        close(folder->descriptor);
    *folder = (struct folder){.descriptor = -1};
}

static void
close_state(void *self)
{
    struct folder_state *state = self;
    while (state->depth > 0)
        close_folder(&state->stack[--state->depth]);
    bytes_clear(&state->path);
    free(state);
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static struct error *
add_name(struct folder *folder, const char *name, size_t limit, size_t *room)
{
    if (folder->count == limit)
        return error_hint(ERROR(ERROR_INPUT, "a folder has more than %zu entries", limit),
                          "Spread the requests over several folders");
    if (folder->count == *room) {
        size_t more = *room == 0 ? 64 : *room * 2;
        char **names = realloc(folder->names, more * sizeof *names);
        if (names == NULL)
            return error_memory();
        folder->names = names;
        *room = more;
    }
    TRY(text_copy(name, &folder->names[folder->count]));
    folder->count++;
    return NULL;
}

static struct error *
read_names(DIR *stream, struct folder *folder, size_t limit)
{
    size_t room = 0;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(stream);
        if (entry == NULL && errno != 0)
            return ERROR_ERRNO(errno, "a folder of requests could not be read");
        if (entry == NULL)
            return NULL;
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            TRY(add_name(folder, entry->d_name, limit, &room));
    }
}

/* Reads the names of an open folder, whose descriptor it takes. */
static struct error *
open_folder(int descriptor, size_t limit, struct folder *folder)
{
    *folder = (struct folder){.descriptor = descriptor};
    int copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0);
    DIR *stream = copy < 0 ? NULL : fdopendir(copy);
    if (stream == NULL) {
        int number = errno;
        if (copy >= 0)
            close(copy);
        return ERROR_ERRNO(number, "a folder of requests could not be read");
    }
    struct error *error = read_names(stream, folder, limit);
    closedir(stream);
    if (error == NULL && folder->count > 0)
        qsort(folder->names, folder->count, sizeof *folder->names, compare_names);
    return error;
}

#define OPEN_FLAGS (O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)

static struct error *
open_first(struct batch_source *source, const char *path)
{
    struct folder_state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return error_memory();
    source->state = state;
    if (source->limits.folder_depth > DEPTH_MAX)
        source->limits.folder_depth = DEPTH_MAX;
    int descriptor = open(path, OPEN_FLAGS | O_DIRECTORY);
    struct stat facts;
    if (descriptor < 0 || fstat(descriptor, &facts) != 0) {
        struct error *error =
            errno == ENOTDIR || errno == ELOOP
                ? ERROR(ERROR_INPUT, "\"%s\" is no folder, or a link to one", path)
                : ERROR_ERRNO(errno, "the folder of requests \"%s\" could not be opened", path);
        if (descriptor >= 0)
            close(descriptor);
        return error;
    }
    state->device = facts.st_dev;
    state->depth = 1;
    return open_folder(descriptor, source->limits.folder_entries, &state->stack[0]);
}

static struct error *
shown_name(const struct folder_state *state, const char *name, struct batch_item *item)
{
    AUTO_BYTES path = {0};
    TRY(bytes_append(&path, state->path.data, state->path.len));
    TRY(bytes_append_text(&path, name));
    return text_safe(path.data, path.len, &item->name);
}

/* Once, to the end or to one byte above the limit. */
static struct error *
read_all(int file, size_t limit, struct bytes *contents, int *ret_errno)
{
    unsigned char block[4096];
    *ret_errno = 0;
    while (contents->len <= limit) {
        ssize_t got = read(file, block, sizeof block);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            *ret_errno = errno;
        if (got <= 0)
            return NULL;
        TRY(bytes_append(contents, block, (size_t)got));
    }
    return NULL;
}

static struct error *
read_open_file(const struct batch_source *source, int file, struct batch_item *item)
{
    const struct folder_state *state = source->state;
    size_t limit = source->limits.request_bytes;
    struct stat facts;
    AUTO_BYTES contents = {0};
    int number = 0;
    if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_dev != state->device) {
        batch_item_add_code(item, BATCH_FILE_KIND, "%s", "");
        return NULL;
    }
    if (facts.st_size > (off_t)limit) {
        batch_item_add_code(item, BATCH_FILE_SIZE, "%lld bytes, at most %zu",
                            (long long)facts.st_size, limit);
        return NULL;
    }
    TRY(read_all(file, limit, &contents, &number));
    if (number != 0)
        batch_item_add_code(item, BATCH_FILE_UNREADABLE, "%s", strerrorname_np(number));
    else if (contents.len > limit)
        batch_item_add_code(item, BATCH_FILE_SIZE, "more than %zu bytes", limit);
    else
        return source_take_file(item, &contents);
    return NULL;
}

static struct error *
read_file(const struct batch_source *source, const struct folder *folder, const char *name,
          struct batch_item *item)
{
    int file = openat(folder->descriptor, name, OPEN_FLAGS);
    if (file < 0) {
        bool link = errno == ELOOP || errno == ENXIO;
        batch_item_add_code(item, link ? BATCH_FILE_KIND : BATCH_FILE_UNREADABLE, "%s",
                            strerrorname_np(errno));
        return NULL;
    }
    struct error *error = read_open_file(source, file, item);
    close(file);
    return error;
}

/* Goes down, or makes the folder an item that is refused. */
static struct error *
enter(struct batch_source *source, const char *name, struct batch_item *item, bool *ret_is_item)
{
    struct folder_state *state = source->state;
    const struct folder *above = &state->stack[state->depth - 1];
    struct stat facts;
    *ret_is_item = true;
    if (state->depth > source->limits.folder_depth) {
        batch_item_add_code(item, BATCH_FOLDER_DEPTH, "%s", "");
        return NULL;
    }
    int descriptor = openat(above->descriptor, name, OPEN_FLAGS | O_DIRECTORY);
    if (descriptor < 0) {
        batch_item_add_code(item, BATCH_FILE_UNREADABLE, "%s", strerrorname_np(errno));
        return NULL;
    }
    if (fstat(descriptor, &facts) != 0 || facts.st_dev != state->device) {
        batch_item_add_code(item, BATCH_FILE_KIND, "%s", "it is on another file system");
        close(descriptor);
        return NULL;
    }
    struct folder *folder = &state->stack[state->depth++];
    *ret_is_item = false;
    TRY(open_folder(descriptor, source->limits.folder_entries, folder));
    folder->path_len = state->path.len;
    TRY(bytes_append_text(&state->path, name));
    return bytes_append_char(&state->path, '/');
}

static void
leave(struct folder_state *state)
{
    struct folder *folder = &state->stack[--state->depth];
    state->path.len = folder->path_len;
    close_folder(folder);
}

/* One entry of the folder on top. A folder that was entered is no item. */
static struct error *
take_entry(struct batch_source *source, const char *name, struct batch_item *item, bool skip,
           bool *ret_is_item)
{
    struct folder_state *state = source->state;
    const struct folder *folder = &state->stack[state->depth - 1];
    struct stat facts;
    bool known = fstatat(folder->descriptor, name, &facts, AT_SYMLINK_NOFOLLOW) == 0;
    *ret_is_item = true;
    if (known && S_ISDIR(facts.st_mode)) {
        /* The name is taken first: to enter changes the path. */
        TRY(shown_name(state, name, item));
        TRY(enter(source, name, item, ret_is_item));
        if (!*ret_is_item) {
            free(item->name);
            item->name = NULL;
        }
        return NULL;
    }
    TRY(shown_name(state, name, item));
    if (skip)
        return NULL;
    if (!known)
        batch_item_add_code(item, BATCH_FILE_UNREADABLE, "%s", strerrorname_np(errno));
    else if (!S_ISREG(facts.st_mode))
        batch_item_add_code(item, BATCH_FILE_KIND, "%s",
                            S_ISLNK(facts.st_mode) ? "it is a link" : "");
    else
        return read_file(source, folder, name, item);
    return NULL;
}

static struct error *
next_file(struct batch_source *source, struct batch_item *item, bool skip, bool *ret_more)
{
    struct folder_state *state = source->state;
    *ret_more = false;
    while (state->depth > 0 && !*ret_more) {
        struct folder *folder = &state->stack[state->depth - 1];
        if (folder->at == folder->count)
            leave(state);
        else
            TRY(take_entry(source, folder->names[folder->at++], item, skip, ret_more));
    }
    return NULL;
}

const struct source_kind source_folder = {"folder", open_first, next_file, close_state};
