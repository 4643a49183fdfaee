/* SPDX-License-Identifier: Apache-2.0
 *
 * A transcript and its confidential values, as the auditor's program reads them; and each
 * line alone (R88 to R90). */
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "transcripts/openings.h"
#include "transcripts/record.h"

static struct error *
lines_alone(const uint8_t *data, size_t size)
{
    while (size > 0) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t len = end == NULL ? size : (size_t)(end - data) + 1;
        json_t *line = NULL;
        struct transcript_record record;
        struct error *error = record_decode((const char *)data, len, &line, &record);
        json_decref(line);
        TRY(error);
        data += len;
        size -= len;
    }
    return NULL;
}

void
fuzz_one(const uint8_t *data, size_t size)
{
    error_free(lines_alone(data, size));
    AUTO_READING reading = {0};
    error_free(transcript_read(fuzz_file("transcript.jsonl", data, size), true, &reading));
    struct transcript_openings openings = {0};
    size_t end = 0;
    error_free(openings_parse((const char *)data, size, true, &openings, &end));
    transcript_openings_clear(&openings);
}
