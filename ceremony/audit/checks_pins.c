/* SPDX-License-Identifier: Apache-2.0
 *
 * PINs that are held as shares: none is set on a token before every share of it was proven, whoever used one
 * changed it or said so, and ledger and record agree on what holds now. (R13, R19, R76, R84) */
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/audit/ledger_lines.h"
#include "ceremony/audit/typed_shares.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/rules/share_plan.h"
#include "transcripts/record.h"

static bool
same_pin(const json_t *a, const json_t *b)
{
    return strcmp(data_text(a, "token"), data_text(b, "token")) == 0
           && strcmp(data_text(a, "user"), data_text(b, "user")) == 0;
}

static bool
same_set(const json_t *a, const json_t *b)
{
    return same_pin(a, b) && data_number(a, "set") == data_number(b, "set");
}

/* The first done record of this kind between two others that is of the same set as `data`; NULL. */
static const struct transcript_record *
done_between(const struct evidence *evidence, const char *does, const json_t *data,
             uint64_t from, uint64_t to)
{
    EACH_RECORD(record, evidence)
    if (record->seq > from && record->seq < to && is_done(record, does)
        && same_set(record->data, data))
        return record;
    return NULL;
}

static bool
in_ledger(const struct ledger_lines *lines, const char *ceremony, const json_t *data,
          const char *state)
{
    for (size_t i = 0; i < lines->count; i++) {
        const json_t *row = lines->rows[i].object;
        const json_t *entry = data_inner(row, "data");
        if (strcmp(data_text(row, "ceremony"), ceremony) == 0
            && strcmp(data_text(row, "kind"), "pin-set") == 0
            && strcmp(data_text(entry, "serial"), data_text(data, "serial")) == 0
            && strcmp(data_text(entry, "user"), data_text(data, "user")) == 0
            && data_number(entry, "set_id") == data_number(data, "set")
            && strcmp(data_text(entry, "state"), state) == 0)
            return true;
    }
    return false;
}

/* Whether the shares of the set before were typed for this change. */
static bool
old_shares_typed(const struct evidence *evidence, const struct transcript_record *split,
                 const struct transcript_record *intent)
{
    EACH_RECORD(record, evidence)
    if (record->seq > split->seq && record->seq < intent->seq
        && is_fact(record, "quorum-shares") && same_pin(record->data, intent->data)
        && data_number(record->data, "set") == data_number(intent->data, "before"))
        return true;
    return false;
}

static bool
set_by_so(const struct evidence *evidence, const struct transcript_record *intent)
{
    const struct script_step *step =
        evidence->script == NULL ? NULL : step_of(evidence->script, intent->step);
    return step != NULL && strcmp(step->by, "so") == 0;
}

/* Announced: the shares were there, proven, and not void. */
static struct error *
check_announced(const struct evidence *evidence, const struct transcript_record *intent,
                struct report *report)
{
    const struct transcript_record *split =
        done_between(evidence, "split-pin", intent->data, 0, intent->seq);
    const char *token = data_text(intent->data, "token");
    if (split == NULL)
        return report_fault(report, TRANSCRIPT_FILE, intent->seq,
                            "token \"%s\" was to get a PIN whose shares were not proven",
                            token);
    if (done_between(evidence, "void-pin-set", intent->data, split->seq, intent->seq) != NULL)
        return report_fault(report, TRANSCRIPT_FILE, intent->seq,
                            "token \"%s\" was to get a PIN whose shares are void", token);
    if (data_number(intent->data, "before") != 0 && !set_by_so(evidence, intent)
        && !old_shares_typed(evidence, split, intent))
        return report_fault(report, TRANSCRIPT_FILE, intent->seq,
                            "the PIN of token \"%s\" was changed, and the shares of the one "
                            "before were not typed",
                            token);
    return NULL;
}

static struct error *
check_changed(const struct evidence *evidence, const struct transcript_record *changed,
              const struct ledger_lines *lines, struct report *report)
{
    const struct transcript_record *intent = intent_of(evidence, changed);
    if (intent == NULL || !same_set(intent->data, changed->data))
        return report_fault(report, TRANSCRIPT_FILE, changed->seq,
                            "another change of a PIN was announced");
    if (!in_ledger(lines, evidence_id(evidence), changed->data, "in-use"))
        return report_fault(report, lines->name, changed->seq,
                            "it does not know that set %lld holds the %s PIN of token \"%s\"",
                            (long long)data_number(changed->data, "set"),
                            data_text(changed->data, "user"),
                            data_text(changed->data, "token"));
    return NULL;
}

