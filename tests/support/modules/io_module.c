/* SPDX-License-Identifier: Apache-2.0
 *
 * A preloaded library that lets the N-th file operation of the process go wrong. It sees what the program and SQLite do below one folder, but
 * not the tokens (SoftHSM writes through the C library's own buffers).
 *
 *   LD_PRELOAD=io_module.so  IO_ROOT=FOLDER    the folder that is watched
 *                            IO_LOG=FILE       a line for each operation: number, kind, path
 *                            IO_FAULT=KIND@N   the N-th operation (from 1) ...
 *                                     KIND@N+  ... and every later one that could fail like this
 *   KIND   ENOSPC, EDQUOT   opens that make a file, writes, flushes, truncation, renames, new folders
 *          EIO              every kind
 *          short            half of a write; with + the rest fails with ENOSPC
 *          kill, killafter  SIGKILL before or after it
 *          cut              SIGKILL before it, and all is lost that was not flushed (IO_SHADOW=FOLDER keeps what was;
 *                           beside IO_ROOT, on the same file system) */
#undef _FORTIFY_SOURCE /* what it wraps is defined here */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/support/modules/io_fault.h"

#define PUBLIC    __attribute__((visibility("default")))
#define PATH_SIZE 1024

enum fault {
    FAULT_NONE,
    FAULT_ERROR,
    FAULT_SHORT,
    FAULT_KILL,
    FAULT_KILL_AFTER,
    FAULT_CUT
};

static const char *const KIND_NAMES[IO_KINDS] = {"open",   "create",   "read",   "write",
                                                 "flush",  "truncate", "rename", "link",
                                                 "unlink", "mkdir"};

static struct {
    char root[PATH_SIZE];
    int log;
    enum fault fault;
    int number; /* errno */
    bool space; /* the error is one of a full disk */
    long at;
    bool onward;
    bool cut; /* changes are kept, to be taken back */
} wish = {.log = -1};

static long operations;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static __thread bool inside;

/* The folder itself, and all below it but the tokens. */
static bool
is_watched(const char *path)
{
    size_t len = strlen(wish.root);
    return len > 0 && strncmp(path, wish.root, len) == 0
           && (path[len] == '/' || path[len] == '\0') && strncmp(path + len, "/tokens", 7) != 0;
}

bool
io_path_of(int descriptor, char *path, size_t size)
{
    char link[64];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    long len = syscall(SYS_readlinkat, AT_FDCWD, link, path, size - 1);
    if (len <= 0)
        return false;
    path[len] = '\0';
    return is_watched(path);
}

bool
io_path_at(int folder, const char *name, char *path, size_t size)
{
    char base[PATH_SIZE] = "";
    if (name[0] == '/')
        return (size_t)snprintf(path, size, "%s", name) < size && is_watched(path);
    if (folder == AT_FDCWD) {
        if (syscall(SYS_getcwd, base, sizeof base) < 0)
            return false;
    } else {
        char link[64];
        (void)snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        if (syscall(SYS_readlinkat, AT_FDCWD, link, base, sizeof base - 1) <= 0)
            return false;
    }
    return (size_t)snprintf(path, size, "%s/%s", base, name) < size && is_watched(path);
}

static void
die(void)
{
    (void)syscall(SYS_kill, getpid(), SIGKILL);
    for (;;)
        (void)pause();
}

static void
read_wish(void)
{
    static const struct {
        const char *name;
        enum fault fault;
        int number;
    } ROWS[] = {
        {"ENOSPC",    FAULT_ERROR,      ENOSPC},
        {"EDQUOT",    FAULT_ERROR,      EDQUOT},
        {"EIO",       FAULT_ERROR,      EIO   },
        {"short",     FAULT_SHORT,      ENOSPC},
        {"kill",      FAULT_KILL,       0     },
        {"killafter", FAULT_KILL_AFTER, 0     },
        {"cut",       FAULT_CUT,        0     }
    };

    const char *text = getenv("IO_FAULT");
    const char *at = text == NULL ? NULL : strchr(text, '@');
    if (at == NULL)
        return;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++)
        if (strlen(ROWS[i].name) == (size_t)(at - text)
            && strncmp(ROWS[i].name, text, (size_t)(at - text)) == 0) {
            wish.fault = ROWS[i].fault;
            wish.number = ROWS[i].number;
        }
    wish.space = wish.number == ENOSPC || wish.number == EDQUOT;
    wish.at = strtol(at + 1, NULL, 10);
    wish.onward = strchr(at, '+') != NULL;
}

