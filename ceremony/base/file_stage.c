/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/base/file_stage.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ceremony/base/file.h"
#include "ceremony/base/random.h"
#include "ceremony/base/text.h"

#define BLOCK 65536U

struct file_stage {
    char *path;
    char *temporary;
    int descriptor;
    uint64_t size; /* with what is still in the block */
    size_t filled;
    bool published;
    unsigned char block[BLOCK];
};

void
file_stage_free(struct file_stage *stage)
{
    if (stage == NULL)
        return;
    if (stage->descriptor >= 0) {
        (void)close(stage->descriptor);
        if (!stage->published)
            (void)unlink(stage->temporary);
    }
    free(stage->temporary);
    free(stage->path);
    free(stage);
}

struct error *
file_stage_begin(const char *path, struct file_stage **ret_stage)
{
    uint32_t number = 0;
    AUTO(file_stage) stage = calloc(1, sizeof *stage);
    if (stage == NULL)
        return error_memory();
    stage->descriptor = -1;
    TRY(random_bytes(&number, sizeof number));
    TRY(text_copy(path, &stage->path));
    TRY(text_format(&stage->temporary, "%s.%08x.tmp", path, (unsigned)number));
    stage->descriptor =
        open(stage->temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (stage->descriptor < 0)
        return ERROR_ERRNO(errno, "the file \"%s\" could not be made", path);
    *ret_stage = TAKE(stage);
    return NULL;
}

static struct error *
write_at(struct file_stage *stage, const unsigned char *data, size_t len, uint64_t offset)
{
    while (len > 0) {
        ssize_t done = pwrite(stage->descriptor, data, len, (off_t)offset);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return ERROR_ERRNO(errno, "the file \"%s\" could not be written", stage->path);
        data += done;
        len -= (size_t)done;
        offset += (uint64_t)done;
    }
    return NULL;
}

static struct error *
empty_block(struct file_stage *stage)
{
    TRY(write_at(stage, stage->block, stage->filled, stage->size - stage->filled));
    stage->filled = 0;
    return NULL;
}

struct error *
file_stage_write(struct file_stage *stage, const void *data, size_t len)
{
    const unsigned char *from = data;
    while (len > 0) {
        if (stage->filled == BLOCK)
            TRY(empty_block(stage));
        size_t part = BLOCK - stage->filled;
        if (part > len)
            part = len;
        memcpy(stage->block + stage->filled, from, part);
        stage->filled += part;
        stage->size += part;
        from += part;
        len -= part;
    }
    return NULL;
}

uint64_t
file_stage_size(const struct file_stage *stage)
{
    return stage->size;
}

/* What lies at `from` and behind moves to `to`, which is before it. */
static struct error *
move_up(struct file_stage *stage, uint64_t from, uint64_t to)
{
    uint64_t moved = from - to;
    for (;;) {
        ssize_t got = pread(stage->descriptor, stage->block, BLOCK, (off_t)from);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ERROR_ERRNO(errno, "the file \"%s\" could not be read back", stage->path);
        if (got == 0)
            break;
        TRY(write_at(stage, stage->block, (size_t)got, to));
        from += (uint64_t)got;
        to += (uint64_t)got;
    }
    stage->size -= moved;
    if (ftruncate(stage->descriptor, (off_t)stage->size) != 0)
        return ERROR_ERRNO(errno, "the file \"%s\" could not be written", stage->path);
    return NULL;
}

struct error *
file_stage_begin_with(struct file_stage *stage, const void *data, size_t len, size_t old_len)
{
    BUG_ON(len > old_len || old_len > stage->size);
    TRY(empty_block(stage));
    if (len < old_len)
        TRY(move_up(stage, old_len, len));
    return write_at(stage, data, len, 0);
}

struct error *
file_stage_flush(struct file_stage *stage)
{
    TRY(empty_block(stage));
    if (fsync(stage->descriptor) != 0)
        return ERROR_ERRNO(errno, "the file \"%s\" could not be flushed to its medium",
                           stage->path);
    return NULL;
}

const char *
file_stage_path(const struct file_stage *stage)
{
    return stage->temporary;
}

struct error *
file_stage_publish(struct file_stage *stage, bool replace)
{
    TRY(file_stage_flush(stage));
    if (renameat2(AT_FDCWD, stage->temporary, AT_FDCWD, stage->path,
                  replace ? 0 : RENAME_NOREPLACE)
        != 0)
        return errno == EEXIST
                   ? ERROR(ERROR_EXISTS, "the file \"%s\" is there already", stage->path)
                   : ERROR_ERRNO(errno, "the file \"%s\" could not be put in place",
                                 stage->path);
    stage->published = true;
    return folder_sync_above(stage->path);
}
