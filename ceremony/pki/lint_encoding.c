/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules on the frame: encoding, versions, serial numbers, times, algorithms, signature. */
#include "ceremony/pki/algorithm.h"
#include "ceremony/pki/lint_internal.h"
#include "ceremony/pki/pki.h"
#include "ceremony/pki/verify.h"

#define YEAR_2050 INT64_C(2524608000)

void
lint_structure(struct lint_run *run)
{
    lint_fault(run, "the object", run->fault);
}

/* A CRL's list is left to the rows on entries. */
static const char *
check_around_list(const struct x509 *object)
{
    const unsigned char *start = object->tbs.body.p;
    const unsigned char *list = object->revoked.whole.p;
    const unsigned char *behind = list + object->revoked.whole.len;
    const unsigned char *end = start + object->tbs.body.len;
    DER_TRY(der_check(der_view(start, (size_t)(list - start)), DER_DEPTH_MAX));
    DER_TRY(der_check(der_view(behind, (size_t)(end - behind)), DER_DEPTH_MAX));
    DER_TRY(der_check(object->outer_algorithm.whole, DER_DEPTH_MAX));
    return der_check(object->signature.whole, DER_DEPTH_MAX);
}

void
lint_der(struct lint_run *run)
{
    const struct x509 *object = run->object;
    bool list = run->fault == NULL && object->revoked.whole.p != NULL;
    lint_fault(run, "the object",
               list ? check_around_list(object) : der_check(object->whole, DER_DEPTH_MAX));
}

void
lint_extensions_list(struct lint_run *run)
{
    if (run->object->has_extensions)
        lint_fault(run, "extensions", run->object->extensions.fault);
}

void
lint_extension_der(struct lint_run *run)
{
    const struct x509_extensions *extensions = &run->object->extensions;
    for (size_t i = 0; i < extensions->count; i++) {
        const struct x509_extension *extension = &extensions->items[i];
        if (extension->id == OID_UNKNOWN)
            continue;
        struct der value = extension->value;
        struct der_item item;
        const char *fault = der_next(&value, &item);
        if (fault == NULL)
            fault = der_end(value);
        if (fault == NULL)
            fault = der_check(extension->value, DER_DEPTH_MAX);
        lint_fault(run, lint_oid_name(extension->id), fault);
    }
}

void
lint_extension_duplicate(struct lint_run *run)
{
    const struct x509_extensions *extensions = &run->object->extensions;
    for (size_t i = 0; i < extensions->count; i++)
        for (size_t j = 0; j < i; j++)
            if (der_equal(extensions->items[i].oid, extensions->items[j].oid))
                lint_find(run, "extension %zu repeats extension %zu", i + 1, j + 1);
}

void
lint_extension_default_encoded(struct lint_run *run)
{
    const struct x509_extensions *extensions = &run->object->extensions;
    for (size_t i = 0; i < extensions->count; i++)
        if (extensions->items[i].critical_encoded && !extensions->items[i].critical)
            lint_find(run, "extension %zu encodes \"critical\" as false", i + 1);
}

/* Known to us as an extension: the OIDs from subjectDirectoryAttributes to ctPoison. */
static bool
is_known_extension(enum oid id)
{
    return id >= OID_SUBJECT_DIRECTORY_ATTRIBUTES && id <= OID_CT_POISON;
}

void
lint_extension_unknown_critical(struct lint_run *run)
{
    const struct x509_extensions *extensions = &run->object->extensions;
    for (size_t i = 0; i < extensions->count; i++)
        if (extensions->items[i].critical && !is_known_extension(extensions->items[i].id))
            lint_find(run, "extension %zu is critical and unknown", i + 1);
}

static bool
is_crl_only(enum oid id)
{
    return id == OID_CRL_NUMBER || id == OID_DELTA_CRL_INDICATOR
           || id == OID_ISSUING_DISTRIBUTION_POINT || id == OID_EXPIRED_CERTS_ON_CRL
           || id == OID_REASON_CODE || id == OID_INVALIDITY_DATE
           || id == OID_CERTIFICATE_ISSUER;
}

