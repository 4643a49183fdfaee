/* SPDX-License-Identifier: Apache-2.0
 *
 * run, resume and abort: the same engine before a terminal or an answers file. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/cli/command.h"
#include "ceremony/cli/load.h"
#include "ceremony/cli/version.h"
#include "ceremony/engine/engine.h"
#include "ceremony/headless/headless.h"
#include "ceremony/tui/tui.h"

struct performance {
    struct engine_options options;
    struct engine_outcome outcome;
};

static struct error *
perform(void *self)
{
    struct performance *performance = self;
    return engine_perform(&performance->options, &performance->outcome);
}

/* Keys that no prompt asked for: script and answers may have drifted apart. */
static struct error *
print_unused(const struct answers *answers)
{
    AUTO_BYTES text = {0};
    TRY(answers_unused(answers, &text));
    if (text.len > 0)
        (void)fprintf(stderr, "Answers that no prompt asked for:\n%s", bytes_text(&text));
    return NULL;
}

static void
paper_close(FILE **paper)
{
    if (*paper != NULL)
        (void)fclose(*paper);
}

/* The custodians' paper of a rehearsal, for a later one in which they bring their shares. */
static struct error *
open_paper(FILE **ret_paper)
{
    const char *path = option_value("--paper");
    if (path == NULL)
        return NULL;
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
    *ret_paper = file < 0 ? NULL : fdopen(file, "a");
    if (*ret_paper == NULL)
        return ERROR_ERRNO(errno, "the file \"%s\" could not be opened", path);
    return NULL;
}

static struct error *
perform_headless(struct loaded *loaded, struct performance *performance)
{
    AUTO(headless) headless = NULL;
    TRY(headless_new(loaded->answers, stdout, option_value("--verbose") != NULL, &headless));
    performance->options.frontend = headless_frontend(headless);
    __attribute__((cleanup(paper_close))) FILE *paper = NULL;
    TRY(open_paper(&paper));
    headless_write_paper(headless, paper);
    TRY(perform(performance));
    return option_value("--verbose") == NULL ? NULL : print_unused(loaded->answers);
}

static struct error *
perform_at_table(struct performance *performance)
{
    AUTO(tui) tui = NULL;
    TRY(tui_new(&tui));
    performance->options.frontend = tui_frontend(tui);
    return tui_run(tui, perform, performance);
}

/* As a shell takes it, whatever stands in it. */
static struct error *
append_quoted(struct bytes *text, const char *word)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-";
    if (word[0] != '\0' && word[strspn(word, plain)] == '\0')
        return bytes_append_text(text, word);
    TRY(bytes_append_char(text, '\''));
    for (; *word != '\0'; word++)
        TRY(*word == '\'' ? bytes_append_text(text, "'\\''") : bytes_append_char(text, *word));
    return bytes_append_char(text, '\'');
}

static struct error *
append_command(struct bytes *text, const char *task, const char *evidence, const char *site)
{
    static const char *const kept[] = {"--trust", "--answers"};
    TRY(bytes_format(text, "  ceremony %s ", task));
    TRY(append_quoted(text, evidence));
    TRY(bytes_append_text(text, " --site "));
    TRY(append_quoted(text, site));
    if (option_value("--headless") != NULL)
        TRY(bytes_append_text(text, " --headless"));
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        if (option_value(kept[i]) == NULL)
            continue;
        TRY(bytes_format(text, " %s ", kept[i]));
        TRY(append_quoted(text, option_value(kept[i])));
    }
    return bytes_append_char(text, '\n');
}

static struct error *
say_how_to_go_on(const struct performance *performance, const char *site)
{
    struct bytes *text = afterword();
    const char *evidence = performance->options.evidence;
    if (performance->outcome.given_up) {
        TRY(bytes_format(text, "\nThe abort of %s was interrupted. To bring it to its end:\n",
                         performance->outcome.ceremony_id));
        return append_command(text, "abort", evidence, site);
    }
    TRY(bytes_format(text, "\nThe ceremony %s was interrupted. To go on:\n",
                     performance->outcome.ceremony_id));
    TRY(append_command(text, "resume", evidence, site));
    TRY(bytes_append_text(text, "To close what cannot be finished:\n"));
    return append_command(text, "abort", evidence, site);
}

/* What goes home on paper, and how to go on if it did not come to its end. */
static void
print_outcome(const struct performance *performance, const char *site,
              const struct error *error)
{
    const struct engine_outcome *outcome = &performance->outcome;
    if (outcome->closed) {
        (void)printf("\nThe ceremony %s is closed and sealed.\n"
                     "Evidence: %s\n\nCarry these lines home on paper (a trust file):\n%s",
                     outcome->ceremony_id, performance->options.evidence,
                     bytes_text(&outcome->trust_lines));
        return;
    }
    if (outcome->ceremony_id != NULL && error != NULL)
        error_free(say_how_to_go_on(performance, site));
}

