/* SPDX-License-Identifier: Apache-2.0
 *
 * The strictest disk that POSIX allows: a file's bytes are there after a power cut if the
 * file was flushed since, a name if its folder was. What was not flushed is gone: bytes are
 * as they were at the last flush (empty, for a new file), names likewise. SoftHSM, which
 * flushes nothing and writes where no preloaded library sees it, loses all since the last
 * syncfs(2) or sync(2) of the program. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/support/modules/io_fault.h"

#define PATH_SIZE 1024
#define UNDO_MAX  4096

enum undo_kind {
    UNDO_CONTENT,
    UNDO_CREATE,
    UNDO_FOLDER,
    UNDO_RENAME,
    UNDO_UNLINK
};

struct undo {
    enum undo_kind kind;
    bool durable;
    char *path;  /* where it is now */
    char *other; /* a rename's old name */
    char *saved; /* what had the name before, linked into the shadow folder; or NULL */
    int descriptor;
    dev_t device;
    ino_t inode;
    void *bytes;
    size_t len;
};

static struct undo undos[UNDO_MAX];
static size_t undo_count;
static char root_folder[PATH_SIZE];
static char shadow_folder[PATH_SIZE];
static char *name_saved; /* by io_cut_before_lost_name, for the operation that follows */
static unsigned saved_number;

static int
sys_open(const char *path, int flags, mode_t mode)
{
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags | O_CLOEXEC, mode);
}

static struct undo *
add(enum undo_kind kind, const char *path)
{
    if (undo_count == UNDO_MAX) {
        (void)fprintf(stderr, "io_module: more is unflushed than can be kept\n");
        _exit(97);
    }
    struct undo *undo = &undos[undo_count++];
    *undo = (struct undo){.kind = kind, .path = strdup(path), .descriptor = -1};
    return undo;
}

static void
forget_durable(void)
{
    size_t kept = 0;
    for (size_t i = 0; i < undo_count; i++) {
        struct undo *undo = &undos[i];
        if (!undo->durable) {
            undos[kept++] = *undo;
            continue;
        }
        if (undo->descriptor >= 0)
            (void)syscall(SYS_close, undo->descriptor);
        if (undo->saved != NULL)
            (void)syscall(SYS_unlinkat, AT_FDCWD, undo->saved, 0);
        free(undo->path);
        free(undo->other);
        free(undo->saved);
        free(undo->bytes);
    }
    undo_count = kept;
}

void
io_cut_before_content(int descriptor)
{
    struct stat status;
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
        return;
    for (size_t i = 0; i < undo_count; i++)
        if (undos[i].kind == UNDO_CONTENT && undos[i].inode == status.st_ino
            && undos[i].device == status.st_dev)
            return;
    char link[64];
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    int own = sys_open(link, O_RDWR, 0);
    if (own < 0)
        return;
    struct undo *undo = add(UNDO_CONTENT, "");
    undo->descriptor = own;
    undo->device = status.st_dev;
    undo->inode = status.st_ino;
    undo->len = (size_t)status.st_size;
    undo->bytes = malloc(undo->len + 1);
    if (undo->bytes == NULL
        || syscall(SYS_pread64, own, undo->bytes, undo->len, 0) != (long)undo->len)
        _exit(97);
}

void
io_cut_before_lost_name(const char *path)
{
    free(name_saved);
    name_saved = NULL;
    char saved[PATH_SIZE + 32];
    (void)snprintf(saved, sizeof saved, "%s/%u", shadow_folder, saved_number++);
    if (syscall(SYS_linkat, AT_FDCWD, path, AT_FDCWD, saved, 0) == 0)
        name_saved = strdup(saved);
}

void
io_cut_created(const char *path)
{
    (void)add(UNDO_CREATE, path);
}

void
io_cut_made_folder(const char *path)
{
    (void)add(UNDO_FOLDER, path);
}

void
io_cut_renamed(const char *from, const char *to)
{
    struct undo *undo = add(UNDO_RENAME, to);
    undo->other = strdup(from);
    undo->saved = name_saved;
    name_saved = NULL;
}

void
io_cut_unlinked(const char *path)
{
    struct undo *undo = add(UNDO_UNLINK, path);
    undo->saved = name_saved;
    name_saved = NULL;
}

static bool
lies_in(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    return strncmp(path, folder, len) == 0 && path[len] == '/'
           && strchr(path + len + 1, '/') == NULL;
}

