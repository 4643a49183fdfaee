/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/output.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <archive.h>
#include <archive_entry.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/batch/stream.h"
#include "ceremony/pki/build.h"

/* "folder/000012" and an ending. */
static struct error *
block_path(const struct batch_output *output, uint64_t number, const char *ending,
           char **ret_path)
{
    return text_format(ret_path, "%s/%06llu%s", output->folder, (unsigned long long)number,
                       ending);
}

struct error *
batch_output_begin(const struct batch_output *output)
{
    AUTO_FREE char *path = NULL;
    if (output->chain == NULL || output->form != BATCH_FORM_PEM)
        return NULL;
    TRY(path_join(output->folder, "chain.pem", &path));
    return file_replace(path, output->chain, strlen(output->chain));
}

/* --- names, one for each certificate of a block --- */

struct name {
    char text[BATCH_NAME_MAX + 2 * LEDGER_SERIAL_MAX + 8];
    const struct batch_entry *entry;
};

struct names {
    struct name *items; /* in the order of the block */
    size_t count;
};

static void
names_clear(struct names *names)
{
    free(names->items);
}

#define AUTO_NAMES __attribute__((cleanup(names_clear))) struct names

static int
by_text(const void *a, const void *b)
{
    const struct name *left = *(const struct name *const *)a;
    const struct name *right = *(const struct name *const *)b;
    int order = strcasecmp(left->text, right->text);
    if (order != 0)
        return order;
    return left->entry->index < right->entry->index ? -1 : 1;
}

/* A medium may not tell letters by case: all but the first of such names get the serial number. */
static struct error *
tell_apart(struct names *names)
{
    AUTO_FREE struct name **sorted = calloc(names->count + 1, sizeof(struct name *));
    if (sorted == NULL)
        return error_memory();
    for (size_t i = 0; i < names->count; i++)
        sorted[i] = &names->items[i];
    qsort(sorted, names->count, sizeof(struct name *), by_text);
    /* From the end, so that each is compared with a name that is as it was. */
    for (size_t i = names->count; i-- > 1;) {
        if (strcasecmp(sorted[i]->text, sorted[i - 1]->text) != 0)
            continue;
        const struct batch_entry *entry = sorted[i]->entry;
        size_t len = strlen(sorted[i]->text);
        sorted[i]->text[len] = '~';
        hex_encode(entry->serial, entry->serial_len, sorted[i]->text + len + 1);
    }
    return NULL;
}

static struct error *
make_names(const struct batch_block *block, struct names *names)
{
    names->items = calloc(block->sign_count + 1, sizeof *names->items);
    names->count = block->sign_count;
    if (names->items == NULL)
        return error_memory();
    for (size_t i = 0; i < names->count; i++) {
        names->items[i].entry = &block->entries[block->to_sign[i]];
        TRY(batch_safe_name(names->items[i].entry->device, names->items[i].text));
    }
    TRY(tell_apart(names));
    for (size_t i = 0; i < names->count; i++) {
        size_t len = strlen(names->items[i].text);
        memcpy(names->items[i].text + len, ".pem", sizeof ".pem");
    }
    return NULL;
}

/* --- what a file holds --- */

static struct error *
certificate_pem(const struct batch_output *output, const struct batch_entry *entry,
                bool with_chain, struct bytes *pem)
{
    pem->len = 0;
    TRY(pki_pem("CERTIFICATE", entry->der.data, entry->der.len, pem));
    return with_chain && output->chain != NULL ? bytes_append_text(pem, output->chain) : NULL;
}

static struct error *
write_pem(const struct batch_output *output, const struct batch_block *block)
{
    AUTO_FREE char *path = NULL;
    AUTO(batch_stream) stream = NULL;
    AUTO_BYTES pem = {0};
    TRY(block_path(output, block->number, ".pem", &path));
    TRY(batch_stream_new(path, &stream));
    for (size_t i = 0; i < block->sign_count; i++) {
        TRY(certificate_pem(output, &block->entries[block->to_sign[i]], false, &pem));
        TRY(batch_stream_write(stream, pem.data, pem.len));
    }
    return batch_stream_finish(stream);
}

/* --- tar --- */

struct tar {
    struct archive *archive;
    struct archive_entry *entry;
    struct batch_stream *stream;
    struct error *error; /* of the stream */
};

static la_ssize_t
tar_write(struct archive *archive, void *user, const void *data, size_t len)
{
    struct tar *tar = user;
    struct error *error = batch_stream_write(tar->stream, data, len);
    if (error == NULL)
        return (la_ssize_t)len;
    archive_set_error(archive, EIO, "see the error of the stream");
    tar->error = error;
    return -1;
}

static struct error *
tar_error(struct tar *tar)
{
    if (tar->error != NULL)
        return TAKE(tar->error);
    return ERROR(ERROR_IO, "the tar archive could not be written");
}

static struct error *
tar_open(struct tar *tar)
{
    tar->archive = archive_write_new();
    tar->entry = archive_entry_new();
    if (tar->archive == NULL || tar->entry == NULL)
        return error_memory();
    if (archive_write_set_format_pax_restricted(tar->archive) != ARCHIVE_OK
        || archive_write_set_bytes_per_block(tar->archive, 65536) != ARCHIVE_OK
        || archive_write_open2(tar->archive, tar, NULL, tar_write, NULL, NULL) != ARCHIVE_OK)
        return tar_error(tar);
    return NULL;
}

