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

typedef void entry_check(struct lint_run *run, const struct x509_revoked *entry, size_t number);

static void
each_entry(struct lint_run *run, entry_check *check)
{
    struct der list = run->object->revoked.body;
    struct x509_revoked entry;
    for (size_t number = 1; list.len > 0; number++) {
        if (x509_next_revoked(&list, &entry) != NULL)
            return;
        check(run, &entry, number);
    }
}

void
lint_crl_entry_structure(struct lint_run *run)
{
    struct der list = run->object->revoked.body;
    struct x509_revoked entry;
    for (size_t number = 1; list.len > 0; number++) {
        const char *fault = x509_next_revoked(&list, &entry);
        if (fault == NULL && entry.has_extensions)
            fault =
                run->object->version != 2 ? "extensions in version 1" : entry.extensions.fault;
        if (fault != NULL) {
            lint_find(run, "entry %zu: %s", number, fault);
            return;
        }
    }
}

static void
check_entry_serial(struct lint_run *run, const struct x509_revoked *entry, size_t number)
{
    struct der serial = entry->serial.body;
    if (serial.len == 0 || (serial.p[0] & 0x80) != 0 || der_is_bytes(serial, "", 1))
        lint_find(run, "entry %zu: not positive", number);
    else if (serial.len > 20)
        lint_find(run, "entry %zu: %zu octets", number, serial.len);
}

void
lint_crl_entry_serial(struct lint_run *run)
{
    each_entry(run, check_entry_serial);
}

/* Numbers by their octets: minimal and positive, so a longer one is larger. */
static int
compare_serials(struct der a, struct der b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return a.len == 0 ? 0 : memcmp(a.p, b.p, a.len);
}

/* The first entry whose serial compares so with the one before it, or 0. */
static size_t
find_order(const struct lint_run *run, bool equal)
{
    struct der list = run->object->revoked.body;
    struct der previous = {0};
    struct x509_revoked entry;
    for (size_t number = 1; list.len > 0 && x509_next_revoked(&list, &entry) == NULL;
         number++) {
        int order = number == 1 ? -1 : compare_serials(previous, entry.serial.body);
        if (equal ? order == 0 : order > 0)
            return number;
        previous = entry.serial.body;
    }
    return 0;
}

void
lint_crl_entry_duplicate(struct lint_run *run)
{
    size_t number = find_order(run, true);
    if (number != 0)
        lint_find(run, "entry %zu has the serial number of the one before", number);
}

void
lint_crl_entry_unsorted(struct lint_run *run)
{
    size_t number = find_order(run, false);
    if (number != 0)
        lint_find(run, "entry %zu has a lower serial number than the one before", number);
}

static void
check_entry_date(struct lint_run *run, const struct x509_revoked *entry, size_t number)
{
    struct der_time time;
    const char *fault = der_time(&entry->date, &time);
    if (fault == NULL && time.generalized != (time.seconds >= INT64_C(2524608000)))
        fault = "the wrong form for its year";
    if (fault != NULL)
        lint_find(run, "entry %zu: %s", number, fault);
}

void
lint_crl_entry_date(struct lint_run *run)
{
    each_entry(run, check_entry_date);
}

static void
check_entry_date_later(struct lint_run *run, const struct x509_revoked *entry, size_t number)
{
    struct der_time revoked;
    struct der_time made;
    if (der_time(&entry->date, &revoked) == NULL && der_time(&run->object->from, &made) == NULL
        && revoked.seconds > made.seconds)
        lint_find(run, "entry %zu", number);
}

void
lint_crl_entry_date_later(struct lint_run *run)
{
    each_entry(run, check_entry_date_later);
}

static bool
is_entry_extension(enum oid id)
{
    return id == OID_REASON_CODE || id == OID_INVALIDITY_DATE || id == OID_CERTIFICATE_ISSUER;
}

static void
check_entry_extension(struct lint_run *run, const struct x509_revoked *entry, size_t number)
{
    const struct x509_extensions *extensions = &entry->extensions;
    for (size_t i = 0; i < extensions->count; i++) {
        const struct x509_extension *extension = &extensions->items[i];
        const char *fault = NULL;
        if (extension->critical_encoded && !extension->critical)
            fault = "\"critical\" is encoded as false";
        else if (is_entry_extension(extension->id))
            fault = der_check(extension->value, DER_DEPTH_MAX);
        else if (extension->critical)
            fault = "critical and unknown";
        for (size_t j = 0; j < i && fault == NULL; j++)
            if (der_equal(extension->oid, extensions->items[j].oid))
                fault = "an extension twice";
        if (fault != NULL)
            lint_find(run, "entry %zu: %s", number, fault);
    }
}

