/* SPDX-License-Identifier: Apache-2.0
 *
 * A preloaded library that lets the N-th file operation of the process go wrong. It sees what
 * the program and SQLite do below one folder, but not the tokens (SoftHSM writes through the C
 * library's own buffers).
 *
 *   LD_PRELOAD=io_module.so  IO_ROOT=FOLDER    the folder that is watched
 *                            IO_LOG=FILE       a line for each operation: number, kind, place (a number for the
 *                                            calls that led there, of this run alone), path
 *                            IO_FAULT=KIND@N   the N-th operation (from 1) ...
 *                                     KIND@N+  ... and every later one that could fail like this
 *   KIND   ENOSPC, EDQUOT   opens that make a file, writes, flushes, truncation, renames, new folders
 *          EIO              every kind
 *          short            half of a write; with + the rest fails with ENOSPC
 *          kill, killafter  SIGKILL before or after it
 *          cut              SIGKILL before it, and all is lost that was not flushed (IO_SHADOW=FOLDER keeps what was;
 *                           beside IO_ROOT, on the same file system) */
#include <errno.h>
#include <execinfo.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/support/modules/io_fault.h"

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
    char root[IO_PATH_SIZE];
    int log;
    enum fault fault;
    int number; /* errno */
    bool space; /* the error is one of a full disk */
    long at;
    bool onward;
    bool cut; /* changes are kept, to be taken back */
} wish = {.log = -1};

static long operations;
static pid_t
    owner; /* the process that was started: what it forks has other descriptors, and is not watched */
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
    if (getpid() != owner)
        return false;
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
    char base[IO_PATH_SIZE] = "";
    if (getpid() != owner)
        return false;
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
    owner = getpid();
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

/* FNV-1a over the return addresses: a loop over many files or pages is one place. */
static uint64_t
place_now(void)
{
    void *stack[64];
    uint64_t place = UINT64_C(0xcbf29ce484222325);
    int depth = backtrace(stack, 64);
    for (int i = 0; i < depth; i++)
        place = (place ^ (uintptr_t)stack[i]) * UINT64_C(0x100000001b3);
    return place;
}

/* The operation counts, and is logged. What must happen to it: 0 nothing, else an errno; *ret_short: half a write;
 * *ret_after: killed when it is done. Called with the lock. */
static int
judge(enum io_kind kind, const char *path, bool *ret_short, bool *ret_after)
{
    long now = ++operations;
    if (wish.log >= 0) {
        char line[IO_PATH_SIZE + 64];
        int len = snprintf(line, sizeof line, "%ld %s %016jx %s\n", now, KIND_NAMES[kind],
                           (uintmax_t)place_now(), path + strlen(wish.root));
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

void
io_enter(struct io_operation *op, enum io_kind kind, bool seen)
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

long
io_leave(struct io_operation *op, long result)
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

bool
io_is_cut(void)
{
    return wish.cut;
}
