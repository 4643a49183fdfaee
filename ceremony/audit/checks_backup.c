/* SPDX-License-Identifier: Apache-2.0
 *
 * Nothing is certified before it can be restored; and the share plan, decided again. (R73-R82) */
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/audit/ledger_lines.h"
#include "ceremony/audit/presence.h"
#include "ceremony/audit/typed_shares.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"
#include "ceremony/rules/share_plan.h"
#include "shamir/slip39.h"
#include "transcripts/record.h"

static bool
is_backed_up(const struct evidence *evidence, const char *key)
{
    const struct script_key *planned = script_key(evidence->script, key);
    return planned != NULL && planned->backup == BACKUP_WRAPPED
           && planned->made == MADE_HERE; /* one made earlier was proven then */
}

/* A key was wrapped and its KEK split: for the first time, or again for new holders. */
static bool
is_backup(const struct transcript_record *record)
{
    return is_done(record, "back-up-key") || is_done(record, "re-share");
}

/* A void set between two records: what was proven before it counts no more. */
static bool
void_between(const struct evidence *evidence, const char *key, uint64_t from, uint64_t to)
{
    EACH_RECORD(record, evidence)
    if (record->seq > from && record->seq < to && is_done(record, "void-shares")
        && strcmp(data_text(record->data, "key"), key) == 0)
        return true;
    return false;
}

static const struct transcript_record *
shares_of(const struct evidence *evidence, const struct transcript_record *backup,
          uint64_t before)
{
    return backup == NULL ? NULL
                          : find_done(evidence, "deliver-shares", "shares",
                                      data_text(backup->data, "shares"), before);
}

/* Wrapped, delivered, proven, locked: in this order, all before the signature. */
static struct error *
check_before_signing(const struct evidence *evidence, const struct transcript_record *intent,
                     struct report *report)
{
    const char *key = data_text(intent->data, "key");
    const struct transcript_record *backup =
        find_done(evidence, "back-up-key", "key", key, intent->seq);
    static const char *const acts[] = {"wrapped", "shares delivered", "restore proven",
                                       "locked"};
    const struct transcript_record *const chain[] = {
        backup, shares_of(evidence, backup, intent->seq),
        find_done(evidence, "prove-restore", "key", key, intent->seq),
        find_done(evidence, "lock-key", "key", key, intent->seq)};
    uint64_t last = 0;
    for (size_t i = 0; i < sizeof chain / sizeof chain[0]; i++) {
        if (chain[i] == NULL || chain[i]->seq < last)
            return report_fault(report, TRANSCRIPT_FILE, intent->seq,
                                "the key \"%s\" was to sign before this was done: %s", key,
                                acts[i]);
        last = chain[i]->seq;
    }
    if (void_between(evidence, key, backup->seq, intent->seq))
        return report_fault(report, TRANSCRIPT_FILE, intent->seq,
                            "the backup of key \"%s\" was void when it was to sign", key);
    return NULL;
}

static struct error *
check_blob(const struct evidence *evidence, const struct transcript_record *backup,
           struct report *report)
{
    char hash[65];
    const char *blob = data_text(backup->data, "blob");
    if (void_between(evidence, data_text(backup->data, "key"), backup->seq, UINT64_MAX))
        return NULL;
    evidence_hash(evidence, blob, hash);
    if (strcmp(hash, data_text(backup->data, "blob_sha256")) != 0)
        return report_fault(report, blob, backup->seq, "is not the wrapped key of the record");
    return NULL;
}

static struct error *
check_restore(const struct evidence *evidence, const struct transcript_record *restore,
              struct report *report)
{
    const char *key = data_text(restore->data, "key");
    const char *spki = data_text(restore->data, "spki_sha256");
    const struct transcript_record *made = find_key(evidence, "key", key, restore->seq);
    const struct transcript_record *intent = intent_of(evidence, restore);
    const struct transcript_record *signs =
        find_done(evidence, "prove-possession", "key", key, restore->seq);
    if (made == NULL || strcmp(data_text(made->data, "spki_sha256"), spki) != 0)
        return report_fault(report, TRANSCRIPT_FILE, restore->seq,
                            "the copy has another public key than \"%s\"", key);
    if (intent == NULL || signs == NULL || signs->seq < intent->seq
        || strcmp(data_text(signs->data, "spki_sha256"), spki) != 0)
        return report_fault(report, TRANSCRIPT_FILE, restore->seq,
                            "the restored copy of \"%s\" did not sign", key);
    if (strcmp(data_text(restore->data, "kept"), "yes") != 0) {
        const struct transcript_record *gone =
            find_done(evidence, "destroy-restored", "key", key, restore->seq);
        if (gone == NULL || gone->seq < intent->seq)
            return report_fault(report, TRANSCRIPT_FILE, restore->seq,
                                "the copy of \"%s\" was to be destroyed, and was not", key);
    }
    return NULL;
}

