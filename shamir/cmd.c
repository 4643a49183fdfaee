/* SPDX-License-Identifier: Apache-2.0 */
#include "shamir/cmd.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"

static struct cmd_option *
option_named(struct cmd_option *options, const char *name, size_t len)
{
    for (; options->name != NULL; options++)
        if (strlen(options->name) == len && strncmp(options->name, name, len) == 0)
            return options;
    return NULL;
}

static struct error *
unknown_option(const struct cmd_option *options, const char *word)
{
    const char *names[CMD_VALUES_MAX];
    size_t count = 0;
    for (; options[count].name != NULL; count++)
        names[count] = options[count].name;
    const char *nearest = text_nearest(word, names, count);
    if (nearest != NULL)
        return ERROR(ERROR_USAGE, "unknown option \"%s\"; did you mean \"%s\"?", word, nearest);
    return ERROR(ERROR_USAGE, "unknown option \"%s\"", word);
}

static struct error *
add_value(struct cmd_option *option, const char *value)
{
    if (option->count > 0 && !option->many)
        return ERROR(ERROR_USAGE, "option \"%s\" is given twice", option->name);
    if (option->count == CMD_VALUES_MAX)
        return ERROR(ERROR_USAGE, "option \"%s\" is given more than %u times", option->name,
                     CMD_VALUES_MAX);
    option->values[option->count++] = value;
    return NULL;
}

static struct error *
parse_option(int argc, char **argv, int *at, struct cmd_option *options)
{
    const char *word = argv[*at];
    size_t len = strcspn(word, "=");
    struct cmd_option *option = option_named(options, word, len);
    if (option == NULL)
        return unknown_option(options, word);
    if (!option->has_value) {
        if (word[len] == '=')
            return ERROR(ERROR_USAGE, "option \"%s\" takes no value", option->name);
        return add_value(option, "");
    }
    if (word[len] == '=')
        return add_value(option, word + len + 1);
    if (*at + 1 >= argc || text_starts_with(argv[*at + 1], "--"))
        return ERROR(ERROR_USAGE, "option \"%s\" needs a value", option->name);
    do
        TRY(add_value(option, argv[++*at]));
    while (option->many && *at + 1 < argc && argv[*at + 1][0] != '-');
    return NULL;
}

struct error *
cmd_parse(int argc, char **argv, struct cmd_option *options, const char **ret_file)
{
    for (int at = 1; at < argc; at++) {
        if (argv[at][0] == '-' && argv[at][1] != '\0') {
            TRY(parse_option(argc, argv, &at, options));
            continue;
        }
        if (ret_file == NULL || *ret_file != NULL)
            return ERROR(ERROR_USAGE, "\"%s\" is one word too many", argv[at]);
        *ret_file = argv[at];
    }
    return NULL;
}

const char *
cmd_value(const struct cmd_option *options, const char *name)
{
    for (; options->name != NULL; options++)
        if (strcmp(options->name, name) == 0)
            return options->count > 0 ? options->values[0] : NULL;
    BUG("an option that is not in the table");
}

bool
cmd_given(const struct cmd_option *options, const char *name)
{
    return cmd_value(options, name) != NULL;
}

struct error *
cmd_number(const char *option, const char *text, unsigned max, unsigned *ret_number)
{
    size_t len = strspn(text, "0123456789");
    unsigned long number =
        len > 0 && len < 6 && text[len] == '\0' ? strtoul(text, NULL, 10) : 0;
    if (number < 1 || number > max)
        return ERROR(ERROR_USAGE, "\"%s\" is no number that \"%s\" takes (1 to %u)", text,
                     option, max);
    *ret_number = (unsigned)number;
    return NULL;
}

struct error *
cmd_hex(const char *option, const char *text, uint8_t *ret_data, size_t size)
{
    struct error *error = hex_decode(text, ret_data, size);
    if (error == NULL)
        return NULL;
    error_free(error);
    return ERROR(ERROR_USAGE, "\"%s\" is not what \"%s\" takes (%zu hexadecimal digits)", text,
                 option, size * 2);
}

struct error *
cmd_at_line(struct error *error, size_t line)
{
    struct error *placed = ERROR(error_code(error), "line %zu: %s", line, error_what(error));
    placed = error_hint(placed, "%s", error_hint_text(error));
    error_free(error);
    return placed;
}

static void
tell_progress(const struct slip39_collector *collector)
{
    struct slip39_progress progress;
    slip39_collector_progress(collector, &progress);
    for (unsigned i = 0; i < progress.group_count; i++)
        if (progress.groups[i].need > 0)
            (void)fprintf(stderr, "Group %u: %u of %u shares. ", i + 1, progress.groups[i].have,
                          progress.groups[i].need);
    (void)fprintf(stderr, "%u of %u groups complete.\n", progress.groups_done,
                  progress.groups_need);
}

/* True if the person at the terminal may try again; then the error has been told and freed. */
static bool
told(struct error *error, const struct input *input)
{
    if (!input_is_terminal(input) || !error_may_retry(error))
        return false;
    char *text = error_format_plain(error);
    (void)fprintf(stderr, "%s\n", text == NULL ? error_what(error) : text);
    free(text);
    error_free(error);
    return true;
}

static struct error *
collect_line(struct slip39_collector *collector, const struct secret *line)
{
    AUTO(slip39_share) share = NULL;
    TRY(slip39_share_parse(line, &share));
    return slip39_collector_add(collector, TAKE(share));
}

struct error *
cmd_collect(const char *path, struct slip39_collector **ret_collector)
{
    AUTO(input) input = NULL;
    TRY(input_open(path, &input));
    AUTO(slip39_collector) collector = NULL;
    TRY(slip39_collector_new(&collector));
    while (!input_is_terminal(input) || !slip39_collector_is_complete(collector)) {
        AUTO(secret) line = NULL;
        TRY(input_line(input, "Share (not shown while you type; Enter at its end)", &line));
        if (line == NULL)
            break;
        struct error *error = collect_line(collector, line);
        if (error != NULL && !told(error, input))
            return cmd_at_line(error, input_line_number(input));
        if (error == NULL && input_is_terminal(input))
            tell_progress(collector);
    }
    *ret_collector = TAKE(collector);
    return NULL;
}
