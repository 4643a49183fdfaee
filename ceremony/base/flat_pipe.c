/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/base/flat_pipe.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#define SILENCE_MS 2000
#define READ_AHEAD ((size_t)1 << 16)
#define DATA_SIZE  (8 + FLAT_FRAME_MAX + READ_AHEAD)

struct flat_pipe {
    int in;
    unsigned char *data; /* a frame and its length, and what was read ahead */
    size_t at;
    size_t len;
    bool (*is_unwanted)(void *self); /* NULL: nobody asks */
    void *self;
};

struct error *
flat_send(int out, const void *data, size_t len)
{
    const unsigned char *octets = data;
    size_t sent = 0;
    while (sent < len) {
        ssize_t now = write(out, octets + sent, len - sent);
        if (now < 0 && errno != EINTR)
            return ERROR_ERRNO(errno, "what was read could not be handed over");
        sent += now > 0 ? (size_t)now : 0;
    }
    return NULL;
}

struct error *
flat_pipe_open(int in, struct flat_pipe **ret_pipe)
{
    struct flat_pipe *pipe = calloc(1, sizeof *pipe);
    unsigned char *data = malloc(DATA_SIZE);
    if (pipe == NULL || data == NULL) {
        free(pipe);
        free(data);
        (void)close(in);
        return error_memory();
    }
    *pipe = (struct flat_pipe){.in = in, .data = data};
    *ret_pipe = pipe;
    return NULL;
}

void
flat_pipe_close(struct flat_pipe *pipe)
{
    if (pipe == NULL)
        return;
    (void)close(pipe->in);
    free(pipe->data);
    free(pipe);
}

void
flat_pipe_ask(struct flat_pipe *pipe, bool (*is_unwanted)(void *self), void *self)
{
    pipe->is_unwanted = is_unwanted;
    pipe->self = self;
}

/* Until there is something to read, or nobody wants it any more. */
static struct error *
wait_for_more(const struct flat_pipe *pipe)
{
    struct pollfd wait = {.fd = pipe->in, .events = POLLIN};
    while (pipe->is_unwanted != NULL && poll(&wait, 1, SILENCE_MS) == 0)
        if (pipe->is_unwanted(pipe->self))
            return error_hint(
                ERROR(ERROR_INTERRUPTED, "what was brought was being read, and did not come to "
                                         "its end"),
                "Something on the medium may be made to keep the program waiting. Resume once; if "
                "it does not come to its end again, abort, and keep the medium.");
    return NULL;
}

static struct error *
ended_early(void)
{
    return error_hint(
        ERROR(ERROR_IO, "the process that reads what was brought ended before it had read all"),
        "Something on the medium may be made to break the program that reads it. Nothing was "
        "signed or entered for it. Resume once; if it ends again, abort, and keep the medium.");
}

/* At least `wanted` octets lie at `at`, or the other process is gone. */
static struct error *
fill(struct flat_pipe *pipe, size_t wanted)
{
    if (pipe->len - pipe->at < wanted && pipe->at > 0) {
        memmove(pipe->data, pipe->data + pipe->at, pipe->len - pipe->at);
        pipe->len -= pipe->at;
        pipe->at = 0;
    }
    while (pipe->len - pipe->at < wanted) {
        TRY(wait_for_more(pipe));
        ssize_t got = read(pipe->in, pipe->data + pipe->len, DATA_SIZE - pipe->len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ERROR_ERRNO(errno, "what was read could not be taken over");
        if (got == 0)
            return ended_early();
        pipe->len += (size_t)got;
    }
    return NULL;
}

struct error *
flat_pipe_next(struct flat_pipe *pipe, struct flat_reading *ret_frame)
{
    uint64_t len = 0;
    TRY(fill(pipe, 8));
    struct flat_reading head = {pipe->data + pipe->at, 8};
    TRY(flat_take_number(&head, FLAT_FRAME_MAX, &len));
    if (len == 0)
        return flat_malformed(); /* no kind */
    TRY(fill(pipe, 8 + (size_t)len));
    *ret_frame = (struct flat_reading){pipe->data + pipe->at + 8, (size_t)len};
    pipe->at += 8 + (size_t)len;
    return NULL;
}
