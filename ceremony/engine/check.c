/* SPDX-License-Identifier: Apache-2.0
 *
 * What can be known before anything is touched: everything the script will issue, built with
 * throw-away keys and linted (R36), and what each token cannot do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/brought_facts.h"
#include "ceremony/engine/check_counts.h"
#include "ceremony/engine/check_tokens.h"
#include "ceremony/engine/context.h"
#include "ceremony/engine/crl_ahead.h"
#include "ceremony/engine/crl_cover.h"
#include "ceremony/engine/crl_series.h"
#include "ceremony/engine/issue.h"
#include "ceremony/engine/key_origin.h"
#include "ceremony/engine/media.h"
#include "ceremony/ledger/known.h"
#include "ceremony/pki/pki.h"

/* A key of the script, played by a throw-away one. */
struct rehearsed {
    const struct script_key *key;
    struct bytes spki;
    struct bytes certificate; /* specimen, once its step came */
};

static struct error *
make_spki(const char *type, struct bytes *ret_spki)
{
    EVP_PKEY *key = NULL;
    TRY(pki_key_make(type, &key));
    struct error *error = pki_spki_of(key, ret_spki);
    EVP_PKEY_free(key);
    return error;
}

/* `existing`: what a cross-certificate repeats; NULL: nothing. */
static struct error *
lint_draft(const struct pki_profile *profile, const struct pki_draft *draft,
           const struct bytes *issuer, const struct bytes *existing, const char *object)
{
    AUTO_LINT_REPORT report = {0};
    TRY(issue_lint(profile, draft->specimen.data, draft->specimen.len, issuer, existing,
                   &report));
    return pki_lint_require(&report, object);
}

/* `issuer` NULL: self-signed. */
static struct error *
rehearse_certificate(const struct pki_profile *profile, struct rehearsed *key,
                     const struct rehearsed *issuer, bool practice)
{
    unsigned char serial[20];
    struct clock_reading now;
    AUTO_DRAFT draft = {0};
    AUTO_FREE struct pki_field_value *fields = NULL;
    clock_read(&now);
    struct pki_certificate_order order = {.profile = profile,
                                          .subject_spki = key->spki.data,
                                          .subject_spki_len = key->spki.len,
                                          .serial = serial,
                                          .now = now.wall_ms / 1000,
                                          .practice = practice};
    TRY(pki_field_samples(profile, &fields, &order.field_count));
    order.fields = fields;
    if (issuer != NULL && issuer->certificate.len == 0)
        return ERROR(ERROR_INPUT, "the key \"%s\" has no certificate when it signs another",
                     issuer->key->id);
    if (issuer != NULL) {
        order.issuer_certificate = issuer->certificate.data;
        order.issuer_certificate_len = issuer->certificate.len;
    }
    bool cross = profile->certificate.subject_of_existing;
    if (cross) {
        order.existing_certificate = key->certificate.data;
        order.existing_certificate_len = key->certificate.len;
    }
    TRY(pki_serial_make(profile->certificate.serial_bits, serial, &order.serial_len));
    TRY(pki_certificate_draft(&order, &draft));
    if (!cross) /* which is not the key's own */
        TRY(bytes_copy(&key->certificate, draft.specimen.data, draft.specimen.len));
    return lint_draft(profile, &draft, issuer == NULL ? NULL : &issuer->certificate,
                      cross ? &key->certificate : NULL, "certificate");
}

/* One of a batch, with the profile's samples. */
static struct error *
rehearse_request(const struct pki_profile *profile, const struct rehearsed *issuer,
                 bool practice)
{
    const struct pki_texts *keys = &profile->certificate.keys;
    struct rehearsed subject = {0};
    struct error *error =
        make_spki(keys->count > 0 ? keys->items[0] : "ec-p256", &subject.spki);
    if (error == NULL)
        error = rehearse_certificate(profile, &subject, issuer, practice);
    bytes_clear(&subject.spki);
    bytes_clear(&subject.certificate);
    return error;
}

