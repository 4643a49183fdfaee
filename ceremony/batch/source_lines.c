/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/source_lines.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void
fill_from_text(struct source_lines *lines)
{
    size_t left = lines->text_len - lines->text_at;
    lines->have = left < sizeof lines->block ? left : sizeof lines->block;
    if (lines->have > 0)
        memcpy(lines->block, lines->text + lines->text_at, lines->have);
    lines->text_at += lines->have;
    lines->at = 0;
}

static struct error *
fill(struct source_lines *lines)
{
    ssize_t got = 0;
    if (lines->file < 0) {
        fill_from_text(lines);
        return NULL;
    }
    do
        got = read(lines->file, lines->block, sizeof lines->block);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return ERROR_ERRNO(errno, "the requests could not be read on");
    lines->at = 0;
    lines->have = (size_t)got;
    return NULL;
}

static struct error *
take(struct source_line *line, const unsigned char *data, size_t len, size_t limit)
{
    size_t room = limit - line->text.len;
    if (len > room)
        line->is_cut = true;
    return bytes_append(&line->text, data, len < room ? len : room);
}

struct error *
source_next_line(struct source_lines *lines, size_t limit, struct source_line *line,
                 bool *ret_more)
{
    bool any = false;
    line->text.len = 0;
    line->is_cut = false;
    for (;;) {
        if (lines->at == lines->have)
            TRY(fill(lines));
        if (lines->have == 0)
            break;
        any = true;
        const unsigned char *from = lines->block + lines->at;
        size_t rest = lines->have - lines->at;
        const unsigned char *feed = memchr(from, '\n', rest);
        size_t len = feed == NULL ? rest : (size_t)(feed - from);
        TRY(take(line, from, len, limit));
        lines->at += len + (feed == NULL ? 0 : 1);
        if (feed != NULL)
            break;
    }
    lines->number += any ? 1 : 0;
    *ret_more = any;
    return NULL;
}
