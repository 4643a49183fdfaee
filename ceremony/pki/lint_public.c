/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules of public trust (the CA/Browser Forum's Baseline Requirements): roots and their CRLs. */
#include "ceremony/base/clock.h"
#include "ceremony/pki/algorithm.h"
#include "ceremony/pki/lint_internal.h"

#define DAY           86400
#define ROOT_DAYS_MIN 2922
#define ROOT_DAYS_MAX 9132

void
lint_br_serial_entropy(struct lint_run *run)
{
    if (run->object->serial.body.len < 8)
        lint_find(run, "%zu octets", run->object->serial.body.len);
}

void
lint_br_key(struct lint_run *run)
{
    const struct key_kind *kind = key_kind_of_spki(run->object->spki.whole);
    if (kind != NULL && (kind->family == KEY_ED25519 || kind->family == KEY_ED448))
        lint_find(run, "an EdDSA key");
}

void
lint_br_not_before(struct lint_run *run)
{
    struct der_time from;
    /* A cross-certificate may go back to the existing one: cross-not-before (BR 7.1.2.2.1). */
    bool cross = run->context->profile->role == PKI_ROLE_CROSS;
    int64_t days = lint_is_ca(run) ? 1 : 2;
    if (der_time(&run->object->from, &from) != NULL)
        return;
    if ((from.seconds < run->context->now - days * DAY && !cross)
        || from.seconds > run->context->now + days * DAY)
        lint_find(run, "it begins more than %d %s away from now", (int)days,
                  days == 1 ? "day" : "days");
}

static size_t
count_attributes(const struct lint_run *run, enum oid id)
{
    struct name_iterator iterator = {.rdns = run->object->subject.body};
    struct name_attribute attribute;
    bool more = true;
    size_t count = 0;
    while (more && name_next(&iterator, &attribute, &more) == NULL)
        count += more && attribute.id == id ? 1 : 0;
    return count;
}

void
lint_br_organizational_unit(struct lint_run *run)
{
    if (count_attributes(run, OID_OU) > 0)
        lint_find(run, "an organizational unit (OU)");
}

void
lint_br_ca_name(struct lint_run *run)
{
    static const enum oid wanted[] = {OID_C, OID_O, OID_CN};

    if (!lint_is_ca(run))
        return;
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (count_attributes(run, wanted[i]) != 1)
            lint_find(run, "%s does not stand there once", lint_oid_name(wanted[i]));
}

void
lint_br_root_validity(struct lint_run *run)
{
    struct der_time from;
    struct der_time until;
    if (der_time(&run->object->from, &from) != NULL
        || der_time(&run->object->until, &until) != NULL)
        return;
    int64_t seconds = until.seconds - from.seconds + 1; /* both ends count */
    if (seconds < (int64_t)ROOT_DAYS_MIN * DAY || seconds > (int64_t)ROOT_DAYS_MAX * DAY)
        lint_find(run, "%lld days and %lld seconds", (long long)(seconds / DAY),
                  (long long)(seconds % DAY));
}

void
lint_br_root_extensions(struct lint_run *run)
{
    static const enum oid wanted[] = {OID_BASIC_CONSTRAINTS, OID_KEY_USAGE,
                                      OID_SUBJECT_KEY_IDENTIFIER};

    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
        if (lint_extension(run, wanted[i]) == NULL)
            lint_find(run, "%s is missing", lint_oid_name(wanted[i]));
    if (lint_extension(run, OID_EXT_KEY_USAGE) != NULL)
        lint_find(run, "extKeyUsage is there");
}

void
lint_br_root_usage(struct lint_run *run)
{
    const unsigned wanted = PKI_KU_KEY_CERT_SIGN | PKI_KU_CRL_SIGN;
    unsigned usage = 0;
    if (!x509_has_key_usage(run->object, &usage))
        return;
    if ((usage & wanted) != wanted)
        lint_find(run, "keyCertSign or cRLSign is missing");
    if ((usage & ~(wanted | PKI_KU_DIGITAL_SIGNATURE)) != 0)
        lint_find(run, "another usage");
}

void
lint_br_root_unwanted(struct lint_run *run)
{
    static const enum oid unwanted[] = {OID_CERTIFICATE_POLICIES, OID_CRL_DISTRIBUTION_POINTS,
                                        OID_AUTHORITY_INFO_ACCESS};

    bool ca = false;
    int64_t path_len = -1;
    x509_basic_constraints(run->object, &ca, &path_len);
    if (path_len >= 0)
        lint_find(run, "a path length");
    for (size_t i = 0; i < sizeof unwanted / sizeof unwanted[0]; i++)
        if (lint_extension(run, unwanted[i]) != NULL)
            lint_find(run, "%s", lint_oid_name(unwanted[i]));
}

void
lint_br_root_authority_key(struct lint_run *run)
{
    if (lint_extension(run, OID_AUTHORITY_KEY_IDENTIFIER) == NULL)
        lint_find(run, "no authorityKeyIdentifier");
}

void
lint_br_crl_next_update(struct lint_run *run)
{
    struct der_time from;
    struct der_time until;
    if (run->object->until.whole.p != NULL && der_time(&run->object->from, &from) == NULL
        && der_time(&run->object->until, &until) == NULL
        && until.seconds > clock_add_years(from.seconds, 1))
        lint_find(run, "later than 12 months");
}
