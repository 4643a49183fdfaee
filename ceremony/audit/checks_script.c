/* SPDX-License-Identifier: Apache-2.0
 *
 * What was done against what was written: inputs, approval, steps. (R1, R3, R5, R8, R9) */
#include <stdlib.h>
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"
#include "transcripts/digest.h"
#include "transcripts/record.h"

#define OPENING_SCHEMA 1 /* docs/formats/transcript.md */

struct error *
check_script(const struct evidence *evidence, struct report *report)
{
    if (evidence->script_error != NULL)
        TRY(report_fault(report, "script.yaml", 1, "%s%s%s", error_what(evidence->script_error),
                         error_detail_text(evidence->script_error)[0] != '\0' ? ": " : "",
                         error_detail_text(evidence->script_error)));
    if (evidence->site_error != NULL)
        TRY(report_fault(report, "environment.yaml, roster.yaml, custody.yaml", 1, "%s%s%s",
                         error_what(evidence->site_error),
                         error_detail_text(evidence->site_error)[0] != '\0' ? ": " : "",
                         error_detail_text(evidence->site_error)));
    if (evidence->script != NULL)
        TRY(report_note(report, "\"%s\" %s of %s, %zu acts", evidence->script->ceremony,
                        evidence->script->version, evidence->script->date,
                        evidence->script->act_count));
    return NULL;
}

/* --- inputs --- */

static struct error *
compare_hash(const struct evidence *evidence, const char *file, const char *said,
             struct report *report)
{
    char hash[65];
    evidence_hash(evidence, file, hash);
    if (hash[0] != '\0' && strcmp(hash, said) == 0)
        return NULL;
    return report_fault(report, file, 1, "the opening names another one (%.16s...)", said);
}

static struct error *
compare_custody(const struct evidence *evidence, const char *commitment, struct report *report)
{
    if (evidence->public_extract)
        return report_note(report, "custody.yaml is not in a public extract");
    const json_t *value = transcript_openings_find(&evidence->openings, commitment);
    return compare_hash(evidence, "custody.yaml", data_text(value, "sha256"), report);
}

static struct error *
compare_sha384(const struct evidence *evidence, const json_t *script, struct report *report)
{
    AUTO_BYTES raw = {0};
    char hash[DIGEST_SHA384_TEXT];
    TRY(evidence_file(evidence, "script.yaml", &raw));
    TRY(digest_sha384_text(raw.data, raw.len, hash));
    if (strcmp(hash, data_text(script, "sha384")) != 0)
        return report_fault(report, "script.yaml", 1, "the opening names another SHA-384");
    return NULL;
}

/* The profile that the script reads is the one that the opening names, and by its own words. */
static struct error *
compare_profile(const struct pki_profile *profile, const json_t *rows, struct report *report)
{
    for (size_t i = 0; i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);
        if (strcmp(data_text(row, "id"), profile->id) == 0
            && strcmp(data_text(row, "sha256"), profile->sha256) == 0
            && strcmp(data_text(row, "version"), profile->version) == 0
            && strcmp(data_text(row, "policy"), profile->policy) == 0)
            return NULL;
    }
    return report_fault(report, TRANSCRIPT_FILE, 1,
                        "the opening does not name the profile \"%s\" as the script reads it",
                        profile->id);
}

static struct error *
compare_profiles(const struct evidence *evidence, struct report *report)
{
    size_t index = 0;
    const json_t *row = NULL;
    const json_t *rows = data_inner(evidence->opening->data, "profiles");
    json_array_foreach(rows, index, row)
    {
        AUTO_FREE char *name = NULL;
        TRY(text_format(&name, "profiles/%s.yaml", data_text(row, "id")));
        TRY(compare_hash(evidence, name, data_text(row, "sha256"), report));
    }
    for (size_t i = 0; evidence->script != NULL && i < evidence->script->profile_count; i++)
        TRY(compare_profile(evidence->script->profiles[i].profile, rows, report));
    if (evidence->script != NULL && json_array_size(rows) != evidence->script->profile_count)
        return report_fault(report, TRANSCRIPT_FILE, 1,
                            "the opening names %zu profiles, the script %zu",
                            json_array_size(rows), evidence->script->profile_count);
    return NULL;
}

