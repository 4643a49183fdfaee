/* SPDX-License-Identifier: Apache-2.0
 *
 * How a ceremony ends. The closing record is the last line and the intent for what follows: sums,
 * signatures, the recorder's end, media, ledger. Each of these can be repeated. (R93-R95, DESIGN 3) */
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/archive.h"
#include "ceremony/engine/closing_dates.h"
#include "ceremony/engine/context.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/lost.h"
#include "ceremony/engine/media.h"
#include "ceremony/engine/rows.h"
#include "ceremony/engine/verify_text.h"
#include "transcripts/seal.h"

static struct error *
write_ledger(struct engine *engine)
{
    AUTO_BYTES lines = {0};
    TRY(rows_write_revocations(engine));
    TRY(ledger_export(engine->ledger, &lines));
    return evidence_write_numbered(engine, "ledger", "ledger", ".jsonl", lines.data, lines.len);
}

/* Before the closing record people decide whether its token is given up; after it the record says. */
static bool
recorder_there(struct engine *engine)
{
    const struct state_recorder *recorder = &engine->state.recorder;
    if (engine->state.closed)
        return recorder->seals;
    return recorder->made && !lost_given_up(engine, recorder->token);
}

/* Who must have signed, named inside the signed body (R94). */
static json_t *
required_signers(struct engine *engine)
{
    json_t *rows = json_array();
    const struct state *state = &engine->state;
    if (rows != NULL && recorder_there(engine))
        (void)json_array_append_new(rows, json_pack("{s:s,s:s}", "signer", "recorder",
                                                    "certificate_sha256",
                                                    state->recorder.certificate_sha256));
    for (size_t i = 0; rows != NULL && i < state->sign_off_count; i++)
        if (!state->sign_offs[i].custodian && state->sign_offs[i].certificate_sha256[0] != '\0')
            (void)json_array_append_new(
                rows, json_pack("{s:s,s:s}", "signer", state->sign_offs[i].person,
                                "certificate_sha256", state->sign_offs[i].certificate_sha256));
    return rows;
}

static struct error *
write_verify_text(struct engine *engine)
{
    AUTO_BYTES text = {0};
    json_t *signers = required_signers(engine);
    struct verify_seal seal = {json_array_size(signers) > 0, recorder_there(engine)};
    json_decref(signers);
    TRY(verify_text_make(engine, &seal, &text));
    return evidence_write_numbered(engine, "instructions", "VERIFY", ".txt", text.data,
                                   text.len);
}

/* Files that the closing record names one by one. */
static struct error *
output_rows(struct engine *engine, json_t **ret_rows)
{
    static const char *const left_out[] = {"transcript.jsonl", "confidential.jsonl"};
    AUTO_FOLDER_LIST list = {0};
    TRY(folder_list(engine->evidence, true, true, &list));
    json_t *rows = json_object();
    if (rows == NULL)
        return error_memory();
    for (size_t i = 0; i < list.count; i++) {
        AUTO_FREE char *path = NULL;
        char hash[DIGEST_SHA256_TEXT];
        unsigned long long size = 0;
        if (strcmp(list.names[i], left_out[0]) == 0 || strcmp(list.names[i], left_out[1]) == 0
            || strcmp(list.names[i], "custody.yaml") == 0)
            continue;
        struct error *error = path_join(engine->evidence, list.names[i], &path);
        if (error == NULL)
            error = digest_sha256_file(path, hash, &size);
        if (error != NULL) {
            json_decref(rows);
            return error;
        }
        (void)json_object_set_new(rows, list.names[i], json_string(hash));
    }
    *ret_rows = rows;
    return NULL;
}

static bool
custodian_signs(const struct person *person)
{
    return person->present && !person->wet_ink && person_has_role(person, "custodian");
}

static struct error *
required_custodians(struct engine *engine, char ret_commitment[DIGEST_SHA256_TEXT])
{
    json_t *rows = json_array();
    const struct roster *roster = &engine->site->roster;
    for (size_t i = 0; rows != NULL && i < roster->people_count; i++) {
        char hash[DIGEST_SHA256_TEXT];
        if (!custodian_signs(&roster->people[i]))
            continue;
        struct error *error = signer_certificate_sha256(engine, &roster->people[i], hash);
        if (error != NULL) {
            json_decref(rows);
            return error;
        }
        (void)json_array_append_new(rows,
                                    json_pack("{s:s,s:s}", "signer", roster->people[i].name,
                                              "certificate_sha256", hash));
    }
    return engine_commit(engine, "custodians who sign", rows, ret_commitment);
}

static bool
unanimous(const struct engine *engine)
{
    for (size_t i = 0; i < engine->state.sign_off_count; i++)
        if (!engine->state.sign_offs[i].agrees)
            return false;
    return engine->state.sign_off_count > 0;
}

