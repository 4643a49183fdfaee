/* SPDX-License-Identifier: Apache-2.0
 *
 * Checks on what a certificate is for (REQUIREMENTS section 5). Most serve several rows and take what
 * they look for from the row's argument. */
#include <string.h>
#include <strings.h>

#include "ceremony/pki/algorithm.h"
#include "ceremony/pki/lint_internal.h"

void
lint_role_never(struct lint_run *run)
{
    lint_find(run, "a role of private PKIs alone, in a profile of public trust");
}

void
lint_role_has(struct lint_run *run)
{
    enum oid oid = (enum oid)run->row->argument;
    if (lint_extension(run, oid) == NULL)
        lint_find(run, "%s is missing", lint_oid_name(oid));
}

void
lint_role_lacks(struct lint_run *run)
{
    enum oid oid = (enum oid)run->row->argument;
    if (lint_extension(run, oid) != NULL)
        lint_find(run, "%s is there", lint_oid_name(oid));
}

static bool
has_attribute(const struct lint_run *run, enum oid oid)
{
    struct name_iterator names = {.rdns = run->object->subject.body};
    struct name_attribute attribute;
    bool more = false;
    while (name_next(&names, &attribute, &more) == NULL && more)
        if (attribute.id == oid)
            return true;
    return false;
}

void
lint_role_has_attribute(struct lint_run *run)
{
    enum oid oid = (enum oid)run->row->argument;
    if (!has_attribute(run, oid))
        lint_find(run, "the subject has no %s", lint_oid_name(oid));
}

void
lint_role_lacks_attribute(struct lint_run *run)
{
    enum oid oid = (enum oid)run->row->argument;
    if (has_attribute(run, oid))
        lint_find(run, "the subject has an %s", lint_oid_name(oid));
}

void
lint_role_self_issued(struct lint_run *run)
{
    if (!lint_is_self_issued(run))
        lint_find(run, "the issuer is not the subject");
}

void
lint_role_is_ca(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_BASIC_CONSTRAINTS);
    if (!lint_is_ca(run))
        lint_find(run, "basicConstraints does not say that it is a CA");
    else if (!extension->critical)
        lint_find(run, "basicConstraints is not critical");
}

/* Absent, or empty. */
void
lint_role_not_ca(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_BASIC_CONSTRAINTS);
    if (extension != NULL && !der_is_bytes(extension->value, "\x30\x00", 2))
        lint_find(run, "basicConstraints is there and not empty");
}

void
lint_role_path_length(struct lint_run *run)
{
    bool ca = false;
    int64_t path_len = -1;
    x509_basic_constraints(run->object, &ca, &path_len);
    if (ca && path_len < 0)
        lint_find(run, "no path length");
}

/* Criticality is for key-usage-critical. */
void
lint_role_usage_has(struct lint_run *run)
{
    unsigned wanted = (unsigned)run->row->argument;
    unsigned usage = 0;
    if (!x509_has_key_usage(run->object, &usage))
        lint_find(run, "keyUsage is missing");
    else if ((usage & wanted) != wanted)
        lint_find(run, "a usage is missing");
}

void
lint_role_usage_only(struct lint_run *run)
{
    unsigned usage = 0;
    if (x509_has_key_usage(run->object, &usage) && (usage & ~(unsigned)run->row->argument) != 0)
        lint_find(run, "another usage");
}

/* How many extended usages there are, and how many are this one. */
static size_t
count_purposes(const struct lint_run *run, enum oid wanted, size_t *ret_found)
{
    const struct x509_extension *extension = lint_extension(run, OID_EXT_KEY_USAGE);
    struct der_item list;
    struct der_item oid;
    size_t count = 0;
    *ret_found = 0;
    if (extension == NULL || der_only(extension->value, DER_SEQUENCE, &list) != NULL)
        return 0;
    while (list.body.len > 0 && der_next(&list.body, &oid) == NULL) {
        count++;
        *ret_found += oid_is(oid.body, wanted) ? 1 : 0;
    }
    return count;
}

void
lint_role_purpose(struct lint_run *run)
{
    size_t found = 0;
    (void)count_purposes(run, (enum oid)run->row->argument, &found);
    if (found == 0)
        lint_find(run, "the extended usage %s is missing",
                  lint_oid_name((enum oid)run->row->argument));
}

void
lint_role_purpose_only(struct lint_run *run)
{
    size_t found = 0;
    size_t count = count_purposes(run, (enum oid)run->row->argument, &found);
    if (count != 1 || found != 1)
        lint_find(run, "the extended usage is not %s alone",
                  lint_oid_name((enum oid)run->row->argument));
}

void
lint_role_purpose_not(struct lint_run *run)
{
    size_t found = 0;
    (void)count_purposes(run, (enum oid)run->row->argument, &found);
    if (found > 0)
        lint_find(run, "the extended usage %s", lint_oid_name((enum oid)run->row->argument));
}