__attribute__((constructor)) static void
begin(void)
{
    const char *root = getenv("IO_ROOT");
    const char *log = getenv("IO_LOG");
    const char *shadow = getenv("IO_SHADOW");
    if (root == NULL)
        return;
    read_wish();
    if (log != NULL)
        wish.log = (int)syscall(SYS_openat, AT_FDCWD, log,
                                O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    wish.cut = wish.fault == FAULT_CUT && shadow != NULL;
    if (wish.cut)
        io_cut_watch(root, shadow);
    (void)snprintf(wish.root, sizeof wish.root, "%s", root);
}

static bool
can_fail(enum io_kind kind)
{
    static const bool FULL[IO_KINDS] = {
        [IO_CREATE] = true, [IO_WRITE] = true, [IO_FLUSH] = true, [IO_TRUNCATE] = true,
        [IO_RENAME] = true, [IO_LINK] = true,  [IO_MKDIR] = true};
    return !wish.space || FULL[kind];
}

/* The operation counts, and is logged. What must happen to it: 0 nothing, else an errno; *ret_short: half a write;
 * *ret_after: killed when it is done. Called with the lock. */
static int
judge(enum io_kind kind, const char *path, bool *ret_short, bool *ret_after)
{
    long now = ++operations;
    if (wish.log >= 0) {
        char line[PATH_SIZE + 64];
        int len = snprintf(line, sizeof line, "%ld %s %s\n", now, KIND_NAMES[kind],
                           path + strlen(wish.root));
        (void)syscall(SYS_write, wish.log, line, (size_t)len);
    }
    bool hit = now == wish.at;
    bool later = wish.onward && now > wish.at;
    if (wish.fault == FAULT_NONE || (!hit && !later))
        return 0;
    if (wish.fault == FAULT_KILL)
        die();
    if (wish.fault == FAULT_CUT) {
        io_cut_now();
        die();
    }
    *ret_after = wish.fault == FAULT_KILL_AFTER;
    *ret_short = wish.fault == FAULT_SHORT && hit && kind == IO_WRITE;
    if (wish.fault == FAULT_ERROR || (wish.fault == FAULT_SHORT && later))
        return can_fail(kind) ? wish.number : 0;
    return 0;
}

struct operation {
    bool seen;
    bool half;
    bool after;
    int error;
    char path[PATH_SIZE];
};

static void
enter(struct operation *op, enum io_kind kind, bool seen)
{
    op->seen = seen && !inside;
    op->half = op->after = false;
    op->error = 0;
    if (!op->seen)
        return;
    inside = true;
    (void)pthread_mutex_lock(&lock);
    op->error = judge(kind, op->path, &op->half, &op->after);
}

static long
leave(struct operation *op, long result)
{
    int number = errno;
    if (!op->seen)
        return result;
    if (op->after)
        die();
    (void)pthread_mutex_unlock(&lock);
    inside = false;
    errno = op->error != 0 ? op->error : number;
    return op->error != 0 ? -1 : result;
}

static int
do_open(int folder, const char *name, int flags, mode_t mode)
{
    struct operation op;
    bool seen = wish.root[0] != '\0' && io_path_at(folder, name, op.path, sizeof op.path);
    struct stat status;
    bool makes = seen && (flags & O_CREAT) != 0 && lstat(op.path, &status) != 0;
    enter(&op, makes ? IO_CREATE : IO_OPEN, seen);
    long result = -1;
    if (op.error == 0) {
        result = syscall(SYS_openat, folder, name, flags, mode);
        if (op.seen && wish.cut && makes && result >= 0)
            io_cut_created(op.path);
        if (op.seen && wish.cut && !makes && result >= 0 && (flags & O_TRUNC) != 0)
            (void)fprintf(stderr, "io_module: a file is truncated by opening it: %s\n",
                          op.path);
    }
    return (int)leave(&op, result);
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
    struct operation op;
    enter(&op, IO_READ,
          wish.root[0] != '\0' && io_path_of(descriptor, op.path, sizeof op.path));
    return leave(&op, op.error != 0 ? -1 : syscall(call, descriptor, to, len, offset));
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
    struct operation op;
    enter(&op, IO_WRITE,
          wish.root[0] != '\0' && io_path_of(descriptor, op.path, sizeof op.path));
    if (op.seen && wish.cut)
        io_cut_before_content(descriptor);
    if (op.half && len > 1)
        len /= 2;
    return leave(&op, op.error != 0 ? -1 : syscall(call, descriptor, from, len, offset));
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
    struct operation op;
    enter(&op, IO_FLUSH,
          wish.root[0] != '\0' && io_path_of(descriptor, op.path, sizeof op.path));
    long result = op.error != 0 ? -1 : syscall(call, descriptor);
    if (op.seen && wish.cut && result == 0)
        io_cut_flushed(descriptor);
    return (int)leave(&op, result);
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
    if (wish.cut && result == 0)
        io_cut_flushed_tokens();
    return result;
}

PUBLIC void
sync(void)
{
    (void)syscall(SYS_sync);
    if (wish.cut)
        io_cut_flushed_tokens();
}

static int
do_truncate(int descriptor, off_t len)
{
    struct operation op;
    enter(&op, IO_TRUNCATE,
          wish.root[0] != '\0' && io_path_of(descriptor, op.path, sizeof op.path));
    if (op.seen && wish.cut)
        io_cut_before_content(descriptor);
    return (int)leave(&op, op.error != 0 ? -1 : syscall(SYS_ftruncate, descriptor, len));
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
    struct operation op;
    char old[PATH_SIZE];
    bool seen = wish.root[0] != '\0' && io_path_at(from_folder, from, old, sizeof old)
                && io_path_at(to_folder, to, op.path, sizeof op.path);
    enter(&op, IO_RENAME, seen);
    if (op.seen && wish.cut)
        io_cut_before_lost_name(op.path);
    long result =
        op.error != 0 ? -1 : syscall(SYS_renameat2, from_folder, from, to_folder, to, flags);
    if (op.seen && wish.cut && result == 0)
        io_cut_renamed(old, op.path);
    return (int)leave(&op, result);
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
    struct operation op;
    enter(&op, IO_UNLINK,
          wish.root[0] != '\0' && io_path_at(folder, name, op.path, sizeof op.path));
    if (op.seen && wish.cut)
        io_cut_before_lost_name(op.path);
    long result = op.error != 0 ? -1 : syscall(SYS_unlinkat, folder, name, flags);
    if (op.seen && wish.cut && result == 0)
        io_cut_unlinked(op.path);
    return (int)leave(&op, result);
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
    struct operation op;
    enter(&op, IO_MKDIR,
          wish.root[0] != '\0' && io_path_at(folder, name, op.path, sizeof op.path));
    long result = op.error != 0 ? -1 : syscall(SYS_mkdirat, folder, name, mode);
    if (op.seen && wish.cut && result == 0)
        io_cut_made_folder(op.path);
    return (int)leave(&op, result);
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
