/* SPDX-License-Identifier: Apache-2.0
 *
 * What was found on the tokens: each object for a reason that this ceremony or the ledger bears out, else an
 * exception. (R22) */
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/audit/ledger_lines.h"
#include "transcripts/record.h"

/* Whether an act that makes or finds such an object named this id before. */
static bool
was_announced(const struct evidence *evidence, const char *id, const char *const *acts,
              size_t count, uint64_t before)
{
    EACH_RECORD(record, evidence)
    for (size_t i = 0; i < count; i++)
        if (record->seq < before && is_intent(record, acts[i])
            && strcmp(data_text(record->data, "id"), id) == 0)
            return true;
    return false;
}

/* A reason that is one, and true as far as the folder tells; "no" is counted elsewhere. */
static bool
is_explained(const struct evidence *evidence, const struct ledger_lines *lines,
             const json_t *object, uint64_t seq)
{
    static const char *const keys[] = {"generate-key", "find-key", "restore-key",
                                       "prove-restore", "re-share"};
    static const char *const recorders[] = {"create-recorder"};
    const char *reason = data_text(object, "explained");
    const char *id = data_text(object, "id");
    const char *class = data_text(object, "class");
    if (strcmp(reason, "no") == 0)
        return true;
    if (strcmp(reason, "mark of the ledger's head") == 0)
        return strcmp(class, "data object") == 0;
    if (id[0] == '\0'
        || (strcmp(class, "private key") != 0 && strcmp(class, "public key") != 0))
        return false;
    if (strcmp(reason, "key of this ceremony") == 0
        || strcmp(reason, "restored copy of a key") == 0)
        return was_announced(evidence, id, keys, sizeof keys / sizeof keys[0], seq);
    if (strcmp(reason, "recorder of this ceremony") == 0)
        return was_announced(evidence, id, recorders, 1, seq);
    return strcmp(reason, "key of an earlier ceremony") == 0
           && ledger_lines_has(lines, NULL, "key-add", "id", id);
}

static struct error *
check_reasons(const struct evidence *evidence, const struct ledger_lines *lines,
              const struct transcript_record *fact, struct report *report)
{
    size_t index = 0;
    const json_t *object = NULL;
    json_array_foreach(data_inner(fact->data, "objects"), index, object)
    {
        if (!is_explained(evidence, lines, object, fact->seq))
            TRY(report_fault(report, TRANSCRIPT_FILE, fact->seq,
                             "token \"%s\" holds the %s \"%s\", which is explained as \"%s\", "
                             "and nothing bears that out",
                             data_text(fact->data, "token"), data_text(object, "class"),
                             data_text(object, "label"), data_text(object, "explained")));
    }
    return NULL;
}

static size_t
unexplained(const json_t *objects)
{
    size_t count = 0;
    size_t index = 0;
    const json_t *row = NULL;
    json_array_foreach(objects, index, row) count +=
        strcmp(data_text(row, "explained"), "no") == 0 ? 1 : 0;
    return count;
}

struct error *
check_inventory(const struct evidence *evidence, struct report *report)
{
    size_t count = 0;
    size_t strangers = 0;
    AUTO_LEDGER_LINES lines = {0};
    error_free(
        ledger_lines_read(evidence, &lines)); /* check_ledger says what is wrong with it */
    EACH_RECORD(record, evidence)
    {
        if (!is_fact(record, "inventory"))
            continue;
        count++;
        size_t found = unexplained(data_inner(record->data, "objects"));
        strangers += found;
        if ((int64_t)found != data_number(record->data, "unexplained"))
            TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                             "the number of unexplained objects is not that of the list"));
        TRY(check_reasons(evidence, &lines, record, report));
        const size_t before = (size_t)(record - evidence->reading.records);
        for (size_t i = 1; i <= found; i++)
            if (i > before
                || evidence->reading.records[before - i].type != TRANSCRIPT_EXCEPTION)
                TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                                 "an unexplained object is not noted as an exception"));
    }
    return report_note(report, "%zu taken, %zu objects unexplained", count, strangers);
}
