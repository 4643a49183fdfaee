/* SPDX-License-Identifier: Apache-2.0
 *
 * The computer: what it must not be like was noted as an exception, each time that it was measured. (R10, R91) */
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/rules/host_faults.h"
#include "transcripts/record.h"

/* Noted after the measuring and before anything is asked or the step is left. */
static bool
was_noted(const struct evidence *evidence, const struct transcript_record *fact,
          const char *expected)
{
    EACH_RECORD(record, evidence)
    {
        if (record->seq <= fact->seq)
            continue;
        if (record->type == TRANSCRIPT_RESUME || record->type == TRANSCRIPT_CLOSING)
            return true; /* stopped there: measured again, or never */
        if (record->type == TRANSCRIPT_STEP_END)
            return false;
        if (record->type == TRANSCRIPT_EXCEPTION
            && strcmp(data_text(record->data, "expected"), expected) == 0)
            return true;
    }
    return false;
}

static struct error *
check_facts(const struct evidence *evidence, const struct transcript_record *fact,
            struct report *report)
{
    const json_t *data = fact->data;
    const char *memory = data_text(data, "secret_memory");
    bool counted = json_is_integer(json_object_get(data, "interfaces_up"));
    int64_t cards = counted ? data_number(data, "interfaces_up") : -1;
    bool swap = strcmp(data_text(data, "swap"), "no") != 0
                && strcmp(data_text(data, "swap"), "not read") != 0;
    bool traced = data_number(data, "tracer") > 0;
    bool cores = !json_is_true(json_object_get(data, "core_dumps_off"));
    bool unlocked = memory[0] == '\0' || strcmp(memory, "none") == 0;

    const struct {
        bool wrong;
        const char *expected;
    } rows[] = {
        {cards > 0, HOST_NO_NETWORK  },
        {cards < 0, HOST_CARDS_READ  },
        {swap,      HOST_NO_SWAP     },
        {traced,    HOST_NO_DEBUGGER },
        {cores,     HOST_NO_CORES    },
        {unlocked,  HOST_LOCKED_PAGES},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].wrong && !was_noted(evidence, fact, rows[i].expected))
            TRY(report_fault(report, TRANSCRIPT_FILE, fact->seq,
                             "expected was: %s; it was not so, and no exception says it",
                             rows[i].expected));
    return NULL;
}

struct error *
check_host(const struct evidence *evidence, struct report *report)
{
    size_t count = 0;
    EACH_RECORD(record, evidence)
    {
        if (is_fact(record, "reader")
            && !json_is_true(json_object_get(record->data, "seccomp")))
            TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                             "what was brought was read by a process that was not confined"));
        if (!is_fact(record, "host"))
            continue;
        count++;
        TRY(check_facts(evidence, record, report));
    }
    return report_note(report, "measured %zu times", count);
}
