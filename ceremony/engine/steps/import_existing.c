/* SPDX-License-Identifier: Apache-2.0
 *
 * The certificate that another CA has already, brought so that a cross-certificate can repeat its name,
 * its key and its key identifier: with those above it, compared with paper, with the request where there
 * is one, and with the ledger. (P2, R9, R15, R62; REQUIREMENTS 4.5) */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/brought_facts.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/pki/algorithm.h"

struct arrival {
    struct brought_existing brought;
    struct state_key key;
    const char *compared; /* with what it was compared */
};

static void
arrival_clear(struct arrival *arrival)
{
    bytes_clear(&arrival->key.spki);
    brought_existing_clear(&arrival->brought);
}

static struct error *
name_key(const struct engine *engine, const struct script_key *planned, struct arrival *arrival)
{
    const struct brought_certificate *certificate = &arrival->brought.certificate;
    struct state_key *key = &arrival->key;
    (void)snprintf(key->name, sizeof key->name, "%s", planned->id);
    (void)snprintf(key->label, sizeof key->label, "%s%.60s", evidence_prefix(engine),
                   planned->id);
    const struct key_kind *kind = key_kind_by_type(certificate->key_type);
    if (kind == NULL)
        return ERROR(ERROR_UNSUPPORTED,
                     "the key of the certificate is of a kind or size that is not used here");
    (void)snprintf(key->type, sizeof key->type, "%s", kind->type);
    (void)snprintf(key->spki_sha256, sizeof key->spki_sha256, "%s", certificate->spki_sha256);
    return bytes_copy(&key->spki, certificate->spki.data, certificate->spki.len);
}

static struct error *
show(struct engine *engine, const struct arrival *arrival)
{
    AUTO_BYTES body = {0};
    bool yes = false;
    const struct brought_existing *brought = &arrival->brought;
    const struct brought_certificate *certificate = &brought->certificate;
    TRY(bytes_append_text(&body, certificate->shown));
    TRY(bytes_format(&body, "\nCertificates above it: %zu\n", certificate->issuer_count));
    TRY(bytes_format(&body, "That the other CA has the key is shown by:\n%s.\n",
                     brought_existing_possession(brought)));
    if (brought->has_request)
        TRY(bytes_append_text(&body,
                              "Name and key of the request are the same, byte for byte.\n"));
    TRY(bytes_append_char(&body, '\n'));
    TRY(evidence_hash_line(&body, "certificate", certificate->file.sha256));
    if (brought->has_request)
        TRY(evidence_hash_line(&body, "request", brought->request.file.sha256));
    TRY(ask_confirm(engine, "existing", bytes_text(&body),
                    "Is this the CA that we mean to certify?",
                    people_name(engine, "auditor", 0), &yes));
    if (yes)
        return NULL;
    return error_hint(ERROR(ERROR_REFUSED, "the people did not accept the certificate"),
                      "Nothing was entered. Resume to see it again, or abort the ceremony.");
}

/* Each file has a paper of its own. */
static struct error *
compare(struct engine *engine, struct arrival *arrival)
{
    const struct brought_existing *brought = &arrival->brought;
    TRY(brought_compare_paper(engine, &brought->certificate.file, "certificate"));
    if (brought->has_request)
        TRY(brought_compare_paper(engine, &brought->request.file, "request"));
    return brought_compare_closing(engine, &brought->certificate.file, &arrival->compared);
}

static struct error *
write_files(struct engine *engine, const struct arrival *arrival, const char *name,
            json_t *issuers)
{
    AUTO_FREE char *stem = NULL;
    const struct brought_existing *brought = &arrival->brought;
    const struct bytes *der = &brought->certificate.file.der;
    TRY(evidence_write(engine, "certificate of another CA", name, der->data, der->len));
    TRY(brought_write_issuers(engine, arrival->key.name, &brought->certificate, issuers));
    if (!brought->has_request)
        return NULL;
    TRY(text_format(&stem, "requests/%s%.60s", evidence_prefix(engine), arrival->key.name));
    return brought_write_request(engine, stem, &brought->request.file.der);
}

static void
tell(const struct arrival *arrival, const char *name, json_t *issuers, json_t *data)
{
    const struct brought_existing *brought = &arrival->brought;
    const struct brought_certificate *certificate = &brought->certificate;
    (void)json_object_set_new(data, "certificate", json_string(name));
    (void)json_object_set_new(data, "certificate_sha256",
                              json_string(certificate->file.sha256));
    (void)json_object_set(data, "issuers", issuers);
    (void)json_object_set_new(data, "name", json_string(certificate->subject));
    (void)json_object_set_new(data, "serial", json_string(certificate->serial_hex));
    (void)json_object_set_new(data, "valid_from", json_integer(certificate->not_before));
    (void)json_object_set_new(data, "valid_until", json_integer(certificate->not_after));
    if (brought->has_request)
        (void)json_object_set_new(data, "request", json_string(brought->request.file.sha256));
    (void)json_object_set_new(data, "possession",
                              json_string(brought_existing_possession(brought)));
    (void)json_object_set_new(data, "compared", json_string(arrival->compared));
}

static struct error *
keep(struct engine *engine, const struct arrival *arrival)
{
    uint64_t intent = 0;
    json_t *data = NULL;
    AUTO_FREE char *name = NULL;
    TRY(text_format(&name, "inputs/%s%.60s.der", evidence_prefix(engine), arrival->key.name));
    TRY(engine_intent(engine, "import-existing",
                      json_pack("{s:s,s:s}", "key", arrival->key.name, "certificate_sha256",
                                arrival->brought.certificate.file.sha256),
                      &intent));
    json_t *issuers = json_array();
    struct error *error = issuers == NULL ? error_memory() : NULL;
    if (error == NULL)
        error = write_files(engine, arrival, name, issuers);
    if (error == NULL)
        error = key_describe(&arrival->key, &data);
    if (error == NULL)
        tell(arrival, name, issuers, data);
    json_decref(issuers);
    if (error != NULL)
        return engine_result_failed(engine, intent, error);
    return engine_result(engine, intent, "done", data);
}

struct error *
step_run_import_existing(struct engine *engine)
{
    __attribute__((cleanup(arrival_clear))) struct arrival arrival = {0};
    const struct script_key *planned = script_key(engine->script, engine->step->key);
    struct clock_reading now;
    if (state_key(&engine->state, engine->step->key) != NULL)
        return NULL;
    clock_read(&now);
    TRY(brought_existing_ask(engine, planned, now.wall_ms / 1000, &arrival.brought));
    TRY(brought_existing_is_foreign(engine->ledger, &arrival.brought));
    TRY(name_key(engine, planned, &arrival));
    TRY(show(engine, &arrival));
    TRY(compare(engine, &arrival));
    return keep(engine, &arrival);
}
