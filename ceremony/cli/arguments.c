/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/cli/command.h"

static const char *positional[POSITIONAL_MAX];
static const char *names[OPTIONS_MAX];
static const char *values[OPTIONS_MAX];
static size_t positional_count;
static size_t option_count;

const char *
argument(size_t index)
{
    return index < positional_count ? positional[index] : NULL;
}

const char *
option_nth(const char *name, size_t n)
{
    for (size_t i = 0; i < option_count; i++)
        if (strcmp(names[i], name) == 0 && n-- == 0)
            return values[i];
    return NULL;
}

const char *
option_value(const char *name)
{
    return option_nth(name, 0);
}

static const struct option_row *
find_option(const struct command *command, const char *word)
{
    for (size_t i = 0; i < command->option_count; i++)
        if (strcmp(command->options[i].name, word) == 0)
            return &command->options[i];
    return NULL;
}

static struct error *
unknown_option(const struct command *command, const char *word)
{
    const char *candidates[OPTIONS_MAX];
    for (size_t i = 0; i < command->option_count; i++)
        candidates[i] = command->options[i].name;
    const char *near = text_nearest(word, candidates, command->option_count);
    struct error *error = ERROR(ERROR_USAGE, "unknown option \"%.60s\"", word);
    if (near != NULL)
        return error_hint(error, "Did you mean %s?", near);
    return error_hint(error, "See ceremony %s --help.", command->name);
}

/* Takes words[*index] (and its value). */
static struct error *
take_option(const struct command *command, int count, char **words, int *index)
{
    const struct option_row *row = find_option(command, words[*index]);
    if (row == NULL)
        return unknown_option(command, words[*index]);
    if (!row->repeats && option_value(row->name) != NULL)
        return ERROR(ERROR_USAGE, "option %s is given twice", row->name);
    if (option_count == OPTIONS_MAX)
        return ERROR(ERROR_USAGE, "too many options");
    const char *value = "";
    if (row->value != NULL) {
        if (*index + 1 >= count)
            return ERROR(ERROR_USAGE, "option %s wants a value: %s", row->name, row->value);
        value = words[++*index];
    }
    names[option_count] = row->name;
    values[option_count++] = value;
    return NULL;
}

struct error *
arguments_parse(const struct command *command, int count, char **words)
{
    for (int i = 0; i < count; i++) {
        if (words[i][0] == '-' && words[i][1] != '\0') {
            TRY(take_option(command, count, words, &i));
        } else if (positional_count == command->positional
                   || positional_count == POSITIONAL_MAX) {
            return error_hint(ERROR(ERROR_USAGE, "unexpected word \"%.60s\"", words[i]),
                              "Usage: ceremony %s %s", command->name, command->arguments);
        } else {
            positional[positional_count++] = words[i];
        }
    }
    if (positional_count < command->positional)
        return error_hint(ERROR(ERROR_USAGE, "a word is missing"), "Usage: ceremony %s %s",
                          command->name, command->arguments);
    return NULL;
}
