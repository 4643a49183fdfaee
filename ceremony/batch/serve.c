/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/serve.h"

#include "ceremony/base/flat_pipe.h"
#include "ceremony/batch/wire.h"
#include "ceremony/batch/workers.h"
#include "ceremony/pki/request.h"

#define BLOCK_ITEMS 512

struct serving {
    const struct batch_check *check;
    struct workers *workers;
    struct request_checker **checkers; /* one each worker */
    unsigned worker_count;
    struct batch_item *items[BLOCK_ITEMS];
    size_t count;
};

static void
serving_clear(struct serving *serving)
{
    workers_free(serving->workers);
    for (unsigned i = 0; i < serving->worker_count && serving->checkers != NULL; i++)
        request_checker_free(serving->checkers[i]);
    free(serving->checkers);
    for (size_t i = 0; i < serving->count; i++)
        batch_item_free(serving->items[i]);
}

#define AUTO_SERVING __attribute__((cleanup(serving_clear))) struct serving

static struct error *
begin(struct serving *serving)
{
    unsigned count = serving->check->workers == 0 ? 1 : serving->check->workers;
    serving->checkers = calloc(count, sizeof *serving->checkers);
    if (serving->checkers == NULL)
        return error_memory();
    serving->worker_count = count;
    for (unsigned i = 0; i < count; i++)
        TRY(request_checker_new(&serving->checkers[i]));
    return workers_new(count, &serving->workers);
}

static struct error *
judge(void *user, unsigned worker, size_t index)
{
    struct serving *serving = user;
    return batch_check_item(serving->check, serving->checkers[worker], serving->items[index]);
}

/* A block: read one by one, judged side by side, sent in order. */
static struct error *
serve_block(struct serving *serving, struct batch_source *source, int out, bool *ret_more)
{
    struct batch_item *item = NULL;
    struct error *stopped = NULL; /* what was read before it is sent first */
    AUTO_BYTES frames = {0};
    for (;;) {
        stopped = batch_source_next(source, &item);
        if (stopped != NULL || item == NULL)
            break;
        serving->items[serving->count++] = item;
        if (serving->count == BLOCK_ITEMS)
            break;
    }
    *ret_more = stopped == NULL && serving->count == BLOCK_ITEMS;
    struct work work = {.run = judge, .user = serving, .count = serving->count};
    struct error *error = workers_do(serving->workers, &work);
    for (size_t i = 0; i < serving->count && error == NULL; i++)
        error = wire_put_item(&frames, serving->items[i]);
    if (error == NULL && stopped != NULL)
        error = wire_put_error(&frames, stopped);
    else if (error == NULL && !*ret_more)
        error = wire_put_end(&frames);
    error_free(stopped);
    TRY(error);
    for (size_t i = 0; i < serving->count; i++)
        batch_item_free(serving->items[i]);
    serving->count = 0;
    return flat_send(out, frames.data, frames.len);
}

struct error *
batch_serve(const struct batch_check *check, struct batch_source *source, int out)
{
    AUTO_SERVING serving = {.check = check};
    bool more = true;
    TRY(begin(&serving));
    while (more)
        TRY(serve_block(&serving, source, out, &more));
    return NULL;
}

struct error *
batch_serve_error(struct error *error, int out)
{
    AUTO_BYTES frame = {0};
    struct error *second = wire_put_error(&frame, error);
    error_free(error);
    TRY(second);
    return flat_send(out, frame.data, frame.len);
}
