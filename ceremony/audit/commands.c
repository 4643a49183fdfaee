/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/audit/command.h"
#include "ceremony/audit/version.h"
#include "ceremony/base/text.h"

static const struct command rows[] = {
    {"verify",
     "EVIDENCE... [--trust FILE]", "check an evidence folder; several are checked as a chain, too",
     1, COMMAND_WORDS_MAX,
     {{"--trust", "FILE", "what was carried home on paper"},
      {"--public", NULL, "the folder is a public extract"},
      {"--production", NULL, "a rehearsal is a fault"},
      {"--json", NULL, "for programs"},
      {"--item", "FILE", "a certificate that must be one of a batch"},
      {0}},
     cmd_verify },
    {"show",
     "EVIDENCE",                   "the transcript for a reader: exceptions first, then act by act",
     1, 1,
     {{0}},
     cmd_show   },
    {"compare",
     "OLD NEW",                    "what changed from one ceremony to the next",
     2, 2,
     {{0}},
     cmd_compare},
    {"extract",
     "EVIDENCE PUBLIC",            "the public extract, as a new folder",
     2, 2,
     {{0}},
     cmd_extract},
    {"report",
     "EVIDENCE...",                "the evaluation sheet: what the folders of one site tell of its PKI",
     1, COMMAND_WORDS_MAX,
     {{"--ceremony", NULL, "instead the report of one closed ceremony, to sign"},
      {"--confidential", NULL, "with k, n and the holders of shares"},
      {"--json", NULL, "for programs"},
      {0}},
     cmd_report },
    {"lint",
     "[--issuer CERT] FILE...",    "check certificates, CRLs and requests, in DER or PEM",
     1, COMMAND_WORDS_MAX,
     {{"--issuer", "CERT", "who signed them"}, {"--json", NULL, "for programs"}, {0}},
     cmd_lint   },
};
#define COMMAND_COUNT (sizeof rows / sizeof rows[0])

const struct command *
commands(size_t *ret_count)
{
    *ret_count = COMMAND_COUNT;
    return rows;
}

/* --- words --- */

static int
find_option(const struct command *command, const char *word)
{
    for (int i = 0; command->options[i].name != NULL; i++)
        if (strcmp(command->options[i].name, word) == 0)
            return i;
    return -1;
}

static struct error *
unknown_option(const struct command *command, const char *word)
{
    const char *names[COMMAND_OPTIONS_MAX];
    size_t count = 0;
    while (command->options[count].name != NULL) {
        names[count] = command->options[count].name;
        count++;
    }
    const char *near = text_nearest(word, names, count);
    struct error *error = ERROR(ERROR_USAGE, "unknown option \"%.60s\"", word);
    if (near != NULL)
        return error_hint(error, "Did you mean %s?", near);
    return error_hint(error, "See ceremony-audit %s --help.", command->name);
}

static struct error *
take_option(const struct command *command, int count, char **words, int *index,
            struct arguments *arguments)
{
    int option = find_option(command, words[*index]);
    if (option < 0)
        return unknown_option(command, words[*index]);
    const struct command_option *row = &command->options[option];
    if (arguments->values[option] != NULL)
        return error_hint(ERROR(ERROR_USAGE, "option %s is given twice", row->name),
                          "Give it once.");
    const char *value = "";
    if (row->value != NULL) {
        if (*index + 1 >= count)
            return error_hint(ERROR(ERROR_USAGE, "option %s wants a value", row->name),
                              "Write %s %s.", row->name, row->value);
        value = words[++*index];
    }
    arguments->values[option] = value;
    return NULL;
}

