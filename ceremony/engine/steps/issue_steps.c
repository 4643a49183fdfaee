/* SPDX-License-Identifier: Apache-2.0
 *
 * The root certificate and the first CRL. (R18, R36, R47, R52, R53) */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/crl_ahead.h"
#include "ceremony/engine/issue.h"
#include "ceremony/engine/keys.h"
#include "ceremony/engine/steps/step.h"
#include "ceremony/ledger/known.h"
#include "ceremony/ledger/revoked.h"

#define SERIAL_TRIES 8

static void
upper(char *text)
{
    for (; *text != '\0'; text++)
        *text = (char)toupper((unsigned char)*text);
}

/* A backed-up key signs only after its backup was proven and the key locked. */
static struct error *
signer_of_step(struct engine *engine, const char *name, struct state_key **ret_key)
{
    const struct script_key *planned = script_key(engine->script, name);
    TRY(key_of_step(engine, name, ret_key));
    if (planned->backup == BACKUP_WRAPPED && planned->made == MADE_HERE
        && (!(*ret_key)->restore_proven || !(*ret_key)->locked))
        return ERROR(
            ERROR_REFUSED,
            "the key \"%s\" may not sign yet: its backup must be proven and the key locked",
            name);
    return NULL;
}

static int64_t
seconds_now(void)
{
    struct clock_reading now;
    clock_read(&now);
    return now.wall_ms / 1000;
}

/* Whether the step's object was issued already: the interruption came between result and end. */
static const struct state_object *
object_of_step(const struct engine *engine)
{
    for (size_t i = 0; i < engine->state.object_count; i++)
        if (strcmp(engine->state.objects[i].step, engine->step->id) == 0)
            return &engine->state.objects[i];
    return NULL;
}

/* --- certificate --- */

static struct error *
fresh_serial(struct engine *engine, const struct issue *issue, unsigned char serial[20],
             size_t *ret_len, char ret_hex[41])
{
    for (int i = 0; i < SERIAL_TRIES; i++) {
        bool taken = false;
        TRY(pki_serial_make(issue->profile->certificate.serial_bits, serial, ret_len));
        hex_encode(serial, *ret_len, ret_hex);
        TRY(ledger_serial_taken(engine->ledger, issue->key->spki_sha256, ret_hex, &taken));
        if (!taken)
            return NULL;
    }
    return ERROR(ERROR_BUG, "no unused serial number was found");
}

static struct error *
draft_certificate(struct engine *engine, struct issue *issue)
{
    unsigned char serial[20];
    char serial_hex[41];
    struct pki_certificate_order order = {.profile = issue->profile,
                                          .subject_spki = issue->subject->spki.data,
                                          .subject_spki_len = issue->subject->spki.len,
                                          .issuer_certificate = issue->issuer,
                                          .issuer_certificate_len = issue->issuer_len,
                                          .issuer_spki = issue->key->spki.data,
                                          .issuer_spki_len = issue->key->spki.len,
                                          .serial = serial,
                                          .existing_certificate = issue->existing,
                                          .existing_certificate_len = issue->existing_len,
                                          .now = seconds_now(),
                                          .practice = engine->site->rehearsal};
    TRY(fresh_serial(engine, issue, serial, &order.serial_len, serial_hex));
    TRY(pki_certificate_draft(&order, &issue->draft));
    issue->announce = json_pack("{s:s}", "serial", serial_hex);
    return issue->announce == NULL ? error_memory() : NULL;
}

static const char *
announced_text(const struct issue *issue, const char *name)
{
    const char *text = json_string_value(json_object_get(issue->announce, name));
    return text == NULL ? "" : text;
}

static struct error *
reserve_certificate(struct engine *engine, struct issue *issue)
{
    AUTO_FREE char *subject = NULL;
    struct ledger_certificate row = {.issuer_spki_sha256 = issue->key->spki_sha256,
                                     .serial_hex = announced_text(issue, "serial"),
                                     .subject_spki_sha256 = issue->subject->spki_sha256,
                                     .tbs_sha256 = issue->draft.tbs_sha256,
                                     .profile = issue->profile->id,
                                     .is_ca = issue->profile->certificate.is_ca};
    TRY(pki_certificate_subject(issue->draft.specimen.data, issue->draft.specimen.len,
                                &subject));
    TRY(pki_validity_of(issue->draft.specimen.data, issue->draft.specimen.len, &row.not_before,
                        &row.not_after));
    row.subject = subject;
    return ledger_reserve_certificate(engine->ledger, engine->state.ceremony_id, &row);
}