/* Is this method among those of authorityInfoAccess? */
static bool
has_access(const struct lint_run *run, enum oid method)
{
    const struct x509_extension *extension = lint_extension(run, OID_AUTHORITY_INFO_ACCESS);
    struct der_item outer;
    struct der_item entry;
    struct der_item oid;
    if (extension == NULL || der_only(extension->value, DER_SEQUENCE, &outer) != NULL)
        return false;
    while (outer.body.len > 0 && der_expect(&outer.body, DER_SEQUENCE, &entry) == NULL)
        if (der_expect(&entry.body, DER_OID, &oid) == NULL && oid_is(oid.body, method))
            return true;
    return false;
}

void
lint_role_access(struct lint_run *run)
{
    enum oid method = (enum oid)run->row->argument;
    if (!has_access(run, method))
        lint_find(run, "authorityInfoAccess does not have %s", lint_oid_name(method));
}

/* Every URI in the extension's names begins with http://. They are found wherever they stand in it. */
static bool
is_http(struct der data)
{
    struct der_item item;
    while (data.len > 0 && der_next(&data, &item) == NULL) {
        if (item.tag == DER_CONTEXT(6)
            && (item.body.len < 7 || strncasecmp((const char *)item.body.p, "http://", 7) != 0))
            return false;
        if ((item.tag & 0x20) != 0 && !is_http(item.body))
            return false;
    }
    return true;
}

void
lint_role_http(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, (enum oid)run->row->argument);
    if (extension != NULL && !is_http(extension->value))
        lint_find(run, "an address that is not http");
}

void
lint_role_revocation_said(struct lint_run *run)
{
    if (lint_extension(run, OID_CRL_DISTRIBUTION_POINTS) == NULL && !has_access(run, OID_OCSP)
        && lint_extension(run, OID_NO_REV_AVAIL) == NULL)
        lint_find(run, "nothing is said of revocation");
}

/* Seconds of validity; both ends count. 0: cannot be read. */
static int64_t
lifetime(const struct lint_run *run, int64_t *ret_from)
{
    struct der_time from;
    struct der_time until;
    if (der_time(&run->object->from, &from) != NULL
        || der_time(&run->object->until, &until) != NULL)
        return 0;
    *ret_from = from.seconds;
    return until.seconds - from.seconds + 1;
}

#define DAY        INT64_C(86400)
#define SHORT_LIFE (7 * DAY)

void
lint_role_revocation_known(struct lint_run *run)
{
    int64_t from = 0;
    if (lint_extension(run, OID_CRL_DISTRIBUTION_POINTS) == NULL && !has_access(run, OID_OCSP)
        && lifetime(run, &from) > SHORT_LIFE)
        lint_find(run, "neither CRL points nor OCSP");
}

void
lint_role_server_validity(struct lint_run *run)
{
    static const struct {
        int64_t from; /* the first second of the rule */
        int64_t days;
    } caps[] = {
        {INT64_C(1868227200), 47 }, /* 2029-03-15 */
        {INT64_C(1805068800), 100}, /* 2027-03-15 */
        {INT64_C(1773532800), 200}, /* 2026-03-15 */
        {INT64_MIN,           398},
    };

    int64_t from = 0;
    int64_t seconds = lifetime(run, &from);
    for (size_t i = 0; i < sizeof caps / sizeof caps[0]; i++) {
        if (from < caps[i].from)
            continue;
        if (seconds > caps[i].days * DAY)
            lint_find(run, "%lld days and %lld seconds; %lld days are allowed",
                      (long long)(seconds / DAY), (long long)(seconds % DAY),
                      (long long)caps[i].days);
        return;
    }
}

void
lint_role_server_usage(struct lint_run *run)
{
    const struct key_kind *kind = key_kind_of_spki(run->object->spki.whole);
    unsigned wanted = PKI_KU_DIGITAL_SIGNATURE;
    unsigned usage = 0;
    if (kind != NULL && kind->family == KEY_RSA)
        wanted |= PKI_KU_KEY_ENCIPHERMENT;
    if (!x509_has_key_usage(run->object, &usage) || (usage & PKI_KU_DIGITAL_SIGNATURE) == 0)
        lint_find(run, "digitalSignature is missing");
    else if ((usage & ~wanted) != 0)
        lint_find(run, "another usage");
}

static struct der
alt_names(const struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_SUBJECT_ALT_NAME);
    struct der_item outer;
    if (extension == NULL || der_only(extension->value, DER_SEQUENCE, &outer) != NULL)
        return (struct der){0};
    return outer.body;
}

