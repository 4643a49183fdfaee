/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules on requests: the frame, the key (lint_key.c), the names (lint_name.c), the signature. */
#include "ceremony/pki/lint_internal.h"

void
lint_request_version(struct lint_run *run)
{
    if (run->object->version != 1)
        lint_find(run, "another version");
}

void
lint_request_attributes_missing(struct lint_run *run)
{
    if (run->object->attributes.whole.p == NULL)
        lint_find(run, "no attributes element");
}

static const char *
check_extension_request(struct der values)
{
    struct der_item list;
    struct x509_extensions extensions;
    DER_TRY(der_only(values, DER_SEQUENCE, &list));
    x509_parse_extensions(list.body, &extensions);
    DER_TRY(extensions.fault);
    for (size_t i = 0; i < extensions.count; i++) {
        if (extensions.items[i].critical_encoded && !extensions.items[i].critical)
            return "\"critical\" is encoded as false";
        if (extensions.items[i].id != OID_UNKNOWN)
            DER_TRY(der_check(extensions.items[i].value, DER_DEPTH_MAX));
        for (size_t j = 0; j < i; j++)
            if (der_equal(extensions.items[i].oid, extensions.items[j].oid))
                return "an extension twice";
    }
    return NULL;
}

static const char *
check_attributes(struct der attributes)
{
    size_t requests = 0;
    while (attributes.len > 0) {
        struct der_item attribute;
        struct der_item oid;
        struct der_item values;
        DER_TRY(der_expect(&attributes, DER_SEQUENCE, &attribute));
        DER_TRY(der_expect(&attribute.body, DER_OID, &oid));
        DER_TRY(der_only(attribute.body, DER_SET, &values));
        if (values.body.len == 0)
            return "an attribute without values";
        if (!oid_is(oid.body, OID_EXTENSION_REQUEST))
            continue;
        if (++requests > 1)
            return "extensionRequest twice";
        DER_TRY(check_extension_request(values.body));
    }
    return NULL;
}

void
lint_request_attributes(struct lint_run *run)
{
    if (run->object->attributes.whole.p != NULL)
        lint_fault(run, "attributes", check_attributes(run->object->attributes.body));
}
