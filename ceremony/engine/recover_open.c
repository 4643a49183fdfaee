/* SPDX-License-Identifier: Apache-2.0
 *
 * A ceremony is opened again after an interruption: its transcript is read and folded, and what it began
 * with (script, profiles, site, ledger) must be what is there now. (R90) */
#include <string.h>

#include "ceremony/base/file.h"
#include "ceremony/engine/context.h"
#include "ceremony/engine/crl_series.h"
#include "transcripts/reader.h"

static struct error *
fold(struct engine *engine, const struct transcript_reading *reading)
{
    for (size_t i = 0; i < reading->count; i++) {
        const struct transcript_record *record = &reading->records[i];
        TRY(state_apply(&engine->state, record->seq, record->type, record->step,
                        record->wall_ms, record->data));
    }
    if (engine->state.opened)
        return NULL;
    return error_hint(ERROR(ERROR_REFUSED, "this ceremony ended before its first record"),
                      "Nothing was done in it. Remove the folder and run it anew.");
}

static const char *
opening_text(const struct transcript_reading *reading, const char *object, const char *key)
{
    const char *text = json_string_value(
        json_object_get(json_object_get(reading->records[0].data, object), key));
    return text == NULL ? "" : text;
}

/* The profiles lie in the evidence folder, where the script names them. */
static struct error *
compare_profiles(const struct engine *engine, const struct transcript_reading *reading)
{
    const json_t *rows = json_object_get(reading->records[0].data, "profiles");
    for (size_t i = 0; i < engine->script->profile_count; i++) {
        const struct pki_profile *profile = engine->script->profiles[i].profile;
        const char *hash =
            json_string_value(json_object_get(json_array_get(rows, i), "sha256"));
        if (hash == NULL || strcmp(hash, profile->sha256) != 0)
            return error_hint(
                ERROR(ERROR_REFUSED,
                      "the profile \"%s\" is not the one this ceremony began with",
                      profile->id),
                "Put the file of the first run back into the evidence folder.");
    }
    return NULL;
}

/* Only its commitment is public; the copy of the first run lies in the evidence folder. */
static struct error *
compare_custody(struct engine *engine, const struct site_file *file)
{
    AUTO_BYTES first = {0};
    TRY(evidence_read(engine, file->name, 1U << 20, &first));
    if (first.len == file->raw.len && memcmp(first.data, file->raw.data, first.len) == 0)
        return NULL;
    return error_hint(
        ERROR(ERROR_REFUSED, "\"%s\" is not the one this ceremony began with", file->name),
        "Put the file of the first run back into the site folder; its copy lies in "
        "the evidence folder.");
}

/* Script and site files must be the very ones of the first run (R1, R9). */
static struct error *
compare_inputs(struct engine *engine, const struct transcript_reading *reading)
{
    if (strcmp(opening_text(reading, "script", "sha256"), engine->script->sha256) != 0)
        return ERROR(ERROR_REFUSED, "the script is not the one this ceremony began with");
    if (engine->state.rehearsal != engine->site->rehearsal)
        return ERROR(ERROR_REFUSED, "the mode can never be changed after the first record");
    if (engine->site->approval.given
        && strcmp(opening_text(reading, "approval", "sha256"), engine->site->approval.sha256)
               != 0)
        return ERROR(ERROR_REFUSED, "the approval is not the one this ceremony began with");
    TRY(compare_profiles(engine, reading));
    for (size_t i = 0; i < engine->site->file_count; i++) {
        const struct site_file *file = &engine->site->files[i];
        if (strcmp(file->name, "custody.yaml") == 0) {
            TRY(compare_custody(engine, file));
            continue;
        }
        if (strcmp(opening_text(reading, "site", file->name), file->sha256) != 0)
            return ERROR(ERROR_REFUSED, "\"%s\" is not the one this ceremony began with",
                         file->name);
    }
    return NULL;
}

/* The ledger hears of a ceremony directly after its first record, and before the second. */
static struct error *
refuse_unknown(const struct engine *engine)
{
    return error_hint(
        ERROR(ERROR_REFUSED, "the ledger has never heard of the ceremony \"%s\"",
              engine->state.ceremony_id),
        "The evidence folder is of another site, or was made by somebody; or the ledger is an older "
        "one. Bring the ledger that the ceremony began with. Nothing was done.");
}