struct error *
closing_record(struct engine *engine, const char *state)
{
    unsigned char head[32];
    char head_hex[65];
    char due[CLOCK_TEXT_SIZE];
    char custodians[DIGEST_SHA256_TEXT];
    uint64_t entries = 0;
    json_t *outputs = NULL;
    json_t *retention = NULL;
    TRY(write_ledger(engine));
    TRY(write_verify_text(engine));
    TRY(required_custodians(engine, custodians));
    ledger_head(engine->ledger, head, &entries);
    hex_encode(head, sizeof head, head_hex);
    TRY(closing_next_due(engine, due));
    TRY(output_rows(engine, &outputs));
    struct error *error = closing_retention(engine, &retention);
    if (error != NULL) {
        json_decref(outputs);
        return error;
    }
    return engine_record(
        engine, TRANSCRIPT_CLOSING, "program",
        json_pack("{s:s,s:s,s:{s:s,s:I},s:o,s:o,s:s,s:I,s:b,s:s,s:o,s:s}", "ceremony",
                  engine->state.ceremony_id, "state", state, "ledger", "head", head_hex,
                  "entries", (json_int_t)entries, "outputs", outputs, "required_signers",
                  required_signers(engine), "required_custodians", custodians, "exceptions",
                  (json_int_t)engine->state.exceptions, "unanimous", (int)unanimous(engine),
                  "next_ceremony_by", due, "retention", retention, "then",
                  recorder_there(engine) ? "sums, signatures, recorder key destroyed"
                                         : "sums, signatures"),
        NULL);
}

/* --- what follows the record --- */

static struct error *
signed_already(const struct engine *engine, const char *signature,
               const char *certificate_sha256, bool *ret_signed)
{
    AUTO_FREE char *path = NULL;
    struct seal_signer *signers = NULL;
    size_t count = 0;
    *ret_signed = false;
    TRY(path_join(engine->evidence, signature, &path));
    if (!file_exists(path))
        return NULL;
    TRY(seal_signers(engine->evidence, signature, &signers, &count));
    for (size_t i = 0; i < count; i++)
        if (signers[i].valid && strcmp(signers[i].certificate_sha256, certificate_sha256) == 0)
            *ret_signed = true;
    free(signers);
    return NULL;
}

static struct error *
sign_as_recorder(struct engine *engine)
{
    const struct state_recorder *recorder = &engine->state.recorder;
    bool done = false;
    EVP_PKEY *key = NULL;
    if (!recorder_there(engine))
        return NULL;
    TRY(signed_already(engine, SEAL_SIGNATURE, recorder->certificate_sha256, &done));
    if (done)
        return NULL;
    const unsigned char *der = recorder->certificate.data;
    X509 *certificate = d2i_X509(NULL, &der, (long)recorder->certificate.len);
    struct error *error = certificate == NULL
                              ? ERROR(ERROR_BUG, "the recorder's certificate cannot be read")
                              : recorder_key(engine, &key);
    if (error == NULL)
        error = seal_sign(engine->evidence, SEAL_SIGNATURE, key, certificate,
                          p11_provider_context(engine->provider));
    EVP_PKEY_free(key);
    X509_free(certificate);
    return tokens_signing_error(engine, error);
}

static struct error *
sign_as_person(struct engine *engine, const struct person *person, const char *recorded,
               const char *signature)
{
    char hash[DIGEST_SHA256_TEXT];
    bool done = false;
    TRY(signer_certificate_sha256(engine, person, hash));
    if (recorded != NULL && strcmp(recorded, hash) != 0)
        return error_hint(
            ERROR(ERROR_REFUSED, "the certificate of %s is another than at the sign-off",
                  person->name),
            "Put the one back that was shown then, and resume: only the signatures "
            "are left to do.");
    TRY(signed_already(engine, signature, hash, &done));
    if (done)
        return NULL;
    TRY_DOING(signer_sign(engine, person, signature), "signing off for %s", person->name);
    return NULL;
}

static struct error *
sign_all(struct engine *engine)
{
    struct roster *roster = &engine->site->roster;
    TRY(sign_as_recorder(engine));
    for (size_t i = 0; i < engine->state.sign_off_count; i++) {
        const struct state_sign_off *row = &engine->state.sign_offs[i];
        const struct person *person =
            row->custodian ? NULL : roster_person(roster, row->person);
        if (person != NULL && row->certificate_sha256[0] != '\0')
            TRY(sign_as_person(engine, person, row->certificate_sha256, SEAL_SIGNATURE));
    }
    for (size_t i = 0; i < roster->people_count; i++)
        if (custodian_signs(&roster->people[i]))
            TRY(sign_as_person(engine, &roster->people[i], NULL, SEAL_CUSTODIANS));
    return NULL;
}

