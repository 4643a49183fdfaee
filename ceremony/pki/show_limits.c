/* SPDX-License-Identifier: Apache-2.0
 *
 * Policies and constraints in words. */
#include "ceremony/base/text.h"
#include "ceremony/pki/general_name.h"
#include "ceremony/pki/name.h"
#include "ceremony/pki/show_internal.h"

/* " (CPS https://...)" or the identifier of another qualifier. */
static struct error *
append_qualifier(struct bytes *out, struct der qualifier, const char **ret_fault)
{
    struct der_item oid;
    struct der_item value;
    *ret_fault = der_expect(&qualifier, DER_OID, &oid);
    if (*ret_fault == NULL)
        *ret_fault = der_next(&qualifier, &value);
    if (*ret_fault != NULL)
        return NULL;
    if (oid_is(oid.body, OID_USER_NOTICE))
        return bytes_append_text(out, " (with a notice)");
    if (!oid_is(oid.body, OID_CPS_QUALIFIER)) {
        TRY(bytes_append_text(out, " (qualifier "));
        TRY(oid_append_name(out, oid.body));
        return bytes_append_char(out, ')');
    }
    TRY(bytes_append_text(out, " (CPS "));
    TRY(name_append_value(out, &value));
    return bytes_append_char(out, ')');
}

static struct error *
append_policy(struct bytes *out, struct der policy, const char **ret_fault)
{
    struct der_item oid;
    struct der_item qualifiers;
    struct der_item qualifier;
    *ret_fault = der_expect(&policy, DER_OID, &oid);
    if (*ret_fault != NULL)
        return NULL;
    if (oid_is(oid.body, OID_ANY_POLICY))
        TRY(bytes_append_text(out, "any policy"));
    else
        TRY(oid_append_name(out, oid.body));
    if (policy.len == 0)
        return NULL;
    *ret_fault = der_only(policy, DER_SEQUENCE, &qualifiers);
    while (*ret_fault == NULL && qualifiers.body.len > 0) {
        *ret_fault = der_expect(&qualifiers.body, DER_SEQUENCE, &qualifier);
        if (*ret_fault == NULL)
            TRY(append_qualifier(out, qualifier.body, ret_fault));
    }
    return NULL;
}

struct error *
show_append_policies(struct bytes *out, struct der value, const char **ret_fault)
{
    struct der_item outer;
    struct der_item policy;
    *ret_fault = der_only(value, DER_SEQUENCE, &outer);
    while (*ret_fault == NULL && outer.body.len > 0) {
        *ret_fault = der_expect(&outer.body, DER_SEQUENCE, &policy);
        if (*ret_fault != NULL)
            return NULL;
        TRY(append_policy(out, policy.body, ret_fault));
        TRY(bytes_append_text(out, outer.body.len > 0 ? ", " : ""));
    }
    return NULL;
}

struct error *
show_append_policy_mappings(struct bytes *out, struct der value, const char **ret_fault)
{
    struct der_item outer;
    *ret_fault = der_only(value, DER_SEQUENCE, &outer);
    while (*ret_fault == NULL && outer.body.len > 0) {
        struct der_item pair;
        struct der_item from;
        struct der_item to;
        *ret_fault = der_expect(&outer.body, DER_SEQUENCE, &pair);
        if (*ret_fault == NULL)
            *ret_fault = der_expect(&pair.body, DER_OID, &from);
        if (*ret_fault == NULL)
            *ret_fault = der_only(pair.body, DER_OID, &to);
        if (*ret_fault != NULL)
            return NULL;
        TRY(oid_append_name(out, from.body));
        TRY(bytes_append_text(out, " counts as "));
        TRY(oid_append_name(out, to.body));
        TRY(bytes_append_text(out, outer.body.len > 0 ? ", " : ""));
    }
    return NULL;
}

struct error *
show_append_policy_constraints(struct bytes *out, struct der value, const char **ret_fault)
{
    static const char *const words[] = {"a policy is needed", "no policy is mapped"};

    struct der_item outer;
    struct der_item item;
    int64_t skip = 0;
    *ret_fault = der_only(value, DER_SEQUENCE, &outer);
    while (*ret_fault == NULL && outer.body.len > 0) {
        *ret_fault = der_next(&outer.body, &item);
        if (*ret_fault == NULL && (item.tag & 0x1f) > 1)
            *ret_fault = "an unknown part";
        if (*ret_fault == NULL)
            *ret_fault = der_small_integer(item.body, &skip);
        if (*ret_fault != NULL)
            return NULL;
        TRY(bytes_format(out, "%s after %lld further CAs%s", words[item.tag & 0x1f],
                         (long long)skip, outer.body.len > 0 ? ", " : ""));
    }
    return NULL;
}

static struct error *
append_subtrees(struct bytes *out, struct der trees, const char **ret_fault)
{
    while (trees.len > 0) {
        struct der_item tree;
        struct der_item base;
        *ret_fault = der_expect(&trees, DER_SEQUENCE, &tree);
        if (*ret_fault == NULL)
            *ret_fault = der_next(&tree.body, &base);
        if (*ret_fault != NULL)
            return NULL;
        TRY(general_name_append(out, &base, true));
        if (tree.body.len > 0)
            TRY(bytes_append_text(out, " (with minimum or maximum)"));
        TRY(bytes_append_text(out, trees.len > 0 ? ", " : ""));
    }
    return NULL;
}

struct error *
show_append_name_constraints(struct bytes *out, struct der value, const char **ret_fault)
{
    struct der_item outer;
    *ret_fault = der_only(value, DER_SEQUENCE, &outer);
    while (*ret_fault == NULL && outer.body.len > 0) {
        struct der_item trees;
        *ret_fault = der_next(&outer.body, &trees);
        if (*ret_fault != NULL)
            return NULL;
        TRY(bytes_append_text(out, trees.tag == DER_CONTEXT_C(0) ? "only names within "
                                                                 : "no names within "));
        TRY(append_subtrees(out, trees.body, ret_fault));
        TRY(bytes_append_text(out, outer.body.len > 0 ? "; " : ""));
    }
    return NULL;
}