static struct error *
open_ledger_again(struct engine *engine, const struct transcript_reading *reading)
{
    AUTO_FREE char *path = NULL;
    AUTO_FREE char *open = NULL;
    TRY(path_join(engine->site->folder, "ledger.db", &path));
    TRY(ledger_open(path, true, &engine->ledger));
    TRY(ledger_open_ceremony(engine->ledger, &open));
    if (open == NULL && !engine->state.closed && reading->count > 1)
        return refuse_unknown(engine);
    if (open == NULL && !engine->state.closed)
        return ledger_ceremony_open(engine->ledger, engine->state.ceremony_id,
                                    engine->site->rehearsal ? "rehearsal" : "production",
                                    engine->script->sha256);
    if (open != NULL && strcmp(open, engine->state.ceremony_id) != 0)
        return ERROR(ERROR_REFUSED,
                     "the ledger waits for the ceremony \"%s\", not for this one", open);
    return NULL;
}

/* Nobody is asked after the closing; who was to sign then stands in its record, for custodians as a
 * commitment. */
static struct error *
custodians_of_closing(struct engine *engine, const struct transcript_reading *reading)
{
    AUTO_FREE char *path = NULL;
    struct transcript_openings openings = {0};
    const json_t *closing = reading->records[reading->count - 1].data;
    const char *commitment = json_string_value(json_object_get(closing, "required_custodians"));
    size_t index = 0;
    const json_t *row = NULL;
    TRY(path_join(engine->evidence, "confidential.jsonl", &path));
    TRY(transcript_openings_read(path, true, &openings));
    json_array_foreach(
        transcript_openings_find(&openings, commitment == NULL ? "" : commitment), index, row)
    {
        const char *name = json_string_value(json_object_get(row, "signer"));
        struct person *person =
            name == NULL ? NULL : roster_person(&engine->site->roster, name);
        if (person != NULL)
            person->present = true;
    }
    transcript_openings_clear(&openings);
    return NULL;
}

static struct error *
record_resume(struct engine *engine, json_t *torn, size_t swept)
{
    TRY(engine_record(engine, TRANSCRIPT_RESUME, "program",
                      json_pack("{s:s,s:O?,s:I}", "after", "interruption", "torn", torn,
                                "unfinished_files_removed", (json_int_t)swept),
                      NULL));
    return exception_note(engine, "the ceremony runs without interruption",
                          torn == NULL ? "it was interrupted"
                                       : "it was interrupted while a record was being written",
                          "resumed: roster taken again, tokens inspected");
}

static struct error *
refuse_given_up(const struct engine *engine)
{
    if (!engine->state.given_up || engine->state.closed
        || engine->options->task == ENGINE_ABORT)
        return NULL;
    return error_hint(
        ERROR(ERROR_REFUSED,
              "an abort of this ceremony was begun, and what it gave up is not taken "
              "up again"),
        "Bring the abort to its end: ceremony abort. What is wanted still is done in a new ceremony, in "
        "another folder. Nothing was changed.");
}

struct error *
recover_open(struct engine *engine)
{
    AUTO_FREE char *path = NULL;
    AUTO_READING reading = {0};
    json_t *torn = NULL;
    TRY(path_join(engine->evidence, "transcript.jsonl", &path));
    if (!file_exists(path))
        return ERROR(ERROR_NOT_FOUND, "\"%s\" is not an evidence folder", engine->evidence);
    TRY(transcript_read(path, true, &reading));
    TRY(fold(engine, &reading));
    TRY(refuse_given_up(engine));
    TRY(compare_inputs(engine, &reading));
    if (engine->state.closed)
        TRY(custodians_of_closing(engine, &reading));
    TRY(tokens_prepare(engine));
    TRY(open_ledger_again(engine, &reading));
    TRY(transcript_open(engine->evidence, &engine->transcript, &torn));
    size_t swept = 0;
    struct error *error = evidence_sweep(engine, &swept);
    if (error == NULL)
        error = sealed_medium_sweep(engine);
    if (error == NULL && !engine->state.closed)
        error = record_resume(engine, torn, swept);
    json_decref(torn);
    bool before_first_step =
        engine->state.step_count == 0 && engine->state.step_open[0] == '\0';
    if (error == NULL && !engine->state.closed && before_first_step)
        error = opening_record_inputs(engine);
    return error;
}