/* In a rehearsal the paper may be a file; in production it is paper. */
static struct error *
write_trust(const struct performance *performance)
{
    const char *file = option_value("--trust");
    const struct bytes *lines = &performance->outcome.trust_lines;
    if (file == NULL || !performance->outcome.closed)
        return NULL;
    return file_replace(file, lines->data, lines->len);
}

static struct error *
answers_path(const char *site, char **ret_path)
{
    *ret_path = NULL;
    if (option_value("--headless") == NULL && option_value("--answers") != NULL)
        return error_hint(ERROR(ERROR_USAGE, "--answers goes with --headless"),
                          "At the table people answer.");
    if (option_value("--headless") == NULL && option_value("--paper") != NULL)
        return error_hint(ERROR(ERROR_USAGE, "--paper goes with --headless"),
                          "At the table people write on paper.");
    if (option_value("--headless") == NULL)
        return NULL;
    if (option_value("--answers") != NULL)
        return text_copy(option_value("--answers"), ret_path);
    return path_join(site, "answers.yaml", ret_path);
}

/* 3 says that a ceremony is open and can be resumed; before the first record nothing can. */
static struct error *
status_of_stage(const struct performance *performance, struct error *error)
{
    const struct engine_outcome *outcome = &performance->outcome;
    if (error == NULL || outcome->closed || error_code(error) == ERROR_BUG)
        return error;
    if (outcome->ceremony_id == NULL && performance->options.task == ENGINE_RUN
        && error_code(error) == ERROR_IO)
        return error_hint(
            error_recode(error, ERROR_INPUT),
            "Nothing was begun. Look at the disk or medium, then run it with a new "
            "evidence folder.");
    bool refused = error_exit_status(error) == 1 || error_exit_status(error) == 4;
    if (outcome->ceremony_id == NULL || !refused)
        return error;
    AUTO_FREE char *hint = NULL;
    struct error *second = text_copy(error_hint_text(error), &hint);
    error_free(second);
    error = error_recode(error, ERROR_INTERRUPTED);
    return hint == NULL ? error : error_hint(error, "%s", hint);
}

static struct error *
run_task(enum engine_task task, const char *script, const char *evidence)
{
    AUTO_LOADED loaded = {0};
    AUTO_FREE char *answers = NULL;
    const char *site = option_value("--site");
    if (site == NULL)
        return ERROR(ERROR_USAGE, "--site DIR is missing");
    TRY(answers_path(site, &answers));
    struct load_order order = {script, site, answers, evidence,
                               task == ENGINE_RUN ? PARAMETERS_RUN : PARAMETERS_EVIDENCE};
    TRY(load_all(&order, &loaded));
    if (option_value("--trust") != NULL && !loaded.site->rehearsal)
        return error_hint(ERROR(ERROR_REFUSED, "production writes no trust file"),
                          "What is carried home is written by hand, by the witnesses.");
    struct performance performance = {
        .options = {.task = task,
                    .script = loaded.script,
                    .site = loaded.site,
                    .evidence = evidence,
                    .program = {CEREMONY_VERSION, __VERSION__, CEREMONY_COMMIT}}
    };
    AUTO(engine_reader) reader = NULL;
    TRY(engine_reader_start(loaded.script, loaded.site, &reader)); /* before the terminal's */
    performance.options.reader = reader;
    struct error *error = answers != NULL ? perform_headless(&loaded, &performance)
                                          : perform_at_table(&performance);
    print_outcome(&performance, site, error);
    error = error == NULL ? write_trust(&performance) : status_of_stage(&performance, error);
    engine_outcome_clear(&performance.outcome);
    return error;
}

struct error *
cmd_run(const struct command *command)
{
    (void)command;
    const char *evidence = option_value("--evidence");
    if (evidence == NULL)
        return ERROR(ERROR_USAGE, "--evidence DIR is missing");
    return run_task(ENGINE_RUN, argument(0), evidence);
}

/* The script of an interrupted ceremony lies in its evidence folder, profiles beside it. */
static struct error *
go_on(enum engine_task task)
{
    AUTO_FREE char *script = NULL;
    const char *evidence = argument(0);
    TRY(path_join(evidence, "script.yaml", &script));
    if (!file_exists(script))
        return error_hint(ERROR(ERROR_NOT_FOUND, "\"%s\" is not an evidence folder", evidence),
                          "Name the folder that the interrupted run was given.");
    return run_task(task, script, evidence);
}

struct error *
cmd_resume(const struct command *command)
{
    (void)command;
    return go_on(ENGINE_RESUME);
}

struct error *
cmd_abort(const struct command *command)
{
    (void)command;
    return go_on(ENGINE_ABORT);
}
