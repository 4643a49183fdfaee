/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/audit/evidence.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "transcripts/digest.h"
#include "transcripts/record.h"
#include "transcripts/seal.h"

#define FILE_MAX ((size_t)1 << 30)

static const char *const confidential[] = {CONFIDENTIAL_FILE, "custody.yaml", SEAL_CUSTODIANS};

void
evidence_clear(struct evidence *evidence)
{
    free(evidence->folder);
    transcript_reading_clear(&evidence->reading);
    transcript_openings_clear(&evidence->openings);
    site_free(evidence->site);
    script_free(evidence->script);
    error_free(evidence->transcript_error);
    error_free(evidence->openings_error);
    error_free(evidence->script_error);
    error_free(evidence->site_error);
    *evidence = (struct evidence){0};
}

/* Records name files; whoever wrote them does not choose what is read beside the folder. */
static struct error *
inner_path(const struct evidence *evidence, const char *name, char **ret_path)
{
    for (const char *part = name; part != NULL; part = strchr(part, '/')) {
        part += part[0] == '/' && part != name ? 1 : 0;
        size_t len = strcspn(part, "/");
        if (len == 0 || (len == 1 && part[0] == '.')
            || (len == 2 && strncmp(part, "..", 2) == 0))
            return ERROR(ERROR_VERIFICATION, "\"%s\" is no file of an evidence folder", name);
    }
    return path_join(evidence->folder, name, ret_path);
}

bool
evidence_has(const struct evidence *evidence, const char *name)
{
    AUTO_FREE char *path = NULL;
    struct error *error = inner_path(evidence, name, &path);
    bool has = error == NULL && file_exists(path);
    error_free(error);
    return has;
}

struct error *
evidence_file(const struct evidence *evidence, const char *name, struct bytes *contents)
{
    AUTO_FREE char *path = NULL;
    TRY(inner_path(evidence, name, &path));
    return file_read(path, FILE_MAX, contents);
}

void
evidence_hash(const struct evidence *evidence, const char *name, char ret_text[65])
{
    AUTO_FREE char *path = NULL;
    struct error *error = inner_path(evidence, name, &path);
    ret_text[0] = '\0';
    if (error == NULL)
        error = digest_sha256_file(path, ret_text, NULL);
    if (error != NULL)
        ret_text[0] = '\0';
    error_free(error);
}

/* All faults of a YAML file in one error. */
static struct error *
with_faults(struct error *error, const struct faults *faults)
{
    AUTO_BYTES text = {0};
    if (error == NULL || faults->count < 2)
        return error;
    struct error *second = faults_text(faults, &text);
    if (second != NULL)
        error_free(second);
    else
        error = error_detail(error, "%s", bytes_text(&text));
    return error;
}

static struct error *
load_script(struct evidence *evidence)
{
    AUTO_FREE char *path = NULL;
    AUTO_FAULTS faults = {0};
    AUTO(script) script = NULL;
    TRY(path_join(evidence->folder, "script.yaml", &path));
    TRY(with_faults(script_load(path, &faults, &script), &faults));
    if (evidence->opening != NULL) {
        const char *id = NULL;
        json_t *value = NULL;
        json_t *parameters = json_object_get(evidence->opening->data, "parameters");
        json_object_foreach(parameters, id, value) TRY(script_set_parameter(
            script, id, json_is_string(value) ? json_string_value(value) : ""));
        TRY(script_apply_parameters(script));
    }
    evidence->script = TAKE(script);
    return NULL;
}

static struct error *
load_site(struct evidence *evidence)
{
    AUTO_FAULTS faults = {0};
    return with_faults(site_load(evidence->folder, evidence->script, &faults, &evidence->site),
                       &faults);
}

static void
find_ends(struct evidence *evidence)
{
    const struct transcript_reading *reading = &evidence->reading;
    if (reading->count == 0)
        return;
    const struct transcript_record *first = &reading->records[0];
    const struct transcript_record *last = &reading->records[reading->count - 1];
    if (first->type == TRANSCRIPT_OPENING)
        evidence->opening = first;
    if (last->type == TRANSCRIPT_CLOSING)
        evidence->closing = last;
}

static struct error *
read_parts(struct evidence *evidence)
{
    AUTO_FREE char *transcript = NULL;
    AUTO_FREE char *openings = NULL;
    TRY(path_join(evidence->folder, TRANSCRIPT_FILE, &transcript));
    TRY(path_join(evidence->folder, CONFIDENTIAL_FILE, &openings));
    evidence->transcript_error = transcript_read(transcript, false, &evidence->reading);
    evidence->has_transcript = evidence->transcript_error == NULL;
    find_ends(evidence);
    if (!evidence->public_extract) {
        evidence->openings_error =
            transcript_openings_read(openings, false, &evidence->openings);
        evidence->has_openings = evidence->openings_error == NULL;
    }
    evidence->script_error = load_script(evidence);
    if (evidence->script != NULL && !evidence->public_extract)
        evidence->site_error = load_site(evidence);
    return NULL;
}

