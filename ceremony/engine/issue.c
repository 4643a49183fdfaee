/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/issue.h"

#include <stdio.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/archive.h"
#include "ceremony/engine/keys.h"
#include "ceremony/ledger/known.h"
#include "ceremony/pki/level.h"
#include "ceremony/pki/pki.h"
#include "ceremony/pki/show.h"

#define SHOW_COLUMNS    54U
#define CERTIFICATE_MAX (1U << 20)

void
issue_clear(struct issue *issue)
{
    pki_draft_clear(&issue->draft);
    json_decref(issue->announce);
}

const json_t *
issue_announced(struct engine *engine)
{
    for (size_t i = 0; i < engine->state.intent_count; i++) {
        const struct state_intent *intent = &engine->state.intents[i];
        if (strcmp(intent->does, "sign") == 0 && strcmp(intent->step, engine->step->id) == 0)
            return intent->data;
    }
    return NULL;
}

static uint64_t
announced_seq(const struct engine *engine)
{
    for (size_t i = 0; i < engine->state.intent_count; i++) {
        const struct state_intent *intent = &engine->state.intents[i];
        if (strcmp(intent->does, "sign") == 0 && strcmp(intent->step, engine->step->id) == 0)
            return intent->seq;
    }
    return 0;
}

struct error *
issue_draft_again(struct engine *engine, const json_t *announced, struct issue *issue)
{
    (void)engine;
    AUTO_BYTES tbs = {0};
    const char *text = json_string_value(json_object_get(announced, "tbs"));
    TRY(base64_decode_append(text == NULL ? "" : text, &tbs));
    return pki_draft_from_tbs(tbs.data, tbs.len, issue->key->spki.data, issue->key->spki.len,
                              &issue->draft);
}

struct error *
issue_lint(const struct pki_profile *profile, const void *specimen, size_t len,
           const struct bytes *issuer, const struct bytes *existing,
           struct pki_lint_report *ret_report)
{
    struct clock_reading now;
    clock_read(&now);
    struct pki_lint_context context = {.issuer = issuer == NULL ? NULL : issuer->data,
                                       .issuer_len = issuer == NULL ? 0 : issuer->len,
                                       .existing = existing == NULL ? NULL : existing->data,
                                       .existing_len = existing == NULL ? 0 : existing->len,
                                       .profile = profile,
                                       .specimen_signature = true,
                                       .now = now.wall_ms / 1000};
    return pki_lint(specimen, len, &context, ret_report);
}

/* The report goes into the evidence whether it is good or not. */
static struct error *
lint_and_record(struct engine *engine, struct issue *issue, const void *der, size_t len,
                bool specimen, char *ret_summary, size_t size)
{
    AUTO_LINT_REPORT report = {0};
    AUTO_BYTES text = {0};
    AUTO_FREE char *name = NULL;
    struct clock_reading now;
    clock_read(&now);
    struct pki_lint_context context = {.issuer = issue->issuer,
                                       .issuer_len = issue->issuer_len,
                                       .existing = issue->existing,
                                       .existing_len = issue->existing_len,
                                       .profile = issue->profile,
                                       .specimen_signature = specimen,
                                       .now = now.wall_ms / 1000};
    TRY(pki_lint(der, len, &context, &report));
    TRY(pki_lint_text(&report, &text));
    TRY(text_format(&name, "lint/%s%s-%s", evidence_prefix(engine), engine->step->id,
                    specimen ? "before" : "after"));
    TRY(evidence_write_numbered(engine, "lint report", name, ".txt", text.data, text.len));
    (void)snprintf(ret_summary, size, "%zu checks, %zu faults, %zu warnings, %zu notes",
                   report.checks, report.faults, report.warnings, report.notes);
    return pki_lint_require(&report, issue->object);
}

