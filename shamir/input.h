/* SPDX-License-Identifier: Apache-2.0
 *
 * Secrets by the line: from a file, a pipe, or a person at a terminal that shows nothing of it.
 * Nothing passes through stdio, whose buffers nobody wipes. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"
#include "ceremony/base/secret.h"

#define INPUT_LINE_MAX 4095U

struct input;

/* `path` NULL: standard input. A terminal's echo is off until input_free (or a deadly signal). */
MUST_CHECK struct error *input_open(const char *path, struct input **ret_input);
void input_free(struct input *input);
DEFINE_AUTO(input, input_free);
bool input_is_terminal(const struct input *input);
size_t input_line_number(const struct input *input); /* of the line last read, from 1 */

/* The next line that is not blank, without its newline, a NUL at the end (counted in secret_size);
 * NULL when there is none. `prompt` goes to standard error if a person types. */
MUST_CHECK struct error *input_line(struct input *input, const char *prompt,
                                    struct secret **ret_line);

/* Hexadecimal digits of one line, blanks around them ignored, to bytes. Errors: input, which repeat
 * nothing of it. */
MUST_CHECK struct error *input_hex(const struct secret *line, struct secret **ret_bytes);
/* A file's text without the newline at its end; NULL if that leaves nothing. At most
 * SLIP39_PASSPHRASE_MAX bytes. */
MUST_CHECK struct error *input_passphrase(const char *path, struct secret **ret_passphrase);
/* All bytes to standard output. */
MUST_CHECK struct error *output_secret(const struct secret *secret);
/* Digits and a newline to standard output. */
MUST_CHECK struct error *output_hex(const struct secret *secret);
