/* SPDX-License-Identifier: Apache-2.0
 *
 * Items that another process read and judged: frames (wire.h) from a descriptor. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ceremony/batch/source_private.h"
#include "ceremony/batch/wire.h"

#define READ_AHEAD ((size_t)1 << 16)

struct stream {
    int in;
    unsigned char *data; /* WIRE_FRAME_MAX and a length, and what was read ahead */
    size_t at;
    size_t len;
};

#define DATA_SIZE (8 + WIRE_FRAME_MAX + READ_AHEAD)

static void
stream_close(void *state)
{
    struct stream *stream = state;
    (void)close(stream->in);
    free(stream->data);
    free(stream);
}

static struct error *
ended_early(void)
{
    return error_hint(
        ERROR(ERROR_IO, "the process that reads requests ended before it had read all"),
        "One of the requests may be made to break the program that reads it. Nothing of the "
        "batch was signed for it. Resume once; if it ends again, abort, and keep the medium.");
}

/* At least `wanted` octets lie at `at`, or the other process is gone. */
static struct error *
fill(struct stream *stream, size_t wanted)
{
    if (stream->len - stream->at < wanted && stream->at > 0) {
        memmove(stream->data, stream->data + stream->at, stream->len - stream->at);
        stream->len -= stream->at;
        stream->at = 0;
    }
    while (stream->len - stream->at < wanted) {
        ssize_t got = read(stream->in, stream->data + stream->len, DATA_SIZE - stream->len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ERROR_ERRNO(errno, "the items could not be taken over");
        if (got == 0)
            return ended_early();
        stream->len += (size_t)got;
    }
    return NULL;
}

static struct error *
stream_next(struct batch_source *source, struct batch_item *item, bool skip, bool *ret_more)
{
    struct stream *stream = source->state;
    uint64_t len = 0;
    AUTO(batch_item) taken = NULL;
    (void)skip;
    *ret_more = false;
    TRY(fill(stream, 8));
    for (size_t i = 0; i < 8; i++)
        len = len << 8 | stream->data[stream->at + i];
    if (len > WIRE_FRAME_MAX)
        len = 0; /* what wire_take refuses */
    TRY(fill(stream, 8 + (size_t)len));
    TRY(wire_take(stream->data + stream->at + 8, (size_t)len, &taken));
    stream->at += 8 + (size_t)len;
    if (taken == NULL)
        return NULL;
    if (taken->index != source->index)
        return ERROR(ERROR_VERIFICATION,
                     "the process that reads requests left one out, or sent one twice");
    struct batch_item empty = *item;
    *item = *taken;
    *taken = empty; /* freed with its shell */
    *ret_more = true;
    return NULL;
}

static const struct source_kind source_stream = {
    .text = "stream", .next = stream_next, .close = stream_close};

struct error *
batch_source_open_stream(int in, struct batch_source **ret_source)
{
    AUTO(batch_source) source = calloc(1, sizeof *source);
    struct stream *stream = calloc(1, sizeof *stream);
    unsigned char *data = malloc(DATA_SIZE);
    if (source == NULL || stream == NULL || data == NULL) {
        free(stream);
        free(data);
        (void)close(in);
        return error_memory();
    }
    *stream = (struct stream){.in = in, .data = data};
    source->kind = &source_stream;
    source->state = stream;
    source->judged = true;
    source->limits.items = UINT64_MAX; /* the other process keeps to them */
    *ret_source = TAKE(source);
    return NULL;
}