/* Of a certificate: its issuers are in this ceremony's evidence or in the site's archive. */
static struct error *
level_of(const struct engine *engine, const void *der, size_t len, unsigned *ret_level)
{
    AUTO_FREE char *archive = NULL;
    AUTO_FREE char *here = NULL;
    TRY(path_join(engine->site->folder, "archive/certificates", &archive));
    TRY(path_join(engine->evidence, "certificates", &here));
    const char *folders[] = {archive, here};
    return pki_level_among(folders, 2, der, len, ret_level);
}

static struct error *
describe(const struct engine *engine, const struct issue *issue, const char *lint,
         struct bytes *body)
{
    const struct bytes *specimen = &issue->draft.specimen;
    unsigned level = PKI_LEVEL_UNKNOWN;
    TRY(pki_show(specimen->data, specimen->len, SHOW_COLUMNS, body));
    if (issue->subject != NULL) {
        TRY(level_of(engine, specimen->data, specimen->len, &level));
        TRY(pki_level_line(body, level));
    }
    TRY(bytes_format(body, "Lint         %s\n", lint));
    TRY(bytes_append_text(body, "To be signed SHA-256"));
    for (size_t at = 0; at < 64; at += 8) /* all of it: it is read aloud */
        TRY(bytes_format(body, "%s%.8s", at == 24 || at == 48 ? "\n             " : " ",
                         issue->draft.tbs_sha256 + at));
    TRY(bytes_append_char(body, '\n'));
    return bytes_format(body, "Signed by    key \"%s\", %.16s...\n", issue->key->label,
                        issue->key->spki_sha256);
}

/* The script's name of the key whose certificate it is; NULL for a CRL. */
static const char *
subject_of(const struct issue *issue)
{
    return issue->subject == NULL ? NULL : issue->subject->name;
}

static struct error *
announce(struct engine *engine, struct issue *issue, const char *command, uint64_t *ret_seq)
{
    *ret_seq = announced_seq(engine);
    if (*ret_seq != 0)
        return NULL;
    AUTO_FREE char *tbs = NULL;
    TRY(base64_encode_new(issue->draft.tbs.data, issue->draft.tbs.len, &tbs));
    json_t *data =
        json_pack("{s:s,s:s,s:s*,s:s,s:s,s:s,s:s,s:s,s:s}", "object", issue->object, "key",
                  issue->key->name, "subject", subject_of(issue), "profile", issue->profile->id,
                  "tbs", tbs, "tbs_sha256", issue->draft.tbs_sha256, "tbs_sha384",
                  issue->draft.tbs_sha384, "command", command, "file", issue->file);
    if (data == NULL || json_object_update(data, issue->announce) != 0) {
        json_decref(data);
        return error_memory();
    }
    return engine_intent(engine, "sign", data, ret_seq);
}

static struct error *
sign(struct engine *engine, struct issue *issue, struct bytes *der)
{
    struct engine_token *token = NULL;
    EVP_PKEY *key = NULL;
    unsigned char id[P11_ID_MAX];
    size_t id_len = 0;
    TRY(tokens_get(engine, issue->key->token, &token));
    TRY(key_id_parse(issue->key->id_hex, id, &id_len));
    TRY(tokens_signing_key(engine, token, id, id_len, issue->key->spki.data,
                           issue->key->spki.len, &key));
    working_begin(engine, "The token signs.", "usually less than a second");
    struct error *error =
        pki_draft_sign(&issue->draft, key, p11_provider_context(engine->provider),
                       issue->key->spki.data, issue->key->spki.len, der);
    working_end(engine);
    EVP_PKEY_free(key);
    error = tokens_signing_error(engine, error);
    if (error == NULL)
        return NULL;
    return error_doing(error, "signing the %s", issue->object);
}

