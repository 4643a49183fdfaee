/* SPDX-License-Identifier: Apache-2.0
 *
 * Subcommands of ceremony-audit: one file each, one row each in commands.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ceremony/base/error.h"

#define COMMAND_OPTIONS_MAX 8
#define COMMAND_WORDS_MAX   256

struct command_option {
    const char *name;  /* "--trust" */
    const char *value; /* "FILE", or NULL for a flag */
    const char *text;
};

struct arguments {
    const char *words[COMMAND_WORDS_MAX];
    size_t count;
    const char
        *values[COMMAND_OPTIONS_MAX]; /* by the option's place in its table; NULL not given */
};

struct command {
    const char *name;
    const char *arguments; /* "EVIDENCE... [--trust FILE]" */
    const char *text;      /* one sentence */
    size_t words_min;
    size_t words_max;
    struct command_option options[COMMAND_OPTIONS_MAX]; /* ended by a NULL name */
    /* `ret_status` is 0 before; set to 4 or 5 for findings that were printed. */
    struct error *(*run)(const struct arguments *arguments, int *ret_status);
};

const struct command *commands(size_t *ret_count);
/* Usage errors name the bad word. */
MUST_CHECK struct error *arguments_parse(const struct command *command, int count, char **words,
                                         struct arguments *ret_arguments);
/* The whole program but for its process: prints, and gives the exit status. */
int commands_main(int argc, char **argv);

MUST_CHECK struct error *cmd_verify(const struct arguments *arguments, int *ret_status);
MUST_CHECK struct error *cmd_show(const struct arguments *arguments, int *ret_status);
MUST_CHECK struct error *cmd_compare(const struct arguments *arguments, int *ret_status);
MUST_CHECK struct error *cmd_extract(const struct arguments *arguments, int *ret_status);
MUST_CHECK struct error *cmd_report(const struct arguments *arguments, int *ret_status);
MUST_CHECK struct error *cmd_lint(const struct arguments *arguments, int *ret_status);