/* An old backup goes only after the new one was proven, and is another one (R84). */
static struct error *
check_retired(const struct evidence *evidence, const struct transcript_record *intent,
              struct report *report)
{
    const char *key = data_text(intent->data, "key");
    const struct transcript_record *again =
        find_done(evidence, "re-share", "key", key, intent->seq);
    const struct transcript_record *proof =
        find_done(evidence, "prove-restore", "key", key, intent->seq);
    if (again == NULL || proof == NULL || proof->seq < again->seq
        || void_between(evidence, key, again->seq, intent->seq))
        return report_fault(
            report, TRANSCRIPT_FILE, intent->seq,
            "the old backup of \"%s\" was given up before the new one was proven", key);
    if (strcmp(data_text(intent->data, "blob_sha256"), data_text(again->data, "blob_sha256"))
        == 0)
        return report_fault(report, TRANSCRIPT_FILE, intent->seq,
                            "the new backup of \"%s\" was given up, not the old one", key);
    return NULL;
}

/* What is left of an old backup was told, and the ledger gives up the one that was announced. */
static struct error *
check_gone(const struct evidence *evidence, const struct transcript_record *result,
           struct report *report)
{
    AUTO_LEDGER_LINES lines = {0};
    int64_t told = 0;
    int64_t left = (json_is_true(json_object_get(result->data, "copies_destroyed")) ? 0 : 1)
                   + (json_is_true(json_object_get(result->data, "shares_destroyed")) ? 0 : 1);
    const struct transcript_record *intent = intent_of(evidence, result);
    const struct transcript_record *key =
        find_key(evidence, "key", data_text(result->data, "key"), result->seq);
    EACH_RECORD(record, evidence)
    told += record->seq < result->seq && record->type == TRANSCRIPT_EXCEPTION
                    && strcmp(record->step, result->step) == 0
                ? 1
                : 0;
    if (told < left)
        TRY(report_fault(report, TRANSCRIPT_FILE, result->seq,
                         "something of the old backup is left, and no exception says so"));
    TRY(ledger_lines_read(evidence, &lines));
    if (intent != NULL && key != NULL
        && strcmp(data_text(intent->data, "blob_sha256"),
                  data_text(result->data, "blob_sha256"))
               == 0
        && ledger_lines_has_backup(&lines, data_text(key->data, "spki_sha256"),
                                   data_text(result->data, "blob_sha256"),
                                   data_number(result->data, "set")))
        return NULL;
    return report_fault(report, lines.name, result->seq,
                        "it does not know the old backup of \"%s\" that was given up",
                        data_text(result->data, "key"));
}

struct error *
check_backup(const struct evidence *evidence, struct report *report)
{
    size_t proven = 0;
    EACH_RECORD(record, evidence)
    {
        if (is_signing(record) && is_backed_up(evidence, data_text(record->data, "key")))
            TRY(check_before_signing(evidence, record, report));
        if (is_backup(record))
            TRY(check_blob(evidence, record, report));
        if (is_intent(record, "retire-backup"))
            TRY(check_retired(evidence, record, report));
        if (is_done(record, "retire-backup"))
            TRY(report_error(report, "ledger.jsonl", record->seq,
                             check_gone(evidence, record, report)));
        if (is_done(record, "restore-key"))
            proven++;
        if (is_done(record, "prove-restore")) {
            proven++;
            TRY(check_restore(evidence, record, report));
        }
    }
    return report_note(report, "%zu proven by restoring", proven);
}

/* --- shares --- */

static struct error *
check_subsets(const struct evidence *evidence, const struct transcript_record *backup,
              const struct share_plan *plan, struct report *report)
{
    const json_t *said =
        transcript_openings_find(&evidence->openings, data_text(backup->data, "subsets"));
    uint64_t own = share_plan_subsets(plan);
    uint64_t total = (uint64_t)data_number(said, "qualified");
    uint64_t tried = (uint64_t)data_number(said, "recombined");
    bool sampled = json_is_true(json_object_get(said, "sampled"));
    if (total != own)
        return report_fault(report, CONFIDENTIAL_FILE, backup->seq,
                            "%llu qualified subsets are said to be there, the plan has %llu",
                            (unsigned long long)total, (unsigned long long)own);
    if (sampled ? own <= SLIP39_SUBSETS_ALL || tried < SLIP39_SUBSETS_SAMPLE : tried != own)
        return report_fault(report, CONFIDENTIAL_FILE, backup->seq,
                            "%llu of %llu subsets were recombined", (unsigned long long)tried,
                            (unsigned long long)own);
    return NULL;
}