static struct error *
write_files(struct engine *engine, struct issue *issue, const struct bytes *der)
{
    AUTO_FREE char *der_name = NULL;
    AUTO_FREE char *pem_name = NULL;
    AUTO_BYTES pem = {0};
    TRY(text_format(&der_name, "%s.der", issue->file));
    TRY(text_format(&pem_name, "%s.pem", issue->file));
    TRY(pki_pem(issue->pem_label, der->data, der->len, &pem));
    TRY(evidence_write(engine, issue->object, der_name, der->data, der->len));
    return evidence_write(engine, issue->object, pem_name, pem.data, pem.len);
}

/* A certificate that came out of an interrupted write is kept: it is the one that was signed. */
static struct error *
written_before(struct engine *engine, struct issue *issue, struct bytes *der)
{
    AUTO_FREE char *name = NULL;
    const unsigned char *tbs = NULL;
    size_t len = 0;
    TRY(text_format(&name, "%s.der", issue->file));
    struct error *error = evidence_read(engine, name, CERTIFICATE_MAX, der);
    if (error != NULL) {
        error_free(error);
        return NULL;
    }
    error = pki_tbs_of(der->data, der->len, &tbs, &len);
    bool same = error == NULL && len == issue->draft.tbs.len
                && memcmp(tbs, issue->draft.tbs.data, len) == 0;
    error_free(error);
    if (!same)
        return ERROR(ERROR_VERIFICATION, "the file \"%s\" is there already, and is another one",
                     name);
    return NULL;
}

static struct error *
sign_and_write(struct engine *engine, struct issue *issue, uint64_t intent, json_t **ret_data)
{
    AUTO_BYTES der = {0};
    AUTO_FREE char *name = NULL;
    char hash[DIGEST_SHA256_TEXT];
    char summary[120];
    int64_t from = 0;
    int64_t until = 0;
    unsigned level = PKI_LEVEL_UNKNOWN;
    (void)intent;
    TRY(written_before(engine, issue, &der));
    if (der.len == 0)
        TRY(sign(engine, issue, &der));
    TRY(lint_and_record(engine, issue, der.data, der.len, false, summary, sizeof summary));
    TRY(digest_sha256_text(der.data, der.len, hash));
    TRY(write_files(engine, issue, &der));
    TRY(issue->issued(engine, issue, hash));
    TRY(pki_validity_of(der.data, der.len, &from, &until));
    TRY(text_format(&name, "%s.der", issue->file));
    *ret_data = json_pack(
        "{s:s,s:s,s:s*,s:s,s:s,s:s,s:s,s:I,s:I,s:s}", "object", issue->object, "key",
        issue->key->name, "subject", subject_of(issue), "file", name, "sha256", hash,
        "tbs_sha256", issue->draft.tbs_sha256, "lint", summary, "valid_from", (json_int_t)from,
        "valid_until", (json_int_t)until, "verified", "in software, same to-be-signed bytes");
    if (issue->subject == NULL)
        return NULL;
    TRY(level_of(engine, der.data, der.len, &level));
    if (json_object_set_new(*ret_data, "level", json_integer((json_int_t)level)) != 0)
        return error_memory();
    return NULL;
}

static struct error *
approve(struct engine *engine, struct issue *issue, char **ret_typed_by)
{
    char summary[120];
    bool typed = false;
    AUTO_BYTES body = {0};
    const char *who = engine_actor(engine);
    if (announced_seq(engine) == 0)
        TRY(lint_and_record(engine, issue, issue->draft.specimen.data,
                            issue->draft.specimen.len, true, summary, sizeof summary));
    else
        (void)snprintf(summary, sizeof summary, "as before the interruption: lint/");
    TRY(describe(engine, issue, summary, &body));
    TRY(ask_command(engine, "sign", bytes_text(&body), issue->command, who, &typed));
    if (!typed)
        return error_hint(ERROR(ERROR_REFUSED, "the people did not sign the %s", issue->object),
                          "Nothing was signed. Resume to see it again, or abort the ceremony.");
    return text_copy(who, ret_typed_by);
}

