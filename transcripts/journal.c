/* SPDX-License-Identifier: Apache-2.0 */
#include "transcripts/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"

struct journal {
    int descriptor;
    bool broken;
    char *what;
};

void
journal_close(struct journal *journal)
{
    if (journal == NULL)
        return;
    if (journal->descriptor >= 0)
        (void)close(journal->descriptor); /* gives the lock back */
    free(journal->what);
    free(journal);
}

static struct error *
lock(const struct journal *journal)
{
    struct stat status;
    if (fstat(journal->descriptor, &status) != 0)
        return ERROR_ERRNO(errno, "the %s could not be looked at", journal->what);
    if (!S_ISREG(status.st_mode))
        return ERROR(ERROR_INPUT, "the %s is not a regular file", journal->what);
    if (flock(journal->descriptor, LOCK_EX | LOCK_NB) == 0)
        return NULL;
    if (errno != EWOULDBLOCK)
        return ERROR_ERRNO(errno, "the %s could not be locked", journal->what);
    return error_hint(
        ERROR(ERROR_REFUSED, "the %s is in use by another program", journal->what),
        "Let the other program finish, or end it; then try again.");
}

static struct error *
open_file(const char *path, int flags, const char *what, struct journal **ret_journal)
{
    AUTO(journal) journal = calloc(1, sizeof *journal);
    if (journal == NULL)
        return error_memory();
    journal->descriptor = -1;
    TRY(text_copy(what, &journal->what));
    journal->descriptor = open(path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    if (journal->descriptor < 0 && errno == EEXIST)
        return ERROR(ERROR_EXISTS, "the folder holds a %s already", what);
    if (journal->descriptor < 0)
        return ERROR_ERRNO(errno, "the %s could not be opened", what);
    TRY(lock(journal));
    *ret_journal = TAKE(journal);
    return NULL;
}

struct error *
journal_create(const char *folder, const char *name, const char *what,
               struct journal **ret_journal)
{
    AUTO_FREE char *path = NULL;
    TRY(path_join(folder, name, &path));
    AUTO(journal) journal = NULL;
    TRY(open_file(path, O_CREAT | O_EXCL, what, &journal));
    if (fsync(journal->descriptor) != 0)
        return ERROR_ERRNO(errno, "the %s could not be flushed to its medium", what);
    TRY(folder_sync(folder));
    *ret_journal = TAKE(journal);
    return NULL;
}

struct error *
journal_open(const char *folder, const char *name, const char *what,
             struct journal **ret_journal)
{
    AUTO_FREE char *path = NULL;
    TRY(path_join(folder, name, &path));
    return open_file(path, 0, what, ret_journal);
}

struct error *
journal_read(struct journal *journal, size_t limit, struct bytes *bytes)
{
    char block[4096];
    off_t offset = 0;
    for (;;) {
        ssize_t got = pread(journal->descriptor, block, sizeof block, offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ERROR_ERRNO(errno, "the %s could not be read", journal->what);
        if (got == 0)
            return NULL;
        offset += got;
        if ((size_t)offset > limit)
            return ERROR(ERROR_INPUT, "the %s is larger than %zu bytes", journal->what, limit);
        TRY(bytes_append(bytes, block, (size_t)got));
    }
}

static struct error *
write_flushed(const struct journal *journal, const char *line, size_t len)
{
    ssize_t done = write(journal->descriptor, line, len);
    if (done < 0)
        return ERROR_ERRNO(errno, "the %s could not be written", journal->what);
    if ((size_t)done != len)
        return ERROR(ERROR_IO, "the %s took only %zd of %zu bytes", journal->what, done, len);
    if (fdatasync(journal->descriptor) != 0)
        return ERROR_ERRNO(errno, "the %s could not be flushed to its medium", journal->what);
    return NULL;
}

struct error *
journal_append(struct journal *journal, const char *line, size_t len)
{
    if (journal->broken)
        return error_hint(ERROR(ERROR_IO,
                                "the %s failed before, so nothing more is written to it",
                                journal->what),
                          "Look at the disk or medium, then resume the ceremony.");
    struct error *error = write_flushed(journal, line, len);
    journal->broken = error != NULL;
    return error;
}

struct error *
journal_cut(struct journal *journal, size_t size)
{
    if (ftruncate(journal->descriptor, (off_t)size) != 0 || fsync(journal->descriptor) != 0)
        return ERROR_ERRNO(errno, "the torn end of the %s could not be cut off", journal->what);
    return NULL;
}