struct error *
evidence_open(const char *folder, bool is_public, struct evidence *ret_evidence)
{
    if (!file_is_folder(folder))
        return ERROR(ERROR_NOT_FOUND, "there is no evidence folder \"%s\"", folder);
    struct evidence evidence = {.public_extract = is_public};
    TRY(text_copy(folder, &evidence.folder));
    bool any = false;
    for (size_t i = 0; i < sizeof confidential / sizeof confidential[0]; i++)
        any = any || evidence_has(&evidence, confidential[i]);
    evidence.public_extract = is_public || !any;
    struct error *error = read_parts(&evidence);
    if (error != NULL) {
        evidence_clear(&evidence);
        return error;
    }
    *ret_evidence = evidence;
    return NULL;
}

const char *
evidence_id(const struct evidence *evidence)
{
    return evidence->opening == NULL ? "" : data_text(evidence->opening->data, "ceremony");
}

bool
evidence_is_rehearsal(const struct evidence *evidence)
{
    return evidence->opening != NULL
           && strcmp(data_text(evidence->opening->data, "mode"), "rehearsal") == 0;
}

bool
evidence_is_aborted(const struct evidence *evidence)
{
    return evidence->closing != NULL
           && strcmp(data_text(evidence->closing->data, "state"), "aborted") == 0;
}

/* --- looking into records --- */

const char *
data_text(const json_t *data, const char *key)
{
    const char *text = json_string_value(json_object_get(data, key));
    return text == NULL ? "" : text;
}

int64_t
data_number(const json_t *data, const char *key)
{
    return json_integer_value(json_object_get(data, key));
}

const json_t *
data_inner(const json_t *data, const char *outer)
{
    return json_object_get(data, outer);
}

struct error *
data_bytes(const json_t *data, const char *key, struct bytes *bytes)
{
    return base64_decode_append(data_text(data, key), bytes);
}

bool
data_is_hash(const char *text)
{
    return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

bool
is_intent(const struct transcript_record *record, const char *does)
{
    return record->type == TRANSCRIPT_INTENT
           && strcmp(data_text(record->data, "does"), does) == 0;
}

bool
is_done(const struct transcript_record *record, const char *does)
{
    return record->type == TRANSCRIPT_RESULT
           && strcmp(data_text(record->data, "does"), does) == 0
           && strcmp(data_text(record->data, "outcome"), "done") == 0;
}

bool
is_fact(const struct transcript_record *record, const char *what)
{
    return record->type == TRANSCRIPT_FACTS
           && strcmp(data_text(record->data, "what"), what) == 0;
}

const struct transcript_record *
find_done(const struct evidence *evidence, const char *does, const char *key, const char *value,
          uint64_t before)
{
    const struct transcript_record *found = NULL;
    EACH_RECORD(record, evidence)
    if ((before == 0 || record->seq < before) && is_done(record, does)
        && strcmp(data_text(record->data, key), value) == 0)
        found = record;
    return found;
}

bool
is_signing(const struct transcript_record *record)
{
    return is_intent(record, "sign") || is_intent(record, "sign-crl")
           || is_intent(record, "sign-crl-ahead");
}

bool
is_signed(const struct transcript_record *record)
{
    return is_done(record, "sign") || is_done(record, "sign-crl");
}

const struct transcript_record *
find_key(const struct evidence *evidence, const char *field, const char *value, uint64_t before)
{
    static const char *const comings[] = {"generate-key", "find-key",       "restore-key",
                                          "re-share",     "import-request", "import-existing"};
    const struct transcript_record *found = NULL;
    for (size_t i = 0; i < sizeof comings / sizeof comings[0]; i++) {
        const struct transcript_record *record =
            find_done(evidence, comings[i], field, value, before);
        if (record != NULL && (found == NULL || record->seq > found->seq))
            found = record;
    }
    return found;
}

struct error *
certificate_of(const struct evidence *evidence, const char *key, uint64_t before,
               struct bytes *ret_der)
{
    const char *file = "";
    EACH_RECORD(record, evidence)
    if (record->seq < before && (is_signed(record) || is_done(record, "import-certificate"))
        && strcmp(data_text(record->data, "object"), "certificate") == 0
        && strcmp(data_text(record->data, "subject"), key) == 0)
        file = data_text(record->data, "file");
    static const char *const with[] = {"find-key", "import-existing"};
    for (size_t i = 0; i < sizeof with / sizeof with[0] && file[0] == '\0'; i++) {
        const struct transcript_record *found =
            find_done(evidence, with[i], "key", key, before);
        if (found != NULL)
            file = data_text(found->data, "certificate");
    }
    if (file[0] == '\0')
        return ERROR(ERROR_VERIFICATION, "the key \"%s\" has no certificate", key);
    return evidence_file(evidence, file, ret_der);
}

const struct transcript_record *
intent_of(const struct evidence *evidence, const struct transcript_record *result)
{
    int64_t seq = data_number(result->data, "of");
    if (seq < 1 || (uint64_t)seq >= result->seq)
        return NULL;
    const struct transcript_record *intent = &evidence->reading.records[seq - 1];
    return intent->type == TRANSCRIPT_INTENT ? intent : NULL;
}

const struct script_step *
step_of(const struct script *script, const char *id)
{
    for (size_t a = 0; a < script->act_count; a++)
        for (size_t s = 0; s < script->acts[a].step_count; s++)
            if (strcmp(script->acts[a].steps[s].id, id) == 0)
                return &script->acts[a].steps[s];
    return NULL;
}
