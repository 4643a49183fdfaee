/* SPDX-License-Identifier: Apache-2.0 */
#include "transcripts/reader.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/file.h"
#include "transcripts/canonical.h"
#include "transcripts/record.h"

void
transcript_reading_clear(struct transcript_reading *reading)
{
    free(reading->records);
    json_decref(reading->lines);
    bytes_clear(&reading->raw);
    *reading = (struct transcript_reading){0};
}

static struct error *
add_record(struct transcript_reading *reading, const struct transcript_record *record)
{
    size_t count = reading->count;
    if ((count & (count + 1)) == 0) { /* grow at 0, 1, 3, 7, ... */
        struct transcript_record *records =
            realloc(reading->records, (count + 1) * 2 * sizeof *records);
        if (records == NULL)
            return error_memory();
        reading->records = records;
    }
    reading->records[count] = *record;
    reading->count++;
    return NULL;
}

/* One whole line into the reading; `*ret_form` says whether a failure is one of form. */
static struct error *
read_line(const char *text, size_t len, size_t offset, struct record_chain *chain,
          struct transcript_reading *reading, bool *ret_form)
{
    json_t *line = NULL;
    struct transcript_record record;
    struct error *error = record_decode(text, len, &line, &record);
    *ret_form = error != NULL && error_code(error) == ERROR_VERIFICATION;
    TRY(error);
    record.offset = offset;
    error = record_follow(chain, &record, line);
    if (error == NULL)
        error = add_record(reading, &record);
    if (error != NULL) {
        json_decref(line);
        return error;
    }
    return json_array_append_new(reading->lines, line) == 0 ? NULL : error_memory();
}

struct error *
record_read_all(const char *raw, size_t len, bool allow_torn, struct record_chain *chain,
                struct transcript_reading *reading)
{
    reading->lines = json_array();
    if (reading->lines == NULL)
        return error_memory();
    size_t offset = 0;
    while (offset < len) {
        const char *newline = memchr(raw + offset, '\n', len - offset);
        size_t end = newline == NULL ? len : (size_t)(newline - raw) + 1;
        bool form = false;
        struct error *error =
            read_line(raw + offset, end - offset, offset, chain, reading, &form);
        if (error != NULL && form && end == len && allow_torn) {
            error_free(error);
            reading->torn = true;
            reading->torn_offset = offset;
            return NULL;
        }
        if (error != NULL && form) {
            unsigned long long number = chain->count + 1;
            struct error *named =
                ERROR(ERROR_VERIFICATION, "line %llu of the transcript, record %llu: %s",
                      number, number, error_what(error));
            named = error_detail(named, "%s", error_detail_text(error));
            error_free(error);
            return named;
        }
        TRY(error);
        offset = end;
    }
    return NULL;
}

struct error *
transcript_read(const char *path, bool allow_torn, struct transcript_reading *ret_reading)
{
    AUTO_READING reading = {0};
    TRY(file_read(path, TRANSCRIPT_LIMIT, &reading.raw));
    struct record_chain chain = {0};
    TRY(record_read_all(bytes_text(&reading.raw), reading.raw.len, allow_torn, &chain,
                        &reading));
    if (reading.count == 0 && !allow_torn)
        return ERROR(ERROR_VERIFICATION, "line 1 of the transcript, record 1: it is not there");
    *ret_reading = reading;
    reading = (struct transcript_reading){0};
    return NULL;
}
