/* SPDX-License-Identifier: Apache-2.0
 *
 * Subcommands: one file each, one row each in main.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"

#define OPTIONS_MAX    16
#define POSITIONAL_MAX 4

struct option_row {
    const char *name;  /* "--site" */
    const char *value; /* "DIR", or NULL for a flag */
    const char *text;
    bool repeats; /* may be given several times */
};

struct command {
    const char *name;
    const char *arguments; /* "SCRIPT --site DIR" */
    const char *text;      /* one sentence */
    size_t positional;     /* how many */
    const struct option_row *options;
    size_t option_count;
    struct error *(*run)(const struct command *command);
};

/* What was given on the command line; set by main before run. */
const char *argument(size_t index);         /* positional */
const char *option_value(const char *name); /* NULL if not given; "" for a flag that was */
const char *option_nth(const char *name,
                       size_t n); /* of one that repeats; NULL after the last */
/* What is said after the error that ends the program: how to go on. */
struct bytes *afterword(void);
/* Whether the words are right; a usage error names the bad word. */
MUST_CHECK struct error *arguments_parse(const struct command *command, int count,
                                         char **words);

MUST_CHECK struct error *cmd_check(const struct command *command);
MUST_CHECK struct error *cmd_approve(const struct command *command);
MUST_CHECK struct error *cmd_run(const struct command *command);
MUST_CHECK struct error *cmd_resume(const struct command *command);
MUST_CHECK struct error *cmd_abort(const struct command *command);
MUST_CHECK struct error *cmd_tokens(const struct command *command);
MUST_CHECK struct error *cmd_watch(const struct command *command);
MUST_CHECK struct error *cmd_status(const struct command *command);
MUST_CHECK struct error *cmd_ledger(const struct command *command);
MUST_CHECK struct error *cmd_print(const struct command *command);
