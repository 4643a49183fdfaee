/* SPDX-License-Identifier: Apache-2.0
 *
 * What can be known before anything is touched: everything the script will issue, built with
 * throw-away keys and linted (R36), and what each token cannot do. */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/file.h"
#include "ceremony/engine/context.h"
#include "ceremony/engine/issue.h"
#include "ceremony/engine/media.h"
#include "ceremony/pki/pki.h"
#include "p11/key.h"

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

/* A fault for a file, made of what an error says. Takes the error. */
static struct error *
fault_of_error(struct faults *faults, const char *file, const struct script_place *place,
               struct error *error)
{
    struct error *second =
        error_detail_text(error)[0] != '\0'
            ? faults_add(faults, file, place->line, place->column, "%s (%s)", error_what(error),
                         error_detail_text(error))
            : faults_add(faults, file, place->line, place->column, "%s", error_what(error));
    error_free(error);
    return second;
}

static struct error *
lint_draft(const struct pki_profile *profile, const struct pki_draft *draft,
           const struct bytes *issuer, const char *object)
{
    AUTO_LINT_REPORT report = {0};
    TRY(issue_lint(profile, draft->specimen.data, draft->specimen.len,
                   issuer == NULL ? NULL : issuer->data, issuer == NULL ? 0 : issuer->len,
                   &report));
    return pki_lint_require(&report, object);
}

static struct error *
rehearse_certificate(const struct pki_profile *profile, struct rehearsed *key, bool practice)
{
    unsigned char serial[20];
    struct clock_reading now;
    AUTO_DRAFT draft = {0};
    AUTO_FREE struct pki_field_value *fields = NULL;
    clock_read(&now);
    struct pki_certificate_order order = {.profile = profile,
                                          .subject_spki = key->spki.data,
                                          .subject_spki_len = key->spki.len,
                                          .issuer_spki = key->spki.data,
                                          .issuer_spki_len = key->spki.len,
                                          .serial = serial,
                                          .now = now.wall_ms / 1000,
                                          .practice = practice};
    TRY(pki_field_samples(profile, &fields, &order.field_count));
    order.fields = fields;
    TRY(pki_serial_make(profile->certificate.serial_bits, serial, &order.serial_len));
    TRY(pki_certificate_draft(&order, &draft));
    TRY(bytes_copy(&key->certificate, draft.specimen.data, draft.specimen.len));
    return lint_draft(profile, &draft, NULL, "certificate");
}

static struct error *
rehearse_crl(const struct pki_profile *profile, const struct rehearsed *key)
{
    struct clock_reading now;
    AUTO_DRAFT draft = {0};
    clock_read(&now);
    if (key->certificate.len == 0)
        return ERROR(ERROR_INPUT, "the key \"%s\" has no certificate when its CRL is made",
                     key->key->id);
    struct pki_crl_order order = {.profile = profile,
                                  .issuer_certificate = key->certificate.data,
                                  .issuer_certificate_len = key->certificate.len,
                                  .number = 1,
                                  .this_update = now.wall_ms / 1000};
    TRY(pki_crl_draft(&order, &draft));
    return lint_draft(profile, &draft, &key->certificate, "CRL");
}

static struct rehearsed *
find_key(struct rehearsed *keys, size_t count, const char *id)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(keys[i].key->id, id) == 0)
            return &keys[i];
    BUG("a step names a key that the script does not have");
}

static struct error *
check_step(const struct script *script, const struct script_step *step, struct rehearsed *keys,
           size_t key_count, bool practice, struct faults *faults)
{
    struct error *error = NULL;
    if (step->kind == STEP_ISSUE_CERTIFICATE) {
        struct rehearsed *key = find_key(keys, key_count, step->key);
        error = rehearse_certificate(script_profile(script, step->profile), key, practice);
    } else if (step->kind == STEP_ISSUE_CRL) {
        error = rehearse_crl(script_profile(script, step->profile),
                             find_key(keys, key_count, step->key));
    }
    return error == NULL ? NULL : fault_of_error(faults, script->file, &step->place, error);
}

static struct error *
check_objects(const struct script *script, struct rehearsed *keys, bool practice,
              struct faults *faults)
{
    for (size_t i = 0; i < script->key_count; i++) {
        keys[i].key = &script->keys[i];
        TRY(make_spki(script->keys[i].type, &keys[i].spki));
    }
    for (size_t a = 0; a < script->act_count; a++)
        for (size_t s = 0; s < script->acts[a].step_count; s++)
            TRY(check_step(script, &script->acts[a].steps[s], keys, script->key_count, practice,
                           faults));
    return NULL;
}

/* --- tokens --- */

static struct error *
check_key_on_token(struct engine *engine, const struct script_key *key)
{
    struct engine_token *token = NULL;
    struct p11_token_info info;
    int type = p11_key_type_parse(key->type);
    TRY(tokens_get(engine, key->token, &token));
    TRY(tokens_info(engine, token, &info));
    return p11_key_type_supported(token->module->module, info.slot, (enum p11_key_type)type,
                                  key->backup == BACKUP_WRAPPED ? P11_KEY_BACKED_UP
                                                                : P11_KEY_NO_BACKUP);
}

static struct error *
check_tokens(struct engine *engine, struct faults *faults)
{
    const struct script *script = engine->script;
    for (size_t i = 0; i < script->key_count; i++) {
        struct error *error = check_key_on_token(engine, &script->keys[i]);
        if (error != NULL)
            TRY(fault_of_error(faults, script->file, &script->keys[i].place, error));
    }
    return NULL;
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
            TRY(fault_of_error(faults, file, &place, error));
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
engine_check(struct script *script, struct site *site, bool touch_tokens, struct faults *faults)
{
    struct rehearsed keys[STATE_KEYS_MAX] = {0};
    if (script->key_count > STATE_KEYS_MAX)
        return ERROR(ERROR_INPUT, "the script names more keys than this program takes");
    struct engine *engine = calloc(1, sizeof *engine);
    if (engine == NULL)
        return error_memory();
    engine->script = script;
    engine->site = site;
    struct error *error = check_objects(script, keys, site->rehearsal, faults);
    if (error == NULL)
        error = check_signers(engine, faults);
    if (error == NULL && touch_tokens)
        error = check_modules_and_tokens(engine, faults);
    tokens_close_all(engine);
    free(engine);
    for (size_t i = 0; i < script->key_count; i++) {
        bytes_clear(&keys[i].spki);
        bytes_clear(&keys[i].certificate);
    }
    return error;
}
