/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder for a test, files in it, and requests of tests/vectors/csr. */
#pragma once

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/batch/check_codes.h"
#include "ceremony/batch/source.h"
#include "ceremony/pki/hash.h"
#include "tests/support/check.h"

#define VECTORS TEST_SOURCE_DIR "/tests/vectors/csr/"

struct sandbox {
    char path[64];
};

static inline void
sandbox_open(struct sandbox *box)
{
    snprintf(box->path, sizeof box->path, "/tmp/batch-XXXXXX");
    assert_non_null(mkdtemp(box->path));
}

static inline void
sandbox_remove(const char *path)
{
    struct dirent *entry = NULL;
    DIR *stream = opendir(path);
    while (stream != NULL && (entry = readdir(stream)) != NULL) {
        AUTO_FREE char *name = NULL;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        check_ok(text_format(&name, "%s/%s", path, entry->d_name));
        if (entry->d_type == DT_DIR)
            sandbox_remove(name);
        else
            unlink(name);
    }
    if (stream != NULL)
        closedir(stream);
    rmdir(path);
}

static inline void
sandbox_close(struct sandbox *box)
{
    sandbox_remove(box->path);
}

/* "box/name"; the caller frees. */
static inline char *
sandbox_path(const struct sandbox *box, const char *name)
{
    char *path = NULL;
    check_ok(text_format(&path, "%s/%s", box->path, name));
    return path;
}

static inline void
sandbox_write(const struct sandbox *box, const char *name, const void *data, size_t len)
{
    AUTO_FREE char *path = sandbox_path(box, name);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(file >= 0);
    assert_int_equal(write(file, data, len), (ssize_t)len);
    close(file);
}

static inline void
sandbox_folder(const struct sandbox *box, const char *name)
{
    AUTO_FREE char *path = sandbox_path(box, name);
    assert_int_equal(mkdir(path, 0700), 0);
}

static inline void
read_vector(const char *name, struct bytes *ret_data)
{
    AUTO_FREE char *path = NULL;
    check_ok(text_format(&path, VECTORS "%s", name));
    check_ok(file_read(path, 1 << 20, ret_data));
}

static inline void
sandbox_vector(const struct sandbox *box, const char *vector, const char *name)
{
    AUTO_BYTES data = {0};
    read_vector(vector, &data);
    sandbox_write(box, name, data.data, data.len);
}

/* The first code of an item; "" if it has none. */
static inline const char *
first_code(const struct batch_item *item)
{
    return item->code_count == 0 ? "" : batch_code_row(item->codes[0])->code;
}

/* The next item is this one, with this code ("" for none). */
static inline void
check_next(struct batch_source *source, const char *name, const char *code)
{
    AUTO(batch_item) item = NULL;
    check_ok(batch_source_next(source, &item));
    if (item == NULL)
        fail_msg("the source ended before \"%s\"", name);
    if (strcmp(item->name, name) != 0 || strcmp(first_code(item), code) != 0)
        fail_msg("\"%s\" with code \"%s\" (%s) instead of \"%s\" with \"%s\"", item->name,
                 first_code(item), item->remark, name, code);
    assert_int_equal(item->verdict, code[0] == '\0' ? BATCH_UNJUDGED : BATCH_REFUSED);
    assert_int_equal(item->request.len > 0, code[0] == '\0');
}

/* The end, however often it is asked for. */
static inline void
check_end(struct batch_source *source)
{
    for (int i = 0; i < 3; i++) {
        struct batch_item *item = NULL;
        check_ok(batch_source_next(source, &item));
        if (item != NULL)
            fail_msg("after the end comes \"%s\"", item->name);
    }
}
