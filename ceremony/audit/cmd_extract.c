/* SPDX-License-Identifier: Apache-2.0
 *
 * extract: the folder without its confidential files (docs/formats/evidence.md). */
#include <stdio.h>
#include <string.h>

#include "ceremony/audit/command.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "transcripts/seal.h"

#define COPY_MAX ((size_t)1 << 30)

static bool
is_left_out(const char *name)
{
    /* What came later may hold anything; it is published by itself or not at all. A torn end may be
     * of a confidential line. */
    return seal_is_confidential(name) || text_starts_with(name, "addenda/");
}

static struct error *
make_parents(const char *base, const char *name)
{
    for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        AUTO_FREE char *part = NULL;
        AUTO_FREE char *path = NULL;
        TRY(text_format(&part, "%.*s", (int)(slash - name), name));
        TRY(path_join(base, part, &path));
        TRY(folder_make(path, true));
    }
    return NULL;
}

static struct error *
copy_one(const char *from, const char *to, const char *name)
{
    AUTO_FREE char *source = NULL;
    AUTO_FREE char *target = NULL;
    TRY(path_join(from, name, &source));
    TRY(path_join(to, name, &target));
    TRY(make_parents(to, name));
    return file_copy_new(source, target, COPY_MAX);
}

struct error * /* NOLINTNEXTLINE(readability-non-const-parameter): as all rows of the table */
cmd_extract(const struct arguments *arguments, int *ret_status)
{
    AUTO_FOLDER_LIST list = {0};
    size_t copied = 0;
    size_t left_out = 0;
    const char *from = arguments->words[0];
    const char *to = arguments->words[1];
    (void)ret_status;
    if (!file_is_folder(from))
        return ERROR(ERROR_NOT_FOUND, "there is no evidence folder \"%s\"", from);
    TRY(folder_list(from, true, true, &list));
    TRY(folder_make(to, false));
    for (size_t i = 0; i < list.count; i++) {
        if (is_left_out(list.names[i])) {
            left_out++;
            continue;
        }
        TRY_DOING(copy_one(from, to, list.names[i]), "copying \"%s\"", list.names[i]);
        copied++;
    }
    (void)printf("%zu files copied, %zu left out. In the new folder:\n"
                 "  sha256sum --ignore-missing --strict -c SHA256SUMS\n",
                 copied, left_out);
    return NULL;
}
