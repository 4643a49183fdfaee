/* SPDX-License-Identifier: Apache-2.0
 *
 * What was looked at between ceremonies: every fault is an exception, and how many shares may still be lost is
 * counted again from the plan. (R58, R85) */
#include <stdlib.h>
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/audit/ledger_lines.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/rules/share_plan.h"
#include "transcripts/record.h"

static bool
exception_precedes(const struct evidence *evidence, const struct transcript_record *record)
{
    return record > evidence->reading.records && record[-1].type == TRANSCRIPT_EXCEPTION;
}

static size_t
exceptions_in_step(const struct evidence *evidence, const struct transcript_record *until)
{
    size_t count = 0;
    EACH_RECORD(record, evidence)
    {
        if (record->seq >= until->seq)
            break;
        if (record->type == TRANSCRIPT_STEP_BEGIN)
            count = 0;
        count += record->type == TRANSCRIPT_EXCEPTION ? 1 : 0;
    }
    return count;
}

/* Those whose bag was whole, from the confidential rows; the rows must be the holders of the plan, in order. */
static struct error *
count_again(const struct transcript_record *checked, const struct share_plan *plan,
            const json_t *rows, struct report *report)
{
    size_t count = share_plan_shares(plan);
    size_t good_count = 0;
    size_t suspect = 0;
    size_t margin = 0;
    AUTO_FREE const char **good = calloc(count + 1, sizeof *good);
    if (good == NULL)
        return error_memory();
    if (json_array_size(rows) != count)
        return report_fault(report, CONFIDENTIAL_FILE, checked->seq,
                            "%zu shares were looked at, the plan has %zu",
                            json_array_size(rows), count);
    for (size_t i = 0; i < count; i++) {
        const json_t *row = json_array_get(rows, i);
        const char *state = data_text(row, "state");
        if (strcmp(state, "whole") == 0)
            good[good_count++] = data_text(row, "holder");
        suspect += strcmp(state, "whole") != 0 && strcmp(state, "not-seen") != 0 ? 1 : 0;
    }
    bool can_meet = share_plan_margin(plan, good, good_count, &margin);
    bool known = suspect >= share_plan_least(plan);
    if ((int64_t)(count - good_count) != data_number(checked->data, "faults")
        || can_meet != json_is_true(json_object_get(checked->data, "can_meet"))
        || (int64_t)margin != data_number(checked->data, "margin")
        || known != json_is_true(json_object_get(checked->data, "may_be_known")))
        return report_fault(report, TRANSCRIPT_FILE, checked->seq,
                            "what is said of the shares does not follow from what was seen");
    return NULL;
}

static struct error *
check_looked_at(const struct evidence *evidence, const struct transcript_record *checked,
                struct report *report)
{
    const struct share_plan *plan =
        evidence->site == NULL ? NULL
                               : site_plan(evidence->site, data_text(checked->data, "shares"));
    int64_t faults = data_number(checked->data, "faults");
    if ((int64_t)exceptions_in_step(evidence, checked) < faults)
        return report_fault(report, TRANSCRIPT_FILE, checked->seq,
                            "%lld shares were not as they should be, and not each is an "
                            "exception",
                            (long long)faults);
    if (plan == NULL || !evidence->has_openings)
        return NULL;
    return count_again(
        checked, plan,
        transcript_openings_find(&evidence->openings, data_text(checked->data, "details")),
        report);
}

/* The day that a share was checked is in the ledger. */
static struct error *
check_proof(const struct evidence *evidence, const struct transcript_record *checked,
            struct report *report)
{
    AUTO_LEDGER_LINES lines = {0};
    if (!json_is_true(json_object_get(checked->data, "any")))
        return NULL;
    TRY(ledger_lines_read(evidence, &lines));
    if (ledger_lines_has(&lines, evidence_id(evidence), "share-proof", "commitment",
                         data_text(checked->data, "details")))
        return NULL;
    return report_fault(report, lines.name, checked->seq,
                        "it does not know that shares of set %lld were checked",
                        (long long)data_number(checked->data, "set"));
}

struct error *
check_custody(const struct evidence *evidence, struct report *report)
{
    size_t bags = 0;
    size_t sets = 0;
    EACH_RECORD(record, evidence)
    {
        if (is_fact(record, "bag-check")) {
            bags++;
            if (strcmp(data_text(record->data, "state"), "whole") != 0
                && !exception_precedes(evidence, record))
                TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                                 "bag \"%s\" is not as it should be, and no exception says so",
                                 data_text(record->data, "number")));
        }
        if (is_fact(record, "share-check")) {
            sets++;
            TRY(check_looked_at(evidence, record, report));
        }
        if (is_fact(record, "shares-checked"))
            TRY(check_proof(evidence, record, report));
    }
    return report_note(report, "%zu bags, %zu sets looked at", bags, sets);
}