/* The first of its kind: of partitions the first one, of deltas one to CRL 1. */
static struct error *
rehearse_crl(const struct pki_profile *profile, const struct rehearsed *key,
             struct pki_draft *ret_draft)
{
    struct clock_reading now;
    clock_read(&now);
    if (key->certificate.len == 0)
        return ERROR(ERROR_INPUT, "the key \"%s\" has no certificate when its CRL is made",
                     key->key->id);
    struct pki_crl_order order = {.profile = profile,
                                  .issuer_certificate = key->certificate.data,
                                  .issuer_certificate_len = key->certificate.len,
                                  .number = profile->crl.delta ? 2 : 1,
                                  .base_number = profile->crl.delta ? 1 : 0,
                                  .partition = profile->crl.partitions > 0 ? 1 : 0,
                                  .this_update = now.wall_ms / 1000};
    TRY(pki_crl_draft(&order, ret_draft));
    return lint_draft(profile, ret_draft, &key->certificate, NULL, "CRL");
}

static struct rehearsed *
find_key(struct rehearsed *keys, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(keys[i].key->id, id) == 0)
            return &keys[i];
    BUG("a step names a key that the script does not have");
}

/* The issuers that an indirect CRL lists send the readers of their certificates there. */
static struct error *
check_covered(struct engine *engine, const struct crl_cover *cover, struct rehearsed *keys,
              size_t key_count)
{
    for (size_t i = 0; i < cover->step->covers.count; i++) {
        const struct script_key *key = NULL;
        const struct pki_profile *profile = NULL;
        char hash[DIGEST_SHA256_TEXT];
        if (!script_covered(engine->script, cover->step, i, &key, &profile))
            continue;
        const struct bytes *spki = &find_key(keys, key_count, key->id)->spki;
        TRY(digest_sha256_text(spki->data, spki->len, hash));
        TRY(crl_cover_check(cover, key, hash));
    }
    return NULL;
}

static struct error *
rehearse_crls(struct engine *engine, const struct script_step *step, struct rehearsed *keys,
              size_t key_count)
{
    for (size_t i = 0; i < step->crls.count; i++) {
        AUTO_DRAFT draft = {0};
        const struct script_key *key = NULL;
        const struct pki_profile *profile = NULL;
        if (!script_crl(engine->script, step, i, &key, &profile))
            continue;
        const struct rehearsed *signer = find_key(keys, key_count, key->id);
        TRY(rehearse_crl(profile, signer, &draft));
        const struct crl_cover cover = {.engine = engine,
                                        .step = step,
                                        .profile = profile,
                                        .signer = &signer->certificate,
                                        .crl = &draft.specimen};
        if (profile->crl.indirect)
            TRY(check_covered(engine, &cover, keys, key_count));
    }
    return NULL;
}

static struct error *
check_step(struct engine *engine, const struct script_step *step, struct rehearsed *keys,
           size_t key_count, struct faults *faults)
{
    AUTO_DRAFT draft = {0};
    const struct script *script = engine->script;
    const bool practice = engine->site->rehearsal;
    struct error *error = NULL;
    if (step->kind == STEP_ISSUE_CERTIFICATE || step->kind == STEP_CROSS_CERTIFY) {
        struct rehearsed *signer = find_key(keys, key_count, step->key);
        struct rehearsed *subject = find_key(keys, key_count, step->of);
        error = rehearse_certificate(script_profile(script, step->profile), subject,
                                     signer == subject ? NULL : signer, practice);
    } else if (step->kind == STEP_SIGN_REQUESTS) {
        error = key_origin_fits(step);
        if (error == NULL)
            error = rehearse_request(script_profile(script, step->profile),
                                     find_key(keys, key_count, step->key), practice);
    } else if (step->kind == STEP_SIGN_SERIES) {
        error = crl_series_rehearse(step, script_profile(script, step->profile),
                                    &find_key(keys, key_count, step->key)->certificate);
    } else if (step->kind == STEP_ISSUE_CRL) {
        error = rehearse_crl(script_profile(script, step->profile),
                             find_key(keys, key_count, step->key), &draft);
    } else if (step->kind == STEP_SIGN_CRLS) {
        error = rehearse_crls(engine, step, keys, key_count);
    }
    return error == NULL ? NULL : check_fault(faults, script->file, &step->place, error);
}

/* Whether a step of that kind brings something for the key. */
static bool
is_brought(const struct script *script, enum step_kind kind, const char *key)
{
    for (size_t a = 0; a < script->act_count; a++)
        for (size_t s = 0; s < script->acts[a].step_count; s++)
            if (script->acts[a].steps[s].kind == kind
                && strcmp(script->acts[a].steps[s].key, key) == 0)
                return true;
    return false;
}

