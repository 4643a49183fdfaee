/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules on CRLs. */
#include <string.h>

#include "ceremony/pki/lint_general.h"

void
lint_crl_version(struct lint_run *run)
{
    if (run->object->version != 2)
        lint_find(run, "version %lld", (long long)run->object->version);
}

void
lint_crl_next_update_missing(struct lint_run *run)
{
    if (run->object->until.whole.p == NULL)
        lint_find(run, "no next update");
}

void
lint_crl_number_missing(struct lint_run *run)
{
    if (run->object->version == 2 && lint_extension(run, OID_CRL_NUMBER) == NULL)
        lint_find(run, "no cRLNumber");
}

static bool
has_number(const struct lint_run *run, enum oid id, struct der *ret_number)
{
    const struct x509_extension *extension = lint_extension(run, id);
    struct der_item item;
    if (extension == NULL || der_only(extension->value, DER_INTEGER, &item) != NULL
        || der_check_integer(item.body) != NULL)
        return false;
    *ret_number = item.body;
    return true;
}

void
lint_crl_number_range(struct lint_run *run)
{
    enum oid id = (enum oid)run->row->argument;
    struct der number;
    if (!has_number(run, id, &number)) {
        if (lint_extension(run, id) != NULL)
            lint_find(run, "it is not an integer");
    } else if ((number.p[0] & 0x80) != 0)
        lint_find(run, "it is negative");
    else if (number.len > 20)
        lint_find(run, "it has %zu octets", number.len);
}

void
lint_crl_delta_base_later(struct lint_run *run)
{
    struct der number;
    struct der base;
    if (!has_number(run, OID_CRL_NUMBER, &number)
        || !has_number(run, OID_DELTA_CRL_INDICATOR, &base))
        return;
    bool negative = ((number.p[0] | base.p[0]) & 0x80) != 0;
    int order = number.len != base.len ? (number.len < base.len ? -1 : 1)
                                       : memcmp(number.p, base.p, number.len);
    if (!negative && order <= 0)
        lint_find(run, "the base number is not below the CRL number");
}

void
lint_crl_delta_freshest(struct lint_run *run)
{
    if (lint_extension(run, OID_DELTA_CRL_INDICATOR) != NULL
        && lint_extension(run, OID_FRESHEST_CRL) != NULL)
        lint_find(run, "freshestCRL in a delta CRL");
}

void
lint_crl_revoked_empty(struct lint_run *run)
{
    if (run->object->revoked.whole.p != NULL && run->object->revoked.body.len == 0)
        lint_find(run, "an empty list");
}

/* Parts of an issuingDistributionPoint: which of [0] .. [5] are there. */
static const char *
split_issuing_point(struct der value, bool has[6])
{
    struct der_item outer;
    struct der_item item;
    int last = -1;
    memset(has, 0, 6 * sizeof has[0]);
    DER_TRY(der_only(value, DER_SEQUENCE, &outer));
    if (outer.body.len == 0)
        return "empty";
    while (outer.body.len > 0) {
        DER_TRY(der_next(&outer.body, &item));
        int number = item.tag & 0x1f;
        bool constructed = (item.tag & 0x20) != 0;
        if ((item.tag & 0xc0) != 0x80 || number > 5 || number <= last
            || constructed != (number == 0))
            return "a part that does not belong there";
        if (number != 0 && number != 3 && !der_is_bytes(item.body, "\xff", 1))
            return "a flag that is encoded though it is false";
        if (number == 3)
            DER_TRY(der_check_bit_string(item.body));
        has[number] = true;
        last = number;
    }
    return NULL;
}

void
lint_issuing_point_encoding(struct lint_run *run)
{
    const struct x509_extension *extension =
        lint_extension(run, OID_ISSUING_DISTRIBUTION_POINT);
    bool has[6];
    if (extension != NULL)
        lint_fault(run, "issuingDistributionPoint", split_issuing_point(extension->value, has));
}

bool
lint_has_issuing_point(const struct lint_run *run, bool has[6])
{
    const struct x509_extension *extension =
        lint_extension(run, OID_ISSUING_DISTRIBUTION_POINT);
    memset(has, 0, 6 * sizeof has[0]);
    return extension != NULL && split_issuing_point(extension->value, has) == NULL;
}

void
lint_issuing_point_only(struct lint_run *run)
{
    bool has[6];
    if (lint_has_issuing_point(run, has) && has[1] + has[2] + has[5] > 1)
        lint_find(run, "several onlyContains flags");
}

void
lint_br_crl_indirect(struct lint_run *run)
{
    bool has[6];
    if (lint_has_issuing_point(run, has) && (has[3] || has[4]))
        lint_find(run, has[4] ? "an indirect CRL" : "a CRL of some reasons only");
    if (lint_extension(run, OID_DELTA_CRL_INDICATOR) != NULL)
        lint_find(run, "a delta CRL");
}

void
lint_br_crl_point_missing(struct lint_run *run)
{
    bool has[6];
    if (lint_has_issuing_point(run, has) && !has[0])
        lint_find(run, "no distribution point");
}
