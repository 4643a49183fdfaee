/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/tui/model.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/text.h"
#include "ceremony/tui/progress_copy.h"

struct model {
    pthread_mutex_t mutex;
    pthread_cond_t answered;
    int wake_fd;
    struct model_view view;
    struct progress *progress; /* our copy, or NULL */
    char *working;
    char *usual;
    struct answer answer;
    bool aborted;
};

static const struct progress no_progress;

struct error *
model_new(struct model **ret_model)
{
    struct model *model = calloc(1, sizeof *model);
    if (model == NULL)
        return error_memory();
    model->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (model->wake_fd < 0) {
        free(model);
        return ERROR_ERRNO(errno, "the screen could not be prepared");
    }
    (void)pthread_mutex_init(&model->mutex, NULL);
    (void)pthread_cond_init(&model->answered, NULL);
    model->view.progress = &no_progress;
    *ret_model = model;
    return NULL;
}

void
model_free(struct model *model)
{
    if (model == NULL)
        return;
    progress_copy_free(model->progress);
    free(model->working);
    free(model->usual);
    free(model->answer.text);
    secret_free(model->answer.secret);
    (void)close(model->wake_fd);
    (void)pthread_cond_destroy(&model->answered);
    (void)pthread_mutex_destroy(&model->mutex);
    free(model);
}

int
model_wake_fd(const struct model *model)
{
    return model->wake_fd;
}

static void
tell_screen(const struct model *model)
{
    uint64_t one = 1;
    /* A full counter has been noticed already. */
    if (write(model->wake_fd, &one, sizeof one) < 0)
        return;
}

static void
lock(struct model *model)
{
    BUG_ON(pthread_mutex_lock(&model->mutex) != 0);
}

static void
unlock(struct model *model)
{
    BUG_ON(pthread_mutex_unlock(&model->mutex) != 0);
}

static struct error *
interrupted(void)
{
    return error_hint(ERROR(ERROR_INTERRUPTED, "the ceremony was interrupted at the terminal"),
                      "Nothing recorded is lost. Resume the ceremony.");
}

/* With the lock held: waits until neither prompt nor fault is pending. */
static struct error *
wait_for_screen(struct model *model)
{
    model->view.asked++;
    tell_screen(model);
    while (!model->aborted && (model->view.prompt != NULL || model->view.fault != NULL))
        (void)pthread_cond_wait(&model->answered, &model->mutex);
    model->view.prompt = NULL;
    model->view.fault = NULL;
    return model->aborted ? interrupted() : NULL;
}

struct error *
model_ask(struct model *model, const struct prompt *prompt, struct answer *ret_answer)
{
    lock(model);
    model->view.prompt = prompt;
    struct error *error = wait_for_screen(model);
    struct answer answer = model->answer;
    model->answer = (struct answer){0};
    unlock(model);
    if (error != NULL) {
        free(answer.text);
        secret_free(answer.secret);
        return error;
    }
    *ret_answer = answer;
    return NULL;
}

struct error *
model_fault(struct model *model, const char *title, const struct error *error)
{
    lock(model);
    model->view.fault = error;
    model->view.fault_title = title;
    struct error *result = wait_for_screen(model);
    unlock(model);
    return result;
}

void
model_progress(struct model *model, const struct progress *progress)
{
    /* Without memory the old picture stays: the next one will come. */
    struct progress *copy = NULL;
    struct error *error = progress_copy_new(progress, &copy);
    if (error != NULL) {
        error_free(error);
        return;
    }
    lock(model);
    struct progress *old = model->progress;
    model->progress = copy;
    model->view.progress = copy;
    tell_screen(model);
    unlock(model);
    progress_copy_free(old);
}

void
model_working(struct model *model, const char *what, const char *usual, bool may_stop)
{
    struct clock_reading now;
    clock_read(&now);
    char *what_copy = what != NULL ? strdup(what) : NULL;
    char *usual_copy = usual != NULL ? strdup(usual) : NULL;
    lock(model);
    char *old[] = {model->working, model->usual};
    model->working = what_copy;
    model->usual = usual_copy;
    model->view.working = what_copy;
    model->view.usual = usual_copy != NULL ? usual_copy : "";
    /* What tells how far it is goes on, it does not begin anew. */
    if (old[0] == NULL || !may_stop || !model->view.may_stop)
        model->view.working_since_ms = now.monotonic_ms;
    model->view.may_stop = may_stop;
    model->view.stopping = model->view.stopping && may_stop;
    tell_screen(model);
    unlock(model);
    free(old[0]);
    free(old[1]);
}

void
model_finish(struct model *model)
{
    lock(model);
    model->view.finished = true;
    tell_screen(model);
    unlock(model);
}

const struct model_view *
model_lock(struct model *model)
{
    lock(model);
    return &model->view;
}

void
model_unlock(struct model *model)
{
    unlock(model);
}

void
model_answer(struct model *model, struct answer *answer)
{
    lock(model);
    model->answer = *answer;
    *answer = (struct answer){0};
    model->view.prompt = NULL;
    (void)pthread_cond_signal(&model->answered);
    unlock(model);
}

void
model_acknowledge(struct model *model)
{
    lock(model);
    model->view.fault = NULL;
    (void)pthread_cond_signal(&model->answered);
    unlock(model);
}

void
model_abort(struct model *model)
{
    lock(model);
    model->aborted = true;
    (void)pthread_cond_signal(&model->answered);
    unlock(model);
}

void
model_stop(struct model *model)
{
    lock(model);
    model->view.stopping = model->view.may_stop;
    unlock(model);
}

bool
model_stop_wanted(struct model *model)
{
    lock(model);
    bool wanted = model->aborted || model->view.stopping;
    unlock(model);
    return wanted;
}

void
model_restart(struct model *model)
{
    lock(model);
    model->view.finished = false;
    unlock(model);
}