/* What the opening says of the script is what the script says of itself, with a value for each parameter. */
static struct error *
compare_identity(const struct evidence *evidence, struct report *report)
{
    const struct script *script = evidence->script;
    const json_t *data = evidence->opening->data;
    const json_t *said = data_inner(data, "script");
    const json_t *parameters = data_inner(data, "parameters");

    const struct {
        const char *key;
        const char *is;
    } rows[] = {
        {"name",    script->ceremony},
        {"version", script->version },
        {"date",    script->date    },
        {"policy",  script->policy  },
    };

    if (data_number(data, "schema") != OPENING_SCHEMA)
        TRY(report_fault(report, TRANSCRIPT_FILE, 1,
                         "the transcript has a form that this program does not know"));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strcmp(data_text(said, rows[i].key), rows[i].is) != 0)
            TRY(report_fault(report, TRANSCRIPT_FILE, 1,
                             "the opening says of the script another \"%s\"", rows[i].key));
    for (size_t i = 0; i < script->parameter_count; i++)
        if (!json_is_string(json_object_get(parameters, script->parameters[i].id)))
            TRY(report_fault(report, TRANSCRIPT_FILE, 1,
                             "the opening does not say what \"%s\" was",
                             script->parameters[i].id));
    if (evidence->site != NULL
        && evidence->site->one_player != json_is_true(json_object_get(data, "one_player")))
        TRY(report_fault(report, TRANSCRIPT_FILE, 1,
                         "the opening and environment.yaml do not say the same of whether one "
                         "player had all roles"));
    if (!data_is_hash(data_text(data_inner(data, "program"), "sha256")))
        TRY(report_note(report, "the hash of the program was not read"));
    return NULL;
}

struct error *
check_inputs(const struct evidence *evidence, struct report *report)
{
    if (evidence->opening == NULL)
        return report_not_done(report, "there is no opening record");
    json_t *data = evidence->opening->data;
    const char *name = NULL;
    json_t *value = NULL;
    const json_t *script = data_inner(data, "script");
    TRY(compare_hash(evidence, "script.yaml", data_text(script, "sha256"), report));
    TRY(compare_sha384(evidence, script, report));
    TRY(compare_profiles(evidence, report));
    if (evidence->script != NULL)
        TRY(compare_identity(evidence, report));
    json_t *site = json_object_get(data, "site");
    json_object_foreach(site, name, value)
    {
        const char *said = json_is_string(value) ? json_string_value(value) : "";
        TRY(strcmp(name, "custody.yaml") == 0 ? compare_custody(evidence, said, report)
                                              : compare_hash(evidence, name, said, report));
    }
    static const char *const needed[] = {"environment.yaml", "roster.yaml", "custody.yaml"};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        if (json_object_get(site, needed[i]) == NULL)
            TRY(report_fault(report, TRANSCRIPT_FILE, 1, "the opening does not name %s",
                             needed[i]));
    if (evidence->site != NULL && evidence->site->rehearsal != evidence_is_rehearsal(evidence))
        TRY(report_fault(report, "environment.yaml", 1, "its mode is not that of the opening"));
    return NULL;
}

/* --- approval --- */

static size_t
approval_witnesses(const struct evidence *evidence)
{
    const char *seen[64];
    size_t count = 0;
    EACH_RECORD(record, evidence)
    {
        bool known =
            record->type != TRANSCRIPT_CONFIRMATION
            || strcmp(data_text(record->data, "prompt"), "approval") != 0
            || strcmp(data_text(record->data, "sha256"), evidence->site->approval.sha256) != 0;
        for (size_t i = 0; i < count && !known; i++)
            known = strcmp(seen[i], record->actor) == 0;
        if (!known && count < 64)
            seen[count++] = record->actor;
    }
    return count;
}

struct error *
check_approval(const struct evidence *evidence, struct report *report)
{
    bool practice = evidence_is_rehearsal(evidence);
    const struct site_approval *approval = &evidence->site->approval;
    const json_t *said =
        evidence->opening == NULL ? NULL : data_inner(evidence->opening->data, "approval");
    if (!approval->given) {
        if (practice && strcmp(data_text(said, "approval"), "none: rehearsal") == 0)
            return report_note(report, "none: a rehearsal");
        return report_fault(report, "approval.yaml", 1,
                            practice ? "the opening names an approval that is not there"
                                     : "there is none; production needs one");
    }
    if (strcmp(data_text(said, "sha256"), approval->sha256) != 0)
        TRY(report_fault(report, "approval.yaml", 1, "the opening names another one"));
    TRY(report_error(report, "approval.yaml", 1,
                     site_approval_check(evidence->site, evidence->script)));
    size_t witnesses = approval_witnesses(evidence);
    if (!practice && witnesses < 2)
        TRY(report_fault(report, TRANSCRIPT_FILE, 1,
                         "%zu witnesses compared the approval with its paper; two must",
                         witnesses));
    return report_note(report, "by %s, %s", approval->approver, approval->date);
}

