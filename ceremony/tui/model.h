/* SPDX-License-Identifier: Apache-2.0
 *
 * What the engine has told, and what it waits for: the only thing that its thread and the screen's
 * share. The engine's side waits inside ask and fault; what it passed in stays valid until then, so
 * the screen may read a pending prompt without the lock, because only the screen can end the wait. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ceremony/base/error.h"
#include "ceremony/engine/frontend.h"

struct model;

/* Errors: io, memory. */
MUST_CHECK struct error *model_new(struct model **ret_model);
void model_free(struct model *model);
/* An eventfd that becomes readable whenever there is news. It lives as long as the model, since the
 * engine may outlive the screen. */
int model_wake_fd(const struct model *model);

/* The engine's side. */
MUST_CHECK struct error *model_ask(struct model *model, const struct prompt *prompt,
                                   struct answer *ret_answer);
MUST_CHECK struct error *model_fault(struct model *model, const char *title,
                                     const struct error *error);
void model_progress(struct model *model, const struct progress *progress);
void model_working(struct model *model, const char *what, const char *usual, bool may_stop);
/* It was aborted, or work that may stop is to stop. */
bool model_stop_wanted(struct model *model);
void model_finish(struct model *model); /* the engine has returned */

/* The screen's side. What model_lock returns may be read until model_unlock; `prompt` and `fault`
 * longer, see above. */
struct model_view {
    const struct progress *progress; /* never NULL; all zero at first */
    const struct prompt *prompt;     /* NULL: nothing is asked */
    const struct error *fault;       /* NULL: nothing is to be acknowledged */
    const char *fault_title;
    const char *working; /* NULL: the token does not work */
    const char *usual;
    int64_t working_since_ms; /* monotonic */
    bool may_stop;  /* the work ends where it can be gone on with when it is told to */
    bool stopping;  /* it was told to */
    uint64_t asked; /* grows with each prompt and fault */
    bool finished;
};
const struct model_view *model_lock(struct model *model);
void model_unlock(struct model *model);

/* Ends a pending ask; takes text and secret of `answer`. */
void model_answer(struct model *model, struct answer *answer);
/* Work that may stop is to stop; other work is not disturbed. */
void model_stop(struct model *model);
void model_acknowledge(struct model *model);
/* The pending and every later ask and fault fail with `interrupted`. */
void model_abort(struct model *model);
/* Before a further engine run. */
void model_restart(struct model *model);
