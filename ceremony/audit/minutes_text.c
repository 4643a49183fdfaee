/* SPDX-License-Identifier: Apache-2.0
 *
 * Lines and pages of the report: names in one column, values in the next, as many digits as a SHA-256 has. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/audit/minutes.h"
#include "ceremony/audit/wrap_text.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/clock.h"
#include "ceremony/base/text.h"

#define NAME_COLUMNS 13
#define INDENT       16U
#define PAGE_LINES   59U /* below the head; A4 has 70 lines at 6 to the inch */

const char *
minutes_or_missing(const char *text)
{
    return text[0] == '\0' ? "not recorded" : text;
}

void
minutes_time(const struct transcript_record *record, char ret_text[32])
{
    char text[CLOCK_TEXT_SIZE];
    clock_format_ms(record->wall_ms, text);
    (void)snprintf(ret_text, 32, "%s", text);
}

struct error *
minutes_blank(struct minutes *minutes)
{
    return bytes_append_char(&minutes->text, '\n');
}

struct error *
minutes_part(struct minutes *minutes, const char *title)
{
    return bytes_format(&minutes->text, "\n%zu. %s\n\n", ++minutes->parts, title);
}

struct error *
minutes_value(struct minutes *minutes, const char *name, const char *value)
{
    AUTO_FREE char *safe = NULL;
    AUTO_FREE char *first = NULL;
    const char *shown = minutes_or_missing(value);
    TRY(text_safe(shown, strlen(shown), &safe));
    TRY(text_format(&first, "  %-*s ", NAME_COLUMNS, name));
    return wrap_text(&minutes->text, first, INDENT, safe);
}

struct error *
minutes_line(struct minutes *minutes, const char *name, const char *format, ...)
{
    AUTO_FREE char *text = NULL;
    va_list values;
    va_start(values, format);
    int len = vasprintf(&text, format, values);
    va_end(values);
    return len < 0 ? error_memory() : minutes_value(minutes, name, text);
}

struct error *
minutes_say(struct minutes *minutes, const char *format, ...)
{
    AUTO_FREE char *text = NULL;
    AUTO_FREE char *safe = NULL;
    va_list values;
    va_start(values, format);
    int len = vasprintf(&text, format, values);
    va_end(values);
    if (len < 0)
        return error_memory();
    TRY(text_safe(text, strlen(text), &safe));
    return wrap_text(&minutes->text, "  ", 2, safe);
}

/* --- pages --- */

static size_t
line_length(const char *text)
{
    size_t len = strcspn(text, "\n");
    return len + (text[len] == '\n' ? 1 : 0);
}

/* A line that begins an item: two blanks, and then a word. */
static bool
begins_item(const char *text)
{
    return text_starts_with(text, "  ") && text[2] != ' ' && text[2] != '\n';
}

/* The bytes of what stays on one page: an item with the lines that belong to it and the blank ones behind it,
 * a headline with its first item. `ret_lines`: without the blank ones at its end. */
static size_t
unit_length(const char *text, size_t *ret_lines)
{
    size_t items = begins_item(text) ? 1 : 0;
    size_t at = line_length(text);
    size_t lines = 1;
    *ret_lines = 1;
    while (text[at] != '\0') {
        bool blank = text[at] == '\n';
        bool item = begins_item(text + at);
        if ((item && items > 0) || (!blank && text[at] != ' '))
            break;
        items += item ? 1 : 0;
        lines++;
        if (!blank)
            *ret_lines = lines;
        at += line_length(text + at);
    }
    return at;
}

/* What does not fit begins the next page; what is longer than a page goes over. */
static struct error *
lay_out(const char *text, const char *head, size_t pages, struct bytes *ret_pages,
        size_t *ret_count)
{
    size_t page = 1;
    size_t used = 0;
    TRY(bytes_format(ret_pages, "%s, page 1 of %zu\n\n", head, pages));
    while (*text != '\0') {
        size_t lines = 0;
        size_t rest = unit_length(text, &lines);
        bool next = used > 0 && lines <= PAGE_LINES && used + lines > PAGE_LINES;
        while (rest > 0) {
            size_t len = line_length(text);
            if (next || (used == PAGE_LINES && text[0] != '\n')) {
                TRY(bytes_format(ret_pages, "\f%s, page %zu of %zu\n\n", head, ++page, pages));
                used = 0;
                next = false;
            }
            if (used < PAGE_LINES && (used > 0 || text[0] != '\n')) {
                TRY(bytes_append(ret_pages, text, len));
                used++;
            }
            text += len;
            rest -= len;
        }
    }
    *ret_count = page;
    return NULL;
}

struct error *
minutes_pages(const char *text, const char *head, struct bytes *ret_pages)
{
    AUTO_BYTES counted = {0};
    size_t pages = 0;
    TRY(lay_out(text, head, 0, &counted, &pages));
    return lay_out(text, head, pages, ret_pages, &pages);
}
