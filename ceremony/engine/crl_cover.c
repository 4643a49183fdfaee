/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/crl_cover.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/text.h"
#include "ceremony/engine/archive.h"
#include "ceremony/engine/issue.h"
#include "ceremony/engine/keys.h"
#include "ceremony/ledger/known.h"
#include "ceremony/pki/crl_pointer.h"
#include "ceremony/pki/hash.h"
#include "ceremony/pki/name.h"
#include "ceremony/pki/pki.h"
#include "ceremony/pki/x509.h"

#define CERTIFICATE_MAX (1U << 20)

static const char advice[] =
    "Whoever reads such a certificate would look for a CRL of its own issuer. Cover only CAs "
    "whose certificates have 'crl-issuer' in their profile, and let the others sign their own.";

/* --- certificates that were signed one by one --- */

/* One that says itself that nobody can ask whether it is revoked (R60). */
static struct error *
is_never_asked(const struct bytes *der, bool *ret_never)
{
    struct x509 certificate;
    TRY(x509_read(der->data, der->len, KIND_CERTIFICATE, "a certificate", &certificate));
    *ret_never = x509_find(&certificate, OID_NO_REV_AVAIL) != NULL;
    return NULL;
}

static struct error *
read_certificate(struct engine *engine, const struct known_certificate *row,
                 struct bytes *ret_der)
{
    AUTO_FREE char *what = NULL;
    for (size_t i = 0; i < engine->state.object_count; i++)
        if (strcmp(engine->state.objects[i].sha256, row->sha256) == 0)
            return evidence_read(engine, engine->state.objects[i].file, CERTIFICATE_MAX,
                                 ret_der);
    TRY(text_format(&what, "the certificate of \"%s\"", row->subject));
    return archive_read(engine->site->folder, ARCHIVE_CERTIFICATE, row->sha256, what, ret_der);
}

static struct error *
signer_hash(const struct crl_cover *cover, char ret_text[65])
{
    AUTO_BYTES spki = {0};
    TRY(pki_certificate_spki(cover->signer->data, cover->signer->len, &spki));
    return pki_spki_hash(spki.data, spki.len, ret_text);
}

static struct error *
check_certificate(const struct crl_cover *cover, const struct script_key *issuer,
                  const char *signer, const struct known_certificate *row)
{
    AUTO_BYTES der = {0};
    AUTO_BYTES spki = {0};
    char subject[65];
    bool never = false;
    TRY(read_certificate(cover->engine, row, &der));
    TRY(pki_certificate_spki(der.data, der.len, &spki));
    TRY(pki_spki_hash(spki.data, spki.len, subject));
    TRY(is_never_asked(&der, &never));
    if (never || strcmp(subject, signer) == 0)
        return NULL;
    struct error *error =
        pki_crl_is_pointed_at(cover->crl->data, cover->crl->len, der.data, der.len);
    if (error == NULL || error_code(error) != ERROR_REFUSED)
        return error;
    struct error *told = error_hint(
        ERROR(ERROR_REFUSED,
              "the indirect CRL cannot cover the key \"%s\", which signed the certificate "
              "of \"%s\": %s",
              issuer->id, row->subject, error_what(error)),
        "%s", advice);
    error_free(error);
    return told;
}

/* --- those of batches --- */

static bool
shares_an_address(const struct pki_texts *a, const struct pki_texts *b)
{
    for (size_t i = 0; i < a->count; i++)
        for (size_t k = 0; k < b->count; k++)
            if (strcmp(a->items[i], b->items[k]) == 0)
                return true;
    return false;
}

static struct error *
check_profile(const struct crl_cover *cover, const struct script_key *issuer,
              const struct pki_profile *profile)
{
    AUTO_BYTES name = {0};
    struct x509 signer;
    const struct pki_texts *addresses = &cover->profile->crl.distribution_uris;
    if (profile->certificate.no_rev_avail != PKI_ABSENT)
        return NULL;
    TRY(x509_read(cover->signer->data, cover->signer->len, KIND_CERTIFICATE,
                  "the signer's certificate", &signer));
    TRY(name_put_text(&name, profile->certificate.crl_issuer, cover->engine->site->rehearsal));
    bool named = der_is_bytes(signer.subject.whole, name.data, name.len);
    if (named
        && (addresses->count == 0
            || shares_an_address(&profile->certificate.crl_uris, addresses)))
        return NULL;
    return error_hint(ERROR(ERROR_REFUSED,
                            "the indirect CRL cannot cover the key \"%s\": its profile \"%s\" "
                            "names another %s",
                            issuer->id, profile->id, named ? "address" : "CRL issuer"),
                      "%s", advice);
}