static bool
is_for_crls(enum oid id)
{
    return (is_crl_only(id) && id != OID_REASON_CODE && id != OID_INVALIDITY_DATE
            && id != OID_CERTIFICATE_ISSUER)
           || id == OID_AUTHORITY_KEY_IDENTIFIER || id == OID_ISSUER_ALT_NAME
           || id == OID_FRESHEST_CRL || id == OID_AUTHORITY_INFO_ACCESS;
}

void
lint_extension_misplaced(struct lint_run *run)
{
    const struct x509_extensions *extensions = &run->object->extensions;
    bool crl = run->object->kind == KIND_CRL;
    for (size_t i = 0; i < extensions->count; i++) {
        enum oid id = extensions->items[i].id;
        if (is_known_extension(id) && (crl ? !is_for_crls(id) : is_crl_only(id)))
            lint_find(run, "%s", lint_oid_name(id));
    }
}

void
lint_version(struct lint_run *run)
{
    const struct x509 *object = run->object;
    if (object->version == 0)
        lint_find(run, "a version that does not exist");
    else if (object->has_version && object->version != 2 && object->kind == KIND_CRL)
        lint_find(run, "a CRL that names a version names version 2");
}

void
lint_version_default_encoded(struct lint_run *run)
{
    if (run->object->has_version && run->object->version == 1)
        lint_find(run, "version 1 is encoded");
}

void
lint_version_extensions(struct lint_run *run)
{
    int64_t wanted = run->object->kind == KIND_CRL ? 2 : 3;
    if (run->object->has_extensions && run->object->version != wanted)
        lint_find(run, "extensions in version %lld", (long long)run->object->version);
}

void
lint_version_old(struct lint_run *run)
{
    if (run->object->version != 3)
        lint_find(run, "version %lld", (long long)run->object->version);
}

static bool
has_unique_id(const struct lint_run *run)
{
    return run->object->unique_ids[0].whole.p != NULL
           || run->object->unique_ids[1].whole.p != NULL;
}

void
lint_unique_id_version(struct lint_run *run)
{
    if (!has_unique_id(run))
        return;
    if (run->object->version < 2)
        lint_find(run, "a unique identifier in version 1");
    else if (run->object->version == 3 && !run->object->has_extensions)
        lint_find(run, "a unique identifier in version 3 without extensions");
}

void
lint_unique_id_der(struct lint_run *run)
{
    for (unsigned char n = 0; n < 2; n++) {
        const struct der_item *item = &run->object->unique_ids[n];
        if (item->whole.p == NULL)
            continue;
        if (item->tag != DER_CONTEXT(n + 1))
            lint_find(run, "a constructed element in its place");
        else
            lint_fault(run, "unique identifier", der_check_bit_string(item->body));
    }
}

void
lint_unique_id(struct lint_run *run)
{
    if (has_unique_id(run))
        lint_find(run, "a unique identifier is there");
}

void
lint_serial_positive(struct lint_run *run)
{
    struct der serial = run->object->serial.body;
    bool zero = true;
    for (size_t i = 0; i < serial.len; i++)
        zero = zero && serial.p[i] == 0;
    if (zero)
        lint_find(run, "the serial number is zero");
    else if ((serial.p[0] & 0x80) != 0)
        lint_find(run, "the serial number is negative");
}

void
lint_serial_length(struct lint_run *run)
{
    if (run->object->serial.body.len > 20)
        lint_find(run, "the serial number has %zu octets", run->object->serial.body.len);
}

void
lint_algorithm_mismatch(struct lint_run *run)
{
    if (!der_equal(run->object->inner_algorithm.whole, run->object->outer_algorithm.whole))
        lint_find(run, "the two algorithm identifiers differ");
}

