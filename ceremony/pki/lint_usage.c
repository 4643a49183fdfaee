/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules on criticality, constraints, usages and key identifiers. */
#include "ceremony/pki/algorithm.h"
#include "ceremony/pki/lint_general.h"
#include "ceremony/pki/lint_internal.h"

void
lint_must_be_critical(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, (enum oid)run->row->argument);
    if (extension != NULL && !extension->critical)
        lint_find(run, "it is not critical");
}

void
lint_must_not_be_critical(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, (enum oid)run->row->argument);
    if (extension != NULL && extension->critical)
        lint_find(run, "it is critical");
}

void
lint_only_in_ca(struct lint_run *run)
{
    if (lint_extension(run, (enum oid)run->row->argument) != NULL && !lint_is_ca(run))
        lint_find(run, "the certificate is not a CA's");
}

void
lint_value_is_null(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, (enum oid)run->row->argument);
    if (extension != NULL && !der_is_bytes(extension->value, "\x05\x00", 2))
        lint_find(run, "the value is not NULL");
}

void
lint_basic_constraints_critical(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_BASIC_CONSTRAINTS);
    unsigned usage = PKI_KU_KEY_CERT_SIGN; /* without key usage, the key may sign */
    (void)x509_has_key_usage(run->object, &usage);
    if (extension != NULL && !extension->critical && lint_is_ca(run)
        && (usage & PKI_KU_KEY_CERT_SIGN) != 0)
        lint_find(run, "it is not critical");
}

static const char *
check_basic_constraints(struct der value)
{
    struct der_item outer;
    struct der_item item;
    int64_t path_len = 0;
    DER_TRY(der_only(value, DER_SEQUENCE, &outer));
    if (der_is_next(outer.body, DER_BOOLEAN)) {
        DER_TRY(der_next(&outer.body, &item));
        if (!der_is_bytes(item.body, "\xff", 1))
            return "cA is encoded though it is false";
    }
    if (outer.body.len > 0) {
        DER_TRY(der_expect(&outer.body, DER_INTEGER, &item));
        DER_TRY(der_small_integer(item.body, &path_len));
        if (path_len < 0)
            return "the path length is negative";
    }
    return der_end(outer.body);
}

void
lint_basic_constraints_encoding(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_BASIC_CONSTRAINTS);
    if (extension != NULL)
        lint_fault(run, "basicConstraints", check_basic_constraints(extension->value));
}

/* A path length is there, whatever it is. */
static bool
has_path_length(const struct lint_run *run, bool *ret_ca)
{
    const struct x509_extension *extension = lint_extension(run, OID_BASIC_CONSTRAINTS);
    struct der_item outer;
    struct der_item item;
    *ret_ca = lint_is_ca(run);
    if (extension == NULL || der_only(extension->value, DER_SEQUENCE, &outer) != NULL)
        return false;
    if (der_is_next(outer.body, DER_BOOLEAN) && der_next(&outer.body, &item) != NULL)
        return false;
    return der_is_next(outer.body, DER_INTEGER);
}

void
lint_path_length_not_ca(struct lint_run *run)
{
    bool ca = false;
    if (has_path_length(run, &ca) && !ca)
        lint_find(run, "a path length without cA");
}

void
lint_path_length_no_sign(struct lint_run *run)
{
    bool ca = false;
    unsigned usage = 0;
    if (has_path_length(run, &ca) && x509_has_key_usage(run->object, &usage)
        && (usage & PKI_KU_KEY_CERT_SIGN) == 0)
        lint_find(run, "a path length without keyCertSign");
}

static const char *
check_key_usage(struct der value)
{
    struct der_item bits;
    DER_TRY(der_only(value, DER_BIT_STRING, &bits));
    DER_TRY(der_check_bit_string(bits.body));
    if (bits.body.len > 1 && (bits.body.p[bits.body.len - 1] & (1U << bits.body.p[0])) == 0)
        return "trailing zero bits";
    return NULL;
}

void
lint_key_usage_encoding(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_KEY_USAGE);
    if (extension != NULL)
        lint_fault(run, "keyUsage", check_key_usage(extension->value));
}

