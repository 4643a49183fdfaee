/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules on pointers to other places, attributes, and certificate transparency. */
#include "ceremony/pki/lint_general.h"

/* DistributionPointName: fullName [0] or nameRelativeToCRLIssuer [1]. */
static const char *
check_point_name(struct der body)
{
    struct der_item name;
    if (der_is_next(body, DER_CONTEXT_C(1)))
        return NULL;
    DER_TRY(der_only(body, DER_CONTEXT_C(0), &name));
    return lint_check_general_names(name.body, false);
}

static const char *
check_point(struct der point)
{
    struct der_item item;
    bool named = false;
    if (der_is_next(point, DER_CONTEXT_C(0))) {
        DER_TRY(der_next(&point, &item));
        DER_TRY(check_point_name(item.body));
        named = true;
    }
    if (der_is_next(point, DER_CONTEXT(1))) {
        DER_TRY(der_next(&point, &item));
        DER_TRY(der_check_bit_string(item.body));
    }
    if (der_is_next(point, DER_CONTEXT_C(2))) {
        DER_TRY(der_next(&point, &item));
        DER_TRY(lint_check_general_names(item.body, false));
        named = true;
    }
    DER_TRY(der_end(point));
    return named ? NULL : "a point without a name or a CRL issuer";
}

static const char *
check_points(struct der value)
{
    struct der_item outer;
    struct der_item point;
    DER_TRY(der_only(value, DER_SEQUENCE, &outer));
    if (outer.body.len == 0)
        return "empty list";
    while (outer.body.len > 0) {
        DER_TRY(der_expect(&outer.body, DER_SEQUENCE, &point));
        DER_TRY(check_point(point.body));
    }
    return NULL;
}

void
lint_distribution_points(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, (enum oid)run->row->argument);
    if (extension != NULL)
        lint_fault(run, lint_oid_name(extension->id), check_points(extension->value));
}

static const char *
check_access(struct der value)
{
    struct der_item outer;
    DER_TRY(der_only(value, DER_SEQUENCE, &outer));
    if (outer.body.len == 0)
        return "empty list";
    while (outer.body.len > 0) {
        struct der_item entry;
        struct der_item item;
        DER_TRY(der_expect(&outer.body, DER_SEQUENCE, &entry));
        DER_TRY(der_expect(&entry.body, DER_OID, &item));
        DER_TRY(der_check_oid(item.body));
        DER_TRY(der_next(&entry.body, &item));
        DER_TRY(lint_check_general_name(&item, false));
        DER_TRY(der_end(entry.body));
    }
    return NULL;
}

void
lint_access_descriptions(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, (enum oid)run->row->argument);
    if (extension != NULL)
        lint_fault(run, lint_oid_name(extension->id), check_access(extension->value));
}

static const char *
check_attributes(struct der value)
{
    struct der_item outer;
    DER_TRY(der_only(value, DER_SEQUENCE, &outer));
    if (outer.body.len == 0)
        return "empty list";
    while (outer.body.len > 0) {
        struct der_item attribute;
        struct der_item item;
        DER_TRY(der_expect(&outer.body, DER_SEQUENCE, &attribute));
        DER_TRY(der_expect(&attribute.body, DER_OID, &item));
        DER_TRY(der_only(attribute.body, DER_SET, &item));
        if (item.body.len == 0)
            return "an attribute without values";
    }
    return NULL;
}

void
lint_directory_attributes_encoding(struct lint_run *run)
{
    const struct x509_extension *extension =
        lint_extension(run, OID_SUBJECT_DIRECTORY_ATTRIBUTES);
    if (extension != NULL)
        lint_fault(run, "subjectDirectoryAttributes", check_attributes(extension->value));
}

/* Is OCSP among the methods of authorityInfoAccess? */
static bool
has_ocsp(const struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_AUTHORITY_INFO_ACCESS);
    struct der_item outer;
    struct der_item entry;
    struct der_item method;
    if (extension == NULL || der_only(extension->value, DER_SEQUENCE, &outer) != NULL)
        return false;
    while (outer.body.len > 0 && der_expect(&outer.body, DER_SEQUENCE, &entry) == NULL)
        if (der_expect(&entry.body, DER_OID, &method) == NULL && oid_is(method.body, OID_OCSP))
            return true;
    return false;
}

void
lint_no_rev_avail_alone(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_NO_REV_AVAIL);
    if (extension == NULL)
        return;
    if (extension->critical)
        lint_find(run, "it is critical");
    if (lint_is_ca(run))
        lint_find(run, "it stands in a CA certificate");
    if (lint_extension(run, OID_CRL_DISTRIBUTION_POINTS) != NULL
        || lint_extension(run, OID_FRESHEST_CRL) != NULL || has_ocsp(run))
        lint_find(run, "the certificate also says where revocation is published");
}

void
lint_ct_poison(struct lint_run *run)
{
    if (lint_extension(run, OID_CT_POISON) != NULL)
        lint_find(run, "this is a precertificate");
}

/* A two-octet length before `list`; the rest must be as long as it says. */
static const char *
take_vector(struct der *list, struct der *ret_contents)
{
    if (list->len < 2)
        return "ends within a length";
    size_t len = (size_t)list->p[0] << 8 | list->p[1];
    if (len > list->len - 2)
        return "length beyond the end";
    *ret_contents = der_view(list->p + 2, len);
    *list = der_view(list->p + 2 + len, list->len - 2 - len);
    return NULL;
}

static const char *
check_sct_list(struct der value)
{
    struct der_item octets;
    struct der list;
    struct der sct;
    DER_TRY(der_only(value, DER_OCTET_STRING, &octets));
    DER_TRY(take_vector(&octets.body, &list));
    DER_TRY(der_end(octets.body));
    if (list.len == 0)
        return "empty list";
    while (list.len > 0) {
        DER_TRY(take_vector(&list, &sct));
        /* version, log, time, extensions, signature algorithm and length */
        if (sct.len < 1 + 32 + 8 + 2 + 2 + 2)
            return "timestamp too short";
    }
    return NULL;
}

void
lint_sct_list(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_SCT_LIST);
    if (extension != NULL)
        lint_fault(run, "signed certificate timestamps", check_sct_list(extension->value));
}
