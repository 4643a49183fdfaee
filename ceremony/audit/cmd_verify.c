/* SPDX-License-Identifier: Apache-2.0
 *
 * verify: every check by name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/audit/command.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/file.h"
#include "ceremony/pki/build.h"
#include "transcripts/digest.h"

enum {
    OPTION_TRUST,
    OPTION_PUBLIC,
    OPTION_PRODUCTION,
    OPTION_JSON,
    OPTION_ITEM
};

#define FOLDERS_MAX 64
#define ITEM_MAX    65536U

static struct error *
print_report(const struct report *report, bool json)
{
    AUTO_BYTES text = {0};
    TRY(json ? report_json(report, &text) : report_text(report, &text));
    (void)fputs(bytes_text(&text), stdout);
    return NULL;
}

/* A fault outweighs an unknown origin, which outweighs none. */
static int
worse(int one, int two)
{
    if (one == 4 || two == 4)
        return 4;
    return one > two ? one : two;
}

static struct error *
verify_one(const struct evidence *evidence, const struct trust *trust, bool json,
           int *ret_status)
{
    AUTO_REPORT report = {0};
    TRY(checks_run(evidence, trust, &report));
    *ret_status = worse(*ret_status, report_status(&report));
    return print_report(&report, json);
}

static struct error *
verify_chain(const struct evidence *folders, size_t count, bool json, int *ret_status)
{
    AUTO_REPORT report = {0};
    TRY(checks_chain(folders, count, &report));
    report.origin = *ret_status == 0; /* where all the folders come from, the chain does */
    *ret_status = worse(*ret_status, report_status(&report));
    (void)fputs(json ? ",\n" : "\n", stdout);
    return print_report(&report, json);
}

/* SHA-256 of the certificate in a file, PEM or DER. */
static struct error *
read_item(const char *path, char ret_hash[DIGEST_SHA256_TEXT])
{
    AUTO_BYTES file = {0};
    AUTO_BYTES der = {0};
    char label[32];
    TRY(file_read(path, ITEM_MAX, &file));
    TRY(pki_from_file(file.data, file.len, &der, label));
    if (strcmp(label, "CERTIFICATE") != 0)
        return ERROR(ERROR_INPUT, "the file \"%s\" is no certificate", path);
    return digest_sha256_text(der.data, der.len, ret_hash);
}

static struct error *
verify_all(const struct arguments *arguments, struct evidence *folders,
           const struct trust *trust, const char *item, int *ret_status)
{
    bool json = arguments->values[OPTION_JSON] != NULL;
    for (size_t i = 0; i < arguments->count; i++) {
        TRY(evidence_open(arguments->words[i], arguments->values[OPTION_PUBLIC] != NULL,
                          &folders[i]));
        folders[i].item_sha256 = item;
        folders[i].demand_production = arguments->values[OPTION_PRODUCTION] != NULL;
        if (i > 0)
            (void)fputs(json ? ",\n" : "\n", stdout);
        TRY(verify_one(&folders[i], trust, json, ret_status));
    }
    return arguments->count < 2 ? NULL
                                : verify_chain(folders, arguments->count, json, ret_status);
}

struct error *
cmd_verify(const struct arguments *arguments, int *ret_status)
{
    AUTO_TRUST trust = {0};
    const char *file = arguments->values[OPTION_TRUST];
    char hash[DIGEST_SHA256_TEXT];
    const char *item = NULL;
    bool list = arguments->values[OPTION_JSON] != NULL && arguments->count > 1;
    if (arguments->count > FOLDERS_MAX)
        return error_hint(ERROR(ERROR_USAGE, "more than %d folders", FOLDERS_MAX),
                          "Check them in several runs.");
    if (file != NULL)
        TRY(trust_read(file, &trust));
    if (arguments->values[OPTION_ITEM] != NULL) {
        TRY(read_item(arguments->values[OPTION_ITEM], hash));
        item = hash;
    }
    struct evidence *folders = calloc(arguments->count, sizeof *folders);
    if (folders == NULL)
        return error_memory();
    if (list)
        (void)fputs("[\n", stdout);
    struct error *error =
        verify_all(arguments, folders, file == NULL ? NULL : &trust, item, ret_status);
    if (list)
        (void)fputs("]\n", stdout);
    for (size_t i = 0; i < arguments->count; i++)
        evidence_clear(&folders[i]);
    free(folders);
    return error;
}