void
lint_crl_entry_extension(struct lint_run *run)
{
    each_entry(run, check_entry_extension);
}

static const struct x509_extension *
find_in_entry(const struct x509_revoked *entry, enum oid id)
{
    for (size_t i = 0; i < entry->extensions.count; i++)
        if (entry->extensions.items[i].id == id)
            return &entry->extensions.items[i];
    return NULL;
}

static void
check_reason_critical(struct lint_run *run, const struct x509_revoked *entry, size_t number)
{
    const struct x509_extension *reason = find_in_entry(entry, OID_REASON_CODE);
    const struct x509_extension *date = find_in_entry(entry, OID_INVALIDITY_DATE);
    if ((reason != NULL && reason->critical) || (date != NULL && date->critical))
        lint_find(run, "entry %zu", number);
}

void
lint_crl_reason_critical(struct lint_run *run)
{
    each_entry(run, check_reason_critical);
}

/* The reason of an entry; -1 none, -2 unreadable. */
static int
reason_of(const struct x509_revoked *entry)
{
    const struct x509_extension *extension = find_in_entry(entry, OID_REASON_CODE);
    struct der_item item;
    if (extension == NULL)
        return -1;
    if (der_only(extension->value, DER_ENUMERATED, &item) != NULL || item.body.len != 1)
        return -2;
    return item.body.p[0];
}

static void
check_reason(struct lint_run *run, const struct x509_revoked *entry, size_t number)
{
    int reason = reason_of(entry);
    if (reason == -2 || reason == 7 || reason > 10)
        lint_find(run, "entry %zu: a reason that does not exist", number);
}

void
lint_crl_reason(struct lint_run *run)
{
    each_entry(run, check_reason);
}

static void
check_reason_unspecified(struct lint_run *run, const struct x509_revoked *entry, size_t number)
{
    if (reason_of(entry) == 0)
        lint_find(run, "entry %zu", number);
}

void
lint_crl_reason_unspecified(struct lint_run *run)
{
    each_entry(run, check_reason_unspecified);
}

static void
check_reason_remove(struct lint_run *run, const struct x509_revoked *entry, size_t number)
{
    if (reason_of(entry) == 8 && lint_extension(run, OID_DELTA_CRL_INDICATOR) == NULL)
        lint_find(run, "entry %zu", number);
}

void
lint_crl_reason_remove(struct lint_run *run)
{
    each_entry(run, check_reason_remove);
}

static void
check_invalidity_date(struct lint_run *run, const struct x509_revoked *entry, size_t number)
{
    const struct x509_extension *extension = find_in_entry(entry, OID_INVALIDITY_DATE);
    struct der_item item;
    struct der_time time;
    if (extension == NULL)
        return;
    const char *fault = der_only(extension->value, DER_GENERALIZED_TIME, &item);
    if (fault == NULL)
        fault = der_time(&item, &time);
    if (fault != NULL)
        lint_find(run, "entry %zu: %s", number, fault);
}

void
lint_crl_invalidity_date(struct lint_run *run)
{
    each_entry(run, check_invalidity_date);
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

static bool
has_issuing_point(const struct lint_run *run, bool has[6])
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
    if (has_issuing_point(run, has) && has[1] + has[2] + has[5] > 1)
        lint_find(run, "several onlyContains flags");
}

void
lint_br_crl_indirect(struct lint_run *run)
{
    bool has[6];
    if (has_issuing_point(run, has) && (has[3] || has[4]))
        lint_find(run, has[4] ? "an indirect CRL" : "a CRL of some reasons only");
    if (lint_extension(run, OID_DELTA_CRL_INDICATOR) != NULL)
        lint_find(run, "a delta CRL");
}

void
lint_br_crl_point_missing(struct lint_run *run)
{
    bool has[6];
    if (has_issuing_point(run, has) && !has[0])
        lint_find(run, "no distribution point");
}

static void
check_hold(struct lint_run *run, const struct x509_revoked *entry, size_t number)
{
    if (reason_of(entry) == 6)
        lint_find(run, "entry %zu", number);
}

void
lint_br_crl_hold(struct lint_run *run)
{
    each_entry(run, check_hold);
}

static void
check_reason_missing(struct lint_run *run, const struct x509_revoked *entry, size_t number)
{
    if (reason_of(entry) < 0)
        lint_find(run, "entry %zu", number);
}

void
lint_br_crl_reason_missing(struct lint_run *run)
{
    bool has[6];
    if (has_issuing_point(run, has) && has[2])
        each_entry(run, check_reason_missing);
}
