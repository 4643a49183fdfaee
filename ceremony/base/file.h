/* SPDX-License-Identifier: Apache-2.0
 *
 * Files the careful way. Reading: only regular files, no link followed at the last component, a
 * limit always. Writing: a temporary file beside the target, flushed, read back and compared,
 * renamed without replacing, folder flushed. Mode 0600 (folders 0700) unless said otherwise. Errors
 * name the file as the caller named it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"

/* "folder/name"; the caller frees. */
MUST_CHECK struct error *path_join(const char *folder, const char *name, char **ret_path);
/* The last component, borrowed. */
const char *path_name(const char *path);
/* The path resolved against the folder of `base_file` unless absolute. */
MUST_CHECK struct error *path_beside(const char *base_file, const char *path, char **ret_path);

bool file_exists(const char *path); /* of any type, links not followed */
bool file_is_folder(const char *path);

/* The whole file, appended to `bytes`. Errors: not-found, input (not regular, larger than `limit`), io. */
MUST_CHECK struct error *file_read(const char *path, size_t limit, struct bytes *bytes);
/* New file; an existing one is an `exists` error and stays as it is. */
MUST_CHECK struct error *file_write_new(const char *path, const void *data, size_t len);
/* Same, but replaces atomically what is there. */
MUST_CHECK struct error *file_replace(const char *path, const void *data, size_t len);
/* Overwritten with zeros, flushed, removed. Missing is fine. (Says nothing about flash media.) */
MUST_CHECK struct error *file_destroy(const char *path);
MUST_CHECK struct error *file_remove(const char *path); /* missing is fine; folder flushed */
MUST_CHECK struct error *file_copy_new(const char *from, const char *to, size_t limit);

/* New folder, mode 0700, its name flushed; existing folder is fine if `or_existing`. */
MUST_CHECK struct error *folder_make(const char *path, bool or_existing);
MUST_CHECK struct error *folder_sync(const char *path);
/* The folder in which `path` stands: from then on its name outlives a power cut. */
MUST_CHECK struct error *folder_sync_above(const char *path);

struct folder_list {
    char **names; /* sorted bytewise; relative, with '/' for nested when recursive */
    size_t count;
};
/* Regular files only; anything else below is an input error when `strict`. Limit 100,000 names. */
MUST_CHECK struct error *folder_list(const char *path, bool recursive, bool strict,
                                     struct folder_list *ret_list);
void folder_list_clear(struct folder_list *list);
#define AUTO_FOLDER_LIST __attribute__((cleanup(folder_list_clear))) struct folder_list

/* Bytes free for us on the file system of `path`. */
MUST_CHECK struct error *file_system_free(const char *path, uint64_t *ret_bytes);
