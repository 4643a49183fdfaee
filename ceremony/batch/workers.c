/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/workers.h"

#include <pthread.h>
#include <time.h>

#include "ceremony/base/clock.h"

#define WORKERS_MAX 256
/* Items taken at once: few enough that none waits long for the last, many enough that the lock costs
 * nothing. */
#define CHUNK 8

struct queue {
    struct work *first;
    struct work **last;
};

struct workers {
    pthread_mutex_t mutex;
    pthread_cond_t more; /* something was submitted */
    pthread_cond_t done; /* something was finished */
    struct queue urgent;
    struct queue usual;
    bool ending;
    unsigned count;
    unsigned started;
    pthread_t threads[WORKERS_MAX];
};

struct start {
    struct workers *workers;
    unsigned number;
};

static bool
is_done(const struct work *work)
{
    return work->done == work->taken && (work->taken == work->count || work->error != NULL);
}

/* The first work with something left; those without leave the queue. */
static struct work *
look(struct queue *queue)
{
    while (queue->first != NULL
           && (queue->first->taken == queue->first->count || queue->first->error != NULL)) {
        queue->first = queue->first->next;
        if (queue->first == NULL)
            queue->last = &queue->first;
    }
    return queue->first;
}

static struct error *
run_chunk(struct work *work, unsigned worker, size_t from, size_t until)
{
    for (size_t i = from; i < until; i++)
        TRY(work->run(work->user, worker, i));
    return NULL;
}

/* Locked. Takes a chunk, does it unlocked. */
static void
work_on(struct workers *workers, struct work *work, unsigned worker)
{
    size_t from = work->taken;
    size_t until = work->count - from < CHUNK ? work->count : from + CHUNK;
    work->taken = until;
    (void)pthread_mutex_unlock(&workers->mutex);
    struct error *error = run_chunk(work, worker, from, until);
    (void)pthread_mutex_lock(&workers->mutex);
    work->done += until - from;
    if (error != NULL && work->error == NULL)
        work->error = error;
    else
        error_free(error);
    if (is_done(work))
        (void)pthread_cond_broadcast(&workers->done);
}

static void *
worker_main(void *argument)
{
    struct start *start = argument;
    struct workers *workers = start->workers;
    unsigned number = start->number;
    free(start);
    (void)pthread_mutex_lock(&workers->mutex);
    while (!workers->ending) {
        struct work *work = look(&workers->urgent);
        if (work == NULL)
            work = look(&workers->usual);
        if (work != NULL)
            work_on(workers, work, number);
        else
            (void)pthread_cond_wait(&workers->more, &workers->mutex);
    }
    (void)pthread_mutex_unlock(&workers->mutex);
    return NULL;
}

static struct error *
start_one(struct workers *workers)
{
    struct start *start = calloc(1, sizeof *start);
    if (start == NULL)
        return error_memory();
    *start = (struct start){workers, workers->started};
    int failed = pthread_create(&workers->threads[workers->started], NULL, worker_main, start);
    if (failed != 0) {
        free(start);
        return ERROR_ERRNO(failed, "a thread for signing could not be started");
    }
    workers->started++;
    return NULL;
}

struct error *
workers_new(unsigned count, struct workers **ret_workers)
{
    if (count < 1 || count > WORKERS_MAX)
        return ERROR(ERROR_INPUT, "%u workers are not between 1 and %d", count, WORKERS_MAX);
    AUTO(workers) workers = calloc(1, sizeof *workers);
    if (workers == NULL)
        return error_memory();
    workers->count = count;
    workers->urgent.last = &workers->urgent.first;
    workers->usual.last = &workers->usual.first;
    (void)pthread_mutex_init(&workers->mutex, NULL);
    (void)pthread_cond_init(&workers->more, NULL);
    (void)pthread_cond_init(&workers->done, NULL);
    for (unsigned i = 0; i < count; i++)
        TRY(start_one(workers));
    *ret_workers = TAKE(workers);
    return NULL;
}

void
workers_free(struct workers *workers)
{
    if (workers == NULL)
        return;
    (void)pthread_mutex_lock(&workers->mutex);
    workers->ending = true;
    (void)pthread_cond_broadcast(&workers->more);
    (void)pthread_mutex_unlock(&workers->mutex);
    for (unsigned i = 0; i < workers->started; i++)
        (void)pthread_join(workers->threads[i], NULL);
    (void)pthread_cond_destroy(&workers->more);
    (void)pthread_cond_destroy(&workers->done);
    (void)pthread_mutex_destroy(&workers->mutex);
    free(workers);
}

unsigned
workers_count(const struct workers *workers)
{
    return workers->count;
}

void
workers_submit(struct workers *workers, struct work *work, bool first)
{
    struct queue *queue = first ? &workers->urgent : &workers->usual;
    work->taken = 0;
    work->done = 0;
    work->error = NULL;
    work->next = NULL;
    (void)pthread_mutex_lock(&workers->mutex);
    *queue->last = work;
    queue->last = &work->next;
    (void)pthread_cond_broadcast(&workers->more);
    (void)pthread_mutex_unlock(&workers->mutex);
}

/* Locked, and done: it may still stand in a queue, where nothing must point to it any more. */
static void
forget(struct workers *workers)
{
    (void)look(&workers->urgent);
    (void)look(&workers->usual);
}

struct error *
workers_wait(struct workers *workers, struct work *work, unsigned milliseconds, bool *ret_done,
             size_t *ret_count)
{
    struct clock_reading now;
    clock_read(&now);
    int64_t end_ms = now.wall_ms + milliseconds;
    struct timespec until = {.tv_sec = end_ms / 1000,
                             .tv_nsec = (long)(end_ms % 1000) * 1000000L};
    int late = 0;
    (void)pthread_mutex_lock(&workers->mutex);
    while (!is_done(work) && late == 0)
        late = pthread_cond_timedwait(&workers->done, &workers->mutex, &until);
    *ret_done = is_done(work);
    if (ret_count != NULL)
        *ret_count = work->done;
    if (*ret_done)
        forget(workers);
    (void)pthread_mutex_unlock(&workers->mutex);
    return *ret_done ? TAKE(work->error) : NULL;
}

struct error *
workers_do(struct workers *workers, struct work *work)
{
    bool done = work->count == 0;
    if (done)
        return NULL;
    workers_submit(workers, work, true);
    while (!done)
        TRY(workers_wait(workers, work, 1000, &done, NULL));
    return NULL;
}
