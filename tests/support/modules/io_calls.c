/* SPDX-License-Identifier: Apache-2.0
 *
 * The calls that io_module.c stands in for, each by way of io_enter and io_leave. */
#undef _FORTIFY_SOURCE /* what it wraps is defined here */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/support/modules/io_fault.h"

#define PUBLIC __attribute__((visibility("default")))

static int
do_open(int folder, const char *name, int flags, mode_t mode)
{
    struct io_operation op;
    bool seen = io_path_at(folder, name, op.path, sizeof op.path);
    struct stat status;
    bool makes = seen && (flags & O_CREAT) != 0 && lstat(op.path, &status) != 0;
    io_enter(&op, makes ? IO_CREATE : IO_OPEN, seen);
    long result = -1;
    if (op.error == 0) {
        result = syscall(SYS_openat, folder, name, flags, mode);
        if (op.seen && io_is_cut() && makes && result >= 0)
            io_cut_created(op.path);
        if (op.seen && io_is_cut() && !makes && result >= 0 && (flags & O_TRUNC) != 0)
            (void)fprintf(stderr, "io_module: a file is truncated by opening it: %s\n",
                          op.path);
    }
    return (int)io_leave(&op, result);
}

#define OPEN_MODE(flags, mode)                                                                 \
    mode_t mode = 0;                                                                           \
    if (((flags) & (O_CREAT | O_TMPFILE)) != 0) {                                              \
        va_list list;                                                                          \
        va_start(list, flags);                                                                 \
        mode = (mode_t)va_arg(list, int);                                                      \
        va_end(list);                                                                          \
    }

PUBLIC int
open(const char *name, int flags, ...)
{
    OPEN_MODE(flags, mode)
    return do_open(AT_FDCWD, name, flags, mode);
}

PUBLIC int
open64(const char *name, int flags, ...)
{
    OPEN_MODE(flags, mode)
    return do_open(AT_FDCWD, name, flags, mode);
}

PUBLIC int
openat(int folder, const char *name, int flags, ...)
{
    OPEN_MODE(flags, mode)
    return do_open(folder, name, flags, mode);
}

PUBLIC int
openat64(int folder, const char *name, int flags, ...)
{
    OPEN_MODE(flags, mode)
    return do_open(folder, name, flags, mode);
}

static ssize_t
do_read(long call, int descriptor, void *to, size_t len, off_t offset)
{
    struct io_operation op;
    io_enter(&op, IO_READ, io_path_of(descriptor, op.path, sizeof op.path));
    return io_leave(&op, op.error != 0 ? -1 : syscall(call, descriptor, to, len, offset));
}

PUBLIC ssize_t
read(int descriptor, void *to, size_t len)
{
    return do_read(SYS_read, descriptor, to, len, 0);
}

PUBLIC ssize_t
pread(int descriptor, void *to, size_t len, off_t offset)
{
    return do_read(SYS_pread64, descriptor, to, len, offset);
}

PUBLIC ssize_t
pread64(int descriptor, void *to, size_t len, off_t offset)
{
    return do_read(SYS_pread64, descriptor, to, len, offset);
}

PUBLIC ssize_t __read_chk(int descriptor, void *to, size_t len, size_t room);
PUBLIC ssize_t __pread_chk(int descriptor, void *to, size_t len, off_t offset, size_t room);

PUBLIC ssize_t
__read_chk(int descriptor, void *to, size_t len, size_t room)
{
    if (len > room)
        abort();
    return do_read(SYS_read, descriptor, to, len, 0);
}

PUBLIC ssize_t
__pread_chk(int descriptor, void *to, size_t len, off_t offset, size_t room)
{
    if (len > room)
        abort();
    return do_read(SYS_pread64, descriptor, to, len, offset);
}

static ssize_t
do_write(long call, int descriptor, const void *from, size_t len, off_t offset)
{
    struct io_operation op;
    io_enter(&op, IO_WRITE, io_path_of(descriptor, op.path, sizeof op.path));
    if (op.seen && io_is_cut())
        io_cut_before_content(descriptor);
    if (op.half && len > 1)
        len /= 2;
    return io_leave(&op, op.error != 0 ? -1 : syscall(call, descriptor, from, len, offset));
}

PUBLIC ssize_t
write(int descriptor, const void *from, size_t len)
{
    return do_write(SYS_write, descriptor, from, len, 0);
}