static struct error *
certificate_issued(struct engine *engine, struct issue *issue, const char *sha256)
{
    return ledger_issue_certificate(engine->ledger, engine->state.ceremony_id,
                                    issue->key->spki_sha256, announced_text(issue, "serial"),
                                    sha256);
}

static struct error *
take_announced(struct engine *engine, struct issue *issue, bool *ret_again)
{
    const json_t *announced = issue_announced(engine);
    *ret_again = announced != NULL;
    if (announced == NULL)
        return NULL;
    issue->announce = json_deep_copy(announced);
    if (issue->announce == NULL)
        return error_memory();
    return issue_draft_again(engine, announced, issue);
}

/* A CA's name and a CA's key are used once; what goes beyond that is a cross-certificate, which is a
 * step of its own. */
static struct error *
refuse_used(struct engine *engine, const struct issue *issue)
{
    AUTO_FREE char *subject = NULL;
    struct known_certificate used;
    bool found = false;
    if (!issue->profile->certificate.is_ca)
        return NULL;
    TRY(pki_certificate_subject(issue->draft.specimen.data, issue->draft.specimen.len,
                                &subject));
    TRY(known_ca_of_name(engine->ledger, subject, &used, &found));
    if (found)
        return error_hint(
            ERROR(ERROR_REFUSED, "the CA name \"%s\" was used before", subject),
            "Its certificate has the serial number %s. Give the new CA another name, or use a "
            "script for cross-certificates if it is meant to be the same CA.",
            used.serial_hex);
    AUTO_FREE struct known_certificate *rows = NULL;
    size_t count = 0;
    TRY(known_certificates(engine->ledger, issue->subject->spki_sha256, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (rows[i].is_ca)
            return error_hint(
                ERROR(ERROR_REFUSED, "the key \"%s\" was certified as a CA before",
                      issue->subject->name),
                "Its certificate is for \"%s\". Make a new key, or use a script for "
                "cross-certificates if it is meant to be the same CA.",
                rows[i].subject);
    return NULL;
}

/* Who signs, and whose certificate it is: with `of`, another key's. */
static struct error *
parties(struct engine *engine, struct issue *issue, struct bytes *issuer)
{
    struct state_key *key = NULL;
    struct state_key *subject = NULL;
    TRY(signer_of_step(engine, engine->step->key, &key));
    TRY(signer_of_step(engine, engine->step->of, &subject));
    TRY(key_may_certify(engine, key));
    issue->key = key;
    issue->subject = subject;
    if (key == subject)
        return NULL;
    TRY(issue_certificate_of(engine, key->name, issuer));
    issue->issuer = issuer->data;
    issue->issuer_len = issuer->len;
    return NULL;
}

/* The label that the script gives a key, without the mark of a rehearsal. */
static const char *
label_of(const struct engine *engine, const char *name)
{
    const struct script_key *key = script_key(engine->script, name);
    return key == NULL || key->label[0] == '\0' ? name : key->label;
}

/* "root", or "issuing-by-root". */
static void
name_certificate(struct engine *engine, struct issue *issue)
{
    const char *subject = issue->subject->name;
    const char *signer = issue->key->name;
    bool self = issue->key == issue->subject;
    /* The command names the keys as their labels do: they are the CAs that people know (R18). */
    (void)snprintf(issue->command, sizeof issue->command, "SIGN %.48s CERTIFICATE%s%.48s",
                   label_of(engine, subject), self ? "" : " BY ",
                   self ? "" : label_of(engine, signer));
    upper(issue->command);
    (void)snprintf(issue->file, sizeof issue->file, "certificates/%s%.40s%s%.40s",
                   evidence_prefix(engine), subject, self ? "" : "-by-", self ? "" : signer);
}

/* A certificate that leaves for another ceremony: its hash travels on paper, by another way. */
static struct error *
show_paper(struct engine *engine, const struct issue *issue)
{
    const struct state_object *object = object_of_step(engine);
    if (object == NULL || !issue->subject->elsewhere)
        return NULL;
    return evidence_paper(engine, "certificate", object->sha256);
}

struct error *
step_run_issue_certificate(struct engine *engine)
{
    AUTO_BYTES issuer = {0};
    AUTO_ISSUE issue = {.object = "certificate",
                        .pem_label = "CERTIFICATE",
                        .reserve = reserve_certificate,
                        .issued = certificate_issued};
    bool again = false;
    TRY(parties(engine, &issue, &issuer));
    if (object_of_step(engine) != NULL)
        return show_paper(engine, &issue);
    issue.profile = script_profile(engine->script, engine->step->profile);
    name_certificate(engine, &issue);
    TRY(take_announced(engine, &issue, &again));
    if (!again) {
        TRY(draft_certificate(engine, &issue));
        TRY(refuse_used(engine, &issue));
    }
    TRY(issue_perform(engine, &issue));
    return show_paper(engine, &issue);
}

/* A cross-certificate repeats name, key and key identifier of one that is there, byte for byte, under another
 * issuer: new with old and old with new of a rollover, or another CA's. The lints compare the rest (P2). */
struct error *
step_run_cross_certify(struct engine *engine)
{
    AUTO_BYTES issuer = {0};
    AUTO_BYTES existing = {0};
    AUTO_ISSUE issue = {.object = "cross-certificate",
                        .pem_label = "CERTIFICATE",
                        .reserve = reserve_certificate,
                        .issued = certificate_issued};
    bool again = false;
    TRY(parties(engine, &issue, &issuer));
    if (object_of_step(engine) != NULL)
        return show_paper(engine, &issue);
    TRY(issue_certificate_of(engine, issue.subject->name, &existing));
    issue.existing = existing.data;
    issue.existing_len = existing.len;
    issue.profile = script_profile(engine->script, engine->step->profile);
    name_certificate(engine, &issue);
    TRY(take_announced(engine, &issue, &again));
    if (!again)
        TRY(draft_certificate(engine, &issue));
    TRY(issue_perform(engine, &issue));
    return show_paper(engine, &issue);
}

/* --- CRL --- */

#define CRL_SCOPE "full"

static struct error *
draft_crl(struct engine *engine, struct issue *issue)
{
    uint64_t last = 0;
    TRY(ledger_crl_highest(engine->ledger, issue->key->spki_sha256, &last));
    struct pki_crl_order order = {.profile = issue->profile,
                                  .issuer_certificate = issue->issuer,
                                  .issuer_certificate_len = issue->issuer_len,
                                  .number = last + 1,
                                  .this_update = seconds_now()};
    TRY(pki_crl_draft(&order, &issue->draft));
    issue->announce = json_pack("{s:I}", "number", (json_int_t)order.number);
    return issue->announce == NULL ? error_memory() : NULL;
}

static uint64_t
announced_number(const struct issue *issue)
{
    return (uint64_t)json_integer_value(json_object_get(issue->announce, "number"));
}

static struct error *
reserve_crl(struct engine *engine, struct issue *issue)
{
    int64_t from = 0;
    int64_t until = 0;
    TRY(pki_validity_of(issue->draft.specimen.data, issue->draft.specimen.len, &from, &until));
    return ledger_reserve_crl(engine->ledger, engine->state.ceremony_id,
                              issue->key->spki_sha256, CRL_SCOPE, announced_number(issue),
                              issue->draft.tbs_sha256, from, until);
}

static struct error *
crl_issued(struct engine *engine, struct issue *issue, const char *sha256)
{
    return ledger_issue_crl(engine->ledger, engine->state.ceremony_id, issue->key->spki_sha256,
                            CRL_SCOPE, announced_number(issue), sha256);
}

struct error *
step_run_issue_crl(struct engine *engine)
{
    AUTO_BYTES issuer = {0};
    AUTO_ISSUE issue = {
        .object = "crl", .pem_label = "X509 CRL", .reserve = reserve_crl, .issued = crl_issued};
    struct state_key *key = NULL;
    bool again = false;
    if (object_of_step(engine) != NULL)
        return NULL;
    TRY(signer_of_step(engine, engine->step->key, &key));
    TRY(issue_certificate_of(engine, key->name, &issuer));
    issue.key = key;
    issue.issuer = issuer.data;
    issue.issuer_len = issuer.len;
    issue.profile = script_profile(engine->script, engine->step->profile);
    TRY(take_announced(engine, &issue, &again));
    if (!again) {
        TRY(crl_ahead_require_none(engine, key));
        TRY(draft_crl(engine, &issue));
    }
    uint64_t number = announced_number(&issue);
    (void)snprintf(issue.command, sizeof issue.command, "SIGN CRL %llu OF %.60s",
                   (unsigned long long)number, label_of(engine, key->name));
    upper(issue.command);
    (void)snprintf(issue.file, sizeof issue.file, "crls/%s%.60s-%llu", evidence_prefix(engine),
                   key->name, (unsigned long long)number);
    return issue_perform(engine, &issue);
}
