/* SPDX-License-Identifier: Apache-2.0
 *
 * A tar archive, without compression. Nothing is unpacked: names of members are labels, never paths, and
 * only members that are regular files are read. */
#include <string.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "ceremony/base/text.h"
#include "ceremony/batch/source_lines.h"
#include "ceremony/batch/source_private.h"

struct tar_state {
    struct archive *archive;
    int file;
};

static void
close_state(void *self)
{
    struct tar_state *state = self;
    if (state->archive != NULL)
        archive_read_free(state->archive);
    if (state->file >= 0)
        close(state->file);
    free(state);
}

static struct error *
archive_fault(const struct batch_source *source)
{
    return error_hint(ERROR(ERROR_INPUT, "the archive is damaged after %llu requests",
                            (unsigned long long)source->index),
                      "Make the archive again");
}

static struct error *
open_tar(struct batch_source *source, const char *path)
{
    struct tar_state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return error_memory();
    state->file = -1;
    source->state = state;
    TRY(source_open_file(path, &state->file));
    state->archive = archive_read_new();
    if (state->archive == NULL)
        return error_memory();
    if (archive_read_support_format_tar(state->archive) != ARCHIVE_OK
        || archive_read_open_fd(state->archive, state->file, SOURCE_BLOCK) != ARCHIVE_OK)
        return ERROR(ERROR_INPUT, "\"%s\" is no tar archive", path);
    return NULL;
}

static struct error *
name_item(const struct batch_source *source, struct archive_entry *entry,
          struct batch_item *item)
{
    const char *name = archive_entry_pathname(entry);
    if (name == NULL)
        name = archive_entry_pathname_utf8(entry);
    if (name == NULL)
        return text_format(&item->name, "member %llu", (unsigned long long)source->index + 1);
    return text_safe(name, strnlen(name, 4096), &item->name);
}

static struct error *
read_member(const struct batch_source *source, struct batch_item *item)
{
    const struct tar_state *state = source->state;
    size_t limit = source->limits.request_bytes;
    AUTO_BYTES contents = {0};
    unsigned char block[4096];
    while (contents.len <= limit) {
        la_ssize_t got = archive_read_data(state->archive, block, sizeof block);
        if (got < 0)
            return archive_fault(source);
        if (got == 0)
            return source_take_file(item, &contents);
        TRY(bytes_append(&contents, block, (size_t)got));
    }
    batch_item_add_code(item, BATCH_FILE_SIZE, "more than %zu bytes", limit);
    return NULL;
}

static struct error *
take_member(const struct batch_source *source, struct archive_entry *entry,
            struct batch_item *item)
{
    size_t limit = source->limits.request_bytes;
    if (archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry) != NULL)
        batch_item_add_code(item, BATCH_FILE_KIND, "%s", "");
    else if (archive_entry_size(entry) > (la_int64_t)limit)
        batch_item_add_code(item, BATCH_FILE_SIZE, "%lld bytes, at most %zu",
                            (long long)archive_entry_size(entry), limit);
    else
        return read_member(source, item);
    return NULL;
}

static struct error *
next_member(struct batch_source *source, struct batch_item *item, bool skip, bool *ret_more)
{
    const struct tar_state *state = source->state;
    struct archive_entry *entry = NULL;
    *ret_more = false;
    do {
        int result = archive_read_next_header(state->archive, &entry);
        if (result == ARCHIVE_EOF)
            return NULL;
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
            return archive_fault(source);
    } while (archive_entry_filetype(entry) == AE_IFDIR
             && archive_entry_hardlink(entry) == NULL);
    *ret_more = true;
    TRY(name_item(source, entry, item));
    return skip ? NULL : take_member(source, entry, item);
}

const struct source_kind source_tar = {"tar", open_tar, next_member, close_state};