/* --- steps --- */

struct progress {
    const struct script *script;
    const char *done[512];
    size_t count;
};

static bool
is_finished(const struct progress *progress, const char *id)
{
    for (size_t i = 0; i < progress->count; i++)
        if (strcmp(progress->done[i], id) == 0)
            return true;
    return false;
}

/* The first step of the script that was not done; NULL at the end. */
static const struct script_step *
next_step(const struct progress *progress, const char **ret_act)
{
    for (size_t a = 0; a < progress->script->act_count; a++) {
        const struct script_act *act = &progress->script->acts[a];
        for (size_t s = 0; s < act->step_count; s++)
            if (!is_finished(progress, act->steps[s].id)) {
                *ret_act = act->title;
                return &act->steps[s];
            }
    }
    return NULL;
}

static struct error *
check_begin(const struct transcript_record *record, const struct progress *progress,
            struct report *report)
{
    const char *act = "";
    const struct script_step *next = next_step(progress, &act);
    if (next == NULL || strcmp(next->id, record->step) != 0)
        return report_fault(report, TRANSCRIPT_FILE, record->seq,
                            "step \"%s\" begins where the script has \"%s\"", record->step,
                            next == NULL ? "its end" : next->id);

    const struct {
        const char *key;
        const char *wanted;
    } fields[] = {
        {"kind",     step_kind_name(next->kind)},
        {"performs", next->performs            },
        {"verifies", next->verifies            },
        {"expect",   next->expect              },
        {"evidence", next->evidence            },
    };

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        if (strcmp(data_text(record->data, fields[i].key), fields[i].wanted) != 0)
            TRY(report_fault(report, TRANSCRIPT_FILE, record->seq,
                             "\"%s\" of step \"%s\" is not as the script has it", fields[i].key,
                             record->step));
    if (strcmp(record->act, act) != 0)
        return report_fault(report, TRANSCRIPT_FILE, record->seq,
                            "step \"%s\" stands in another act", record->step);
    return NULL;
}

/* A void share set takes its steps back. */
static void
undo_steps(const struct transcript_record *record, struct progress *progress)
{
    size_t index = 0;
    const json_t *step = NULL;
    json_array_foreach(data_inner(record->data, "steps"), index,
                       step) for (size_t i = 0; i < progress->count;
                                  i++) if (json_is_string(step)
                                           && strcmp(progress->done[i], json_string_value(step))
                                                  == 0) progress->done[i] =
        progress->done[--progress->count];
}

static struct error *
follow_steps(const struct evidence *evidence, struct progress *progress, struct report *report)
{
    EACH_RECORD(record, evidence)
    {
        if (record->type == TRANSCRIPT_STEP_BEGIN)
            TRY(check_begin(record, progress, report));
        else if (record->type == TRANSCRIPT_STEP_END && progress->count < 512
                 && !is_finished(progress, record->step))
            progress->done[progress->count++] = record->step;
        else if (is_done(record, "void-shares"))
            undo_steps(record, progress);
    }
    return NULL;
}

struct error *
check_steps(const struct evidence *evidence, struct report *report)
{
    AUTO_FREE struct progress *progress = calloc(1, sizeof *progress);
    const char *act = "";
    if (progress == NULL)
        return error_memory();
    progress->script = evidence->script;
    TRY(follow_steps(evidence, progress, report));
    const struct script_step *left = next_step(progress, &act);
    if (left != NULL && !evidence_is_aborted(evidence))
        TRY(report_fault(report, TRANSCRIPT_FILE, evidence->reading.count,
                         "step \"%s\" was not done", left->id));
    else if (left != NULL)
        TRY(report_note(report, "aborted before \"%s\"", left->id));
    return report_note(report, "%zu done, in the script's order", progress->count);
}
