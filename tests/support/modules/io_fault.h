/* SPDX-License-Identifier: Apache-2.0
 *
 * What io_module.c is made of: the operations that it sees, what a run wants to go wrong,
 * and the ledger of what would be lost if the power went now. Everything here calls the
 * kernel directly, so that it never meets itself. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum io_kind {
    IO_OPEN,
    IO_CREATE, /* an open that makes the file */
    IO_READ,
    IO_WRITE,
    IO_FLUSH,
    IO_TRUNCATE,
    IO_RENAME,
    IO_LINK,
    IO_UNLINK,
    IO_MKDIR,
    IO_KINDS,
};

#define IO_PATH_SIZE 1024

/* One operation on its way. */
struct io_operation {
    bool seen; /* it is on something that is watched */
    bool half; /* a write that must do but half of it */
    bool after;
    int error; /* errno that it must end with; 0: it is done */
    char path[IO_PATH_SIZE];
};

/* It counts, and what was wished is found out; with `op->path` filled in if it was seen. */
void io_enter(struct io_operation *op, enum io_kind kind, bool seen);
/* What the caller gets of the real result. */
long io_leave(struct io_operation *op, long result);
bool io_is_cut(void); /* a power cut is to come */

/* The path of a descriptor or name, absolute; false if it is not below the folder that is watched. */
bool io_path_of(int descriptor, char *path, size_t size);
bool io_path_at(int folder, const char *name, char *path, size_t size);

/* What a power cut would take. Each is called after the operation it is about went well, but `before` before it. */
void io_cut_watch(const char *root, const char *shadow);
void io_cut_before_content(int descriptor);
void io_cut_before_lost_name(const char *path); /* renamed over, or unlinked */
void io_cut_created(const char *path);
void io_cut_made_folder(const char *path);
void io_cut_renamed(const char *from, const char *to);
void io_cut_unlinked(const char *path);
void io_cut_flushed(int descriptor);
void io_cut_flushed_tokens(void);
/* Everything that was never flushed is taken back; the caller then kills the process. */
void io_cut_now(void);
