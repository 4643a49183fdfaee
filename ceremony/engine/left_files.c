/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/left_files.h"

#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "transcripts/record.h"
#include "transcripts/torn.h"

static bool
is_recorded(const struct transcript_reading *reading, const char *name)
{
    for (size_t i = 0; i < reading->count; i++) {
        const struct transcript_record *record = &reading->records[i];
        const char *file = json_string_value(json_object_get(record->data, "file"));
        if (record->type == TRANSCRIPT_OUTPUT && file != NULL && strcmp(file, name) == 0)
            return true;
    }
    return false;
}

static bool
is_left(const struct transcript_reading *reading, const char *name)
{
    bool own = strcmp(name, TRANSCRIPT_FILE) == 0 || strcmp(name, CONFIDENTIAL_FILE) == 0
               || text_starts_with(name, TORN_FOLDER "/");
    return !own && !is_recorded(reading, name);
}

/* Told first: a file that is recorded as left has its exception, wherever this is interrupted. */
static struct error *
tell(struct engine *engine, size_t count, const char *first)
{
    AUTO_FREE char *observed = NULL;
    if (count == 0)
        return NULL;
    TRY(text_format(&observed, "files that an interrupted act left: %zu, the first is \"%s\"",
                    count, first));
    return exception_note(engine, TRANSCRIPT_LEFT_EXPECTED, observed,
                          "recorded as they lie there, and not claimed to be all of that act; "
                          "what the ledger holds as issued is issued");
}

struct error *
left_files_record(struct engine *engine)
{
    AUTO_FREE char *path = NULL;
    AUTO_READING reading = {0};
    AUTO_FOLDER_LIST list = {0};
    const char *first = NULL;
    size_t count = 0;
    TRY(path_join(engine->evidence, TRANSCRIPT_FILE, &path));
    TRY(transcript_read(path, true, &reading));
    TRY(folder_list(engine->evidence, true, true, &list));
    for (size_t i = 0; i < list.count; i++)
        if (is_left(&reading, list.names[i])) {
            first = first == NULL ? list.names[i] : first;
            count++;
        }
    TRY(tell(engine, count, first));
    for (size_t i = 0; i < list.count; i++)
        if (is_left(&reading, list.names[i]))
            TRY(evidence_record(engine, TRANSCRIPT_LEFT, list.names[i]));
    return NULL;
}
