/* SPDX-License-Identifier: Apache-2.0
 *
 * How a ceremony begins: what is about to run, from which bytes, by which program, is the first
 * record (R1, R3, R7). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/random.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/archive.h"
#include "ceremony/engine/context.h"

#define SHARED_OBJECTS_MAX 64

static struct error *
make_ceremony_id(struct engine *engine)
{
    struct clock_reading now;
    char date[CLOCK_TEXT_SIZE];
    unsigned char random[3];
    char suffix[7];
    clock_read(&now);
    clock_format_ms(now.wall_ms, date);
    TRY(random_bytes(random, sizeof random));
    hex_encode(random, sizeof random, suffix);
    if (strlen(engine->script->ceremony) > 40)
        return ERROR(ERROR_INPUT, "the ceremony's name is longer than 40 characters");
    (void)snprintf(engine->state.ceremony_id, sizeof engine->state.ceremony_id,
                   "%.40s-%.4s%.2s%.2s-%s", engine->script->ceremony, date, date + 5, date + 8,
                   suffix);
    return NULL;
}

/* The shared objects mapped into this process, each with its hash (R7, R10). */
static json_t *
shared_objects(void)
{
    json_t *rows = json_object();
    FILE *file = fopen("/proc/self/maps", "re");
    char line[1024];
    while (rows != NULL && file != NULL && fgets(line, sizeof line, file) != NULL) {
        char *path = strchr(line, '/');
        char hash[DIGEST_SHA256_TEXT];
        unsigned long long size = 0;
        if (path == NULL || strstr(path, ".so") == NULL)
            continue;
        path[strcspn(path, "\n")] = '\0';
        if (json_object_get(rows, path_name(path)) != NULL
            || json_object_size(rows) >= SHARED_OBJECTS_MAX)
            continue;
        struct error *error = digest_sha256_file(path, hash, &size);
        (void)json_object_set_new(rows, path_name(path),
                                  json_string(error == NULL ? hash : "not read"));
        error_free(error);
    }
    if (file != NULL)
        (void)fclose(file);
    return rows;
}

static json_t *
program_facts(const struct engine *engine)
{
    char path[512] = "";
    char hash[DIGEST_SHA256_TEXT] = "not read";
    unsigned long long size = 0;
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
    if (len > 0) {
        path[len] = '\0';
        error_free(digest_sha256_file(path, hash, &size));
    }
    return json_pack("{s:s,s:s,s:s,s:s,s:o}", "version", engine->options->program.version,
                     "build", engine->options->program.build, "commit",
                     engine->options->program.commit, "sha256", hash, "shared_objects",
                     shared_objects());
}

static json_t *
profile_facts(const struct script *script)
{
    json_t *rows = json_array();
    for (size_t i = 0; rows != NULL && i < script->profile_count; i++) {
        const struct pki_profile *profile = script->profiles[i].profile;
        (void)json_array_append_new(
            rows, json_pack("{s:s,s:s,s:s,s:s}", "id", profile->id, "version", profile->version,
                            "sha256", profile->sha256, "policy", profile->policy));
    }
    return rows;
}

static json_t *
parameter_facts(const struct script *script)
{
    json_t *rows = json_object();
    for (size_t i = 0; rows != NULL && i < script->parameter_count; i++)
        (void)json_object_set_new(rows, script->parameters[i].id,
                                  json_string(script->parameters[i].value));
    return rows;
}

static json_t *
module_facts(const struct engine *engine)
{
    json_t *rows = json_array();
    for (size_t i = 0; rows != NULL && i < engine->module_count; i++)
        (void)json_array_append_new(rows, json_pack("{s:s,s:s,s:s,s:s}", "name",
                                                    engine->modules[i].site->name, "path",
                                                    engine->modules[i].site->path, "sha256",
                                                    engine->modules[i].sha256, "expected",
                                                    engine->modules[i].site->sha256[0] != '\0'
                                                        ? engine->modules[i].site->sha256
                                                        : "not stated"));
    return rows;
}