/* Made, and on no token: void in the record and in the ledger, or left open by an abort that says so. */
static struct error *
check_unused(const struct evidence *evidence, const struct transcript_record *made,
             const struct ledger_lines *lines, struct report *report)
{
    bool used = done_between(evidence, "change-pin", made->data, made->seq, UINT64_MAX) != NULL;
    bool is_void =
        done_between(evidence, "void-pin-set", made->data, made->seq, UINT64_MAX) != NULL;
    if (used && is_void)
        return report_fault(report, TRANSCRIPT_FILE, made->seq,
                            "a set of shares is void, and a token has its PIN");
    if (used)
        return NULL;
    if (is_void)
        return in_ledger(lines, evidence_id(evidence), made->data, "void")
                       || !in_ledger(lines, evidence_id(evidence), made->data, "made")
                   ? NULL
                   : report_fault(report, lines->name, made->seq,
                                  "it holds a set of shares as live that is void");
    EACH_RECORD(record, evidence)
    if (is_intent(record, "change-pin") && same_set(record->data, made->data)
        && evidence_is_aborted(evidence))
        return NULL;
    return report_fault(report, TRANSCRIPT_FILE, made->seq,
                        "shares of a PIN were made, and neither used nor made void");
}

/* Whoever puts a PIN together changes it, or it is told. */
static struct error *
check_use(const struct evidence *evidence, const struct transcript_record *use,
          struct report *report)
{
    EACH_RECORD(record, evidence)
    {
        if (record->seq <= use->seq)
            continue;
        if (is_done(record, "change-pin") && same_pin(record->data, use->data)
            && data_number(record->data, "set") != data_number(use->data, "set"))
            return NULL;
        if (is_done(record, "void-pin-set") && same_set(record->data, use->data))
            return NULL;
        if (is_fact(record, "quorum-kept") && same_set(record->data, use->data))
            return record[-1].type == TRANSCRIPT_EXCEPTION /* `use` is before it */
                       ? NULL
                       : report_fault(report, TRANSCRIPT_FILE, record->seq,
                                      "a PIN was kept after its use, and no exception says so");
    }
    return report_fault(report, TRANSCRIPT_FILE, use->seq,
                        "the %s PIN of token \"%s\" was put together, and neither changed nor "
                        "said to be known",
                        data_text(use->data, "user"), data_text(use->data, "token"));
}

static struct error *
check_record(const struct evidence *evidence, const struct transcript_record *record,
             const struct ledger_lines *lines, struct report *report)
{
    if (is_intent(record, "change-pin"))
        return check_announced(evidence, record, report);
    if (is_done(record, "change-pin"))
        return check_changed(evidence, record, lines, report);
    if (is_intent(record, "split-pin"))
        return check_unused(evidence, record, lines, report);
    return is_fact(record, "quorum-shares") ? check_use(evidence, record, report) : NULL;
}

struct error *
check_pins(const struct evidence *evidence, struct report *report)
{
    AUTO_LEDGER_LINES lines = {0};
    size_t changed = 0;
    size_t used = 0;
    EACH_RECORD(record, evidence)
    {
        changed += is_done(record, "change-pin") ? 1 : 0;
        used += is_fact(record, "quorum-shares") ? 1 : 0;
        if (lines.name[0] == '\0' && is_intent(record, "split-pin"))
            TRY(ledger_lines_read(evidence, &lines));
        TRY(check_record(evidence, record, &lines, report));
    }
    return report_note(report, "%zu changed to shares, %zu put together from shares", changed,
                       used);
}

/* --- what custodians typed --- */

/* Of a set that this ceremony made, its plan is at hand. */
struct error *
check_typed_shares(const struct evidence *evidence, const struct transcript_record *use,
                   struct report *report)
{
    bool made_here = done_between(evidence, "split-pin", use->data, 0, use->seq) != NULL;
    for (size_t i = 0; i < evidence->script->share_count; i++) {
        const struct script_shares *set = &evidence->script->shares[i];
        const struct share_plan *plan = site_plan(evidence->site, set->id);
        bool so = strcmp(data_text(use->data, "user"), "SO") == 0;
        if (plan != NULL && made_here && strcmp(set->token, data_text(use->data, "token")) == 0
            && strcmp(set->pin, so ? "so" : "user") == 0)
            return typed_shares_check(evidence, use, plan, report);
    }
    return typed_shares_check(evidence, use, NULL, report);
}