/* Its certificate comes to this ceremony; it must be for the key that the ledger knows. */
static struct error *
take_brought(struct engine *engine, const char *label, struct rehearsed *key)
{
    AUTO_BROUGHT_CERTIFICATE brought = {0};
    struct known_key known;
    struct clock_reading now;
    clock_read(&now);
    TRY(known_key_by_label(engine->ledger, label, &known));
    TRY(brought_ca_ask(engine, key->key->id, now.wall_ms / 1000, &brought));
    TRY(brought_certificate_is_for(&brought, known.spki_sha256, label));
    TRY(bytes_copy(&key->certificate, brought.file.der.data, brought.file.der.len));
    return bytes_copy(&key->spki, brought.spki.data, brought.spki.len);
}

/* The certificate that the key has already; the ledger must not know it as one of ours. */
static struct error *
take_existing(struct engine *engine, struct rehearsed *key)
{
    AUTO_BROUGHT_EXISTING brought = {0};
    struct clock_reading now;
    clock_read(&now);
    TRY(brought_existing_ask(engine, key->key, now.wall_ms / 1000, &brought));
    if (engine->ledger != NULL)
        TRY(brought_existing_is_foreign(engine->ledger, &brought));
    const struct bytes *der = &brought.certificate.file.der;
    TRY(bytes_copy(&key->certificate, der->data, der->len));
    return bytes_copy(&key->spki, brought.certificate.spki.data, brought.certificate.spki.len);
}

/* A key made elsewhere is played by the one in its request, or in its certificate. */
static struct error *
take_elsewhere(struct engine *engine, struct rehearsed *key)
{
    AUTO_BROUGHT_REQUEST request = {0};
    if (is_brought(engine->script, STEP_IMPORT_EXISTING, key->key->id))
        return take_existing(engine, key);
    TRY(brought_request_ask(engine, key->key, &request));
    return bytes_copy(&key->spki, request.request.spki.data, request.request.spki.len);
}

/* A key made earlier plays itself: the ledger knows its certificate. */
static struct error *
take_earlier(struct engine *engine, struct rehearsed *key)
{
    AUTO_FREE char *label = NULL;
    TRY(text_format(&label, "%s%s", evidence_prefix(engine), key->key->label));
    if (is_brought(engine->script, STEP_IMPORT_CERTIFICATE, key->key->id))
        return take_brought(engine, label, key);
    TRY(issue_earlier_certificate(engine->ledger, engine->site->folder, label,
                                  &key->certificate));
    return pki_certificate_spki(key->certificate.data, key->certificate.len, &key->spki);
}

static struct error *
take_new(struct engine *engine, struct rehearsed *key)
{
    (void)engine;
    return make_spki(key->key->type, &key->spki);
}

/* As enum script_made. */
static struct error *(*const takes[])(struct engine *engine, struct rehearsed *key) = {
    take_new, take_earlier, take_elsewhere};

static bool
destroys_before(const struct script *script, const struct script_step *until, const char *key)
{
    for (size_t a = 0; a < script->act_count; a++)
        for (size_t s = 0; s < script->acts[a].step_count; s++) {
            const struct script_step *step = &script->acts[a].steps[s];
            if (step == until)
                return false;
            if (step->kind == STEP_DESTROY_SERIES && strcmp(step->key, key) == 0)
                return true;
        }
    return false;
}

/* CRLs that were signed ahead are in the way of a revocation: found before anybody is in the room. */
static struct error *
check_ahead(struct engine *engine, const struct script_step *step, const struct rehearsed *keys,
            size_t count, struct faults *faults)
{
    bool signs = step->kind == STEP_ISSUE_CRL || step->kind == STEP_SIGN_SERIES
                 || step->kind == STEP_REVOKE;
    for (size_t i = 0; i < count; i++) {
        struct state_key key = {0};
        bool named = signs && strcmp(step->key, keys[i].key->id) == 0;
        for (size_t n = 0; n < step->crls.count; n++) {
            const struct script_key *listed = NULL;
            const struct pki_profile *profile = NULL;
            named = named
                    || (script_crl(engine->script, step, n, &listed, &profile)
                        && listed == keys[i].key);
        }
        if (!named || keys[i].key->made != MADE_EARLIER
            || destroys_before(engine->script, step, keys[i].key->id))
            continue;
        (void)snprintf(key.name, sizeof key.name, "%s", keys[i].key->id);
        TRY(digest_sha256_text(keys[i].spki.data, keys[i].spki.len, key.spki_sha256));
        struct error *error = crl_ahead_require_none(engine, &key);
        if (error != NULL)
            TRY(check_fault(faults, engine->script->file, &step->place, error));
    }
    return NULL;
}

