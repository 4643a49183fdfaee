/* SPDX-License-Identifier: Apache-2.0
 *
 * The object is what its profile says: made again from the profile, and compared. A profile whose
 * parts cannot be encoded is a finding, too. */
#include <string.h>

#include "ceremony/pki/algorithm.h"
#include "ceremony/pki/der_write.h"
#include "ceremony/pki/draft.h"
#include "ceremony/pki/extension.h"
#include "ceremony/pki/lint_internal.h"
#include "ceremony/pki/pki.h"
#include "ceremony/rules/crl_partition.h"

/* An error of the program's floor ends the run, any other is a finding. */
static bool
is_failed(struct lint_run *run, struct error *error)
{
    if (error == NULL)
        return false;
    if (error_code(error) == ERROR_MEMORY && run->error == NULL) {
        run->error = error;
        return true;
    }
    lint_find(run, "the profile cannot be met: %s", error_what(error));
    error_free(error);
    return true;
}

static bool
is_for_certificate(const struct lint_run *run)
{
    return run->context->profile->kind == PKI_PROFILE_CERTIFICATE;
}

void
lint_profile_kind(struct lint_run *run)
{
    if ((run->object->kind == KIND_CRL) == is_for_certificate(run))
        lint_find(run, "the profile describes another kind of object");
}

/* The profile with the values that this very certificate has in its fields. */
struct own_profile {
    struct pki_field_values values; /* `filled` borrows their texts */
    struct pki_filled filled;
};

static void
clear_own(struct own_profile *own)
{
    pki_filled_clear(&own->filled);
    pki_field_values_clear(&own->values);
}

#define AUTO_OWN __attribute__((cleanup(clear_own))) struct own_profile

static struct error *
fill_own(const struct lint_run *run, bool practice, struct own_profile *own)
{
    const struct pki_profile *profile = run->context->profile;
    TRY(pki_fields_read(profile, run->object->whole.p, run->object->whole.len, practice,
                        &own->values));
    return pki_fields_fill(profile, own->values.items, own->values.count, &own->filled);
}

static bool
is_subject(const struct lint_run *run, bool practice)
{
    AUTO_OWN own = {0};
    AUTO_BYTES der = {0};
    struct error *error = fill_own(run, practice, &own);
    if (error == NULL)
        error = name_put(&der, &own.filled.certificate.subject, practice);
    bool same = error == NULL && der_is_bytes(run->object->subject.whole, der.data, der.len);
    error_free(error);
    return same;
}

/* A rehearsal's object carries the mark. */
static bool
is_practice(const struct lint_run *run)
{
    return name_is_marked(run->object->subject.whole) && !is_subject(run, false);
}

void
lint_profile_subject(struct lint_run *run)
{
    AUTO_OWN own = {0};
    AUTO_BYTES wanted = {0};
    if (!is_for_certificate(run))
        return;
    if (run->context->profile->certificate.subject_of_existing)
        return; /* cross-subject */
    bool practice = is_practice(run);
    if (is_failed(run, fill_own(run, practice, &own))
        || is_failed(run, name_put(&wanted, &own.filled.certificate.subject, practice)))
        return;
    if (!der_is_bytes(run->object->subject.whole, wanted.data, wanted.len))
        lint_find(run, "another subject");
}

void
lint_profile_validity(struct lint_run *run)
{
    struct der_time from;
    struct der_time until;
    int64_t wanted = 0;
    if (!is_for_certificate(run) || der_time(&run->object->from, &from) != NULL
        || der_time(&run->object->until, &until) != NULL)
        return;
    int64_t explicit_from = run->context->profile->certificate.not_before;
    if (explicit_from != 0 && from.seconds != explicit_from)
        lint_find(run, "it does not begin when the profile says");
    if (is_failed(run,
                  draft_not_after(&run->context->profile->certificate, from.seconds, &wanted)))
        return;
    if (until.seconds != wanted)
        lint_find(run, "it ends %lld seconds %s",
                  (long long)(until.seconds > wanted ? until.seconds - wanted
                                                     : wanted - until.seconds),
                  until.seconds > wanted ? "later" : "earlier");
}

