/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/results.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ceremony/base/file.h"
#include "ceremony/batch/results_line.h"

#define BUFFER ((size_t)1 << 20)

struct batch_results {
    int descriptor;
    uint64_t size; /* of the lines that count */
    struct merkle tree;
    struct batch_totals totals;
    struct bytes buffer;
};

void
batch_results_free(struct batch_results *results)
{
    if (results == NULL)
        return;
    if (results->descriptor >= 0)
        (void)close(results->descriptor);
    merkle_clear(&results->tree);
    bytes_clear(&results->buffer);
    free(results);
}

/* A whole line without its newline joins the totals. */
static struct error *
count_line(struct batch_results *results, const char *line, size_t len,
           const struct results_facts *facts)
{
    struct batch_totals *totals = &results->totals;
    if (facts->index != totals->items)
        return ERROR(ERROR_VERIFICATION, "results.jsonl has item %llu where item %llu belongs",
                     (unsigned long long)facts->index, (unsigned long long)totals->items);
    TRY(merkle_add(&results->tree, line, len));
    totals->items++;
    totals->issued += facts->fate == BATCH_TO_SIGN ? 1 : 0;
    totals->refused += facts->fate == BATCH_NOT_SIGNED ? 1 : 0;
    totals->before += facts->fate == BATCH_HAD_BEFORE ? 1 : 0;
    totals->resigned += facts->resigned ? 1 : 0;
    if (facts->block > totals->blocks)
        totals->blocks = facts->block;
    results->size += len + 1;
    return NULL;
}

/* Whole lines of the buffer; `*ret_end`: the rest does not count. What is left is moved to the front. */
static struct error *
count_buffer(struct batch_results *results, uint64_t last_block, bool *ret_end)
{
    struct bytes *buffer = &results->buffer;
    size_t at = 0;
    while (!*ret_end) {
        const char *line = (const char *)buffer->data + at;
        const char *newline = at < buffer->len ? memchr(line, '\n', buffer->len - at) : NULL;
        struct results_facts facts;
        if (newline == NULL)
            break;
        size_t len = (size_t)(newline - line);
        TRY(results_line_facts(line, len, &facts));
        *ret_end = facts.block > last_block;
        if (*ret_end)
            break;
        TRY(count_line(results, line, len, &facts));
        at += len + 1;
    }
    if (at > 0)
        memmove(buffer->data, buffer->data + at, buffer->len - at);
    buffer->len -= at;
    return NULL;
}

static struct error *
read_lines(struct batch_results *results, uint64_t last_block)
{
    bool end = false;
    unsigned char part[4096];
    while (!end) {
        ssize_t got = read(results->descriptor, part, sizeof part);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ERROR_ERRNO(errno, "results.jsonl could not be read");
        if (got == 0)
            return NULL;
        if (results->buffer.len > BUFFER)
            return ERROR(ERROR_VERIFICATION, "results.jsonl has a line without an end");
        TRY(bytes_append(&results->buffer, part, (size_t)got));
        TRY(count_buffer(results, last_block, &end));
    }
    return NULL;
}

struct error *
batch_results_open(const char *path, uint64_t last_block, struct batch_results **ret_results)
{
    AUTO(batch_results) results = calloc(1, sizeof *results);
    if (results == NULL)
        return error_memory();
    results->descriptor = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (results->descriptor < 0)
        return ERROR_ERRNO(errno, "results.jsonl could not be opened");
    TRY(folder_sync_above(path)); /* that it is there is recorded later */
    TRY(merkle_init(&results->tree));
    TRY(read_lines(results, last_block));
    results->buffer.len = 0;
    if (ftruncate(results->descriptor, (off_t)results->size) != 0
        || lseek(results->descriptor, (off_t)results->size, SEEK_SET) < 0)
        return ERROR_ERRNO(errno, "results.jsonl could not be cut to its last block");
    *ret_results = TAKE(results);
    return NULL;
}

static struct error *
write_buffer(struct batch_results *results)
{
    const unsigned char *data = results->buffer.data;
    size_t len = results->buffer.len;
    results->buffer.len = 0;
    while (len > 0) {
        ssize_t done = write(results->descriptor, data, len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return ERROR_ERRNO(errno, "results.jsonl could not be written");
        data += done;
        len -= (size_t)done;
    }
    return NULL;
}

struct error *
batch_results_append(struct batch_results *results, const struct batch_block *block)
{
    for (size_t i = 0; i < block->count; i++) {
        const struct batch_entry *entry = &block->entries[i];
        struct results_facts facts = {.block = block->number,
                                      .index = entry->index,
                                      .fate = entry->fate,
                                      .resigned =
                                          block->resigned && entry->fate == BATCH_TO_SIGN};
        TRY(count_line(results, bytes_text(&entry->line), entry->line.len - 1, &facts));
        TRY(bytes_append(&results->buffer, entry->line.data, entry->line.len));
        if (results->buffer.len > BUFFER)
            TRY(write_buffer(results));
    }
    TRY(write_buffer(results));
    if (fdatasync(results->descriptor) != 0)
        return ERROR_ERRNO(errno, "results.jsonl could not be flushed");
    return NULL;
}

struct error *
batch_results_totals(struct batch_results *results, struct batch_totals *ret_totals)
{
    TRY(merkle_root(&results->tree, results->totals.root));
    *ret_totals = results->totals;
    return NULL;
}
