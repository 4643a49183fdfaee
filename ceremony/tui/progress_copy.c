/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/tui/progress_copy.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/cleanup.h"

/* The copy owns what the public type only borrows. */
struct owned {
    struct progress progress; /* first, so that one pointer serves for both */
    struct progress_act *acts;
    struct progress_step *steps; /* of all acts */
    size_t step_count;           /* so far */
    char **texts;
    size_t text_count;
};

DEFINE_AUTO(progress, progress_copy_free);

void
progress_copy_free(struct progress *copy)
{
    if (copy == NULL)
        return;
    struct owned *owned = (struct owned *)(void *)copy;
    for (size_t i = 0; i < owned->text_count; i++)
        free(owned->texts[i]);
    free(owned->steps);
    free(owned->texts);
    free(owned->acts);
    free(owned);
}

static size_t
count_steps(const struct progress *progress)
{
    size_t count = 0;
    for (size_t i = 0; i < progress->act_count; i++)
        count += progress->acts[i].step_count;
    return count;
}

static struct error *
keep(struct owned *owned, const char *text, const char **ret_text)
{
    char *copy = strdup(text != NULL ? text : "");
    if (copy == NULL)
        return error_memory();
    owned->texts[owned->text_count++] = copy;
    *ret_text = copy;
    return NULL;
}

static struct error *
copy_act(struct owned *owned, struct progress_act *to, const struct progress_act *act)
{
    struct progress_step *steps = owned->steps + owned->step_count;
    owned->step_count += act->step_count;
    for (size_t i = 0; i < act->step_count; i++) {
        steps[i].state = act->steps[i].state;
        TRY(keep(owned, act->steps[i].id, &steps[i].id));
        TRY(keep(owned, act->steps[i].title, &steps[i].title));
    }
    to->steps = steps;
    to->step_count = act->step_count;
    return keep(owned, act->title, &to->title);
}

struct error *
progress_copy_new(const struct progress *progress, struct progress **ret_copy)
{
    struct owned *owned = calloc(1, sizeof *owned);
    if (owned == NULL)
        return error_memory();
    AUTO(progress) copy = &owned->progress;
    *copy = *progress;
    size_t steps = count_steps(progress);
    owned->texts = calloc(2 + progress->act_count + 2 * steps, sizeof *owned->texts);
    owned->acts = calloc(progress->act_count + 1, sizeof *owned->acts);
    owned->steps = calloc(steps + 1, sizeof *owned->steps);
    if (owned->texts == NULL || owned->acts == NULL || owned->steps == NULL)
        return error_memory();
    copy->acts = owned->acts;
    TRY(keep(owned, progress->ceremony_title, &copy->ceremony_title));
    TRY(keep(owned, progress->ceremony_id, &copy->ceremony_id));
    for (size_t i = 0; i < progress->act_count; i++)
        TRY(copy_act(owned, &owned->acts[i], &progress->acts[i]));
    copy->head_words[sizeof copy->head_words - 1] = '\0';
    *ret_copy = TAKE(copy);
    return NULL;
}