static void
compare_extensions(struct lint_run *run, const struct x509_extensions *wanted)
{
    const struct x509_extensions *found = &run->object->extensions;
    for (size_t i = 0; i < wanted->count; i++) {
        const struct x509_extension *want = &wanted->items[i];
        const struct x509_extension *have = x509_find(run->object, want->id);
        const char *name = lint_oid_name(want->id);
        if (have == NULL)
            lint_find(run, "%s is missing", name);
        else if (have->critical != want->critical)
            lint_find(run, "%s is %scritical", name, have->critical ? "" : "not ");
        else if (!der_equal(have->value, want->value))
            lint_find(run, "%s has another value", name);
    }
    for (size_t i = 0; i < found->count; i++) {
        bool known = false;
        for (size_t j = 0; j < wanted->count; j++)
            known = known || der_equal(found->items[i].oid, wanted->items[j].oid);
        if (!known)
            lint_find(run, "extension %zu is not in the profile", i + 1);
    }
}

/* Without the issuer's certificate, the identifier that the object itself names is taken. */
static struct der
issuer_key_id(const struct lint_run *run)
{
    if (run->issuer != NULL)
        return x509_ski(run->issuer);
    const struct x509_extension *extension =
        x509_find(run->object, OID_AUTHORITY_KEY_IDENTIFIER);
    struct der_item outer;
    struct der_item item;
    if (extension == NULL || der_only(extension->value, DER_SEQUENCE, &outer) != NULL
        || der_expect(&outer.body, DER_CONTEXT(0), &item) != NULL)
        return (struct der){0};
    return item.body;
}

void
lint_profile_extensions(struct lint_run *run)
{
    const struct pki_certificate_profile *profile = &run->context->profile->certificate;
    struct der serial = run->object->serial.body;
    struct extension_keys keys = {
        .issuer_ski = issuer_key_id(run),
        .practice = is_practice(run)
                    || (!name_can_be_marked(&profile->subject)
                        && name_is_marked(run->object->issuer.whole)),
        .crl.partition = crl_partition_of(serial.p, serial.len, profile->crl_partitions)};
    AUTO_OWN own = {0};
    AUTO_BYTES der = {0};
    struct der_item list;
    struct x509_extensions wanted = {0};
    if (!is_for_certificate(run)
        || is_failed(run, pki_spki_ski(run->object->spki.whole.p, run->object->spki.whole.len,
                                       (int)profile->ski_method, keys.subject_ski)))
        return;
    if (lint_is_self_issued(run) && run->issuer == run->object)
        keys.issuer_ski = profile->subject_of_existing
                              ? x509_ski(run->object)
                              : der_view(keys.subject_ski, sizeof keys.subject_ski);
    keys.crl.issuer = keys.issuer_ski;
    /* The key identifier of an existing certificate: the one given, else the object's own. */
    if (profile->subject_of_existing)
        keys.existing_ski = x509_ski(run->existing != NULL ? run->existing : run->object);
    if (is_failed(run, fill_own(run, is_practice(run), &own))
        || is_failed(run, extensions_put(&der, &own.filled.certificate, &keys)))
        return;
    if (der.len > 0 && der_only(der_view(der.data, der.len), DER_SEQUENCE, &list) == NULL)
        x509_parse_extensions(list.body, &wanted);
    compare_extensions(run, &wanted);
}

void
lint_profile_algorithm(struct lint_run *run)
{
    const struct signature_kind *kind = NULL;
    struct der spki = run->issuer->spki.whole;
    if (is_failed(run, draft_choose_algorithm(spki.p, spki.len, run->context->profile->digest,
                                              run->context->profile->pss, &kind)))
        return;
    if (!der_is_bytes(run->object->inner_algorithm.whole, kind->der, kind->der_len))
        lint_find(run, "the profile wants %s", kind->describe);
}

void
lint_profile_serial(struct lint_run *run)
{
    int bits = run->context->profile->certificate.serial_bits;
    struct der serial = run->object->serial.body;
    if (!is_for_certificate(run))
        return;
    while (serial.len > 1 && serial.p[0] == 0)
        serial = der_view(serial.p + 1, serial.len - 1);
    if (bits < 64 || bits > 159)
        lint_find(run, "the profile wants %d random bits; 64 to 159 are allowed", bits);
    else if (serial.len < (size_t)bits / 8 + 1)
        lint_find(run, "%zu octets are too few for %d random bits", serial.len, bits);
}

void
lint_profile_outlives_issuer(struct lint_run *run)
{
    const struct pki_certificate_profile *profile = &run->context->profile->certificate;
    bool reasoned = profile->outlives_issuer && profile->outlives_reason != NULL
                    && profile->outlives_reason[0] != '\0';
    if (is_for_certificate(run) && !reasoned)
        lint_validity_outlives_issuer(run);
}
