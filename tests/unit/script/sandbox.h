/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder of its own for one test program, removed at its end. */
#pragma once

#include <sys/stat.h>
#include <unistd.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "tests/support/check.h"

static char sandbox_folder[256];

static inline int
sandbox_make(void **state)
{
    (void)state;
    (void)snprintf(sandbox_folder, sizeof sandbox_folder, "%s/sandbox-XXXXXX", TEST_BINARY_DIR);
    return mkdtemp(sandbox_folder) == NULL ? 1 : 0;
}

static inline int
sandbox_remove(void **state)
{
    (void)state;
    AUTO_FOLDER_LIST list = {0};
    check_ok(folder_list(sandbox_folder, true, true, &list));
    for (size_t i = 0; i < list.count; i++) {
        AUTO_FREE char *path = NULL;
        check_ok(path_join(sandbox_folder, list.names[i], &path));
        (void)unlink(path);
    }
    char folder[300];
    (void)snprintf(folder, sizeof folder, "%s/profiles", sandbox_folder);
    (void)rmdir(folder);
    return rmdir(sandbox_folder);
}

/* Replaces; returns the path in one of a few static buffers. */
static inline const char *
sandbox_write(const char *name, const char *text, size_t len)
{
    static char paths[8][400];
    static size_t turn;
    char *path = paths[turn++ % 8];
    (void)snprintf(path, sizeof paths[0], "%s/profiles", sandbox_folder);
    check_ok(folder_make(path, true));
    (void)snprintf(path, sizeof paths[0], "%s/%s", sandbox_folder, name);
    if (file_exists(path))
        check_ok(file_remove(path));
    check_ok(file_write_new(path, text, len));
    return path;
}

static inline const char *
sandbox_text(const char *name, const char *text)
{
    return sandbox_write(name, text, strlen(text));
}

/* A new copy of `text` in which the first `from` became `to`; the caller frees.
 * Not inline: gcc 12 would see a dangling pointer across a cleanup in the caller's loop. */
__attribute__((noinline, unused)) static char *
replaced(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    char *result = NULL;
    check_ok(text_format(&result, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)));
    return result;
}
