/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/words.h"
#include "ceremony/cli/command.h"
#include "ceremony/cli/load.h"
#include "ceremony/engine/engine.h"
#include "transcripts/digest.h"

/* `--site` is always needed. */
static struct error *
site_needed(const char **ret_site)
{
    *ret_site = option_value("--site");
    return *ret_site == NULL ? ERROR(ERROR_USAGE, "--site DIR is missing") : NULL;
}

struct error *
cmd_check(const struct command *command)
{
    (void)command;
    AUTO_LOADED loaded = {0};
    AUTO_FAULTS faults = {0};
    const char *site = NULL;
    TRY(site_needed(&site));
    struct load_order order = {argument(0), site, NULL, NULL, PARAMETERS_RUN};
    TRY(load_all(&order, &loaded));
    AUTO(engine_reader) reader = NULL;
    TRY(engine_reader_start(loaded.script, loaded.site, &reader));
    TRY(engine_check(loaded.script, loaded.site, reader, true, &faults));
    TRY(report_faults(&faults));
    (void)printf("ready\n");
    return NULL;
}

/* The words that the approver carries on paper, by another way than the medium (DESIGN 3). */
static struct error *
print_approval(const char *site)
{
    AUTO_FREE char *path = NULL;
    AUTO_BYTES contents = {0};
    unsigned char hash[DIGEST_SHA256_SIZE];
    char hex[DIGEST_SHA256_TEXT];
    TRY(path_join(site, "approval.yaml", &path));
    TRY(file_read(path, 1U << 20, &contents));
    TRY(digest_sha256(contents.data, contents.len, hash));
    hex_encode(hash, sizeof hash, hex);
    (void)printf("approval.yaml is written. Its SHA-256, for the approver's paper:\n\n  %s\n\n",
                 hex);
    for (size_t i = 0; i < sizeof hash; i += 4)
        (void)printf("  %2zu  %s %s %s %s\n", i + 1, words_pgp_word(hash[i], i),
                     words_pgp_word(hash[i + 1], i + 1), words_pgp_word(hash[i + 2], i + 2),
                     words_pgp_word(hash[i + 3], i + 3));
    return NULL;
}

struct error *
cmd_approve(const struct command *command)
{
    (void)command;
    AUTO_LOADED loaded = {0};
    AUTO_FAULTS faults = {0};
    const char *site = NULL;
    TRY(site_needed(&site));
    const char *const needed[] = {"--approver", "--role", "--date", "--document"};
    for (size_t i = 0; i < 4; i++)
        if (option_value(needed[i]) == NULL)
            return ERROR(ERROR_USAGE, "%s is missing", needed[i]);
    struct load_order order = {argument(0), site, NULL, NULL, PARAMETERS_APPROVAL};
    TRY(load_all(&order, &loaded));
    AUTO(engine_reader) reader = NULL;
    TRY(engine_reader_start(loaded.script, loaded.site, &reader));
    TRY(engine_check(loaded.script, loaded.site, reader, false, &faults));
    TRY(report_faults(&faults));
    TRY(site_approval_write(site, loaded.script, option_value("--approver"),
                            option_value("--role"), option_value("--date"),
                            option_value("--document")));
    return print_approval(site);
}