void
lint_key_usage_empty(struct lint_run *run)
{
    unsigned usage = 0;
    if (x509_has_key_usage(run->object, &usage) && usage == 0)
        lint_find(run, "no usage is named");
}

void
lint_key_usage_unknown(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_KEY_USAGE);
    struct der_item bits;
    unsigned usage = 0;
    if (!x509_has_key_usage(run->object, &usage)
        || der_only(extension->value, DER_BIT_STRING, &bits) != NULL)
        return;
    if ((usage & ~0x1ffU) != 0 || bits.body.len > 3
        || (bits.body.len == 3 && bits.body.p[0] < 7))
        lint_find(run, "bits behind decipherOnly");
}

void
lint_key_usage_sign_not_ca(struct lint_run *run)
{
    unsigned usage = 0;
    if (x509_has_key_usage(run->object, &usage) && (usage & PKI_KU_KEY_CERT_SIGN) != 0
        && !lint_is_ca(run))
        lint_find(run, "keyCertSign without cA");
}

void
lint_key_usage_ca_missing(struct lint_run *run)
{
    unsigned usage = 0;
    if (!lint_is_ca(run))
        return;
    if (!x509_has_key_usage(run->object, &usage))
        lint_find(run, "a CA certificate without keyUsage");
    else if ((usage & (PKI_KU_KEY_CERT_SIGN | PKI_KU_CRL_SIGN)) == 0)
        lint_find(run, "a CA certificate whose key may sign neither certificates nor CRLs");
}

void
lint_key_usage_only(struct lint_run *run)
{
    unsigned usage = 0;
    if (x509_has_key_usage(run->object, &usage) && (usage & 0x180U) != 0
        && (usage & PKI_KU_KEY_AGREEMENT) == 0)
        lint_find(run, "encipherOnly or decipherOnly without keyAgreement");
}

void
lint_key_usage_ec(struct lint_run *run)
{
    const struct key_kind *kind = key_kind_of_spki(run->object->spki.whole);
    unsigned usage = 0;
    unsigned wrong = PKI_KU_KEY_ENCIPHERMENT | PKI_KU_DATA_ENCIPHERMENT;
    if (kind == NULL || kind->family == KEY_RSA || !x509_has_key_usage(run->object, &usage))
        return;
    if (kind->family == KEY_ED25519 || kind->family == KEY_ED448)
        wrong |= PKI_KU_KEY_AGREEMENT;
    if ((usage & wrong) != 0)
        lint_find(run, "a usage that a key of type %s does not have", kind->describe);
}

static const char *
check_list_of_oids(struct der value)
{
    struct der_item outer;
    struct der_item oid;
    DER_TRY(der_only(value, DER_SEQUENCE, &outer));
    if (outer.body.len == 0)
        return "empty list";
    while (outer.body.len > 0) {
        DER_TRY(der_expect(&outer.body, DER_OID, &oid));
        DER_TRY(der_check_oid(oid.body));
    }
    return NULL;
}

void
lint_list_of_oids(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, (enum oid)run->row->argument);
    if (extension != NULL)
        lint_fault(run, lint_oid_name(extension->id), check_list_of_oids(extension->value));
}

void
lint_ext_key_usage_any_critical(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_EXT_KEY_USAGE);
    struct der_item outer;
    struct der_item oid;
    if (extension == NULL || !extension->critical
        || der_only(extension->value, DER_SEQUENCE, &outer) != NULL)
        return;
    while (outer.body.len > 0 && der_next(&outer.body, &oid) == NULL)
        if (oid_is(oid.body, OID_ANY_EXTENDED_KEY_USAGE))
            lint_find(run, "critical, with anyExtendedKeyUsage");
}

void
lint_subject_key_encoding(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_SUBJECT_KEY_IDENTIFIER);
    struct der_item item;
    if (extension == NULL)
        return;
    const char *fault = der_only(extension->value, DER_OCTET_STRING, &item);
    if (fault == NULL && item.body.len == 0)
        fault = "no octets";
    lint_fault(run, "subjectKeyIdentifier", fault);
}