void
lint_role_server_names(struct lint_run *run)
{
    struct der names = alt_names(run);
    struct der_item name;
    if (names.len == 0)
        lint_find(run, "no alternative names");
    while (names.len > 0 && der_next(&names, &name) == NULL)
        if (name.tag != DER_CONTEXT(2) && name.tag != DER_CONTEXT(7)) {
            lint_find(run, "a name that is neither a domain name nor an address");
            return;
        }
}

/* 2.23.140.1.2.1 to .3 (domain, organization, individual validated) and 2.23.140.1.1 (extended). */
static bool
is_reserved_policy(struct der oid)
{
    return der_is_bytes(oid, "\x67\x81\x0c\x01\x01", 5)
           || (oid.len == 6 && memcmp(oid.p, "\x67\x81\x0c\x01\x02", 5) == 0 && oid.p[5] >= 1
               && oid.p[5] <= 3);
}

void
lint_role_reserved_policy(struct lint_run *run)
{
    const struct x509_extension *extension = lint_extension(run, OID_CERTIFICATE_POLICIES);
    struct der_item outer;
    struct der_item policy;
    struct der_item oid;
    size_t found = 0;
    if (extension != NULL && der_only(extension->value, DER_SEQUENCE, &outer) == NULL)
        while (outer.body.len > 0 && der_expect(&outer.body, DER_SEQUENCE, &policy) == NULL)
            if (der_expect(&policy.body, DER_OID, &oid) == NULL && is_reserved_policy(oid.body))
                found++;
    if (found != 1)
        lint_find(run, "%zu reserved policies", found);
}

static bool
has_hardware_name(const struct lint_run *run)
{
    struct der names = alt_names(run);
    struct der_item name;
    struct der_item oid;
    while (names.len > 0 && der_next(&names, &name) == NULL)
        if (name.tag == DER_CONTEXT_C(0) && der_expect(&name.body, DER_OID, &oid) == NULL
            && oid_is(oid.body, OID_HARDWARE_MODULE_NAME))
            return true;
    return false;
}

void
lint_role_device_name(struct lint_run *run)
{
    if (run->object->subject.body.len == 0) {
        if (!has_hardware_name(run))
            lint_find(run, "neither a subject nor a hardware module name");
        return;
    }
    if (!has_attribute(run, OID_SERIAL_NUMBER))
        lint_find(run, "the subject has no serialNumber");
    if (!has_attribute(run, OID_O))
        lint_find(run, "the subject has no organization");
}

void
lint_role_finite(struct lint_run *run)
{
    struct der_time until;
    if (der_time(&run->object->until, &until) == NULL && until.seconds >= PKI_NOT_AFTER_FOREVER)
        lint_find(run, "it never ends");
}

/* Permitted (0) or excluded (1) subtrees. */
static struct der
subtrees(const struct lint_run *run, unsigned char which)
{
    const struct x509_extension *extension = lint_extension(run, OID_NAME_CONSTRAINTS);
    struct der_item outer;
    struct der_item list;
    if (extension == NULL || der_only(extension->value, DER_SEQUENCE, &outer) != NULL)
        return (struct der){0};
    while (outer.body.len > 0 && der_next(&outer.body, &list) == NULL)
        if (list.tag == DER_CONTEXT_C(which))
            return list.body;
    return (struct der){0};
}

/* A base of this kind and length (SIZE_MAX: any) that is all zeros, if that is asked. */
static bool
has_base(struct der list, unsigned char tag, size_t len, bool zeros)
{
    struct der_item tree;
    struct der_item base;
    while (list.len > 0 && der_expect(&list, DER_SEQUENCE, &tree) == NULL) {
        if (der_next(&tree.body, &base) != NULL || base.tag != tag
            || (len != SIZE_MAX && base.body.len != len))
            continue;
        bool zero = true;
        for (size_t i = 0; i < base.body.len; i++)
            zero = zero && base.body.p[i] == 0;
        if (!zeros || zero)
            return true;
    }
    return false;
}

void
lint_role_limits_dns(struct lint_run *run)
{
    if (!has_base(subtrees(run, 0), DER_CONTEXT(2), SIZE_MAX, false)
        && !has_base(subtrees(run, 1), DER_CONTEXT(2), 0, false))
        lint_find(run, "domain names are not limited");
}

void
lint_role_limits_ip(struct lint_run *run)
{
    size_t len = 2 * (size_t)run->row->argument;
    if (!has_base(subtrees(run, 0), DER_CONTEXT(7), len, false)
        && !has_base(subtrees(run, 1), DER_CONTEXT(7), len, true))
        lint_find(run, "addresses of %d octets are not limited", run->row->argument);
}

void
lint_role_limits_directory(struct lint_run *run)
{
    if (!has_base(subtrees(run, 0), DER_CONTEXT_C(4), SIZE_MAX, false))
        lint_find(run, "directory names are not limited");
}
