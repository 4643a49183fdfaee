/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"

#define BUFFER 65536U

struct batch_stream {
    char *path;
    char *temporary;
    int descriptor;
    size_t used;
    unsigned char buffer[BUFFER];
};

struct error *
batch_stream_new(const char *path, struct batch_stream **ret_stream)
{
    AUTO(batch_stream) stream = malloc(sizeof *stream);
    if (stream == NULL)
        return error_memory();
    stream->path = NULL;
    stream->temporary = NULL;
    stream->descriptor = -1;
    stream->used = 0;
    TRY(text_copy(path, &stream->path));
    TRY(text_format(&stream->temporary, "%s.tmp", path));
    stream->descriptor =
        open(stream->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (stream->descriptor < 0)
        return ERROR_ERRNO(errno, "the file \"%s\" could not be made", path);
    *ret_stream = TAKE(stream);
    return NULL;
}

void
batch_stream_free(struct batch_stream *stream)
{
    if (stream == NULL)
        return;
    if (stream->descriptor >= 0) {
        (void)close(stream->descriptor);
        (void)unlink(stream->temporary);
    }
    free(stream->path);
    free(stream->temporary);
    free(stream);
}

static struct error *
write_out(struct batch_stream *stream, const unsigned char *data, size_t len)
{
    while (len > 0) {
        ssize_t done = write(stream->descriptor, data, len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return ERROR_ERRNO(errno, "the file \"%s\" could not be written", stream->path);
        data += done;
        len -= (size_t)done;
    }
    return NULL;
}

static struct error *
empty_buffer(struct batch_stream *stream)
{
    size_t len = stream->used;
    stream->used = 0;
    return write_out(stream, stream->buffer, len);
}

struct error *
batch_stream_write(struct batch_stream *stream, const void *data, size_t len)
{
    if (len > sizeof stream->buffer - stream->used)
        TRY(empty_buffer(stream));
    if (len > sizeof stream->buffer)
        return write_out(stream, data, len);
    if (len > 0)
        memcpy(stream->buffer + stream->used, data, len);
    stream->used += len;
    return NULL;
}

struct error *
batch_stream_finish(struct batch_stream *stream)
{
    TRY(empty_buffer(stream));
    if (fsync(stream->descriptor) != 0)
        return ERROR_ERRNO(errno, "the file \"%s\" could not be flushed", stream->path);
    if (rename(stream->temporary, stream->path) != 0)
        return ERROR_ERRNO(errno, "the file \"%s\" could not be put in place", stream->path);
    (void)close(stream->descriptor);
    stream->descriptor = -1;
    const char *slash = strrchr(stream->path, '/');
    if (slash == NULL)
        return folder_sync(".");
    AUTO_FREE char *folder = NULL;
    TRY(text_format(&folder, "%.*s", (int)(slash - stream->path), stream->path));
    return folder_sync(folder[0] == '\0' ? "/" : folder);
}