void
lint_subject_key_ca_missing(struct lint_run *run)
{
    if (run->object->version == 3 && lint_is_ca(run)
        && lint_extension(run, OID_SUBJECT_KEY_IDENTIFIER) == NULL)
        lint_find(run, "a CA certificate without subjectKeyIdentifier");
}

struct authority_key {
    struct der_item key_id;
    struct der_item issuer;
    struct der_item serial;
};

static const char *
split_authority_key(struct der value, struct authority_key *parts)
{
    struct der_item outer;
    *parts = (struct authority_key){0};
    DER_TRY(der_only(value, DER_SEQUENCE, &outer));
    if (der_is_next(outer.body, DER_CONTEXT(0)))
        DER_TRY(der_next(&outer.body, &parts->key_id));
    if (der_is_next(outer.body, DER_CONTEXT_C(1)))
        DER_TRY(der_next(&outer.body, &parts->issuer));
    if (der_is_next(outer.body, DER_CONTEXT(2)))
        DER_TRY(der_next(&outer.body, &parts->serial));
    DER_TRY(der_end(outer.body));
    if (parts->key_id.whole.p != NULL && parts->key_id.body.len == 0)
        return "a key identifier without octets";
    if (parts->serial.whole.p != NULL)
        DER_TRY(der_check_integer(parts->serial.body));
    return parts->issuer.whole.p == NULL ? NULL
                                         : lint_check_general_names(parts->issuer.body, false);
}

static bool
has_authority_key(const struct lint_run *run, struct authority_key *parts)
{
    const struct x509_extension *extension = lint_extension(run, OID_AUTHORITY_KEY_IDENTIFIER);
    return extension != NULL && split_authority_key(extension->value, parts) == NULL;
}

void
lint_authority_key_encoding(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_AUTHORITY_KEY_IDENTIFIER);
    struct authority_key parts;
    if (extension != NULL)
        lint_fault(run, "authorityKeyIdentifier",
                   split_authority_key(extension->value, &parts));
}

void
lint_authority_key_missing(struct lint_run *run)
{
    struct authority_key parts = {0};
    int64_t wanted = run->object->kind == KIND_CRL ? 2 : 3;
    if (run->object->version != wanted || lint_is_self_issued(run)
        || (run->object->kind == KIND_CERTIFICATE && !run->object->has_extensions))
        return;
    const struct x509_extension *extension = lint_extension(run, OID_AUTHORITY_KEY_IDENTIFIER);
    if (extension == NULL)
        lint_find(run, "no authorityKeyIdentifier");
    else if (split_authority_key(extension->value, &parts) == NULL
             && parts.key_id.whole.p == NULL)
        lint_find(run, "an authorityKeyIdentifier without keyIdentifier");
}

void
lint_authority_key_pair(struct lint_run *run)
{
    struct authority_key parts;
    if (has_authority_key(run, &parts)
        && (parts.issuer.whole.p == NULL) != (parts.serial.whole.p == NULL))
        lint_find(run, "one stands without the other");
}

void
lint_authority_key_mismatch(struct lint_run *run)
{
    struct authority_key parts;
    struct der ski = x509_ski(run->issuer);
    if (has_authority_key(run, &parts) && parts.key_id.whole.p != NULL && ski.len > 0
        && !der_equal(parts.key_id.body, ski))
        lint_find(run, "another key identifier than the issuer's");
}

/* Only a directory name can be compared; then issuer and serial number are those of the issuer's own
 * certificate. */
void
lint_authority_key_issuer_mismatch(struct lint_run *run)
{
    struct authority_key parts;
    struct der_item name;
    if (!has_authority_key(run, &parts) || parts.issuer.whole.p == NULL
        || parts.serial.whole.p == NULL)
        return;
    struct der names = parts.issuer.body;
    while (names.len > 0 && der_next(&names, &name) == NULL) {
        if (name.tag != DER_CONTEXT_C(4))
            continue;
        if (!name_equal(name.body, run->issuer->issuer.whole)
            || !der_equal(parts.serial.body, run->issuer->serial.body))
            lint_find(run, "another certificate than the issuer's is named");
        return;
    }
}