/* Nothing can be recorded any more: the closing line announced it, the paper states it. */
static struct error *
destroy_recorder(struct engine *engine)
{
    const struct state_recorder *recorder = &engine->state.recorder;
    struct engine_token *token = NULL;
    struct p11_session *session = NULL;
    unsigned char id[P11_ID_MAX];
    size_t id_len = 0;
    size_t destroyed = 0;
    if (!recorder_there(engine))
        return NULL;
    TRY(tokens_get(engine, recorder->token, &token));
    TRY(tokens_login_user(engine, token));
    TRY(tokens_session(engine, token, &session));
    TRY(key_id_parse(recorder->id_hex, id, &id_len));
    TRY_DOING(p11_key_destroy(session, id, id_len, &destroyed),
              "destroying the recorder's key");
    TRY(tokens_flush(engine));
    return tokens_logout(engine, token);
}

static struct error *
head_line(struct engine *engine, struct bytes *lines, struct bytes *words)
{
    unsigned char head[32];
    char hex[65];
    transcript_head(engine->transcript, head);
    hex_encode(head, sizeof head, hex);
    TRY(words_pgp_append(words, head, sizeof head));
    return bytes_format(lines, "%s head %s\n", engine->state.ceremony_id, hex);
}

static struct error *
show_paper(struct engine *engine)
{
    AUTO_BYTES words = {0};
    AUTO_BYTES body = {0};
    struct bytes *lines = &engine->outcome->trust_lines;
    const struct state *state = &engine->state;
    bytes_clear(lines);
    if (recorder_there(engine))
        TRY(bytes_format(lines, "%s recorder %s\n", state->ceremony_id,
                         state->recorder.certificate_sha256));
    for (size_t i = 0; i < state->sign_off_count; i++)
        if (!state->sign_offs[i].custodian && state->sign_offs[i].certificate_sha256[0] != '\0')
            TRY(bytes_format(lines, "%s signer %s\n", state->ceremony_id,
                             state->sign_offs[i].certificate_sha256));
    TRY(head_line(engine, lines, &words));
    unsigned char head[32];
    transcript_head(engine->transcript, head);
    TRY(bytes_append_text(&body, "The transcript is closed and sealed. Everyone writes\n"
                                 "the 32 words of its head on paper:\n\n"));
    for (size_t i = 0; i < 32; i += 4)
        TRY(bytes_format(&body, " %2zu  %s %s %s %s\n", i / 4 + 1, words_pgp_word(head[i], i),
                         words_pgp_word(head[i + 1], i + 1), words_pgp_word(head[i + 2], i + 2),
                         words_pgp_word(head[i + 3], i + 3)));
    TRY(bytes_format(&body, "\n%sThe media hold the\nsealed record: close their bags now.\n",
                     recorder_there(engine) ? "The recorder's key is destroyed. " : ""));
    engine->prompt_prefix = "closed";
    struct error *error =
        ask_tell(engine, "paper", bytes_text(&body), people_name(engine, "witness", 0));
    engine->prompt_prefix = NULL;
    return error;
}

static struct error *
copy_to_media(struct engine *engine)
{
    static const char *const whole[] = {""};
    size_t files = 0;
    for (size_t m = 0; m < engine->site->media_count; m++)
        TRY(media_write(engine, engine->site->media[m], whole, 1, false, &files));
    const char *confidential = engine->site->confidential_medium;
    if (confidential != NULL && confidential[0] != '\0')
        TRY(media_write(engine, confidential, whole, 1, true, &files));
    return NULL;
}

/* A ceremony whose closing ended without its ledger entry has it written when resumed. */
static struct error *
close_in_ledger(struct engine *engine)
{
    AUTO_FREE char *open = NULL;
    unsigned char head[32];
    char hex[65];
    TRY(ledger_open_ceremony(engine->ledger, &open));
    if (open == NULL)
        return NULL;
    transcript_head(engine->transcript, head);
    hex_encode(head, sizeof head, hex);
    return ledger_ceremony_close(engine->ledger, engine->state.ceremony_id, hex, "closed");
}

struct error *
closing_seal(struct engine *engine, struct engine_outcome *outcome)
{
    TRY(seal_write_sums(engine->evidence));
    TRY(sign_all(engine));
    TRY(destroy_recorder(engine));
    TRY(copy_to_media(engine));
    TRY(show_paper(engine));
    TRY_DOING(archive_keep(engine->site->folder, engine->evidence, engine->state.ceremony_id),
              "keeping what later ceremonies go on from");
    TRY(close_in_ledger(engine));
    outcome->closed = true;
    return NULL;
}
