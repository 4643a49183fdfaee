/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/documents.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/flat_pipe.h"
#include "ceremony/base/text.h"

#define NAME_MAX_LEN 256U

void
documents_clear(struct documents *documents)
{
    for (size_t i = 0; i < documents->count; i++) {
        free(documents->items[i].name);
        bytes_clear(&documents->items[i].file);
        error_free(documents->items[i].fault);
    }
    if (documents->memory != NULL)
        (void)munmap(documents->memory, documents->memory_len);
    *documents = (struct documents){0};
}

static const struct document *
find(const struct documents *documents, const char *name)
{
    for (size_t i = 0; i < documents->count; i++)
        if (strcmp(documents->items[i].name, name) == 0)
            return &documents->items[i];
    return NULL;
}

/* --- the process that signs --- */

struct error *
documents_read(struct documents *documents, const struct site *site, const char *name,
               size_t limit)
{
    const struct site_input *input = site_input(site, name);
    if (input == NULL)
        return NULL;
    BUG_ON(documents->count == DOCUMENTS_MAX);
    struct document *document = &documents->items[documents->count];
    TRY(text_copy(name, &document->name));
    documents->count++;
    document->fault = file_read(input->path, limit, &document->file);
    document->data = document->file.data;
    document->len = document->file.len;
    return NULL;
}

static struct error *
pack(const struct document *document, int file)
{
    AUTO_BYTES head = {0};
    TRY(flat_put_text(&head, document->name));
    TRY(flat_put_number(&head, document->fault != NULL ? 1 : 0));
    if (document->fault != NULL)
        TRY(flat_put_error(&head, document->fault));
    else
        TRY(flat_put_number(&head, document->len));
    TRY(flat_send(file, head.data, head.len));
    return document->fault != NULL ? NULL : flat_send(file, document->data, document->len);
}

struct error *
documents_pack(const struct documents *documents, int *ret_file)
{
    int file = memfd_create("documents", MFD_CLOEXEC);
    struct error *error = NULL;
    if (file < 0)
        return ERROR_ERRNO(errno, "the files that were brought could not be handed over");
    for (size_t i = 0; i < documents->count && error == NULL; i++)
        error = pack(&documents->items[i], file);
    if (error != NULL) {
        (void)close(file);
        return error;
    }
    *ret_file = file;
    return NULL;
}

/* The other way round: the letters that this DER has in PEM stand in the file. */
static struct error *
holds_letters(const struct document *document, const struct bytes *der, bool *ret_holds)
{
    AUTO_FREE char *letters = NULL;
    AUTO_BYTES file = {0};
    TRY(base64_encode_new(der->data, der->len, &letters));
    TRY(bytes_append(&file, document->data, document->len));
    size_t len = 0;
    for (size_t i = 0; i < file.len; i++)
        if (file.data[i] != '\n' && file.data[i] != '\r')
            file.data[len++] = file.data[i];
    *ret_holds = memmem(file.data, len, letters, strlen(letters)) != NULL;
    return NULL;
}

bool
documents_hold(const struct documents *documents, const char *name, const struct bytes *der)
{
    const struct document *document = find(documents, name);
    bool holds = false;
    if (document == NULL || document->fault != NULL || der->len == 0)
        return false;
    if (document->len == der->len && memcmp(document->data, der->data, der->len) == 0)
        return true;
    struct error *error = holds_letters(document, der, &holds);
    bool told = error == NULL && holds;
    error_free(error);
    return told;
}

struct error *
documents_own_error(struct documents *documents, struct error *error)
{
    for (size_t i = 0; i < documents->count && error != NULL; i++) {
        struct document *document = &documents->items[i];
        if (document->fault == NULL || error_code(document->fault) != error_code(error)
            || strcmp(error_what(document->fault), error_what(error)) != 0)
            continue;
        error_free(error);
        return error_doing(TAKE(document->fault), "reading the input \"%s\"", document->name);
    }
    return error;
}

/* --- the process that reads --- */

static struct error *
open_one(struct flat_reading *in, struct document *document)
{
    uint64_t is_fault = 0;
    TRY(flat_take_text(in, NAME_MAX_LEN, &document->name));
    TRY(flat_take_number(in, 1, &is_fault));
    if (is_fault == 0)
        return flat_take_octets(in, BYTES_MAX, &document->data, &document->len);
    document->fault = flat_take_error(in);
    return NULL;
}

struct error *
documents_open(int file, struct documents *ret_documents)
{
    struct stat about;
    if (fstat(file, &about) != 0 || about.st_size < 0)
        return ERROR_ERRNO(errno, "the files that were brought could not be taken over");
    if (about.st_size == 0)
        return NULL;
    void *memory = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, file, 0);
    if (memory == MAP_FAILED)
        return ERROR_ERRNO(errno, "the files that were brought could not be taken over");
    ret_documents->memory = memory;
    ret_documents->memory_len = (size_t)about.st_size;
    struct flat_reading in = {memory, (size_t)about.st_size};
    while (in.left > 0 && ret_documents->count < DOCUMENTS_MAX)
        TRY(open_one(&in, &ret_documents->items[ret_documents->count++]));
    return flat_take_end(&in);
}

struct error *
documents_get(const struct documents *documents, const char *name,
              const struct document **ret_document)
{
    const struct document *document = find(documents, name);
    if (document == NULL)
        return ERROR(ERROR_BUG, "the input \"%s\" was not handed over", name);
    if (document->fault != NULL) {
        AUTO_BYTES copy = {0};
        TRY(flat_put_error(&copy, document->fault));
        struct flat_reading in = {copy.data, copy.len};
        return flat_take_error(&in);
    }
    *ret_document = document;
    return NULL;
}