static json_t *
approval_facts(const struct site *site)
{
    const struct site_approval *approval = &site->approval;
    if (!approval->given)
        return json_pack("{s:s}", "approval", "none: rehearsal");
    return json_pack("{s:s,s:s,s:s,s:s,s:s}", "approver", approval->approver, "role",
                     approval->role, "date", approval->date, "document", approval->document,
                     "sha256", approval->sha256);
}

/* Confidential site files stand only as commitments. */
static struct error *
site_facts(struct engine *engine, json_t **ret_facts)
{
    json_t *rows = json_object();
    if (rows == NULL)
        return error_memory();
    for (size_t i = 0; i < engine->site->file_count; i++) {
        const struct site_file *file = &engine->site->files[i];
        char commitment[DIGEST_SHA256_TEXT];
        const char *value = file->sha256;
        if (strcmp(file->name, "custody.yaml") == 0) {
            struct error *error = engine_commit(
                engine, "custody.yaml", json_pack("{s:s}", "sha256", file->sha256), commitment);
            if (error != NULL) {
                json_decref(rows);
                return error;
            }
            value = commitment;
        }
        (void)json_object_set_new(rows, file->name, json_string(value));
    }
    *ret_facts = rows;
    return NULL;
}

static struct error *
record_opening(struct engine *engine)
{
    unsigned char head[32];
    char head_hex[65];
    uint64_t count = 0;
    json_t *site = NULL;
    const struct script *script = engine->script;
    ledger_head(engine->ledger, head, &count);
    hex_encode(head, sizeof head, head_hex);
    TRY(site_facts(engine, &site));
    engine->opening = json_pack(
        "{s:s,s:s,s:s,s:i, s:{s:s,s:s,s:s,s:s,s:s,s:s}, s:o,s:o,s:o,s:o,s:o,s:o,"
        "s:{s:s,s:I}, s:b}",
        "ceremony", engine->state.ceremony_id, "mode",
        engine->site->rehearsal ? "rehearsal" : "production", "marking",
        engine->site->rehearsal ? "PRACTICE" : "none", "schema", 1, "script", "name",
        script->ceremony, "version", script->version, "date", script->date, "policy",
        script->policy, "sha256", script->sha256, "sha384", script->sha384, "program",
        program_facts(engine), "profiles", profile_facts(script), "parameters",
        parameter_facts(script), "modules", module_facts(engine), "approval",
        approval_facts(engine->site), "site", site, "ledger", "head", head_hex, "entries",
        (json_int_t)count, "one_player", (int)engine->site->roster.one_player);
    return engine_record(engine, TRANSCRIPT_OPENING, "program", json_incref(engine->opening),
                         NULL);
}

/* Each input with its name in the evidence folder; `use` is called for one after the other. */
typedef struct error *(*input_use)(struct engine *engine, const char *kind, const char *name,
                                   const struct bytes *contents);

static struct error *
check_unchanged(const struct bytes *contents, const char *sha256, const char *what)
{
    char hash[DIGEST_SHA256_TEXT];
    TRY(digest_sha256_text(contents->data, contents->len, hash));
    if (strcmp(hash, sha256) != 0)
        return ERROR(ERROR_REFUSED, "%s changed while the ceremony began", what);
    return NULL;
}

static struct error *
use_approval(struct engine *engine, input_use use)
{
    AUTO_FREE char *path = NULL;
    AUTO_BYTES contents = {0};
    if (!engine->site->approval.given)
        return NULL;
    TRY(path_join(engine->site->folder, "approval.yaml", &path));
    TRY(file_read(path, 1U << 20, &contents));
    TRY(check_unchanged(&contents, engine->site->approval.sha256, "the approval"));
    return use(engine, "approval", "approval.yaml", &contents);
}

