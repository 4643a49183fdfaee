/* SPDX-License-Identifier: Apache-2.0
 *
 * The marks on the tokens: what was written is what the ledger announced, and what was found there the ledger
 * holds, or an exception tells it. (R53, R102; docs/formats/token-head.md) */
#include <stdio.h>
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/audit/ledger_lines.h"
#include "ceremony/base/encode.h"
#include "transcripts/record.h"

#define MARK_TEXT_MAX 160U

/* The entry with this hash, if it announces a mark; NULL. */
static const json_t *
announcement(const struct ledger_lines *lines, const char *hash)
{
    for (size_t i = 0; i < lines->count; i++) {
        char text[65];
        const json_t *data = data_inner(lines->rows[i].object, "data");
        hex_encode(lines->rows[i].hash, sizeof lines->rows[i].hash, text);
        if (strcmp(text, hash) == 0 && strcmp(data_text(data, "kind"), "ceremony-head") == 0)
            return lines->rows[i].object;
    }
    return NULL;
}

static bool
announces(const json_t *entry, int64_t counter)
{
    char end[MARK_TEXT_MAX];
    const char *text = data_text(data_inner(entry, "data"), "text");
    const char *blank = strrchr(text, ' ');
    (void)snprintf(end, sizeof end, " %lld", (long long)counter);
    return entry != NULL && blank != NULL && strcmp(blank, end) == 0;
}

static struct error *
check_written(const struct evidence *evidence, const struct transcript_record *written,
              const struct ledger_lines *lines, struct report *report)
{
    static const char *const keys[] = {"token", "ledger"};
    const struct transcript_record *intent = intent_of(evidence, written);
    const json_t *entry = announcement(lines, data_text(written->data, "ledger"));
    bool same =
        intent != NULL
        && data_number(intent->data, "counter") == data_number(written->data, "counter");
    for (size_t i = 0; same && i < sizeof keys / sizeof keys[0]; i++)
        same = strcmp(data_text(intent->data, keys[i]), data_text(written->data, keys[i])) == 0;
    if (same && announces(entry, data_number(written->data, "counter"))
        && strcmp(data_text(entry, "ceremony"), evidence_id(evidence)) == 0)
        return NULL;
    return report_fault(report, lines->name, written->seq,
                        "it does not announce the mark that token \"%s\" got",
                        data_text(written->data, "token"));
}

/* Announced to this token in this very ceremony, which was interrupted before it was written. */
static bool
announced_here(const struct evidence *evidence, const struct transcript_record *fact,
               const struct ledger_lines *lines)
{
    char text[MARK_TEXT_MAX] = "";
    EACH_RECORD(record, evidence)
    if (record->seq < fact->seq && is_fact(record, "token")
        && strcmp(data_text(record->data, "token"), data_text(fact->data, "token")) == 0)
        (void)snprintf(text, sizeof text, "%s %lld", data_text(record->data, "serial"),
                       (long long)data_number(fact->data, "announced"));
    for (size_t i = 0; i < lines->count; i++) {
        const json_t *entry = lines->rows[i].object;
        const json_t *data = data_inner(entry, "data");
        if (strcmp(data_text(data, "kind"), "ceremony-head") == 0
            && strcmp(data_text(data, "text"), text) == 0
            && strcmp(data_text(entry, "ceremony"), evidence_id(evidence)) == 0)
            return true;
    }
    return false;
}

/* Told before the step was left. */
static bool
was_told(const struct evidence *evidence, const struct transcript_record *fact)
{
    EACH_RECORD(record, evidence)
    {
        if (record->seq <= fact->seq)
            continue;
        if (record->type == TRANSCRIPT_EXCEPTION || record->type == TRANSCRIPT_RESUME
            || record->type == TRANSCRIPT_CLOSING)
            return true;
        if (record->type == TRANSCRIPT_STEP_END)
            return false;
    }
    return false;
}

static struct error *
check_found(const struct evidence *evidence, const struct transcript_record *fact,
            const struct ledger_lines *lines, struct report *report)
{
    const char *hash = data_text(fact->data, "ledger");
    int64_t counter = data_number(fact->data, "counter");
    int64_t announced = data_number(fact->data, "announced");
    const json_t *entry = announcement(lines, hash);
    if (counter > 0 && !evidence_is_aborted(evidence)
        && (!announces(entry, counter)
            || strcmp(data_text(entry, "ceremony"), data_text(fact->data, "ceremony")) != 0))
        return report_fault(report, lines->name, fact->seq,
                            "token \"%s\" bears a mark that it does not hold: it is an older "
                            "ledger, or another one",
                            data_text(fact->data, "token"));
    if (counter < announced && !announced_here(evidence, fact, lines)
        && !was_told(evidence, fact))
        return report_fault(report, TRANSCRIPT_FILE, fact->seq,
                            "token \"%s\" bears mark %lld, %lld were announced to it, and no "
                            "exception says so",
                            data_text(fact->data, "token"), (long long)counter,
                            (long long)announced);
    return NULL;
}

struct error *
check_marks(const struct evidence *evidence, struct report *report)
{
    AUTO_LEDGER_LINES lines = {0};
    size_t written = 0;
    size_t found = 0;
    struct error *error = ledger_lines_read(evidence, &lines);
    if (error != NULL)
        return report_error(report, "ledger.jsonl", 0, error);
    EACH_RECORD(record, evidence)
    {
        if (is_done(record, "write-head")) {
            written++;
            TRY(check_written(evidence, record, &lines, report));
        }
        if (is_fact(record, "ceremony-head")) {
            found++;
            TRY(check_found(evidence, record, &lines, report));
        }
    }
    return report_note(report, "%zu written, %zu compared with the ledger", written, found);
}
