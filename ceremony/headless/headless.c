/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/headless/headless.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/text.h"

#define TELL_EVERY_MS 10000

struct shown {
    struct shown *next;
    char *id;
    char *text;            /* or */
    struct secret *secret; /* share words */
};

#define REPEATED_MAX 100U

struct headless {
    struct frontend frontend; /* first, so that a frontend is a headless */
    struct answers *answers;
    FILE *log;
    bool verbose;
    FILE *paper; /* NULL: nobody writes anything down */
    struct shown *shown;
    char step[128];
    int64_t told_ms; /* monotonic; how far long work is was told; 0: not yet */
    bool catches;    /* signals, whose actions before are kept */
    struct sigaction before[3];
};

static struct headless *
headless_of(struct frontend *frontend)
{
    return (struct headless *)(void *)frontend;
}

static struct shown *
find_shown(struct headless *headless, const char *id)
{
    for (struct shown *row = headless->shown; row != NULL; row = row->next)
        if (strcmp(row->id, id) == 0)
            return row;
    return NULL;
}

/* The row of this id, emptied, or a new one; NULL when out of memory. */
static struct shown *
claim_shown(struct headless *headless, const char *id)
{
    struct shown *row = find_shown(headless, id);
    if (row != NULL) {
        free(row->text);
        secret_free(row->secret);
        row->text = NULL;
        row->secret = NULL;
        return row;
    }
    row = calloc(1, sizeof *row);
    char *copy = strdup(id);
    if (row == NULL || copy == NULL) {
        free(row);
        free(copy);
        return NULL;
    }
    row->id = copy;
    row->next = headless->shown;
    headless->shown = row;
    return row;
}

static void
take_shown(struct frontend *self, const char *prompt_id, const char *value)
{
    struct shown *row = claim_shown(headless_of(self), prompt_id);
    if (row != NULL)
        row->text = strdup(value);
}

static struct error *
write_down(struct headless *headless, const struct prompt *prompt)
{
    if (headless->paper == NULL)
        return NULL;
    int written = fprintf(headless->paper, "\"%s\": \"%.*s\"\n", prompt->id,
                          (int)secret_size(prompt->secret_body),
                          (const char *)secret_borrow_const(prompt->secret_body));
    if (written < 0 || fflush(headless->paper) != 0)
        return ERROR(ERROR_IO, "what a custodian writes on paper could not be written");
    return NULL;
}

static struct error *
keep_revealed(struct headless *headless, const struct prompt *prompt)
{
    if (prompt->secret_body == NULL)
        return NULL;
    TRY(write_down(headless, prompt));
    struct shown *row = claim_shown(headless, prompt->id);
    return row == NULL ? error_memory() : secret_dup(prompt->secret_body, &row->secret);
}

static struct error *
not_shown(const struct prompt *prompt, const char *id)
{
    return ERROR(ERROR_INPUT, "the answer to \"%s\" refers to \"%s\", which showed nothing yet",
                 prompt->id, id);
}

static bool
wants_secret(const struct prompt *prompt)
{
    return prompt->kind == PROMPT_SECRET || prompt->kind == PROMPT_WORDS;
}

static struct error *
give_text(const struct prompt *prompt, const char *text, struct answer *ret_answer)
{
    if (!wants_secret(prompt))
        return text_copy(text, &ret_answer->text);
    if (text[0] == '\0')
        return ERROR(ERROR_INPUT, "the answer to \"%s\" is empty", prompt->id);
    return secret_from(text, strlen(text), &ret_answer->secret);
}

static struct error *
give_shown(struct headless *headless, const struct prompt *prompt, const char *id,
           struct answer *ret_answer)
{
    const struct shown *row = find_shown(headless, id);
    if (row == NULL)
        return not_shown(prompt, id);
    if (row->secret != NULL && wants_secret(prompt))
        return secret_dup(row->secret, &ret_answer->secret);
    if (row->text == NULL)
        return not_shown(prompt, id);
    return give_text(prompt, row->text, ret_answer);
}

static const struct {
    enum scripted_kind scripted;
    enum answer_kind answer;
} asides[] = {
    {SCRIPTED_DECLINE,   ANSWER_DECLINED },
    {SCRIPTED_EXCEPTION, ANSWER_EXCEPTION},
    {SCRIPTED_PAUSE,     ANSWER_PAUSE    },
    {SCRIPTED_LEAVE,     ANSWER_LEAVE    },
    {SCRIPTED_STOP,      ANSWER_STOP     },
};

static struct error *
give(struct headless *headless, const struct prompt *prompt,
     const struct scripted_answer *scripted, struct answer *ret_answer)
{
    for (size_t i = 0; i < sizeof asides / sizeof asides[0]; i++)
        if (asides[i].scripted == scripted->kind) {
            ret_answer->kind = asides[i].answer;
            if (ret_answer->kind == ANSWER_DECLINED && !prompt->may_decline)
                return ERROR(
                    ERROR_INPUT,
                    "line %u of the answers file declines \"%s\", which cannot be declined",
                    scripted->line, prompt->id);
            return NULL;
        }
    ret_answer->kind = ANSWER_GIVEN;
    if (scripted->kind == SCRIPTED_SHOWN)
        return give_shown(headless, prompt, scripted->text, ret_answer);
    return give_text(prompt, scripted->text, ret_answer);
}

/* Why the last answer was not taken, or what the token says of itself: never a secret. */
static void
log_warning(const struct headless *headless, const struct prompt *prompt)
{
    if (headless->log == NULL || prompt->warning == NULL || prompt->warning[0] == '\0')
        return;
    (void)fprintf(headless->log, "    %s: %s\n", prompt->id, prompt->warning);
}

