/* SPDX-License-Identifier: Apache-2.0
 *
 * The `ceremony` program: a table of subcommands. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "ceremony/base/process.h"
#include "ceremony/base/text.h"
#include "ceremony/cli/command.h"
#include "ceremony/cli/version.h"

#define SECURE_HEAP_SIZE 65536U
#define SECURE_HEAP_MIN  32U

#define SITE                                                                                   \
    {                                                                                          \
        "--site", "DIR", "the site folder: environment, roster, custody, approval, ledger",    \
            false                                                                              \
    }
#define ANSWERS                                                                                \
    {                                                                                          \
        "--answers", "FILE", "answers for --headless (SITE/answers.yaml)", false               \
    }
#define HEADLESS                                                                               \
    {                                                                                          \
        "--headless", NULL, "answer from a file instead of asking (rehearsal)", false          \
    }
#define VERBOSE                                                                                \
    {                                                                                          \
        "--verbose", NULL, "say more when something goes wrong", false                         \
    }
#define TRUST                                                                                  \
    {                                                                                          \
        "--trust", "FILE", "write the lines for the paper there too (rehearsal only)", false   \
    }
#define PAPER                                                                                  \
    {                                                                                          \
        "--paper", "FILE", "with --headless, what custodians would write on paper", false      \
    }
#define SET                                                                                    \
    {                                                                                          \
        "--set", "NAME=VALUE", "the value of a parameter, unless an approval gives it", true   \
    }

static const struct option_row check_options[] = {SITE, SET, VERBOSE};
static const struct option_row approve_options[] = {
    SITE,
    {"--approver", "NAME", "who approves",              false},
    {"--role",     "ROLE", "in which role",             false},
    {"--date",     "DATE", "when, as 2026-11-23",       false},
    {"--document", "ID",   "the document that says so", false},
    SET,
    VERBOSE
};
static const struct option_row run_options[] = {
    SITE,     {"--evidence", "DIR", "a new folder for the evidence", false},
    HEADLESS, ANSWERS,
    PAPER,    SET,
    TRUST,    VERBOSE
};
static const struct option_row resume_options[] = {SITE,  HEADLESS, ANSWERS,
                                                   PAPER, TRUST,    VERBOSE};
static const struct option_row tokens_options[] = {
    SITE, {"--module", "PATH", "look at one module instead", false},
     VERBOSE
};
static const struct option_row watch_options[] = {
    {"--once", NULL, "show what there is, and end", false},
    VERBOSE
};
static const struct option_row ledger_options[] = {
    SITE,
    {"--from", "EVIDENCE", "rebuild: an evidence folder; several may be given",              true},
    {"--lost", "CEREMONY", "rebuild: a ceremony whose folder is lost; several may be given",
      true                                                                                        },
    VERBOSE
};
static const struct option_row status_options[] = {
    SITE,
    {"--json", NULL, "print an array of objects",             false},
    {"--ical", NULL, "print a calendar, as RFC 5545 says it", false},
    VERBOSE
};
static const struct option_row print_options[] = {
    {"--output", "FILE", "the booklet, ending in .txt", false},
    VERBOSE
};

#define OPTIONS(rows) rows, sizeof(rows) / sizeof((rows)[0])

static const struct command commands[] = {
    {"check",   "SCRIPT --site DIR",
     "every fault of script, profiles and site files; or \"ready\"",                                            1, OPTIONS(check_options),
     cmd_check                                                                                                                                         },
    {"approve", "SCRIPT --site DIR",                "write approval.yaml: hashes and all parameter values",     1,
     OPTIONS(approve_options),                                                                                                              cmd_approve},
    {"run",     "SCRIPT --site DIR --evidence DIR", "run the ceremony",                                         1, OPTIONS(run_options),
     cmd_run                                                                                                                                           },
    {"resume",  "EVIDENCE --site DIR",              "go on after an interruption",                              1, OPTIONS(resume_options),
     cmd_resume                                                                                                                                        },
    {"abort",   "EVIDENCE --site DIR",              "close what cannot be finished",                            1,
     OPTIONS(resume_options),                                                                                                               cmd_abort  },
    {"print",   "SCRIPT --output FILE",             "booklet, blank share forms and recovery card",             1,
     OPTIONS(print_options),                                                                                                                cmd_print  },
    {"watch",   "EVIDENCE",                         "a witness's view on another screen: never a share or PIN", 1,
     OPTIONS(watch_options),                                                                                                                cmd_watch  },
    {"ledger",  "export|rebuild --site DIR",
     "the ledger as lines; or made anew from evidence folders, after a loss",                                   1,
     OPTIONS(ledger_options),                                                                                                               cmd_ledger },
    {"status",  "--site DIR [--json | --ical]",     "what is due, and what is left of each limit",              0,
     OPTIONS(status_options),                                                                                                               cmd_status },
    {"tokens",  "[--site DIR | --module PATH]",     "tokens with URI, serial, flags and PIN state",
     0,                                                                                                            OPTIONS(tokens_options), cmd_tokens },
};
#define COMMAND_COUNT (sizeof commands / sizeof commands[0])

static void
print_help(void)
{
    (void)printf("usage: ceremony COMMAND ...\n\n"
                 "Key ceremonies on PKCS#11 tokens: scripted, witnessed, recorded.\n\n");
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        (void)printf("  %-8s %-32s\n           %s\n", commands[i].name, commands[i].arguments,
                     commands[i].text);
    (void)printf(
        "\nceremony COMMAND --help tells the options of one.\n"
        "Exit status: 0 done, 1 refused or failed, 2 wrong usage, 3 interrupted and can\n"
        "be resumed, 4 verification found a fault.\n");
}

static void
print_command_help(const struct command *command)
{
    (void)printf("usage: ceremony %s %s\n\n%s\n\n", command->name, command->arguments,
                 command->text);
    for (size_t i = 0; i < command->option_count; i++) {
        const struct option_row *row = &command->options[i];
        (void)printf("  %-11s %-11s %s\n", row->name, row->value == NULL ? "" : row->value,
                     row->text);
    }
}

static const struct command *
find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static struct error *
unknown_command(const char *word)
{
    const char *names[COMMAND_COUNT];
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        names[i] = commands[i].name;
    const char *near = text_nearest(word, names, COMMAND_COUNT);
    struct error *error = ERROR(ERROR_USAGE, "unknown command \"%.60s\"", word);
    if (near != NULL)
        return error_hint(error, "Did you mean \"%s\"?", near);
    return error_hint(error, "See ceremony --help.");
}

static bool
wants(const char *word, const char *long_name, const char *short_name)
{
    return strcmp(word, long_name) == 0 || strcmp(word, short_name) == 0;
}

static struct error *
dispatch(int argc, char **argv)
{
    if (argc < 2)
        return error_hint(ERROR(ERROR_USAGE, "a command is missing"), "See ceremony --help.");
    if (wants(argv[1], "--help", "-h") || strcmp(argv[1], "help") == 0) {
        print_help();
        return NULL;
    }
    if (wants(argv[1], "--version", "-V")) {
        (void)printf("ceremony %s (%s)\n", CEREMONY_VERSION, CEREMONY_COMMIT);
        return NULL;
    }
    const struct command *command = find_command(argv[1]);
    if (command == NULL)
        return unknown_command(argv[1]);
    for (int i = 2; i < argc; i++)
        if (wants(argv[i], "--help", "-h")) {
            print_command_help(command);
            return NULL;
        }
    TRY(arguments_parse(command, argc - 2, argv + 2));
    return command->run(command);
}

struct bytes *
afterword(void)
{
    static struct bytes text;
    return &text;
}

static void
print_error(const struct error *error)
{
    bool verbose = option_value("--verbose") != NULL;
    if (error_code(error) == ERROR_USAGE) {
        (void)fprintf(stderr, "ceremony: %s\n%s\n", error_what(error), error_hint_text(error));
        return;
    }
    char *text = verbose ? error_format_verbose(error) : error_format_plain(error);
    (void)fprintf(stderr, "%s\n", text == NULL ? error_what(error) : text);
    free(text);
    (void)fputs(bytes_text(afterword()), stderr);
}

int
main(int argc, char **argv)
{
    struct error *error = process_harden();
    if (error == NULL && CRYPTO_secure_malloc_init(SECURE_HEAP_SIZE, SECURE_HEAP_MIN) == 0)
        error = ERROR(ERROR_IO, "OpenSSL could not set memory for secrets aside");
    if (error == NULL)
        error = dispatch(argc, argv);
    int status = error_exit_status(error);
    if (error != NULL)
        print_error(error);
    error_free(error);
    return fflush(stdout) == 0 ? status : 1;
}