static struct error *
use_profile(struct engine *engine, const struct script_profile_ref *profile, input_use use)
{
    AUTO_FREE char *path = NULL;
    AUTO_FREE char *name = NULL;
    AUTO_BYTES contents = {0};
    TRY(path_beside(engine->script->file, profile->file, &path));
    TRY(file_read(path, 1U << 20, &contents));
    TRY(check_unchanged(&contents, profile->profile->sha256, "a profile"));
    TRY(text_format(&name, "profiles/%s", path_name(profile->file)));
    return use(engine, "profile", name, &contents);
}

static struct error *
for_each_input(struct engine *engine, input_use use)
{
    TRY(use(engine, "script", "script.yaml", &engine->script->raw));
    for (size_t i = 0; i < engine->script->profile_count; i++)
        TRY(use_profile(engine, &engine->script->profiles[i], use));
    for (size_t i = 0; i < engine->site->file_count; i++)
        TRY(use(engine, "site file", engine->site->files[i].name, &engine->site->files[i].raw));
    return use_approval(engine, use);
}

/* Before the first record there is no journal; so the copies are made first and recorded after, and
 * whatever has a first record can be resumed. */
static struct error *
copy_input(struct engine *engine, const char *kind, const char *name,
           const struct bytes *contents)
{
    AUTO_FREE char *path = NULL;
    AUTO_FREE char *profiles = NULL;
    (void)kind;
    TRY(path_join(engine->evidence, "profiles", &profiles));
    TRY(folder_make(profiles, true));
    TRY(path_join(engine->evidence, name, &path));
    return file_write_new(path, contents->data, contents->len);
}

static struct error *
record_input(struct engine *engine, const char *kind, const char *name,
             const struct bytes *contents)
{
    return evidence_write(engine, kind, name, contents->data, contents->len);
}

struct error *
opening_record_inputs(struct engine *engine)
{
    return for_each_input(engine, record_input);
}

static struct error *
open_ledger(struct engine *engine)
{
    AUTO_FREE char *path = NULL;
    AUTO_FREE char *open = NULL;
    TRY(path_join(engine->site->folder, "ledger.db", &path));
    TRY(ledger_open(path, true, &engine->ledger));
    TRY(archive_check_ledger(engine->site->folder, engine->ledger));
    TRY(ledger_open_ceremony(engine->ledger, &open));
    if (open != NULL)
        return error_hint(ERROR(ERROR_REFUSED, "the ceremony \"%s\" was not ended", open),
                          "Resume or abort it first, with its evidence folder.");
    return NULL;
}

/* The folder is new, or there and empty. */
static struct error *
make_evidence_folder(const struct engine *engine)
{
    struct error *error = folder_make(engine->evidence, true);
    if (error != NULL)
        return error_hint(error,
                          "The evidence folder is a new one, or an empty one, at a place "
                          "where this program may write. Name another.");
    AUTO_FOLDER_LIST list = {0};
    TRY(folder_list(engine->evidence, true, false, &list));
    if (list.count > 0)
        return error_hint(
            ERROR(ERROR_EXISTS, "the evidence folder \"%s\" is not empty", engine->evidence),
            "Name another folder; evidence is never mixed. To go on with an "
            "interrupted ceremony, use resume.");
    return NULL;
}

/* A copy below the evidence folder would change what is sealed; a medium may be connected later. */
static struct error *
refuse_media_inside(const struct engine *engine)
{
    AUTO_FREE char *evidence = realpath(engine->evidence, NULL);
    size_t len = evidence == NULL ? 0 : strlen(evidence);
    for (size_t m = 0; m < engine->site->media_count && evidence != NULL; m++) {
        AUTO_FREE char *real = realpath(engine->site->media[m], NULL);
        const char *medium = real != NULL ? real : engine->site->media[m];
        if (strncmp(medium, evidence, len) == 0 && (medium[len] == '/' || medium[len] == '\0'))
            return error_hint(
                ERROR(ERROR_REFUSED, "output medium %zu lies in the evidence folder", m + 1),
                "Name another place in environment.yaml.");
    }
    return NULL;
}