struct error *
arguments_parse(const struct command *command, int count, char **words,
                struct arguments *ret_arguments)
{
    bool only_words = false;
    for (int i = 0; i < count; i++) {
        if (!only_words && strcmp(words[i], "--") == 0) {
            only_words = true;
        } else if (!only_words && words[i][0] == '-' && words[i][1] != '\0') {
            TRY(take_option(command, count, words, &i, ret_arguments));
        } else if (ret_arguments->count == command->words_max) {
            return error_hint(ERROR(ERROR_USAGE, "unexpected word \"%.60s\"", words[i]),
                              "Usage: ceremony-audit %s %s", command->name, command->arguments);
        } else {
            ret_arguments->words[ret_arguments->count++] = words[i];
        }
    }
    if (ret_arguments->count < command->words_min)
        return error_hint(ERROR(ERROR_USAGE, "a word is missing"),
                          "Usage: ceremony-audit %s %s", command->name, command->arguments);
    return NULL;
}

/* --- help --- */

static void
print_help(void)
{
    (void)printf(
        "usage: ceremony-audit COMMAND ...\n\n"
        "Checks what a key ceremony left behind. Needs no token, changes nothing.\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        (void)printf("  %-8s %s\n           %s\n", rows[i].name, rows[i].arguments,
                     rows[i].text);
    (void)printf(
        "\nceremony-audit COMMAND --help tells the options of one.\n"
        "Exit status: 0 done, or verified; 1 refused or failed; 2 wrong usage; 4 a fault\n"
        "was found; 5 consistent, but its origin is not established.\n");
}

static void
print_command_help(const struct command *command)
{
    (void)printf("usage: ceremony-audit %s %s\n\n%s\n\n", command->name, command->arguments,
                 command->text);
    for (const struct command_option *row = command->options; row->name != NULL; row++)
        (void)printf("  %-13s %-6s %s\n", row->name, row->value == NULL ? "" : row->value,
                     row->text);
}

/* --- running --- */

static const struct command *
find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

static struct error *
unknown_command(const char *word)
{
    const char *names[COMMAND_COUNT];
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        names[i] = rows[i].name;
    const char *near = text_nearest(word, names, COMMAND_COUNT);
    struct error *error = ERROR(ERROR_USAGE, "unknown command \"%.60s\"", word);
    if (near != NULL)
        return error_hint(error, "Did you mean \"%s\"?", near);
    return error_hint(error, "See ceremony-audit --help.");
}

static bool
wants_help(int argc, char **argv)
{
    for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return true;
    return false;
}

static struct error *
dispatch(int argc, char **argv, int *ret_status)
{
    struct arguments arguments = {0};
    if (argc < 2)
        return error_hint(ERROR(ERROR_USAGE, "a command is missing"),
                          "See ceremony-audit --help.");
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0
        || strcmp(argv[1], "help") == 0) {
        print_help();
        return NULL;
    }
    if (strcmp(argv[1], "--version") == 0) {
        (void)printf("ceremony-audit %s\n", CEREMONY_AUDIT_VERSION);
        return NULL;
    }
    const struct command *command = find_command(argv[1]);
    if (command == NULL)
        return unknown_command(argv[1]);
    if (wants_help(argc, argv)) {
        print_command_help(command);
        return NULL;
    }
    TRY(arguments_parse(command, argc - 2, argv + 2, &arguments));
    return command->run(&arguments, ret_status);
}

static void
print_error(const struct error *error)
{
    if (error_code(error) == ERROR_USAGE) {
        (void)fprintf(stderr, "ceremony-audit: %s\n%s\n", error_what(error),
                      error_hint_text(error));
        return;
    }
    char *text = error_format_plain(error);
    (void)fprintf(stderr, "%s\n", text == NULL ? error_what(error) : text);
    free(text);
}

int
commands_main(int argc, char **argv)
{
    int status = 0;
    struct error *error = dispatch(argc, argv, &status);
    if (error != NULL) {
        status = error_exit_status(error);
        /* 3 means "can be resumed" elsewhere; here nothing is under way. */
        status = status == 3 ? 1 : status;
        print_error(error);
    }
    error_free(error);
    return fflush(stdout) == 0 ? status : 1;
}
