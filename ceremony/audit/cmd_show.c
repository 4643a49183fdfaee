/* SPDX-License-Identifier: Apache-2.0
 *
 * show: a transcript for a reader. Exceptions first, since they are what a reader looks for (R92). */
#include <stdio.h>
#include <string.h>

#include "ceremony/audit/command.h"
#include "ceremony/audit/evidence.h"
#include "ceremony/audit/wrap_text.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"

#define VALUE_MAX 300

/* "key: value, key: value"; long values are cut, inner objects are counted. */
static struct error *
describe_value(const char *key, const json_t *value, struct bytes *text)
{
    TRY(bytes_format(text, "%s%s: ", text->len > 0 ? "; " : "", key));
    if (json_is_string(value)) {
        const char *said = json_string_value(value);
        if (data_is_hash(said))
            return bytes_format(text, "%.16s...", said);
        return bytes_format(text, "%.*s%s", VALUE_MAX, said,
                            strlen(said) > VALUE_MAX ? "..." : "");
    }
    if (json_is_integer(value))
        return bytes_format(text, "%lld", (long long)json_integer_value(value));
    if (json_is_boolean(value))
        return bytes_append_text(text, json_is_true(value) ? "yes" : "no");
    if (json_is_array(value))
        return bytes_format(text, "%zu rows", json_array_size(value));
    return bytes_format(text, "%zu values", json_object_size(value));
}

static bool
is_bulk(const char *key)
{
    static const char *const bulk[] = {"tbs", "spki", "certificate", "message", "signature"};
    for (size_t i = 0; i < sizeof bulk / sizeof bulk[0]; i++)
        if (strcmp(bulk[i], key) == 0)
            return true;
    return false;
}

static struct error *
show_record(const struct transcript_record *record, struct bytes *out)
{
    AUTO_BYTES raw = {0};
    AUTO_FREE char *safe = NULL;
    const char *key = NULL;
    json_t *value = NULL;
    char first[64];
    int64_t seconds = record->elapsed_ms / 1000;
    TRY(bytes_format(&raw, "%s", record->actor));
    json_object_foreach(record->data, key, value) if (!is_bulk(key))
        TRY(describe_value(key, value, &raw));
    TRY(text_safe(bytes_text(&raw), raw.len, &safe));
    (void)snprintf(first, sizeof first, "%6llu %3lld:%02lld %-12s ",
                   (unsigned long long)record->seq, (long long)(seconds / 60),
                   (long long)(seconds % 60), transcript_type_name(record->type));
    return wrap_text(out, first, 27, safe);
}

static struct error *
show_exceptions(const struct evidence *evidence, struct bytes *out)
{
    size_t count = 0;
    EACH_RECORD(record, evidence)
    count += record->type == TRANSCRIPT_EXCEPTION ? 1 : 0;
    TRY(bytes_format(out, "\nExceptions: %zu\n", count));
    EACH_RECORD(record, evidence)
    if (record->type == TRANSCRIPT_EXCEPTION)
        TRY(show_record(record, out));
    return NULL;
}

static struct error *
show_heading(const char *before, const char *text, struct bytes *out)
{
    AUTO_FREE char *safe = NULL;
    TRY(text_safe(text, strlen(text), &safe));
    return wrap_text(out, before, strlen(before), safe);
}

static struct error *
show_acts(const struct evidence *evidence, struct bytes *out)
{
    const char *act = "";
    EACH_RECORD(record, evidence)
    {
        if (strcmp(record->act, act) != 0) {
            act = record->act;
            TRY(bytes_append_char(out, '\n'));
            TRY(show_heading("Act: ", act, out));
        }
        if (record->type == TRANSCRIPT_STEP_BEGIN) {
            const char *title = data_text(record->data, "title");
            TRY(bytes_append_char(out, '\n'));
            TRY(show_heading("Step: ", title[0] != '\0' ? title : record->step, out));
        }
        TRY(show_record(record, out));
    }
    return NULL;
}

static struct error *
show_title(const struct evidence *evidence, struct bytes *out)
{
    TRY(show_heading("Ceremony ", evidence_id(evidence), out));
    const json_t *script =
        evidence->opening == NULL ? NULL : data_inner(evidence->opening->data, "script");
    AUTO_FREE char *line = NULL;
    TRY(text_format(&line, "script %s %s of %s; %s; %zu records; %s", data_text(script, "name"),
                    data_text(script, "version"), data_text(script, "date"),
                    evidence_is_rehearsal(evidence) ? "PRACTICE, a rehearsal" : "production",
                    evidence->reading.count,
                    evidence->closing == NULL ? "not closed"
                                              : data_text(evidence->closing->data, "state")));
    TRY(show_heading("", line, out));
    return bytes_append_text(out,
                             "Only the transcript's own chain was checked here; run verify.\n"
                             "Columns: record, minutes:seconds since the beginning, type, who "
                             "and what.\n");
}

struct error * /* NOLINTNEXTLINE(readability-non-const-parameter): as all rows of the table */
cmd_show(const struct arguments *arguments, int *ret_status)
{
    AUTO_EVIDENCE evidence = {0};
    AUTO_BYTES out = {0};
    (void)ret_status;
    TRY(evidence_open(arguments->words[0], false, &evidence));
    if (evidence.transcript_error != NULL) {
        struct error *error = evidence.transcript_error;
        evidence.transcript_error = NULL;
        return error_recode(error, ERROR_VERIFICATION);
    }
    TRY(show_title(&evidence, &out));
    TRY(show_exceptions(&evidence, &out));
    TRY(show_acts(&evidence, &out));
    (void)fputs(bytes_text(&out), stdout);
    return NULL;
}
