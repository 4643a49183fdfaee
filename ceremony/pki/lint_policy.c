/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules on policies and what belongs to them. */
#include "ceremony/pki/lint_internal.h"

struct policy {
    struct der_item oid;
    struct der qualifiers; /* contents of the SEQUENCE, len 0 if absent */
};

static const char *
next_policy(struct der *list, struct policy *ret)
{
    struct der_item entry;
    struct der_item qualifiers;
    DER_TRY(der_expect(list, DER_SEQUENCE, &entry));
    DER_TRY(der_expect(&entry.body, DER_OID, &ret->oid));
    DER_TRY(der_check_oid(ret->oid.body));
    ret->qualifiers = (struct der){0};
    if (entry.body.len > 0) {
        DER_TRY(der_only(entry.body, DER_SEQUENCE, &qualifiers));
        if (qualifiers.body.len == 0)
            return "empty list of qualifiers";
        ret->qualifiers = qualifiers.body;
    }
    return NULL;
}

/* The contents of certificatePolicies, len 0 where there are none to read. */
static struct der
policies_of(const struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_CERTIFICATE_POLICIES);
    struct der_item outer;
    if (extension == NULL || der_only(extension->value, DER_SEQUENCE, &outer) != NULL)
        return (struct der){0};
    return outer.body;
}

static const char *
check_policies(struct der value)
{
    struct der_item outer;
    struct policy policy;
    DER_TRY(der_only(value, DER_SEQUENCE, &outer));
    if (outer.body.len == 0)
        return "empty list";
    while (outer.body.len > 0) {
        DER_TRY(next_policy(&outer.body, &policy));
        while (policy.qualifiers.len > 0) {
            struct der_item qualifier;
            struct der_item oid;
            DER_TRY(der_expect(&policy.qualifiers, DER_SEQUENCE, &qualifier));
            DER_TRY(der_expect(&qualifier.body, DER_OID, &oid));
            DER_TRY(der_check_oid(oid.body));
        }
    }
    return NULL;
}

void
lint_policies_encoding(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_CERTIFICATE_POLICIES);
    if (extension != NULL)
        lint_fault(run, "certificatePolicies", check_policies(extension->value));
}

/* Is `oid` a policy of `list`? */
static bool
has_policy(struct der list, struct der oid)
{
    struct policy policy;
    while (list.len > 0 && next_policy(&list, &policy) == NULL)
        if (der_equal(policy.oid.body, oid))
            return true;
    return false;
}

void
lint_policies_duplicate(struct lint_run *run)
{
    struct der list = policies_of(run);
    struct policy policy;
    while (list.len > 0 && next_policy(&list, &policy) == NULL)
        if (has_policy(list, policy.oid.body)) {
            lint_find(run, "a policy stands twice");
            return;
        }
}

typedef void qualifier_check(struct lint_run *run, const struct policy *policy, struct der oid,
                             struct der value);

static void
each_qualifier(struct lint_run *run, qualifier_check *check)
{
    struct der list = policies_of(run);
    struct policy policy;
    while (list.len > 0 && next_policy(&list, &policy) == NULL) {
        struct der_item qualifier;
        struct der_item oid;
        struct der left = policy.qualifiers;
        while (left.len > 0 && der_expect(&left, DER_SEQUENCE, &qualifier) == NULL
               && der_expect(&qualifier.body, DER_OID, &oid) == NULL)
            check(run, &policy, oid.body, qualifier.body);
    }
}

static void
check_any(struct lint_run *run, const struct policy *policy, struct der oid, struct der value)
{
    (void)value;
    if (oid_is(policy->oid.body, OID_ANY_POLICY) && !oid_is(oid, OID_CPS_QUALIFIER)
        && !oid_is(oid, OID_USER_NOTICE))
        lint_find(run, "another qualifier beside anyPolicy");
}

void
lint_policies_any_qualifier(struct lint_run *run)
{
    each_qualifier(run, check_any);
}

/* The explicitText of a user notice: behind an optional noticeRef, which is a SEQUENCE. */
static bool
has_text(struct der oid, struct der value, struct der_item *ret_text)
{
    struct der_item notice;
    struct der_item reference;
    if (!oid_is(oid, OID_USER_NOTICE) || der_only(value, DER_SEQUENCE, &notice) != NULL)
        return false;
    if (der_is_next(notice.body, DER_SEQUENCE) && der_next(&notice.body, &reference) != NULL)
        return false;
    return notice.body.len > 0 && der_next(&notice.body, ret_text) == NULL;
}

