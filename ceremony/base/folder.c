/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"

#define FOLDER_NAMES_MAX 100000U
#define FOLDER_DEPTH_MAX 32

struct error *
folder_make(const char *path, bool or_existing)
{
    if (mkdir(path, 0700) == 0)
        return folder_sync_above(path);
    if (errno == EEXIST && or_existing && file_is_folder(path))
        return NULL;
    if (errno == EEXIST)
        return ERROR(ERROR_EXISTS, "the folder \"%s\" is there already", path);
    return ERROR_ERRNO(errno, "the folder \"%s\" could not be made", path);
}

void
folder_list_clear(struct folder_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->names[i]);
    free(list->names);
    *list = (struct folder_list){0};
}

static struct error *
add_name(struct folder_list *list, const char *prefix, const char *name)
{
    if (list->count >= FOLDER_NAMES_MAX)
        return ERROR(ERROR_INPUT, "the folder holds more than %u files", FOLDER_NAMES_MAX);
    if ((list->count & (list->count + 1)) == 0) { /* grow at 0, 1, 3, 7, ... */
        char **names = realloc(list->names, (list->count + 1) * 2 * sizeof *names);
        if (names == NULL)
            return error_memory();
        list->names = names;
    }
    TRY(text_format(&list->names[list->count], "%s%s", prefix, name));
    list->count++;
    return NULL;
}

struct walk {
    struct folder_list *list;
    bool recursive;
    bool strict;
};

static struct error *walk_folder(struct walk *walk, const char *path, const char *prefix,
                                 int depth);

static struct error *
walk_entry(struct walk *walk, const char *path, const char *prefix, const char *name, int depth)
{
    AUTO_FREE char *full = NULL;
    TRY(path_join(path, name, &full));
    struct stat status;
    if (lstat(full, &status) != 0)
        return ERROR_ERRNO(errno, "\"%s\" could not be looked at", full);
    if (S_ISREG(status.st_mode))
        return add_name(walk->list, prefix, name);
    if (S_ISDIR(status.st_mode) && walk->recursive) {
        AUTO_FREE char *deeper = NULL;
        TRY(text_format(&deeper, "%s%s/", prefix, name));
        return walk_folder(walk, full, deeper, depth + 1);
    }
    if (!walk->strict)
        return NULL;
    AUTO_FREE char *shown = NULL;
    TRY(text_safe(name, strlen(name), &shown));
    return ERROR(ERROR_INPUT, "\"%s%s\" is not a regular file", prefix, shown);
}

static struct error *
walk_open(struct walk *walk, DIR *folder, const char *path, const char *prefix, int depth)
{
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(folder);
        if (entry == NULL && errno != 0)
            return ERROR_ERRNO(errno, "the folder \"%s\" could not be read", path);
        if (entry == NULL)
            return NULL;
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            TRY(walk_entry(walk, path, prefix, entry->d_name, depth));
    }
}

static struct error *
walk_folder(struct walk *walk, const char *path, const char *prefix, int depth)
{
    if (depth > FOLDER_DEPTH_MAX)
        return ERROR(ERROR_INPUT, "the folder \"%s\" is nested too deeply", path);
    DIR *folder = opendir(path);
    if (folder == NULL)
        return ERROR_ERRNO(errno, "the folder \"%s\" could not be opened", path);
    struct error *error = walk_open(walk, folder, path, prefix, depth);
    (void)closedir(folder);
    return error;
}

static int
compare_names(const void *a, const void *b)
{
    const char *const *left = a;
    const char *const *right = b;
    return strcmp(*left, *right);
}

struct error *
folder_list(const char *path, bool recursive, bool strict, struct folder_list *ret_list)
{
    AUTO_FOLDER_LIST list = {0};
    struct walk walk = {&list, recursive, strict};
    TRY(walk_folder(&walk, path, "", 0));
    if (list.count > 0)
        qsort(list.names, list.count, sizeof *list.names, compare_names);
    *ret_list = list;
    list = (struct folder_list){0};
    return NULL;
}
