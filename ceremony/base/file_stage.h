/* SPDX-License-Identifier: Apache-2.0
 *
 * A large file on its way to its name: written piece by piece to a temporary file beside it, flushed,
 * read back through a mapping that holds on to no memory, and only then put in place. Until then the
 * name has what it had before, or nothing. What is not put in place is removed. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"

struct file_stage;

MUST_CHECK struct error *file_stage_begin(const char *path, struct file_stage **ret_stage);
void file_stage_free(struct file_stage *stage);
DEFINE_AUTO(file_stage, file_stage_free);

MUST_CHECK struct error *file_stage_write(struct file_stage *stage, const void *data,
                                          size_t len);
uint64_t file_stage_size(const struct file_stage *stage);
/* Puts `data` in the place of the first `old_len` bytes, of which there are at least `len`; what is
 * behind moves up if it is shorter. */
MUST_CHECK struct error *file_stage_begin_with(struct file_stage *stage, const void *data,
                                               size_t len, size_t old_len);
/* Everything on its medium. */
MUST_CHECK struct error *file_stage_flush(struct file_stage *stage);
/* The temporary file's name, to read it back. Borrowed. */
const char *file_stage_path(const struct file_stage *stage);
/* The name is taken: an existing file is an `exists` error unless `replace`. Folder flushed. */
MUST_CHECK struct error *file_stage_publish(struct file_stage *stage, bool replace);

/* A copy of any size, in pieces; what is there is replaced. Whoever needs to know what the medium holds reads it back. */
MUST_CHECK struct error *file_copy(const char *from, const char *to);

/* A file as memory, read-only. Only for files that nobody else changes: one that is cut short while
 * it is read ends the program. */
struct file_map {
    unsigned char *data; /* read only; NULL while the file is empty */
    size_t len;
    size_t let_go; /* how much of the beginning was */
};

MUST_CHECK struct error *file_map_open(const char *path, struct file_map *ret_map);
void file_map_close(struct file_map *map);
#define AUTO_FILE_MAP __attribute__((cleanup(file_map_close))) struct file_map
/* What lies before `upto` will not be needed soon: it stays readable, but not in memory. A call with
 * an earlier place begins anew. */
void file_map_passed(void *self, const void *upto);