static struct error *
check_batches(const struct crl_cover *cover, const struct script_key *issuer,
              const char *batch_profile)
{
    for (size_t i = 0; i < cover->step->covers.count; i++) {
        const struct script_key *key = NULL;
        const struct pki_profile *profile = NULL;
        if (script_covered(cover->engine->script, cover->step, i, &key, &profile)
            && key == issuer && profile != NULL && strcmp(profile->id, batch_profile) == 0)
            return check_profile(cover, issuer, profile);
    }
    return error_hint(
        ERROR(ERROR_REFUSED,
              "the key \"%s\" signed certificates of the profile \"%s\" in batches, and the "
              "step does not say whether they name the CRL issuer",
              issuer->id, batch_profile),
        "Declare that profile in the script, and write '%s' with its name into 'covers'.",
        issuer->id);
}

struct error *
crl_cover_check(const struct crl_cover *cover, const struct script_key *issuer,
                const char *issuer_spki_sha256)
{
    AUTO_FREE struct known_certificate *rows = NULL;
    AUTO_FREE struct known_profile *profiles = NULL;
    struct ledger *ledger = cover->engine->ledger;
    struct clock_reading now;
    char signer[65];
    size_t count = 0;
    clock_read(&now);
    TRY(signer_hash(cover, signer));
    TRY(known_signed_by(ledger, issuer_spki_sha256, now.wall_ms / 1000, &rows, &count));
    for (size_t i = 0; i < count; i++)
        TRY(check_certificate(cover, issuer, signer, &rows[i]));
    TRY(known_batch_profiles(ledger, issuer_spki_sha256, now.wall_ms / 1000, &profiles,
                             &count));
    for (size_t i = 0; i < count; i++)
        TRY(check_batches(cover, issuer, profiles[i].id));
    return NULL;
}

/* --- all of a step --- */

/* Whether an earlier row of the step names the same key. */
static bool
is_again(const struct engine *engine, const struct script_step *step, size_t n,
         const struct script_key *wanted)
{
    const struct script_key *key = NULL;
    const struct pki_profile *profile = NULL;
    for (size_t i = 0; i < n; i++)
        if (script_covered(engine->script, step, i, &key, &profile) && key == wanted)
            return true;
    return false;
}

struct error *
crl_cover_check_all(const struct crl_cover *cover)
{
    struct engine *engine = cover->engine;
    for (size_t i = 0; i < cover->step->covers.count; i++) {
        const struct script_key *planned = NULL;
        const struct pki_profile *profile = NULL;
        struct state_key *key = NULL;
        if (!script_covered(engine->script, cover->step, i, &planned, &profile)
            || is_again(engine, cover->step, i, planned))
            continue;
        TRY(key_of_step(engine, planned->id, &key));
        TRY(crl_cover_check(cover, planned, key->spki_sha256));
    }
    return NULL;
}

static struct error *
add_one(struct engine *engine, const struct state_key *key, const struct der *signer,
        struct crl_source *source)
{
    AUTO_BYTES der = {0};
    struct x509 issuer;
    TRY(issue_certificate_of(engine, key->name, &der));
    TRY(x509_read(der.data, der.len, KIND_CERTIFICATE, "the issuer's certificate", &issuer));
    if (der_equal(issuer.subject.whole, *signer))
        return ERROR(ERROR_REFUSED,
                     "the key \"%s\" has the same name as the signer of the indirect CRL, so "
                     "its entries could not be told apart",
                     key->name);
    return crl_source_add(source, key->spki_sha256, issuer.subject.whole.p,
                          issuer.subject.whole.len);
}

struct error *
crl_cover_add(struct engine *engine, const struct bytes *signer, struct crl_source *source)
{
    struct x509 own;
    TRY(x509_read(signer->data, signer->len, KIND_CERTIFICATE, "the signer's certificate",
                  &own));
    for (size_t i = 0; i < engine->step->covers.count; i++) {
        const struct script_key *planned = NULL;
        const struct pki_profile *profile = NULL;
        struct state_key *key = NULL;
        if (!script_covered(engine->script, engine->step, i, &planned, &profile)
            || is_again(engine, engine->step, i, planned))
            continue;
        TRY(key_of_step(engine, planned->id, &key));
        TRY(add_one(engine, key, &own.subject.whole, source));
    }
    return NULL;
}
