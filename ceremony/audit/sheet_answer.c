/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers as they are collected, and as they are read: by people, and by programs. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/audit/sheet.h"
#include "ceremony/audit/wrap_text.h"
#include "ceremony/base/text.h"
#include "transcripts/record.h"

#define NOT_ANSWERED "not answered by the evidence"
#define NOT_HERE     "private, in the confidential copy only"

/* --- collecting --- */

struct error *
sheet_answer(struct sheet *sheet, const char *question, const char *about,
             enum sheet_privacy privacy, const char *format, ...)
{
    AUTO_FREE char *text = NULL;
    if (format != NULL) {
        va_list values;
        va_start(values, format);
        int len = vasprintf(&text, format, values);
        va_end(values);
        if (len < 0)
            return error_memory();
    }
    bool private = privacy == SHEET_PRIVATE;
    bool hidden = private && !sheet->confidential;
    json_t *row = json_pack("{s:s,s:s,s:b,s:[]}", "question", question, "about", about,
                            "private", (int)private, "evidence");
    if (row == NULL
        || json_object_set_new(row, "answer",
                               text == NULL || hidden ? json_null() : json_string(text))
               != 0
        || json_object_set_new(row, "hidden", json_boolean(text != NULL && hidden)) != 0
        || json_array_append(sheet->answers, row) != 0) {
        json_decref(row);
        return error_memory();
    }
    json_decref(row);
    return NULL;
}

static struct error *
point(struct sheet *sheet, const struct evidence *folder, const char *file, uint64_t seq)
{
    size_t len = strlen(folder->folder);
    while (len > 1 && folder->folder[len - 1] == '/')
        len--;
    json_t *newest = json_array_get(sheet->answers, json_array_size(sheet->answers) - 1);
    json_t *row = json_pack("{s:s%,s:s,s:I}", "folder", folder->folder, len, "file", file,
                            "record", (json_int_t)seq);
    if (json_array_append_new(json_object_get(newest, "evidence"), row) != 0)
        return error_memory();
    return NULL;
}

struct error *
sheet_point_record(struct sheet *sheet, const struct evidence *folder, uint64_t seq)
{
    return point(sheet, folder == NULL ? sheet->newest : folder, TRANSCRIPT_FILE, seq);
}

struct error *
sheet_point_entry(struct sheet *sheet, uint64_t seq)
{
    return point(sheet, sheet->newest, sheet->lines.name, seq);
}

/* --- showing --- */

static struct error *
show_safe(struct bytes *text, const char *first, size_t indent, const char *words)
{
    AUTO_FREE char *safe = NULL;
    TRY(text_safe(words, strlen(words), &safe));
    return wrap_text(text, first, indent, safe);
}

static struct error *
show_answer(const json_t *row, struct bytes *text)
{
    AUTO_BYTES line = {0};
    size_t index = 0;
    const json_t *where = NULL;
    bool private = json_is_true(json_object_get(row, "private"));
    const char *answer = json_string_value(json_object_get(row, "answer"));
    if (answer == NULL)
        answer = json_is_true(json_object_get(row, "hidden")) ? NOT_HERE : NOT_ANSWERED;
    const char *about = data_text(row, "about");
    TRY(bytes_format(&line, "%s%s%s%s", about, about[0] != '\0' ? ": " : "",
                     private && strcmp(answer, NOT_HERE) != 0 ? "(private) " : "", answer));
    TRY(show_safe(text, "  ", 2, bytes_text(&line)));
    json_array_foreach(json_object_get(row, "evidence"), index, where)
    {
        AUTO_FREE char *words = NULL;
        TRY(text_format(
            &words, "%s/%s, %s %lld", data_text(where, "folder"), data_text(where, "file"),
            strcmp(data_text(where, "file"), TRANSCRIPT_FILE) == 0 ? "record" : "entry",
            (long long)data_number(where, "record")));
        TRY(show_safe(text, "    see ", 8, words));
    }
    return NULL;
}

struct error *
sheet_text(const struct sheet *sheet, struct bytes *ret_text)
{
    size_t count = 0;
    const struct sheet_question *questions = sheet_questions(&count);
    TRY(bytes_format(
        ret_text,
        "Evaluation sheet, %s copy\n"
        "From %zu folders, as of %s. Run verify on them first: this sheet\n"
        "repeats what they say. Levels are counted from the trust anchor, which is 1.\n",
        sheet->confidential ? "CONFIDENTIAL" : "public", sheet->folder_count, sheet->time));
    for (size_t q = 0; q < count; q++) {
        size_t index = 0;
        const json_t *row = NULL;
        TRY(bytes_format(ret_text, "\n%s\n", questions[q].id));
        TRY(wrap_text(ret_text, "  ", 2, questions[q].text));
        json_array_foreach(sheet->answers, index, row)
        {
            if (strcmp(data_text(row, "question"), questions[q].id) == 0)
                TRY(show_answer(row, ret_text));
        }
    }
    return NULL;
}

struct error *
sheet_json(const struct sheet *sheet, struct bytes *ret_text)
{
    json_t *all =
        json_pack("{s:i,s:s,s:b,s:O}", "sheet", 1, "as_of", sheet->time, "confidential",
                  (int)sheet->confidential, "answers", sheet->answers);
    AUTO_FREE char *text =
        all == NULL ? NULL : json_dumps(all, JSON_INDENT(1) | JSON_SORT_KEYS);
    json_decref(all);
    if (text == NULL)
        return error_memory();
    return bytes_format(ret_text, "%s\n", text);
}
