/* SPDX-License-Identifier: Apache-2.0
 *
 * One file with many PEM blocks, read as a stream. The hash of an item is that of its lines, from BEGIN
 * to END, each with its line feed. */
#include <string.h>
#include <unistd.h>

#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/batch/source_lines.h"
#include "ceremony/batch/source_pem_block.h"
#include "ceremony/batch/source_private.h"

struct pem_state {
    struct source_lines lines;
    struct source_line line;
    struct pem_reader reader;
    struct bytes raw; /* the lines of the block */
    char *file_name;  /* safe */
    bool again;       /* the line in hand was not used yet */
    bool ended;
};

static void
close_state(void *self)
{
    struct pem_state *state = self;
    if (state->lines.file >= 0)
        close(state->lines.file);
    bytes_clear(&state->line.text);
    bytes_clear(&state->raw);
    pem_clear(&state->reader);
    free(state->file_name);
    free(state);
}

static struct error *
open_pem(struct batch_source *source, const char *path)
{
    struct pem_state *state = calloc(1, sizeof *state);
    if (state == NULL)
        return error_memory();
    state->lines.file = -1;
    source->state = state;
    pem_init(&state->reader, source->limits.request_bytes);
    const char *name = path_name(path);
    TRY(text_safe(name, strlen(name), &state->file_name));
    return source_open_file(path, &state->lines.file);
}

static struct error *
take_block(const struct batch_source *source, struct batch_item *item)
{
    struct pem_state *state = source->state;
    struct pem_reader *reader = &state->reader;
    TRY(source_hash(item, state->raw.data, state->raw.len));
    if (reader->code >= 0)
        batch_item_add_code(item, (unsigned)reader->code, "%s", "");
    else if (reader->base64.len == 0)
        batch_item_add_code(item, BATCH_PEM_BASE64, "%s", "the block is empty");
    else {
        TRY(bytes_append_char(&reader->base64, '\0'));
        return source_take_base64(item, bytes_text(&reader->base64));
    }
    return NULL;
}

/* Uses the line in hand. */
static struct error *
use_line(struct batch_source *source, enum pem_event *ret_event)
{
    struct pem_state *state = source->state;
    const struct bytes *text = &state->line.text;
    TRY(pem_line(&state->reader, text->data, text->len, ret_event));
    if (state->line.is_cut && state->reader.code < 0)
        state->reader.code = state->reader.inside ? BATCH_FILE_SIZE : BATCH_PEM_OUTSIDE;
    bool part = state->reader.inside && *ret_event != PEM_BLOCK_AGAIN;
    if (!part || state->raw.len > 2 * source->limits.request_bytes)
        return NULL;
    TRY(bytes_append(&state->raw, text->data, text->len));
    return bytes_append_char(&state->raw, '\n');
}

static struct error *
read_block(struct batch_source *source, enum pem_event *ret_event)
{
    struct pem_state *state = source->state;
    *ret_event = PEM_NOTHING;
    while (*ret_event == PEM_NOTHING && !state->ended) {
        bool more = true;
        if (!state->again)
            TRY(source_next_line(&state->lines, source->limits.request_bytes, &state->line,
                                 &more));
        state->again = false;
        if (more) {
            TRY(use_line(source, ret_event));
        } else {
            state->ended = true;
            *ret_event = pem_end(&state->reader);
        }
        if (state->reader.outside > PEM_OUTSIDE_MAX)
            return error_hint(
                ERROR(ERROR_INPUT,
                      "\"%s\" has more than %d bytes of text outside its PEM blocks",
                      state->file_name, PEM_OUTSIDE_MAX),
                "Take the text out, or give the requests as single files");
    }
    state->again = *ret_event == PEM_BLOCK_AGAIN;
    return NULL;
}

static struct error *
next_block(struct batch_source *source, struct batch_item *item, bool skip, bool *ret_more)
{
    struct pem_state *state = source->state;
    enum pem_event event = PEM_NOTHING;
    state->raw.len = 0;
    TRY(read_block(source, &event));
    *ret_more = event != PEM_NOTHING;
    if (!*ret_more)
        return NULL;
    TRY(text_format(&item->name, "%s#%llu", state->file_name,
                    (unsigned long long)source->index + 1));
    if (!skip)
        TRY(take_block(source, item));
    pem_next(&state->reader);
    return NULL;
}

const struct source_kind source_pem = {"pem", open_pem, next_block, close_state};
