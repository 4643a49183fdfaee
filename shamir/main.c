/* SPDX-License-Identifier: Apache-2.0
 *
 * slip39: splits, combines, checks and recovers, with nothing but this folder, the floor and
 * libcrypto. It is the recovery tool that outlives the rest. */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>

#include "ceremony/base/process.h"
#include "shamir/cmd.h"

#ifndef CEREMONY_VERSION
#    define CEREMONY_VERSION "0.1.0"
#endif

#define EXIT_REFUSED     1
#define EXIT_USAGE       2
#define SECURE_HEAP_SIZE 65536U
#define SECURE_HEAP_MIN  32U

static const struct {
    const char *name;
    struct error *(*run)(int argc, char **argv);
} commands[] = {
    {"split",   slip39_cmd_split  },
    {"combine", slip39_cmd_combine},
    {"recover", slip39_cmd_recover},
    {"check",   slip39_cmd_check  },
};

static const char help[] =
    "usage: slip39 COMMAND [OPTION ...]\n"
    "\n"
    "SLIP-39 shares: a secret becomes lines of words, enough of which give it back.\n"
    "\n"
    "slip39 split (--threshold T --shares N | --group-threshold GT --group T/N ...)\n"
    "             [--passphrase-file F] [--extendable]\n"
    "    hexadecimal secret on standard input, a share a line on standard output\n"
    "slip39 combine [--passphrase-file F] [--kcv HEX] [FILE]\n"
    "    a share a line, hexadecimal secret on standard output\n"
    "slip39 recover --blob FILE --kcv HEX --spki HEX --output FILE\n"
    "    shares typed or on standard input; unwraps the key (RFC 5649), compares check value\n"
    "    and public key, writes PKCS#8 in DER to a new file of mode 0600\n"
    "slip39 check [FILE]\n"
    "    tells of each share its set, group, index and threshold, never the secret\n"
    "slip39 --help | --version\n"
    "\n"
    "A share typed at a terminal is not shown. Words may be cut to four letters.\n"
    "Exit status: 0 done, 1 refused or failed, 2 wrong usage.\n";

static int
report(struct error *error)
{
    if (error == NULL)
        return 0;
    bool usage = error_code(error) == ERROR_USAGE;
    (void)fprintf(stderr, "slip39: %s\n", error_what(error));
    if (usage)
        (void)fputs("Try \"slip39 --help\".\n", stderr);
    else if (error_code(error) != ERROR_IO)
        (void)fprintf(stderr, "%s\n", error_hint_text(error));
    error_free(error);
    return usage ? EXIT_USAGE : EXIT_REFUSED;
}

static struct error *
run(int argc, char **argv)
{
    TRY(process_harden());
    if (CRYPTO_secure_malloc_init(SECURE_HEAP_SIZE, SECURE_HEAP_MIN) == 0)
        return ERROR(ERROR_IO, "OpenSSL could not set memory for secrets aside");
    (void)signal(SIGPIPE, SIG_IGN);
    if (argc < 2)
        return ERROR(ERROR_USAGE, "a command is needed: split, combine, recover or check");
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0)
            return fputs(help, stdout) < 0 || fflush(stdout) != 0
                       ? ERROR(ERROR_IO, "the help could not be written")
                       : NULL;
    }
    if (strcmp(argv[1], "--version") == 0)
        return printf("slip39 " CEREMONY_VERSION "\n") < 0 || fflush(stdout) != 0
                   ? ERROR(ERROR_IO, "the version could not be written")
                   : NULL;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        if (strcmp(argv[1], commands[i].name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    return ERROR(ERROR_USAGE, "unknown command \"%s\"", argv[1]);
}

int
main(int argc, char **argv)
{
    return report(run(argc, argv));
}