void
io_cut_flushed(int descriptor)
{
    struct stat status;
    char path[PATH_SIZE];
    if (fstat(descriptor, &status) != 0 || !io_path_of(descriptor, path, sizeof path))
        return;
    for (size_t i = 0; i < undo_count; i++) {
        struct undo *undo = &undos[i];
        if (undo->kind == UNDO_CONTENT)
            undo->durable |= undo->inode == status.st_ino && undo->device == status.st_dev;
        else if (S_ISDIR(status.st_mode))
            undo->durable |= lies_in(undo->path, path);
    }
    forget_durable();
}

static void
copy_file(const char *from, const char *to)
{
    char block[4096];
    int in = sys_open(from, O_RDONLY, 0);
    int out = sys_open(to, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    long got = 0;
    while (in >= 0 && out >= 0 && (got = syscall(SYS_read, in, block, sizeof block)) > 0)
        if (syscall(SYS_write, out, block, (size_t)got) != got)
            _exit(97);
    (void)syscall(SYS_close, in);
    (void)syscall(SYS_close, out);
}

static void
copy_folder(const char *from, const char *to)
{
    (void)syscall(SYS_mkdirat, AT_FDCWD, to, 0700);
    DIR *folder = opendir(from);
    const struct dirent *entry;
    while (folder != NULL && (entry = readdir(folder)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char source[PATH_SIZE];
        char target[PATH_SIZE];
        struct stat status;
        if ((size_t)snprintf(source, sizeof source, "%s/%s", from, entry->d_name)
                >= sizeof source
            || (size_t)snprintf(target, sizeof target, "%s/%s", to, entry->d_name)
                   >= sizeof target
            || lstat(source, &status) != 0)
            _exit(97);
        if (S_ISDIR(status.st_mode))
            copy_folder(source, target);
        else
            copy_file(source, target);
    }
    if (folder != NULL)
        (void)closedir(folder);
}

static int
remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
    (void)status;
    (void)place;
    (void)syscall(SYS_unlinkat, AT_FDCWD, path,
                  type == FTW_DP || type == FTW_D ? AT_REMOVEDIR : 0);
    return 0;
}

static void
remove_folder(const char *path)
{
    (void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void
token_places(char *now, char *kept)
{
    (void)snprintf(now, PATH_SIZE + 16, "%s/tokens", root_folder);
    (void)snprintf(kept, PATH_SIZE + 16, "%s/tokens", shadow_folder);
}

void
io_cut_flushed_tokens(void)
{
    char now[PATH_SIZE + 16];
    char kept[PATH_SIZE + 16];
    token_places(now, kept);
    remove_folder(kept);
    copy_folder(now, kept);
}

void
io_cut_watch(const char *root, const char *shadow)
{
    (void)snprintf(root_folder, sizeof root_folder, "%s", root);
    (void)snprintf(shadow_folder, sizeof shadow_folder, "%s", shadow);
    (void)syscall(SYS_mkdirat, AT_FDCWD, shadow, 0700);
    io_cut_flushed_tokens();
}

static void
undo_name(const struct undo *undo)
{
    switch (undo->kind) {
    case UNDO_CREATE:
        (void)syscall(SYS_unlinkat, AT_FDCWD, undo->path, 0);
        break;
    case UNDO_FOLDER:
        remove_folder(undo->path);
        break;
    case UNDO_RENAME:
        (void)syscall(SYS_renameat2, AT_FDCWD, undo->path, AT_FDCWD, undo->other, 0);
        break;
    case UNDO_UNLINK:
    case UNDO_CONTENT:
    default:
        break;
    }
    if (undo->saved != NULL)
        (void)syscall(SYS_linkat, AT_FDCWD, undo->saved, AT_FDCWD, undo->path, 0);
}

void
io_cut_now(void)
{
    for (size_t i = 0; i < undo_count; i++) {
        const struct undo *undo = &undos[i];
        if (undo->kind == UNDO_CONTENT
            && (syscall(SYS_ftruncate, undo->descriptor, undo->len) != 0
                || syscall(SYS_pwrite64, undo->descriptor, undo->bytes, undo->len, 0)
                       != (long)undo->len))
            _exit(97);
    }
    for (size_t i = undo_count; i > 0; i--)
        undo_name(&undos[i - 1]);
    char now[PATH_SIZE + 16];
    char kept[PATH_SIZE + 16];
    token_places(now, kept);
    remove_folder(now);
    copy_folder(kept, now);
}
