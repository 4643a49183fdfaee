/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/random.h"
#include "ceremony/base/text.h"

static void
descriptor_close(const int *descriptor)
{
    if (*descriptor >= 0)
        (void)close(*descriptor);
}

#define AUTO_DESCRIPTOR __attribute__((cleanup(descriptor_close))) int

struct error *
path_join(const char *folder, const char *name, char **ret_path)
{
    const char *joint = text_ends_with(folder, "/") ? "" : "/";
    return text_format(ret_path, "%s%s%s", folder, joint, name);
}

const char *
path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

struct error *
path_beside(const char *base_file, const char *path, char **ret_path)
{
    const char *slash = strrchr(base_file, '/');
    if (path[0] == '/' || slash == NULL)
        return text_copy(path, ret_path);
    return text_format(ret_path, "%.*s%s", (int)(slash - base_file + 1), base_file, path);
}

bool
file_exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

bool
file_is_folder(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

static struct error *
open_regular(const char *path, int *ret_descriptor, off_t *ret_size)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (descriptor < 0)
        return ERROR_ERRNO(errno, "the file \"%s\" could not be opened", path);
    struct stat status;
    if (fstat(descriptor, &status) != 0) {
        int number = errno;
        (void)close(descriptor);
        return ERROR_ERRNO(number, "the file \"%s\" could not be looked at", path);
    }
    if (!S_ISREG(status.st_mode)) {
        (void)close(descriptor);
        return ERROR(ERROR_INPUT, "\"%s\" is not a regular file", path);
    }
    *ret_descriptor = descriptor;
    *ret_size = status.st_size;
    return NULL;
}

static struct error *
too_large(const char *path, size_t limit)
{
    return ERROR(ERROR_INPUT, "the file \"%s\" is larger than the %zu bytes taken here", path,
                 limit);
}

struct error *
file_read(const char *path, size_t limit, struct bytes *bytes)
{
    AUTO_DESCRIPTOR descriptor = -1;
    off_t size = 0;
    TRY(open_regular(path, &descriptor, &size));
    if ((uintmax_t)size > limit)
        return too_large(path, limit);
    AUTO_BYTES contents = {0};
    unsigned char block[4096];
    for (;;) {
        ssize_t got = read(descriptor, block, sizeof block);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ERROR_ERRNO(errno, "the file \"%s\" could not be read", path);
        if (got == 0)
            break;
        if (contents.len + (size_t)got > limit)
            return too_large(path, limit);
        TRY(bytes_append(&contents, block, (size_t)got));
    }
    return bytes_append(bytes, contents.data, contents.len);
}

static struct error *
write_all(int descriptor, const char *path, const void *data, size_t len)
{
    const unsigned char *p = data;
    while (len > 0) {
        ssize_t done = write(descriptor, p, len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return ERROR_ERRNO(errno, "the file \"%s\" could not be written", path);
        p += done;
        len -= (size_t)done;
    }
    if (fsync(descriptor) != 0)
        return ERROR_ERRNO(errno, "the file \"%s\" could not be flushed to its medium", path);
    return NULL;
}

struct error *
folder_sync(const char *path)
{
    AUTO_DESCRIPTOR descriptor = open(path, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
    if (descriptor < 0)
        return ERROR_ERRNO(errno, "the folder \"%s\" could not be opened", path);
    if (fsync(descriptor) != 0)
        return ERROR_ERRNO(errno, "the folder \"%s\" could not be flushed to its medium", path);
    return NULL;
}

struct error *
folder_sync_above(const char *path)
{
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/')
        end--;
    while (end > 0 && path[end - 1] != '/')
        end--;
    if (end == 0)
        return folder_sync(".");
    AUTO_FREE char *folder = NULL;
    TRY(text_format(&folder, "%.*s", (int)end, path));
    return folder_sync(folder);
}

static struct error *
temporary_path(const char *path, char **ret_temporary)
{
    uint32_t number = 0;
    TRY(random_bytes(&number, sizeof number));
    return text_format(ret_temporary, "%s.%08x.tmp", path, (unsigned)number);
}

/* Written, flushed, and read back equal. */
static struct error *
write_checked(const char *temporary, const char *path, const void *data, size_t len)
{
    AUTO_DESCRIPTOR descriptor =
        open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return ERROR_ERRNO(errno, "the file \"%s\" could not be made", path);
    TRY(write_all(descriptor, path, data, len));
    AUTO_BYTES back = {0};
    TRY(file_read(temporary, len, &back));
    if (back.len != len || (len > 0 && memcmp(back.data, data, len) != 0))
        return ERROR(ERROR_IO, "the file \"%s\" reads back different from what was written",
                     path);
    return NULL;
}

static struct error *
write_through(const char *path, const void *data, size_t len, unsigned flags)
{
    AUTO_FREE char *temporary = NULL;
    TRY(temporary_path(path, &temporary));
    struct error *error = write_checked(temporary, path, data, len);
    if (error == NULL && renameat2(AT_FDCWD, temporary, AT_FDCWD, path, flags) != 0)
        error = errno == EEXIST
                    ? ERROR(ERROR_EXISTS, "the file \"%s\" is there already", path)
                    : ERROR_ERRNO(errno, "the file \"%s\" could not be put in place", path);
    if (error != NULL) {
        (void)unlink(temporary);
        return error;
    }
    return folder_sync_above(path);
}

struct error *
file_write_new(const char *path, const void *data, size_t len)
{
    if (file_exists(path))
        return ERROR(ERROR_EXISTS, "the file \"%s\" is there already", path);
    return write_through(path, data, len, RENAME_NOREPLACE);
}

struct error *
file_replace(const char *path, const void *data, size_t len)
{
    return write_through(path, data, len, 0);
}

struct error *
file_remove(const char *path)
{
    if (unlink(path) != 0) {
        if (errno == ENOENT)
            return NULL;
        return ERROR_ERRNO(errno, "the file \"%s\" could not be removed", path);
    }
    return folder_sync_above(path);
}

struct error *
file_destroy(const char *path)
{
    AUTO_DESCRIPTOR descriptor = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (descriptor < 0 && errno == ENOENT)
        return NULL;
    if (descriptor < 0)
        return ERROR_ERRNO(errno, "the file \"%s\" could not be opened to destroy it", path);
    struct stat status;
    if (fstat(descriptor, &status) != 0 || !S_ISREG(status.st_mode))
        return ERROR(ERROR_INPUT, "\"%s\" is not a regular file", path);
    static const unsigned char zeros[4096];
    for (off_t left = status.st_size; left > 0; left -= (off_t)sizeof zeros)
        TRY(write_all(descriptor, path, zeros,
                      left < (off_t)sizeof zeros ? (size_t)left : sizeof zeros));
    return file_remove(path);
}

struct error *
file_copy_new(const char *from, const char *to, size_t limit)
{
    AUTO_BYTES contents = {0};
    TRY(file_read(from, limit, &contents));
    return file_write_new(to, contents.data, contents.len);
}

struct error *
file_system_free(const char *path, uint64_t *ret_bytes)
{
    struct statvfs status;
    if (statvfs(path, &status) != 0)
        return ERROR_ERRNO(errno, "the free space of \"%s\" could not be read", path);
    *ret_bytes = (uint64_t)status.f_bavail * status.f_frsize;
    return NULL;
}