/* The identifier's OID is one of ours, whatever its parameters. */
static bool
is_oid_listed(struct der algorithm, const struct der_item *oid)
{
    static const char *const digests[] = {"sha256", "sha384", "sha512", ""};
    static const char *const types[] = {"ec-p256",  "ec-p384", "ec-p521",
                                        "rsa-2048", "ed25519", "ed448"};
    (void)algorithm;
    if (oid_is(oid->body, OID_RSASSA_PSS))
        return true;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        for (size_t j = 0; j < sizeof digests / sizeof digests[0]; j++) {
            const struct signature_kind *kind =
                signature_kind_for(key_kind_by_type(types[i]), digests[j], false);
            struct der_item outer;
            struct der_item listed;
            if (kind != NULL
                && der_only(der_view(kind->der, kind->der_len), DER_SEQUENCE, &outer) == NULL
                && der_expect(&outer.body, DER_OID, &listed) == NULL
                && der_equal(listed.body, oid->body))
                return true;
        }
    return false;
}

void
lint_algorithm_encoding(struct lint_run *run)
{
    struct der body = run->object->outer_algorithm.body;
    struct der_item oid;
    const char *fault = der_expect(&body, DER_OID, &oid);
    if (fault != NULL)
        lint_fault(run, "signature algorithm", fault);
    else if (signature_kind_of(run->object->outer_algorithm.whole) == NULL
             && is_oid_listed(run->object->outer_algorithm.whole, &oid))
        lint_find(run, "the algorithm's parameters are not those listed");
}

void
lint_algorithm_unknown(struct lint_run *run)
{
    if (signature_kind_of(run->object->outer_algorithm.whole) == NULL)
        lint_find(run, "the signature algorithm is not listed");
}

void
lint_algorithm_weak(struct lint_run *run)
{
    const struct signature_kind *kind = signature_kind_of(run->object->outer_algorithm.whole);
    if (kind != NULL && kind->weak)
        lint_find(run, "%s", kind->describe);
}

static void
check_signature(struct lint_run *run, struct der spki)
{
    struct error *error = verify_object(run->object, spki, run->context->passing);
    if (error == NULL)
        return;
    lint_find(run, "%s", error_what(error));
    error_free(error);
}

void
lint_signature(struct lint_run *run)
{
    check_signature(run, run->issuer->spki.whole);
}

void
lint_request_signature(struct lint_run *run)
{
    check_signature(run, run->object->spki.whole);
}

void
lint_time_encoding(struct lint_run *run)
{
    struct der_time time;
    lint_fault(run, "beginning", der_time(&run->object->from, &time));
    if (run->object->until.whole.p != NULL)
        lint_fault(run, "end", der_time(&run->object->until, &time));
}

static void
check_time_form(struct lint_run *run, const struct der_item *item, const char *where)
{
    struct der_time time;
    if (item->whole.p == NULL || der_time(item, &time) != NULL)
        return;
    if (time.generalized != (time.seconds >= YEAR_2050))
        lint_find(run, "%s: %s", where,
                  time.generalized ? "GeneralizedTime before 2050" : "UTCTime from 2050");
}

void
lint_time_form(struct lint_run *run)
{
    check_time_form(run, &run->object->from, "beginning");
    check_time_form(run, &run->object->until, "end");
}

void
lint_validity_order(struct lint_run *run)
{
    struct der_time from;
    struct der_time until;
    if (run->object->until.whole.p != NULL && der_time(&run->object->from, &from) == NULL
        && der_time(&run->object->until, &until) == NULL && until.seconds <= from.seconds)
        lint_find(run, "it ends before it begins");
}

void
lint_validity_outlives_issuer(struct lint_run *run)
{
    struct der_time until;
    struct der_time issuer_until;
    const struct pki_profile *profile = run->context->profile;
    if (profile != NULL && profile->certificate.outlives_reason != NULL
        && profile->certificate.outlives_reason[0] != '\0')
        return; /* the profile says why (R51) */
    if (run->object->until.whole.p != NULL && der_time(&run->object->until, &until) == NULL
        && der_time(&run->issuer->until, &issuer_until) == NULL
        && until.seconds > issuer_until.seconds)
        lint_find(run, "it ends after its issuer");
}