static struct error *
check_objects(struct engine *engine, struct rehearsed *keys, struct faults *faults)
{
    const struct script *script = engine->script;
    bool known = true;
    for (size_t i = 0; i < script->key_count; i++) {
        keys[i].key = &script->keys[i];
        struct error *error = takes[script->keys[i].made](engine, &keys[i]);
        if (error == NULL)
            continue;
        TRY(check_fault(faults, script->file, &script->keys[i].place, error));
        known = false; /* what it signs cannot be drafted; the fault says why */
    }
    for (size_t a = 0; a < script->act_count && known; a++)
        for (size_t s = 0; s < script->acts[a].step_count; s++) {
            const struct script_step *step = &script->acts[a].steps[s];
            TRY(check_step(engine, step, keys, script->key_count, faults));
            TRY(check_ahead(engine, step, keys, script->key_count, faults));
        }
    return NULL;
}

/* Only to look things up; a site without a ledger has no earlier ceremony. */
static struct error *
open_ledger(struct engine *engine)
{
    AUTO_FREE char *path = NULL;
    bool needed = false;
    for (size_t i = 0; i < engine->script->key_count; i++)
        needed = needed || engine->script->keys[i].made == MADE_EARLIER;
    if (!needed)
        return NULL;
    TRY(path_join(engine->site->folder, "ledger.db", &path));
    struct error *error = ledger_open_read(path, &engine->ledger);
    if (error == NULL || error_code(error) != ERROR_NOT_FOUND)
        return error;
    error_free(error);
    return error_hint(ERROR(ERROR_NOT_FOUND,
                            "the script uses keys of an earlier ceremony, and the site folder "
                            "has no ledger"),
                      "Use the site folder of that ceremony: its ledger.db and its archive.");
}

/* Found now rather than after the last record, when only signatures are left to do. */
static struct error *
check_signers(struct engine *engine, struct faults *faults)
{
    AUTO_FREE char *file = NULL;
    const struct script_place place = {0};
    const struct roster *roster = &engine->site->roster;
    TRY(path_join(engine->site->folder, "roster.yaml", &file));
    for (size_t i = 0; i < roster->people_count; i++) {
        struct error *error = signer_check(engine, &roster->people[i]);
        if (error != NULL)
            TRY(check_fault(faults, file, &place, error));
    }
    return NULL;
}

static struct error *
check_modules_and_tokens(struct engine *engine, struct faults *faults)
{
    TRY(tokens_prepare(engine));
    TRY(tokens_load_modules(engine));
    return check_tokens(engine, faults);
}

struct error *
engine_check(struct script *script, struct site *site, struct engine_reader *reader,
             bool touch_tokens, struct faults *faults)
{
    struct rehearsed keys[STATE_KEYS_MAX] = {0};
    if (script->key_count > STATE_KEYS_MAX)
        return ERROR(ERROR_INPUT, "the script names more keys than this program takes");
    const struct engine_options options = {.reader = reader};
    struct engine *engine = calloc(1, sizeof *engine);
    if (engine == NULL)
        return error_memory();
    engine->options = &options;
    engine->script = script;
    engine->site = site;
    struct error *error = open_ledger(engine);
    if (error == NULL)
        error = check_objects(engine, keys, faults);
    if (error == NULL)
        error = check_counts(script, faults);
    if (error == NULL)
        error = check_signers(engine, faults);
    if (error == NULL && touch_tokens)
        error = check_modules_and_tokens(engine, faults);
    tokens_close_all(engine);
    ledger_close(engine->ledger);
    free(engine);
    for (size_t i = 0; i < script->key_count; i++) {
        bytes_clear(&keys[i].spki);
        bytes_clear(&keys[i].certificate);
    }
    return error;
}
