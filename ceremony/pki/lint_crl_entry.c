/* SPDX-License-Identifier: Apache-2.0
 *
 * Rules on the entries of a CRL. A list may have millions of them: the driver takes one after the
 * other, and every rule looks at the one that is there, at most with what is left of the one before. */
#include <string.h>

#include "ceremony/pki/lint_internal.h"

#define YEAR_2050 INT64_C(2524608000)

static void
find_at(struct lint_run *run, const char *what)
{
    lint_find(run, "entry %zu%s%s", run->entry_number, what[0] != '\0' ? ": " : "", what);
}

static const struct x509_extension *
find_in_entry(const struct lint_run *run, enum oid id)
{
    const struct x509_extensions *extensions = &run->entry->extensions;
    for (size_t i = 0; i < extensions->count; i++)
        if (extensions->items[i].id == id)
            return &extensions->items[i];
    return NULL;
}

/* --- encoding --- */

void
lint_crl_entry_structure(struct lint_run *run)
{
    const char *fault = run->entry_fault;
    if (fault == NULL && run->entry->has_extensions)
        fault = run->object->version != 2 ? "extensions in version 1"
                                          : run->entry->extensions.fault;
    if (fault != NULL)
        find_at(run, fault);
}

void
lint_crl_entry_der(struct lint_run *run)
{
    const char *fault = der_check(run->entry_whole, DER_DEPTH_MAX);
    if (fault != NULL)
        find_at(run, fault);
}

void
lint_crl_entry_serial(struct lint_run *run)
{
    struct der serial = run->entry->serial.body;
    if (serial.len == 0 || (serial.p[0] & 0x80) != 0 || der_is_bytes(serial, "", 1))
        find_at(run, "not positive");
    else if (serial.len > 20)
        lint_find(run, "entry %zu: %zu octets", run->entry_number, serial.len);
}

/* Numbers by their octets: minimal and positive, so a longer one is larger. An entry that names
 * another issuer begins a list of its own. */
static int
compare_with_previous(const struct lint_run *run)
{
    struct der a = run->entry_previous;
    struct der b = run->entry->serial.body;
    if (run->entry_number == 1 || find_in_entry(run, OID_CERTIFICATE_ISSUER) != NULL)
        return -1;
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return a.len == 0 ? 0 : memcmp(a.p, b.p, a.len);
}

void
lint_crl_entry_duplicate(struct lint_run *run)
{
    if (compare_with_previous(run) == 0)
        lint_find(run, "entry %zu has the serial number of the one before", run->entry_number);
}

void
lint_crl_entry_unsorted(struct lint_run *run)
{
    if (run->entry_unsorted || compare_with_previous(run) <= 0)
        return;
    lint_find(run, "entry %zu has a lower serial number than the one before",
              run->entry_number);
    run->entry_unsorted = true; /* once is enough */
}

void
lint_crl_entry_date(struct lint_run *run)
{
    const char *fault = run->entry_time_fault;
    if (fault == NULL && run->entry_time.generalized != (run->entry_time.seconds >= YEAR_2050))
        fault = "the wrong form for its year";
    if (fault != NULL)
        find_at(run, fault);
}

void
lint_crl_entry_date_later(struct lint_run *run)
{
    if (run->entry_time_fault == NULL && run->entry_time.seconds > run->made)
        find_at(run, "");
}

/* --- extensions --- */

static bool
is_entry_extension(enum oid id)
{
    return id == OID_REASON_CODE || id == OID_INVALIDITY_DATE || id == OID_CERTIFICATE_ISSUER;
}

static const char *
fault_of(const struct x509_extensions *extensions, size_t i)
{
    const struct x509_extension *extension = &extensions->items[i];
    if (extension->critical_encoded && !extension->critical)
        return "\"critical\" is encoded as false";
    if (extension->critical && !is_entry_extension(extension->id))
        return "critical and unknown";
    if (is_entry_extension(extension->id)) {
        const char *fault = der_check(extension->value, DER_DEPTH_MAX);
        if (fault != NULL)
            return fault;
    }
    for (size_t j = 0; j < i; j++)
        if (der_equal(extension->oid, extensions->items[j].oid))
            return "an extension twice";
    return NULL;
}

void
lint_crl_entry_extension(struct lint_run *run)
{
    for (size_t i = 0; i < run->entry->extensions.count; i++) {
        const char *fault = fault_of(&run->entry->extensions, i);
        if (fault != NULL)
            find_at(run, fault);
    }
}

void
lint_crl_reason_critical(struct lint_run *run)
{
    const struct x509_extension *reason = find_in_entry(run, OID_REASON_CODE);
    const struct x509_extension *date = find_in_entry(run, OID_INVALIDITY_DATE);
    if ((reason != NULL && reason->critical) || (date != NULL && date->critical))
        find_at(run, "");
}

void
lint_crl_certificate_issuer(struct lint_run *run)
{
    const struct x509_extension *issuer = find_in_entry(run, OID_CERTIFICATE_ISSUER);
    bool has[6];
    if (issuer == NULL)
        return;
    if (!issuer->critical)
        find_at(run, "certificateIssuer is not critical");
    if (!lint_has_issuing_point(run, has) || !has[4])
        find_at(run, "certificateIssuer in a CRL that is not indirect");
}

/* The reason of an entry; -1 none, -2 unreadable. */
static int
reason_of(const struct lint_run *run)
{
    const struct x509_extension *extension = find_in_entry(run, OID_REASON_CODE);
    struct der_item item;
    if (extension == NULL)
        return -1;
    if (der_only(extension->value, DER_ENUMERATED, &item) != NULL || item.body.len != 1)
        return -2;
    return item.body.p[0];
}

void
lint_crl_reason(struct lint_run *run)
{
    int reason = reason_of(run);
    if (reason == -2 || reason == 7 || reason > 10)
        find_at(run, "a reason that does not exist");
}

void
lint_crl_reason_unspecified(struct lint_run *run)
{
    if (reason_of(run) == 0)
        find_at(run, "");
}

void
lint_crl_reason_remove(struct lint_run *run)
{
    if (reason_of(run) == 8 && lint_extension(run, OID_DELTA_CRL_INDICATOR) == NULL)
        find_at(run, "");
}

void
lint_crl_invalidity_date(struct lint_run *run)
{
    const struct x509_extension *extension = find_in_entry(run, OID_INVALIDITY_DATE);
    struct der_item item;
    struct der_time time;
    if (extension == NULL)
        return;
    const char *fault = der_only(extension->value, DER_GENERALIZED_TIME, &item);
    if (fault == NULL)
        fault = der_time(&item, &time);
    if (fault != NULL)
        find_at(run, fault);
}

/* --- public trust --- */

void
lint_br_crl_hold(struct lint_run *run)
{
    if (reason_of(run) == 6)
        find_at(run, "");
}

void
lint_br_crl_reason_missing(struct lint_run *run)
{
    bool has[6];
    if (reason_of(run) < 0 && lint_has_issuing_point(run, has) && has[2])
        find_at(run, "");
}