/* Each share is shown to its holder, who was there, or came meanwhile. */
static struct error *
check_holder_there(const struct evidence *evidence, const struct transcript_record *delivery,
                   const struct share_holder *holder, struct report *report)
{
    AUTO_FREE struct roster *roster = NULL;
    const struct transcript_record *intent = intent_of(evidence, delivery);
    uint64_t from = intent == NULL ? delivery->seq : intent->seq;
    TRY(presence_before(evidence, from, &roster));
    const struct person *person = roster_person(roster, holder->person);
    if ((person != NULL && person->present)
        || presence_moved(evidence, holder->person, from, delivery->seq))
        return NULL;
    return report_fault(report, CONFIDENTIAL_FILE, delivery->seq,
                        "a share was shown while its holder \"%s\" was not in the room",
                        holder->person);
}

/* Holders in the order of the plan. */
static struct error *
check_delivery(const struct evidence *evidence, const struct transcript_record *delivery,
               const struct share_plan *plan, struct report *report)
{
    const json_t *rows =
        transcript_openings_find(&evidence->openings, data_text(delivery->data, "details"));
    size_t at = 0;
    if (json_array_size(rows) != share_plan_shares(plan))
        return report_fault(report, CONFIDENTIAL_FILE, delivery->seq,
                            "%zu shares were delivered, the plan has %zu",
                            json_array_size(rows), share_plan_shares(plan));
    for (size_t g = 0; g < plan->group_count; g++)
        for (size_t h = 0; h < plan->groups[g].count; h++) {
            const json_t *row = json_array_get(rows, at++);
            const struct share_holder *holder = &plan->groups[g].holders[h];
            TRY(check_holder_there(evidence, delivery, holder, report));
            if (strcmp(data_text(row, "holder"), holder->person) != 0
                || strcmp(data_text(row, "place"), holder->place) != 0
                || strcmp(data_text(row, "group"), plan->groups[g].name) != 0)
                TRY(report_fault(report, CONFIDENTIAL_FILE, delivery->seq,
                                 "share %zu went elsewhere than custody.yaml says", at));
            if (data_number(row, "group_number") != (int64_t)g + 1
                || data_number(row, "share_number") != (int64_t)h + 1)
                TRY(report_fault(report, CONFIDENTIAL_FILE, delivery->seq,
                                 "\"%s\" got share %lld of group %lld instead of %zu of %zu",
                                 holder->person, (long long)data_number(row, "share_number"),
                                 (long long)data_number(row, "group_number"), h + 1, g + 1));
        }
    return NULL;
}

/* Whose shares were typed: of the backup made here, or of the step; NULL for those of an older plan. */
static const struct share_plan *
plan_of_typed(const struct evidence *evidence, const struct transcript_record *record)
{
    const struct transcript_record *backup = NULL;
    const struct script_step *step = step_of(evidence->script, record->step);
    if (is_fact(record, "old-shares"))
        return NULL;
    EACH_RECORD(other, evidence)
    if (other->seq < record->seq && is_backup(other)
        && strcmp(data_text(other->data, "key"), data_text(record->data, "key")) == 0)
        backup = other;
    if (backup != NULL)
        return site_plan(evidence->site, data_text(backup->data, "shares"));
    return step == NULL || step->shares == NULL ? NULL
                                                : site_plan(evidence->site, step->shares);
}

struct error *
check_shares(const struct evidence *evidence, struct report *report)
{
    size_t sets = 0;
    for (size_t i = 0; i < evidence->site->plan_count; i++)
        TRY(report_error(
            report, "custody.yaml", 1,
            share_plan_check(&evidence->site->plans[i], evidence->site->roster.one_player)));
    EACH_RECORD(record, evidence)
    {
        if (is_done(record, "prove-restore") || is_done(record, "restore-key")
            || is_fact(record, "old-shares"))
            TRY(typed_shares_check(evidence, record, plan_of_typed(evidence, record), report));
        bool pin = is_done(record, "split-pin"); /* split and delivered in one */
        bool backup = is_backup(record) || pin;
        if (is_fact(record, "quorum-shares"))
            TRY(check_typed_shares(evidence, record, report));
        if (!backup && !is_done(record, "deliver-shares"))
            continue;
        const struct share_plan *plan =
            site_plan(evidence->site, data_text(record->data, "shares"));
        sets += backup ? 1 : 0;
        if (plan == NULL)
            TRY(report_fault(report, "custody.yaml", record->seq, "it has no plan for \"%s\"",
                             data_text(record->data, "shares")));
        if (plan != NULL && backup)
            TRY(check_subsets(evidence, record, plan, report));
        if (plan != NULL && (pin || !backup))
            TRY(check_delivery(evidence, record, plan, report));
    }
    return report_note(report, "%zu sets, plan and subsets counted again", sets);
}