static void
check_notice_type(struct lint_run *run, const struct policy *policy, struct der oid,
                  struct der value)
{
    (void)policy;
    struct der_item text;
    if (!has_text(oid, value, &text))
        return;
    if (text.tag != DER_UTF8_STRING && text.tag != DER_IA5_STRING)
        lint_find(run, "the text has another string type");
    else if (der_check_string(text.tag, text.body) != NULL)
        lint_find(run, "the text is not valid in its string type");
    size_t characters = 0;
    for (size_t i = 0; i < text.body.len; i++)
        characters += (text.body.p[i] & 0xc0) != 0x80 ? 1 : 0;
    if (characters > 200)
        lint_find(run, "the text has %zu characters", characters);
}

void
lint_policies_notice_type(struct lint_run *run)
{
    each_qualifier(run, check_notice_type);
}

static void
check_notice_controls(struct lint_run *run, const struct policy *policy, struct der oid,
                      struct der value)
{
    (void)policy;
    struct der_item text;
    if (!has_text(oid, value, &text) || text.tag == DER_BMP_STRING)
        return;
    for (size_t i = 0; i < text.body.len; i++) {
        unsigned char c = text.body.p[i];
        bool c1 = c == 0xc2 && i + 1 < text.body.len && text.body.p[i + 1] < 0xa0;
        if (c < 0x20 || c == 0x7f || c1) {
            lint_find(run, "a control character in the text");
            return;
        }
    }
}

void
lint_policies_notice_controls(struct lint_run *run)
{
    each_qualifier(run, check_notice_controls);
}

struct mapping {
    struct der_item issuer_policy;
    struct der_item subject_policy;
};

static const char *
next_mapping(struct der *list, struct mapping *ret)
{
    struct der_item entry;
    DER_TRY(der_expect(list, DER_SEQUENCE, &entry));
    DER_TRY(der_expect(&entry.body, DER_OID, &ret->issuer_policy));
    DER_TRY(der_check_oid(ret->issuer_policy.body));
    DER_TRY(der_expect(&entry.body, DER_OID, &ret->subject_policy));
    DER_TRY(der_check_oid(ret->subject_policy.body));
    return der_end(entry.body);
}

static const char *
check_mappings(struct der value)
{
    struct der_item outer;
    struct mapping mapping;
    DER_TRY(der_only(value, DER_SEQUENCE, &outer));
    if (outer.body.len == 0)
        return "empty list";
    while (outer.body.len > 0)
        DER_TRY(next_mapping(&outer.body, &mapping));
    return NULL;
}

void
lint_policy_mappings_encoding(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_POLICY_MAPPINGS);
    if (extension != NULL)
        lint_fault(run, "policyMappings", check_mappings(extension->value));
}

static struct der
mappings_of(const struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_POLICY_MAPPINGS);
    struct der_item outer;
    if (extension == NULL || der_only(extension->value, DER_SEQUENCE, &outer) != NULL)
        return (struct der){0};
    return outer.body;
}

void
lint_policy_mappings_any(struct lint_run *run)
{
    struct der list = mappings_of(run);
    struct mapping mapping;
    while (list.len > 0 && next_mapping(&list, &mapping) == NULL)
        if (oid_is(mapping.issuer_policy.body, OID_ANY_POLICY)
            || oid_is(mapping.subject_policy.body, OID_ANY_POLICY))
            lint_find(run, "anyPolicy is mapped");
}

void
lint_policy_mappings_unasserted(struct lint_run *run)
{
    struct der list = mappings_of(run);
    struct mapping mapping;
    while (list.len > 0 && next_mapping(&list, &mapping) == NULL)
        if (!has_policy(policies_of(run), mapping.issuer_policy.body))
            lint_find(run, "a mapped policy is not asserted");
}

static const char *
check_policy_constraints(struct der value)
{
    struct der_item outer;
    struct der_item item;
    DER_TRY(der_only(value, DER_SEQUENCE, &outer));
    if (outer.body.len == 0)
        return "empty";
    for (unsigned char n = 0; n < 2; n++)
        if (der_is_next(outer.body, DER_CONTEXT(n))) {
            int64_t skip = 0;
            DER_TRY(der_next(&outer.body, &item));
            DER_TRY(der_small_integer(item.body, &skip));
            if (skip < 0)
                return "a negative number";
        }
    return der_end(outer.body);
}

void
lint_policy_constraints_encoding(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_POLICY_CONSTRAINTS);
    if (extension != NULL)
        lint_fault(run, "policyConstraints", check_policy_constraints(extension->value));
}

void
lint_inhibit_any_policy_encoding(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_INHIBIT_ANY_POLICY);
    struct der_item item;
    int64_t skip = 0;
    if (extension == NULL)
        return;
    const char *fault = der_only(extension->value, DER_INTEGER, &item);
    if (fault == NULL)
        fault = der_small_integer(item.body, &skip);
    if (fault == NULL && skip < 0)
        fault = "a negative number";
    lint_fault(run, "inhibitAnyPolicy", fault);
}
