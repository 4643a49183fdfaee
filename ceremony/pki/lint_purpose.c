/* SPDX-License-Identifier: Apache-2.0
 *
 * Extended usages of one certificate against those of another. */
#include "ceremony/pki/lint_internal.h"

static struct der
purposes_of(const struct x509 *x509)
{
    const struct x509_extension *extension = x509_find(x509, OID_EXT_KEY_USAGE);
    struct der_item list;
    if (extension == NULL || der_only(extension->value, DER_SEQUENCE, &list) != NULL)
        return (struct der){0};
    return list.body;
}

static bool
has_purpose(struct der list, struct der wanted)
{
    struct der_item oid;
    while (list.len > 0 && der_next(&list, &oid) == NULL)
        if (der_equal(oid.body, wanted) || oid_is(oid.body, OID_ANY_EXTENDED_KEY_USAGE))
            return true;
    return false;
}

bool
lint_is_purpose_within(const struct x509 *object, const struct x509 *limit, enum oid but)
{
    struct der have = purposes_of(object);
    struct der allowed = purposes_of(limit);
    struct der_item oid;
    if (x509_find(limit, OID_EXT_KEY_USAGE) == NULL)
        return true;
    if (x509_find(object, OID_EXT_KEY_USAGE) == NULL)
        return false;
    while (have.len > 0) {
        if (der_next(&have, &oid) != NULL)
            return false;
        if ((but == OID_UNKNOWN || !oid_is(oid.body, but)) && !has_purpose(allowed, oid.body))
            return false;
    }
    return true;
}

/* A certificate without extended usages is for what its issuer is for. */
void
lint_ext_key_usage_issuer(struct lint_run *run)
{
    if (run->issuer != run->object && lint_extension(run, OID_EXT_KEY_USAGE) != NULL
        && !lint_is_purpose_within(run->object, run->issuer, OID_OCSP_SIGNING))
        lint_find(run, "an extended usage that the issuer does not have");
}