/* What came out, as the record has it. */
static struct error *
show_issued(struct engine *engine, const struct issue *issue)
{
    AUTO_BYTES body = {0};
    const struct state *state = &engine->state;
    BUG_ON(state->object_count == 0);
    const struct state_object *made = &state->objects[state->object_count - 1];
    TRY(bytes_format(&body,
                     "The %s is signed.\n"
                     "The signature was verified in software, the signed\n"
                     "bytes are those that were shown, and the tests found\n"
                     "no fault in what came out.\n\n%s\nSHA-256",
                     issue->object, made->file));
    for (size_t at = 0; at < 64; at += 8)
        TRY(bytes_format(&body, "%s%.8s", at % 32 == 0 ? "\n  " : " ", made->sha256 + at));
    return ask_tell(engine, "issued", bytes_text(&body), NULL);
}

struct error *
issue_perform(struct engine *engine, struct issue *issue)
{
    struct engine_token *token = NULL;
    AUTO_FREE char *typed_by = NULL;
    uint64_t intent = 0;
    json_t *data = NULL;
    TRY(approve(engine, issue, &typed_by));
    TRY(engine_record(engine, TRANSCRIPT_CONFIRMATION, typed_by,
                      json_pack("{s:s,s:s,s:s}", "prompt", "sign", "answer", issue->command,
                                "tbs_sha256", issue->draft.tbs_sha256),
                      NULL));
    TRY(tokens_get(engine, issue->key->token, &token));
    TRY(tokens_login_user(engine, token));
    if (announced_seq(engine) == 0)
        TRY(issue->reserve(engine, issue));
    TRY(announce(engine, issue, issue->command, &intent));
    struct error *error = sign_and_write(engine, issue, intent, &data);
    if (error != NULL)
        return error; /* the intent stays open: the same bytes are signed when resumed */
    TRY(engine_result(engine, intent, "done", data));
    return show_issued(engine, issue);
}

/* Of an earlier ceremony: the ledger names it, the archive holds it. */
static struct error *
earlier_certificate(struct ledger *ledger, const char *site_folder, const char *key,
                    const char *spki_sha256, struct bytes *ret_der)
{
    AUTO_FREE struct known_certificate *rows = NULL;
    AUTO_FREE char *what = NULL;
    size_t count = 0;
    TRY(known_certificates(ledger, spki_sha256, &rows, &count));
    if (count == 0)
        return ERROR(ERROR_REFUSED, "the key \"%s\" has no certificate yet", key);
    TRY(text_format(&what, "the certificate of key \"%s\"", key));
    return archive_read(site_folder, ARCHIVE_CERTIFICATE, rows[0].sha256, what, ret_der);
}

struct error *
issue_earlier_certificate(struct ledger *ledger, const char *site_folder, const char *label,
                          struct bytes *ret_der)
{
    struct known_key known;
    TRY(known_key_by_label(ledger, label, &known));
    return earlier_certificate(ledger, site_folder, label, known.spki_sha256, ret_der);
}

struct error *
issue_certificate_of(struct engine *engine, const char *key, struct bytes *ret_der)
{
    for (size_t i = 0; i < engine->state.object_count; i++) {
        const struct state_object *object = &engine->state.objects[i];
        if (strcmp(object->kind, "certificate") == 0 && strcmp(object->subject, key) == 0)
            return evidence_read(engine, object->file, CERTIFICATE_MAX, ret_der);
    }
    const struct state_key *found = state_key(&engine->state, key);
    if (found != NULL && found->elsewhere && found->certificate[0] != '\0')
        return evidence_read(engine, found->certificate, CERTIFICATE_MAX, ret_der);
    if (found == NULL || !found->found)
        return ERROR(ERROR_REFUSED, "the key \"%s\" has no certificate yet", key);
    return earlier_certificate(engine->ledger, engine->site->folder, key, found->spki_sha256,
                               ret_der);
}