/* A signal ends a headless run at once; what is on the disk is what `resume` goes on from. But for long work
 * that may stop: there the first one only asks for it. */
static volatile sig_atomic_t stop_asked;

static void
note_signal(int number)
{
    (void)number;
    stop_asked = 1;
}

/* An answer that is not taken would be given for ever. PINs may be asked for each of many signatures. */
static struct error *
refuse_endless(const struct prompt *prompt, const struct scripted_answer *scripted)
{
    if (scripted->repeated < REPEATED_MAX || prompt->kind == PROMPT_SECRET)
        return NULL;
    return error_hint(ERROR(ERROR_INPUT,
                            "the answer to \"%s\" was given %u times, and is not taken%s%s%s",
                            prompt->id, REPEATED_MAX, prompt->warning[0] == '\0' ? "" : " (",
                            prompt->warning, prompt->warning[0] == '\0' ? "" : ")"),
                      "Mend the answers file, then resume.");
}

static struct error *
ask(struct frontend *self, const struct prompt *prompt, struct answer *ret_answer)
{
    struct headless *headless = headless_of(self);
    if (stop_asked != 0) /* the work ended before it could stop */
        return ERROR(ERROR_INTERRUPTED, "a signal stopped the ceremony");
    TRY(keep_revealed(headless, prompt));
    if (prompt->kind == PROMPT_TELL) {
        /* Needs no answer; but one in the file (an aside) counts. */
        struct scripted_answer scripted = {0};
        struct error *error = answers_take(headless->answers, prompt->id, &scripted);
        if (error != NULL) {
            error_free(error);
            ret_answer->kind = ANSWER_GIVEN;
            return NULL;
        }
        error = give(headless, prompt, &scripted, ret_answer);
        free(scripted.text);
        return error;
    }
    log_warning(headless, prompt);
    struct scripted_answer scripted = {0};
    TRY(answers_take(headless->answers, prompt->id, &scripted));
    struct error *error = refuse_endless(prompt, &scripted);
    if (error == NULL)
        error = give(headless, prompt, &scripted, ret_answer);
    free(scripted.text);
    if (error == NULL && headless->verbose && headless->log != NULL)
        (void)fprintf(headless->log, "    %s\n", prompt->id);
    return error;
}

static void
progress(struct frontend *self, const struct progress *progress)
{
    struct headless *headless = headless_of(self);
    if (headless->log == NULL || progress->act >= progress->act_count)
        return;
    const struct progress_act *act = &progress->acts[progress->act];
    if (progress->step >= act->step_count)
        return;
    const struct progress_step *step = &act->steps[progress->step];
    if (step->state != STEP_NOW || strcmp(step->id, headless->step) == 0)
        return;
    (void)snprintf(headless->step, sizeof headless->step, "%s", step->id);
    (void)fprintf(headless->log, "  %zu.%zu %s\n", progress->act + 1, progress->step + 1,
                  step->title);
    (void)fflush(headless->log);
}

static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};

static void
catch_signals(struct headless *headless, bool catch)
{
    struct sigaction note = {.sa_handler = note_signal,
                             .sa_flags = (int)(SA_RESTART | SA_RESETHAND)};
    if (catch == headless->catches)
        return;
    headless->catches = catch;
    for (size_t i = 0; i < sizeof stop_signals / sizeof stop_signals[0]; i++)
        (void)sigaction(stop_signals[i], catch ? &note : &headless->before[i],
                        catch ? &headless->before[i] : NULL);
}

/* How far long work is: at its beginning, then every ten seconds. */
static void
working(struct frontend *self, const char *what, const char *usual, bool may_stop)
{
    struct headless *headless = headless_of(self);
    struct clock_reading now;
    may_stop = may_stop && what != NULL;
    catch_signals(headless, may_stop);
    if (!may_stop) {
        headless->told_ms = 0;
        return;
    }
    clock_read(&now);
    if (headless->told_ms != 0 && now.monotonic_ms - headless->told_ms < TELL_EVERY_MS)
        return;
    headless->told_ms = now.monotonic_ms;
    (void)fprintf(headless->log, "      %s%s%s\n", what, usual[0] == '\0' ? "" : ", ", usual);
    (void)fflush(headless->log);
}

static bool
stop_wanted(struct frontend *self)
{
    (void)self;
    return stop_asked != 0;
}

/* The caller says it in the end; nothing to acknowledge here. */
static struct error *
fault(struct frontend *self, const char *title, const struct error *error)
{
    (void)self;
    (void)title;
    (void)error;
    return NULL;
}

static const struct frontend_ops ops = {ask, progress, working, stop_wanted, fault, take_shown};

struct error *
headless_new(struct answers *answers, FILE *log, bool verbose, struct headless **ret_headless)
{
    struct headless *headless = calloc(1, sizeof *headless);
    if (headless == NULL)
        return error_memory();
    headless->frontend.ops = &ops;
    headless->answers = answers;
    headless->log = log;
    headless->verbose = verbose;
    *ret_headless = headless;
    return NULL;
}

void
headless_write_paper(struct headless *headless, FILE *paper)
{
    headless->paper = paper;
}

void
headless_free(struct headless *headless)
{
    if (headless == NULL)
        return;
    while (headless->shown != NULL) {
        struct shown *row = headless->shown;
        headless->shown = row->next;
        free(row->id);
        free(row->text);
        secret_free(row->secret);
        free(row);
    }
    free(headless);
}

struct frontend *
headless_frontend(struct headless *headless)
{
    return &headless->frontend;
}