static struct error *
tar_add(struct tar *tar, const char *name, int64_t time, const struct bytes *contents)
{
    archive_entry_clear(tar->entry);
    archive_entry_set_pathname(tar->entry, name);
    archive_entry_set_filetype(tar->entry, AE_IFREG);
    archive_entry_set_perm(tar->entry, 0644);
    archive_entry_set_mtime(tar->entry, (time_t)time, 0);
    archive_entry_set_size(tar->entry, (la_int64_t)contents->len);
    if (archive_write_header(tar->archive, tar->entry) != ARCHIVE_OK
        || archive_write_data(tar->archive, contents->data, contents->len)
               != (la_ssize_t)contents->len)
        return tar_error(tar);
    return NULL;
}

static struct error *
tar_fill(struct tar *tar, const struct batch_output *output, const struct batch_block *block,
         const struct names *names)
{
    AUTO_BYTES pem = {0};
    TRY(tar_open(tar));
    for (size_t i = 0; i < names->count; i++) {
        char path[sizeof names->items[i].text + 32];
        (void)snprintf(path, sizeof path, "%06llu/%s", (unsigned long long)block->number,
                       names->items[i].text);
        TRY(certificate_pem(output, names->items[i].entry, true, &pem));
        TRY(tar_add(tar, path, output->time, &pem));
    }
    return archive_write_close(tar->archive) == ARCHIVE_OK ? NULL : tar_error(tar);
}

static struct error *
write_tar(const struct batch_output *output, const struct batch_block *block)
{
    AUTO_FREE char *path = NULL;
    AUTO(batch_stream) stream = NULL;
    AUTO_NAMES names = {0};
    TRY(make_names(block, &names));
    TRY(block_path(output, block->number, ".tar", &path));
    TRY(batch_stream_new(path, &stream));
    struct tar tar = {.stream = stream};
    struct error *error = tar_fill(&tar, output, block, &names);
    archive_entry_free(tar.entry);
    (void)archive_write_free(tar.archive);
    error_free(tar.error);
    TRY(error);
    return batch_stream_finish(stream);
}

/* --- a folder --- */

static void
close_auto(const int *descriptor)
{
    if (*descriptor >= 0)
        (void)close(*descriptor);
}

#define AUTO_DESCRIPTOR __attribute__((cleanup(close_auto))) int

static struct error *
remove_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL && errno == ENOENT)
        return NULL;
    if (folder == NULL)
        return ERROR_ERRNO(errno, "the folder \"%s\" could not be read", path);
    for (struct dirent *one = readdir(folder); one != NULL; one = readdir(folder)) {
        if (strcmp(one->d_name, ".") != 0 && strcmp(one->d_name, "..") != 0)
            (void)unlinkat(dirfd(folder), one->d_name, 0);
    }
    (void)closedir(folder);
    if (rmdir(path) != 0)
        return ERROR_ERRNO(errno, "the folder \"%s\" could not be removed", path);
    return NULL;
}

static struct error *
write_one(int folder, const char *name, const struct bytes *contents)
{
    AUTO_DESCRIPTOR descriptor =
        openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return ERROR_ERRNO(errno, "the file \"%s\" could not be made", name);
    size_t done = 0;
    while (done < contents->len) {
        ssize_t part = write(descriptor, contents->data + done, contents->len - done);
        if (part < 0 && errno != EINTR)
            return ERROR_ERRNO(errno, "the file \"%s\" could not be written", name);
        done += part < 0 ? 0 : (size_t)part;
    }
    return NULL;
}

static struct error *
fill_folder(const struct batch_output *output, const char *path, const struct names *names)
{
    AUTO_BYTES pem = {0};
    AUTO_DESCRIPTOR folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0)
        return ERROR_ERRNO(errno, "the folder \"%s\" could not be opened", path);
    for (size_t i = 0; i < names->count; i++) {
        TRY(certificate_pem(output, names->items[i].entry, true, &pem));
        TRY(write_one(folder, names->items[i].text, &pem));
    }
    /* One flush of the file system instead of one for each of thousands of files. */
    if (syncfs(folder) != 0)
        return ERROR_ERRNO(errno, "the folder \"%s\" could not be flushed", path);
    return NULL;
}

static struct error *
write_files(const struct batch_output *output, const struct batch_block *block)
{
    AUTO_FREE char *path = NULL;
    AUTO_FREE char *temporary = NULL;
    AUTO_NAMES names = {0};
    TRY(make_names(block, &names));
    TRY(block_path(output, block->number, "", &path));
    TRY(block_path(output, block->number, ".tmp", &temporary));
    TRY(remove_folder(temporary));
    TRY(folder_make(temporary, false));
    TRY(fill_folder(output, temporary, &names));
    TRY(remove_folder(path)); /* of a run that was interrupted before the ledger knew of it */
    if (rename(temporary, path) != 0)
        return ERROR_ERRNO(errno, "the folder \"%s\" could not be put in place", path);
    return folder_sync(output->folder);
}

struct error *
batch_output_block(const struct batch_output *output, const struct batch_block *block)
{
    static struct error *(*const writers[])(const struct batch_output *,
                                            const struct batch_block *) = {
        [BATCH_FORM_PEM] = write_pem,
        [BATCH_FORM_TAR] = write_tar,
        [BATCH_FORM_FILES] = write_files,
    };
    if (block->sign_count == 0)
        return NULL;
    if (output->keys != NULL)
        TRY(batch_output_keys(output, block));
    return writers[output->form](output, block);
}
