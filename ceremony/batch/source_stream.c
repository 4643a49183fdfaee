/* SPDX-License-Identifier: Apache-2.0
 *
 * Items that another process read and judged: frames (wire.h) from a descriptor. */
#include "ceremony/base/flat_pipe.h"
#include "ceremony/batch/source_private.h"
#include "ceremony/batch/wire.h"

static void
stream_close(void *state)
{
    flat_pipe_close(state);
}

static struct error *
stream_next(struct batch_source *source, struct batch_item *item, bool skip, bool *ret_more)
{
    struct flat_reading frame;
    AUTO(batch_item) taken = NULL;
    (void)skip;
    *ret_more = false;
    TRY(flat_pipe_next(source->state, &frame));
    TRY(wire_take(frame.p, frame.left, &taken));
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
batch_source_open_stream(struct flat_pipe *pipe, struct batch_source **ret_source)
{
    AUTO(batch_source) source = calloc(1, sizeof *source);
    if (source == NULL) {
        flat_pipe_close(pipe);
        return error_memory();
    }
    source->kind = &source_stream;
    source->state = pipe;
    source->judged = true;
    source->limits.items = UINT64_MAX; /* the other process keeps to them */
    *ret_source = TAKE(source);
    return NULL;
}