struct error *
opening_begin(struct engine *engine)
{
    TRY(make_evidence_folder(engine));
    struct error *error = refuse_media_inside(engine);
    if (error == NULL)
        error = open_ledger(engine);
    if (error != NULL) {
        (void)rmdir(engine->evidence); /* it is empty: a refusal leaves nothing behind */
        return error;
    }
    TRY(make_ceremony_id(engine));
    TRY(for_each_input(engine, copy_input));
    TRY(transcript_create(engine->evidence, &engine->transcript));
    TRY(record_opening(engine));
    TRY(ledger_ceremony_open(engine->ledger, engine->state.ceremony_id,
                             engine->site->rehearsal ? "rehearsal" : "production",
                             engine->script->sha256));
    return opening_record_inputs(engine);
}

/* --- the first screen --- */

static unsigned
expected_minutes(const struct script *script)
{
    unsigned minutes = 0;
    for (size_t a = 0; a < script->act_count; a++)
        for (size_t s = 0; s < script->acts[a].step_count; s++)
            minutes += script->acts[a].steps[s].minutes;
    return minutes;
}

struct error *
opening_welcome(struct engine *engine)
{
    AUTO_BYTES body = {0};
    unsigned minutes = expected_minutes(engine->script);
    TRY(bytes_format(&body, "%s, version %s of %s\nCeremony %s\n\n", engine->script->title,
                     engine->script->version, engine->script->date, engine->state.ceremony_id));
    if (minutes > 0)
        TRY(bytes_format(&body, "With all people it takes about %u h %02u min.\n", minutes / 60,
                         minutes % 60));
    if (engine->site->roster.one_player)
        TRY(bytes_append_text(&body, "One person plays all roles today, and that is recorded.\n"
                                     "Alone and without paper it takes about half an hour.\n"));
    if (engine->site->rehearsal)
        TRY(bytes_append_text(&body,
                              "\nThis is a REHEARSAL. Everything it makes says PRACTICE.\n"));
    TRY(bytes_append_text(&body, "\nNothing is touched yet. F10 stops at any time; the\n"
                                 "ceremony can be resumed.\n"));
    return ask_tell(engine, "welcome", bytes_text(&body),
                    people_name(engine, "administrator", 0));
}

/* --- the approval that came by another way than the medium --- */

#define APPROVAL_WORDS 2U

static struct error *
approval_witness(struct engine *engine, const unsigned char hash[32], size_t n)
{
    AUTO_FREE char *who = NULL;
    TRY(text_copy(people_name(engine, "witness", n), &who));
    for (size_t w = 0; w < APPROVAL_WORDS; w++) {
        AUTO_FREE char *name = NULL;
        AUTO_FREE char *question = NULL;
        uint32_t place = 0;
        unsigned wrong = 0;
        TRY(random_below(32, &place));
        TRY(text_format(&name, "%zu.word-%zu", n + 1, w + 1));
        TRY(text_format(&question, "Word %u of the approver's paper", place + 1));
        TRY(ask_word(engine, name,
                     "The approver's paper carries 32 words: the SHA-256 of\n"
                     "approval.yaml, brought by another way than the medium.\n",
                     question, who, words_pgp_word(hash[place], place), &wrong));
    }
    return engine_record(engine, TRANSCRIPT_CONFIRMATION, who,
                         json_pack("{s:s,s:s,s:s}", "prompt", "approval", "answer", "equal",
                                   "sha256", engine->site->approval.sha256),
                         NULL);
}

struct error *
opening_approval(struct engine *engine)
{
    unsigned char hash[32];
    if (engine->site->rehearsal)
        return NULL;
    if (roster_present(&engine->site->roster, "witness", NULL, 0) < 2)
        return ERROR(ERROR_REFUSED, "two witnesses must compare the approval");
    TRY(hex_decode(engine->site->approval.sha256, hash, sizeof hash));
    engine->prompt_prefix = "approval";
    struct error *error = approval_witness(engine, hash, 0);
    if (error == NULL)
        error = approval_witness(engine, hash, 1);
    engine->prompt_prefix = NULL;
    engine->approval_confirmed = error == NULL;
    return error;
}
