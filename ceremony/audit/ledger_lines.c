/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/audit/ledger_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/ledger/ledger.h"
#include "transcripts/digest.h"

void
ledger_lines_clear(struct ledger_lines *lines)
{
    free(lines->rows);
    json_decref(lines->objects);
    *lines = (struct ledger_lines){0};
}

static void
find_name(const struct evidence *evidence, char *ret_name, size_t size)
{
    (void)snprintf(ret_name, size, "ledger.jsonl");
    EACH_RECORD(record, evidence)
    if (record->type == TRANSCRIPT_OUTPUT
        && strcmp(data_text(record->data, "kind"), "ledger") == 0)
        (void)snprintf(ret_name, size, "%s", data_text(record->data, "file"));
}

static struct error *
add_line(struct ledger_lines *lines, const char *text, size_t len)
{
    struct ledger_line *rows = realloc(lines->rows, (lines->count + 1) * sizeof *rows);
    if (rows == NULL)
        return error_memory();
    lines->rows = rows;
    json_t *object = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    if (object == NULL || json_array_append_new(lines->objects, object) != 0)
        return ERROR(ERROR_VERIFICATION, "entry %zu cannot be read", lines->count + 1);
    rows[lines->count].object = object;
    TRY(digest_sha256(text, len, rows[lines->count].hash));
    lines->count++;
    return NULL;
}

static struct error *
split_lines(const struct bytes *raw, struct ledger_lines *lines)
{
    size_t at = 0;
    while (at < raw->len) {
        const char *text = (const char *)raw->data + at;
        const char *end = memchr(text, '\n', raw->len - at);
        size_t len = end == NULL ? raw->len - at : (size_t)(end - text) + 1;
        TRY(add_line(lines, text, len));
        at += len;
    }
    return NULL;
}

struct error *
ledger_lines_read(const struct evidence *evidence, struct ledger_lines *ret_lines)
{
    AUTO_BYTES raw = {0};
    AUTO_LEDGER_LINES lines = {.objects = json_array()};
    unsigned char head[32];
    uint64_t count = 0;
    if (lines.objects == NULL)
        return error_memory();
    find_name(evidence, lines.name, sizeof lines.name);
    TRY(evidence_file(evidence, lines.name, &raw));
    TRY(ledger_check_lines(raw.data, raw.len, head, &count));
    TRY(split_lines(&raw, &lines));
    if (count != lines.count)
        return ERROR(ERROR_BUG, "the ledger was counted twice, with two results");
    *ret_lines = lines;
    lines = (struct ledger_lines){0};
    return NULL;
}

bool
ledger_lines_has(const struct ledger_lines *lines, const char *ceremony, const char *kind,
                 const char *key, const char *value)
{
    for (size_t i = 0; i < lines->count; i++) {
        const json_t *row = lines->rows[i].object;
        if ((ceremony == NULL || strcmp(data_text(row, "ceremony"), ceremony) == 0)
            && strcmp(data_text(row, "kind"), kind) == 0
            && strcmp(data_text(data_inner(row, "data"), key), value) == 0)
            return true;
    }
    return false;
}

bool
ledger_lines_has_backup(const struct ledger_lines *lines, const char *spki_sha256,
                        const char *blob_sha256, int64_t set)
{
    for (size_t i = 0; i < lines->count; i++) {
        const json_t *data = data_inner(lines->rows[i].object, "data");
        if (strcmp(data_text(lines->rows[i].object, "kind"), "backup") == 0
            && strcmp(data_text(data, "key_spki_sha256"), spki_sha256) == 0
            && strcmp(data_text(data, "blob_sha256"), blob_sha256) == 0
            && data_number(data, "set_id") == set)
            return true;
    }
    return false;
}
