/* SPDX-License-Identifier: Apache-2.0
 *
 * The certificate that came back from the ceremony of the issuer: compared with the key, with the
 * request that went out, with the chain above it, with paper, and with the sealed record of the other
 * ceremony; then it is entered in this ledger, and this archive keeps it. (R9, R15, R62; REQUIREMENTS
 * 4.2) */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/archive.h"
#include "ceremony/engine/brought_facts.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/pki/build.h"
#include "ceremony/pki/level.h"

struct arrival {
    struct brought_certificate brought;
    struct bytes request;
    char request_sha256[DIGEST_SHA256_TEXT];
    char *asked_name; /* the subject of the request */
    const char *compared;
};

static void
arrival_clear(struct arrival *arrival)
{
    brought_certificate_clear(&arrival->brought);
    bytes_clear(&arrival->request);
    free(arrival->asked_name);
}

/* Whoever certifies a key without a request had it from somewhere else. */
static struct error *
compare_request(struct engine *engine, const struct state_key *key, struct arrival *arrival)
{
    AUTO_CA_REQUEST request = {0};
    TRY(archive_find_request(engine->site->folder, &key->spki, &arrival->request));
    if (arrival->request.len == 0)
        return error_hint(
            ERROR(ERROR_NOT_FOUND, "the site's archive holds no request of the key \"%s\"",
                  key->label),
            "Copy it there from the evidence folder of the ceremony that made it, under the "
            "name archive/requests/SHA-256.der.");
    TRY(pki_ca_request_read(arrival->request.data, arrival->request.len, &request));
    TRY(digest_sha256_text(arrival->request.data, arrival->request.len,
                           arrival->request_sha256));
    return text_copy(request.subject_text, &arrival->asked_name);
}

static struct error *
show(struct engine *engine, const struct arrival *arrival)
{
    AUTO_BYTES body = {0};
    char root_sha256[DIGEST_SHA256_TEXT];
    bool yes = false;
    const struct bytes *top = &arrival->brought.issuers[arrival->brought.issuer_count - 1];
    TRY(digest_sha256_text(top->data, top->len, root_sha256));
    TRY(bytes_append_text(&body, arrival->brought.shown));
    TRY(pki_level_line(&body, (unsigned)arrival->brought.level));
    TRY(bytes_format(&body,
                     "\nIts public key is that of our key and of our request.\n"
                     "Name that was asked for: %s\n"
                     "Its trust anchor:\n%s\n\n",
                     strcmp(arrival->asked_name, arrival->brought.subject) == 0
                         ? "the same"
                         : arrival->asked_name,
                     arrival->brought.anchor));
    TRY(evidence_hash_line(&body, "certificate", arrival->brought.file.sha256));
    TRY(evidence_hash_line(&body, "root", root_sha256));
    TRY(ask_confirm(engine, "certificate", bytes_text(&body),
                    "Is this our certificate, and is the root the one we know?",
                    people_name(engine, "auditor", 0), &yes));
    if (yes)
        return NULL;
    return error_hint(ERROR(ERROR_REFUSED, "the people did not accept the certificate"),
                      "Nothing was entered. Resume to see it again, or abort the ceremony.");
}

static struct error *
write_files(struct engine *engine, const struct state_key *key, const struct arrival *arrival,
            const char *stem, json_t *issuers)
{
    AUTO_FREE char *der_name = NULL;
    AUTO_FREE char *pem_name = NULL;
    AUTO_BYTES pem = {0};
    const struct bytes *der = &arrival->brought.file.der;
    TRY(text_format(&der_name, "%s.der", stem));
    TRY(text_format(&pem_name, "%s.pem", stem));
    TRY(pki_pem("CERTIFICATE", der->data, der->len, &pem));
    TRY(evidence_write(engine, "certificate", der_name, der->data, der->len));
    TRY(evidence_write(engine, "certificate", pem_name, pem.data, pem.len));
    return brought_write_issuers(engine, key->name, &arrival->brought, issuers);
}

static struct error *
enter(struct engine *engine, const struct arrival *arrival)
{
    char tbs_sha256[DIGEST_SHA256_TEXT];
    const struct brought_certificate *brought = &arrival->brought;
    TRY(digest_sha256_text(brought->tbs.data, brought->tbs.len, tbs_sha256));
    const struct ledger_certificate row = {.issuer_spki_sha256 = brought->issuer_spki_sha256,
                                           .serial_hex = brought->serial_hex,
                                           .subject = brought->subject,
                                           .subject_spki_sha256 = brought->spki_sha256,
                                           .tbs_sha256 = tbs_sha256,
                                           .not_before = brought->not_before,
                                           .not_after = brought->not_after,
                                           .is_ca = brought->is_ca};
    return ledger_import_certificate(engine->ledger, engine->state.ceremony_id, &row,
                                     brought->file.sha256);
}

static struct error *
keep(struct engine *engine, const struct state_key *key, const struct arrival *arrival)
{
    const struct brought_certificate *brought = &arrival->brought;
    AUTO_FREE char *stem = NULL;
    AUTO_FREE char *file = NULL;
    uint64_t intent = 0;
    TRY(text_format(&stem, "certificates/%s%.60s", evidence_prefix(engine), key->name));
    TRY(text_format(&file, "%s.der", stem));
    json_t *issuers = json_array();
    if (issuers == NULL)
        return error_memory();
    struct error *error = engine_intent(
        engine, "import-certificate",
        json_pack("{s:s,s:s}", "key", key->name, "sha256", brought->file.sha256), &intent);
    if (error == NULL) {
        error = write_files(engine, key, arrival, stem, issuers);
        if (error == NULL)
            error = enter(engine, arrival);
        if (error != NULL)
            error = engine_result_failed(engine, intent, error);
    }
    if (error != NULL) {
        json_decref(issuers);
        return error;
    }
    return engine_result(
        engine, intent, "done",
        json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:o,s:I,s:I,s:i,s:s,s:s}", "object",
                  "certificate", "subject", key->name, "file", file, "sha256",
                  brought->file.sha256, "spki_sha256", brought->spki_sha256,
                  "issuer_spki_sha256", brought->issuer_spki_sha256, "serial",
                  brought->serial_hex, "name", brought->subject, "issuers", issuers,
                  "valid_from", (json_int_t)brought->not_before, "valid_until",
                  (json_int_t)brought->not_after, "level", (int)brought->level, "request",
                  arrival->request_sha256, "compared", arrival->compared));
}

struct error *
step_run_import_certificate(struct engine *engine)
{
    __attribute__((cleanup(arrival_clear))) struct arrival arrival = {0};
    const struct script_key *planned = script_key(engine->script, engine->step->key);
    struct state_key *key = NULL;
    struct clock_reading now;
    if (state_has_certificate(&engine->state, engine->step->key))
        return NULL;
    clock_read(&now);
    TRY(key_of_step(engine, engine->step->key, &key));
    TRY(brought_ca_ask(engine, planned->id, now.wall_ms / 1000, &arrival.brought));
    TRY(brought_certificate_is_for(&arrival.brought, key->spki_sha256, key->label));
    TRY(compare_request(engine, key, &arrival));
    TRY(show(engine, &arrival));
    TRY(brought_compare_paper(engine, &arrival.brought.file, "certificate"));
    TRY(brought_compare_closing(engine, &arrival.brought.file, &arrival.compared));
    return keep(engine, key, &arrival);
}
