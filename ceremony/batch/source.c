/* SPDX-License-Identifier: Apache-2.0
 *
 * What all sources share: limits, numbering, and how bytes become a request. */
#include "ceremony/batch/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ceremony/base/encode.h"
#include "ceremony/batch/source_pem_block.h"
#include "ceremony/batch/source_private.h"
#include "ceremony/pki/hash.h"

static const struct source_kind *const kinds[] = {
    [BATCH_SOURCE_FOLDER] = &source_folder,
    [BATCH_SOURCE_PEM] = &source_pem,
    [BATCH_SOURCE_TAR] = &source_tar,
    [BATCH_SOURCE_CSV] = &source_csv,
    [BATCH_SOURCE_JSON_LINES] = &source_json_lines,
};
#define KIND_COUNT ((int)(sizeof kinds / sizeof kinds[0]))

static const struct batch_limits defaults = {
    .request_bytes = 65536,
    .items = 10000000,
    .folder_depth = 8,
    .folder_entries = 1000000,
};

int
batch_source_kind_find(const char *text)
{
    for (int i = 0; i < KIND_COUNT; i++)
        if (strcmp(kinds[i]->text, text) == 0)
            return i;
    return -1;
}

const char *
batch_source_kind_text(enum batch_source_kind kind)
{
    return kinds[kind]->text;
}

static void
fill_limits(struct batch_limits *limits)
{
    if (limits->request_bytes == 0)
        limits->request_bytes = defaults.request_bytes;
    if (limits->items == 0)
        limits->items = defaults.items;
    if (limits->folder_depth == 0)
        limits->folder_depth = defaults.folder_depth;
    if (limits->folder_entries == 0)
        limits->folder_entries = defaults.folder_entries;
}

static struct error *
open_as(const char *path, enum batch_source_kind kind, const struct batch_limits *limits,
        bool list, struct batch_source **ret_source)
{
    AUTO(batch_source) source = calloc(1, sizeof *source);
    if (source == NULL)
        return error_memory();
    source->list = list;
    source->kind = kinds[kind];
    if (limits != NULL)
        source->limits = *limits;
    fill_limits(&source->limits);
    TRY(source->kind->open(source, path));
    *ret_source = TAKE(source);
    return NULL;
}

struct error *
batch_source_open(const char *path, enum batch_source_kind kind,
                  const struct batch_limits *limits, struct batch_source **ret_source)
{
    return open_as(path, kind, limits, false, ret_source);
}

struct error *
batch_source_open_list(const char *path, enum batch_source_kind kind,
                       const struct batch_limits *limits, struct batch_source **ret_source)
{
    if (kind != BATCH_SOURCE_JSON_LINES && kind != BATCH_SOURCE_CSV)
        return error_hint(ERROR(ERROR_INPUT, "\"%s\" is no list of devices", path),
                          "Bring a manifest whose name ends with .jsonl or .csv.");
    return open_as(path, kind, limits, true, ret_source);
}

void
batch_source_free(struct batch_source *source)
{
    if (source == NULL)
        return;
    if (source->state != NULL && source->kind->close != NULL)
        source->kind->close(source->state);
    free(source);
}

struct error *
batch_source_next(struct batch_source *source, struct batch_item **ret_item)
{
    AUTO(batch_item) item = NULL;
    bool more = false;
    *ret_item = NULL;
    if (source->ended)
        return NULL;
    TRY(batch_item_new(&item));
    item->index = source->index;
    TRY(source->kind->next(source, item, false, &more));
    source->ended = !more;
    if (!more)
        return NULL;
    if (source->index == source->limits.items)
        return error_hint(ERROR(ERROR_INPUT, "the medium holds more than %llu requests",
                                (unsigned long long)source->limits.items),
                          "Split the batch");
    source->index++;
    if (item->verdict == BATCH_REFUSED && !source->judged)
        bytes_clear(&item->request);
    *ret_item = TAKE(item);
    return NULL;
}