PUBLIC ssize_t
pwrite(int descriptor, const void *from, size_t len, off_t offset)
{
    return do_write(SYS_pwrite64, descriptor, from, len, offset);
}

PUBLIC ssize_t
pwrite64(int descriptor, const void *from, size_t len, off_t offset)
{
    return do_write(SYS_pwrite64, descriptor, from, len, offset);
}

static int
do_flush(long call, int descriptor)
{
    struct io_operation op;
    io_enter(&op, IO_FLUSH, io_path_of(descriptor, op.path, sizeof op.path));
    long result = op.error != 0 ? -1 : syscall(call, descriptor);
    if (op.seen && io_is_cut() && result == 0)
        io_cut_flushed(descriptor);
    return (int)io_leave(&op, result);
}

PUBLIC int
fsync(int descriptor)
{
    return do_flush(SYS_fsync, descriptor);
}

PUBLIC int
fdatasync(int descriptor)
{
    return do_flush(SYS_fdatasync, descriptor);
}

PUBLIC int
syncfs(int descriptor)
{
    int result = (int)syscall(SYS_syncfs, descriptor);
    if (io_is_cut() && result == 0)
        io_cut_flushed_tokens();
    return result;
}

PUBLIC void
sync(void)
{
    (void)syscall(SYS_sync);
    if (io_is_cut())
        io_cut_flushed_tokens();
}

static int
do_truncate(int descriptor, off_t len)
{
    struct io_operation op;
    io_enter(&op, IO_TRUNCATE, io_path_of(descriptor, op.path, sizeof op.path));
    if (op.seen && io_is_cut())
        io_cut_before_content(descriptor);
    return (int)io_leave(&op, op.error != 0 ? -1 : syscall(SYS_ftruncate, descriptor, len));
}

PUBLIC int
ftruncate(int descriptor, off_t len)
{
    return do_truncate(descriptor, len);
}

PUBLIC int
ftruncate64(int descriptor, off_t len)
{
    return do_truncate(descriptor, len);
}

static int
do_rename(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    struct io_operation op;
    char old[IO_PATH_SIZE];
    bool seen = io_path_at(from_folder, from, old, sizeof old)
                && io_path_at(to_folder, to, op.path, sizeof op.path);
    io_enter(&op, IO_RENAME, seen);
    if (op.seen && io_is_cut())
        io_cut_before_lost_name(op.path);
    long result =
        op.error != 0 ? -1 : syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
    if (op.seen && io_is_cut() && result == 0)
        io_cut_renamed(old, op.path);
    return (int)io_leave(&op, result);
}

PUBLIC int
rename(const char *from, const char *to)
{
    return do_rename(AT_FDCWD, from, AT_FDCWD, to, 0);
}

PUBLIC int
renameat(int from_folder, const char *from, int to_folder, const char *to)
{
    return do_rename(from_folder, from, to_folder, to, 0);
}

PUBLIC int
renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
    return do_rename(from_folder, from, to_folder, to, flags);
}

static int
do_unlink(int folder, const char *name, int flags)
{
    struct io_operation op;
    io_enter(&op, IO_UNLINK, io_path_at(folder, name, op.path, sizeof op.path));
    if (op.seen && io_is_cut())
        io_cut_before_lost_name(op.path);
    long result = op.error != 0 ? -1 : syscall(SYS_unlinkat, folder, name, flags);
    if (op.seen && io_is_cut() && result == 0)
        io_cut_unlinked(op.path);
    return (int)io_leave(&op, result);
}

PUBLIC int
unlink(const char *name)
{
    return do_unlink(AT_FDCWD, name, 0);
}

PUBLIC int
unlinkat(int folder, const char *name, int flags)
{
    return do_unlink(folder, name, flags);
}

static int
do_mkdir(int folder, const char *name, mode_t mode)
{
    struct io_operation op;
    io_enter(&op, IO_MKDIR, io_path_at(folder, name, op.path, sizeof op.path));
    long result = op.error != 0 ? -1 : syscall(SYS_mkdirat, folder, name, mode);
    if (op.seen && io_is_cut() && result == 0)
        io_cut_made_folder(op.path);
    return (int)io_leave(&op, result);
}

PUBLIC int
mkdir(const char *name, mode_t mode)
{
    return do_mkdir(AT_FDCWD, name, mode);
}

PUBLIC int
mkdirat(int folder, const char *name, mode_t mode)
{
    return do_mkdir(folder, name, mode);
}
