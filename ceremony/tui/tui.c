/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/tui/tui.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "ceremony/tui/loop.h"
#include "ceremony/tui/model.h"
#include "ceremony/tui/screen.h"
#include "ceremony/tui/ui.h"

struct tui {
    struct frontend frontend; /* first: the operations get a pointer to it */
    struct model *model;
    struct screen *screen; /* NULL once the terminal was given back */
    struct ui ui;
};

static struct model *
model_of(struct frontend *self)
{
    return ((struct tui *)(void *)self)->model;
}

static struct error *
ask(struct frontend *self, const struct prompt *prompt, struct answer *ret_answer)
{
    return model_ask(model_of(self), prompt, ret_answer);
}

static void
progress(struct frontend *self, const struct progress *told)
{
    model_progress(model_of(self), told);
}

static void
working(struct frontend *self, const char *what, const char *usual, bool may_stop)
{
    model_working(model_of(self), what, usual, may_stop);
}

static bool
stop_wanted(struct frontend *self)
{
    return model_stop_wanted(model_of(self));
}

static struct error *
fault(struct frontend *self, const char *title, const struct error *error)
{
    return model_fault(model_of(self), title, error);
}

static void
shown(struct frontend *self, const char *prompt_id, const char *value)
{
    /* People have it before their eyes already. */
    (void)self;
    (void)prompt_id;
    (void)value;
}

static const struct frontend_ops operations = {ask,         progress, working,
                                               stop_wanted, fault,    shown};

struct error *
tui_new(struct tui **ret_tui)
{
    AUTO(tui) tui = calloc(1, sizeof *tui);
    if (tui == NULL)
        return error_memory();
    tui->frontend.ops = &operations;
    TRY(model_new(&tui->model));
    TRY(screen_open(model_wake_fd(tui->model), &tui->screen));
    tui->ui.model = tui->model;
    *ret_tui = TAKE(tui);
    return NULL;
}

void
tui_free(struct tui *tui)
{
    if (tui == NULL)
        return;
    ui_clear(&tui->ui);
    screen_close(tui->screen);
    model_free(tui->model);
    free(tui);
}

struct frontend *
tui_frontend(struct tui *tui)
{
    return &tui->frontend;
}

struct job {
    struct model *model;
    struct error *(*engine_main)(void *self);
    void *self;
    struct error *error;
};

static void *
run_engine(void *argument)
{
    struct job *job = argument;
    job->error = job->engine_main(job->self);
    model_finish(job->model);
    return NULL;
}

/* A lost terminal sends its signal more than once. The second must not kill the engine over its
 * record, now that nobody holds it back. */
static void
ignore_further_signals(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        (void)sigaction(signals[i], &ignore, NULL);
}

struct error *
tui_run(struct tui *tui, struct error *(*engine_main)(void *self), void *self)
{
    struct job job = {tui->model, engine_main, self, NULL};
    if (tui->screen == NULL)
        return ERROR(ERROR_INTERRUPTED, "the terminal was given back after an interruption");
    model_restart(tui->model);
    pthread_t thread;
    int number = pthread_create(&thread, NULL, run_engine, &job);
    if (number != 0)
        return ERROR_ERRNO(number, "the ceremony could not be started");
    bool aborted = false;
    struct error *error = loop_run(&tui->ui, tui->screen, &aborted);
    if (error != NULL || aborted) {
        /* The terminal is given back at once; the engine may still wait for its token. */
        ignore_further_signals();
        screen_close(TAKE(tui->screen));
        (void)fprintf(stderr, "Interrupted. Waiting until the token is done and the record is "
                              "closed.\n");
    }
    BUG_ON(pthread_join(thread, NULL) != 0);
    if (job.error != NULL) {
        error_free(error);
        return job.error;
    }
    return error;
}