struct error *
batch_source_skip(struct batch_source *source, uint64_t index)
{
    while (source->index < index) {
        AUTO(batch_item) item = NULL;
        bool more = false;
        TRY(batch_item_new(&item));
        TRY(source->kind->next(source, item, true, &more));
        if (!more)
            return ERROR(ERROR_INPUT, "the medium holds %llu requests only, not %llu as before",
                         (unsigned long long)source->index, (unsigned long long)index);
        source->index++;
    }
    return NULL;
}

struct error *
source_open_file(const char *path, int *ret_file)
{
    struct stat facts;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    if (file < 0)
        return ERROR_ERRNO(errno, "the file of requests \"%s\" could not be opened", path);
    if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode)) {
        close(file);
        return ERROR(ERROR_INPUT, "\"%s\" is no regular file", path);
    }
    *ret_file = file;
    return NULL;
}

struct error *
source_hash(struct batch_item *item, const void *data, size_t len)
{
    return pki_sha256_hex(data, len, item->input_sha256);
}

struct error *
source_take_base64(struct batch_item *item, const char *base64)
{
    struct error *error = base64_decode_append(base64, &item->request);
    if (error != NULL && error_code(error) != ERROR_INPUT)
        return error;
    if (error != NULL || item->request.len == 0)
        batch_item_add_code(item, BATCH_PEM_BASE64, "%s", "");
    error_free(error);
    return NULL;
}

/* All lines of a file of one block; what stands after the block is looked at, too. */
static struct error *
read_pem(struct batch_item *item, const struct bytes *contents, struct pem_reader *reader)
{
    const unsigned char *at = contents->data;
    size_t rest = contents->len;
    bool seen = false;
    enum pem_event event = PEM_NOTHING;
    while (rest > 0) {
        const unsigned char *feed = memchr(at, '\n', rest);
        size_t len = feed == NULL ? rest : (size_t)(feed - at);
        TRY(pem_line(reader, at, len, &event));
        if ((event == PEM_BLOCK || reader->inside) && seen && reader->code < 0)
            reader->code = BATCH_PEM_SEVERAL;
        if (event == PEM_BLOCK && !seen) {
            TRY(bytes_append_char(&reader->base64, '\0'));
            TRY(source_take_base64(item, bytes_text(&reader->base64)));
        }
        seen = seen || event == PEM_BLOCK;
        reader->inside = reader->inside && event != PEM_BLOCK;
        if (reader->code >= 0)
            return NULL;
        len += feed == NULL ? 0 : 1;
        at += len;
        rest -= len;
    }
    if (pem_end(reader) == PEM_NOTHING && !seen)
        reader->code = BATCH_FILE_FORMAT;
    return NULL;
}

/* Not a byte order mark at its beginning, and a line of PEM somewhere. */
static bool
is_text(const struct bytes *contents)
{
    static const char mark[] = "-----BEGIN ";
    unsigned char first = contents->data[0];
    return first != 0xff && first != 0xfe && first != 0xef
           && memmem(contents->data, contents->len, mark, sizeof mark - 1) != NULL;
}

struct error *
source_take_file(struct batch_item *item, const struct bytes *contents)
{
    TRY(source_hash(item, contents->data, contents->len));
    if (contents->len == 0) {
        batch_item_add_code(item, BATCH_FILE_EMPTY, "%s", "");
        return NULL;
    }
    if (contents->data[0] == DER_SEQUENCE)
        return bytes_copy(&item->request, contents->data, contents->len);
    if (!is_text(contents)) {
        batch_item_add_code(item, BATCH_FILE_FORMAT, "%s", "");
        return NULL;
    }
    struct pem_reader reader;
    pem_init(&reader, contents->len);
    struct error *error = read_pem(item, contents, &reader);
    if (error == NULL && reader.code >= 0)
        batch_item_add_code(item, (unsigned)reader.code, "%s", "");
    pem_clear(&reader);
    return error;
}
