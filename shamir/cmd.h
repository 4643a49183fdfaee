/* SPDX-License-Identifier: Apache-2.0
 *
 * The subcommands of `slip39`, and how they read their command lines and shares. Exit status: 0 done,
 * 1 refused or failed, 2 wrong usage. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ceremony/base/error.h"
#include "shamir/input.h"
#include "shamir/slip39.h"

#define CMD_VALUES_MAX 16U

struct cmd_option {
    const char *name; /* "--threshold"; a NULL name ends the table */
    bool has_value;
    bool many; /* may be given again, and take several values at once */
    size_t count;
    const char *values[CMD_VALUES_MAX];
};

/* Fills the table from argv[1] on; the one word that is no option goes to `ret_file` (NULL: none is
 * allowed). Errors: usage, naming the word. */
MUST_CHECK struct error *cmd_parse(int argc, char **argv, struct cmd_option *options,
                                   const char **ret_file);
/* The option's value, or NULL if it was not given. */
const char *cmd_value(const struct cmd_option *options, const char *name);
bool cmd_given(const struct cmd_option *options, const char *name);
/* A decimal number 1 .. max. */
MUST_CHECK struct error *cmd_number(const char *option, const char *text, unsigned max,
                                    unsigned *ret_number);
/* Hexadecimal digits of exactly `size` bytes. */
MUST_CHECK struct error *cmd_hex(const char *option, const char *text, uint8_t *ret_data,
                                 size_t size);

/* Shares of a file (NULL: standard input) until it ends, or until there are enough if a person types
 * them; a person may try again. Errors name the line. */
MUST_CHECK struct error *cmd_collect(const char *path, struct slip39_collector **ret_collector);
/* The same error with "line N: " in front. */
struct error *cmd_at_line(struct error *error, size_t line);

MUST_CHECK struct error *slip39_cmd_split(int argc, char **argv);
MUST_CHECK struct error *slip39_cmd_combine(int argc, char **argv);
MUST_CHECK struct error *slip39_cmd_recover(int argc, char **argv);
MUST_CHECK struct error *slip39_cmd_check(int argc, char **argv);
