/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/crl_entry.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/pki/der_write.h"
#include "ceremony/pki/extension.h"
#include "ceremony/pki/oid.h"
#include "ceremony/rules/crl_partition.h"

#define DAY             86400
#define YEAR_2050       INT64_C(2524608000)
#define ENTRY_PLAIN_MAX 96 /* an entry without certificateIssuer is shorter */

void
crl_entries_clear(struct crl_entries *entries)
{
    free(entries->issuer);
    memset(entries, 0, sizeof *entries);
}

struct der
crl_serial(const struct pki_revocation *revocation)
{
    struct der serial = der_view(revocation->serial, revocation->serial_len);
    while (serial.len > 1 && serial.p[0] == 0)
        serial = der_view(serial.p + 1, serial.len - 1);
    return serial;
}

static int
compare_bytes(struct der a, struct der b)
{
    if (a.len != b.len)
        return a.len < b.len ? -1 : 1;
    return a.len == 0 || a.p == NULL || b.p == NULL ? 0 : memcmp(a.p, b.p, a.len);
}

int
crl_compare(const struct pki_revocation *a, const struct pki_revocation *b)
{
    int order =
        compare_bytes(der_view(a->issuer, a->issuer_len), der_view(b->issuer, b->issuer_len));
    return order != 0 ? order : compare_bytes(crl_serial(a), crl_serial(b));
}

/* --- does it belong here? --- */

static struct error *
check_reason(const struct pki_profile *profile, int code)
{
    const struct pki_reason *reason = pki_reason_by_code(code);
    if (code != -1 && reason == NULL)
        return ERROR(ERROR_INPUT, "revocation reason %d does not exist", code);
    if (reason != NULL && reason->delta_only && !profile->crl.delta)
        return ERROR(ERROR_REFUSED, "\"remove from CRL\" stands in delta CRLs only");
    if (reason != NULL && reason->private_only && profile->trust == PKI_TRUST_PUBLIC)
        return ERROR(ERROR_REFUSED, "publicly trusted certificates cannot be put on hold");
    unsigned only = profile->crl.only_reasons;
    bool removes = reason != NULL && reason->delta_only;
    if (only != 0 && !removes
        && (reason == NULL || reason->flag < 0 || (only >> reason->flag & 1U) == 0))
        return ERROR(ERROR_REFUSED, "this CRL covers some reasons only, and not \"%s\"",
                     reason == NULL ? "unspecified" : reason->name);
    return NULL;
}

static struct error *
check_scope(const struct pki_crl_order *order, const struct pki_revocation *revocation,
            struct der serial)
{
    const struct pki_crl_profile *crl = &order->profile->crl;
    if (revocation->issuer != NULL && !crl->indirect)
        return ERROR(ERROR_REFUSED,
                     "a certificate of another issuer stands in indirect CRLs only");
    if (crl->partitions > 0
        && crl_partition_of(serial.p, serial.len, crl->partitions) != order->partition)
        return ERROR(ERROR_REFUSED, "a serial number belongs to another partition of this CRL");
    return NULL;
}

static struct error *
check_revocation(const struct pki_crl_order *order, const struct pki_revocation *revocation,
                 struct der serial)
{
    if (revocation->serial_len == 0 || revocation->serial_len > sizeof revocation->serial
        || (revocation->serial_len == sizeof revocation->serial
            && (revocation->serial[0] & 0x80) != 0)
        || (serial.len == 1 && serial.p[0] == 0))
        return ERROR(ERROR_INPUT, "a revoked serial number is not positive or not below 2^159");
    TRY(check_reason(order->profile, revocation->reason));
    TRY(check_scope(order, revocation, serial));
    if (revocation->date > order->this_update)
        return ERROR(ERROR_INPUT, "a certificate is revoked later than this CRL is made");
    if (revocation->date < PKI_ENTRY_FROM || revocation->invalidity_date < PKI_ENTRY_FROM
        || revocation->invalidity_date > PKI_ENTRY_UNTIL)
        return ERROR(ERROR_INPUT, "a date lies outside the years 1950 to 9999");
    return NULL;
}

/* Ascending within an issuer; `*ret_new`: another issuer's certificates begin. */
static struct error *
check_order(const struct crl_entries *entries, const struct pki_revocation *revocation,
            struct der serial, bool *ret_new)
{
    int issuer = compare_bytes(der_view(entries->issuer, entries->issuer_len),
                               der_view(revocation->issuer, revocation->issuer_len));
    *ret_new = issuer != 0;
    if (entries->count == 0)
        return NULL;
    if (issuer == 0)
        issuer = compare_bytes(der_view(entries->previous, entries->previous_len), serial);
    if (issuer == 0)
        return ERROR(ERROR_INPUT, "a serial number is revoked twice in this list");
    if (issuer > 0)
        return ERROR(ERROR_INPUT, "the revocations are not in the order of serial numbers");
    return NULL;
}

static struct error *
remember(struct crl_entries *entries, const struct pki_revocation *revocation,
         struct der serial, bool new_issuer)
{
    memcpy(entries->previous, serial.p, serial.len);
    entries->previous_len = serial.len;
    entries->count++;
    if (!new_issuer)
        return NULL;
    unsigned char *copy = malloc(revocation->issuer_len);
    if (copy == NULL)
        return error_memory();
    memcpy(copy, revocation->issuer, revocation->issuer_len);
    free(entries->issuer);
    entries->issuer = copy;
    entries->issuer_len = revocation->issuer_len;
    return NULL;
}

/* --- encoding --- */

static unsigned char *
put_header(unsigned char *at, unsigned char tag, size_t len)
{
    *at++ = tag;
    *at++ = (unsigned char)len;
    return at;
}

static void
put_two(unsigned char *at, int value)
{
    at[0] = (unsigned char)('0' + value / 10);
    at[1] = (unsigned char)('0' + value % 10);
}

/* UTCTime or GeneralizedTime. The day's digits are made once for all entries of that day. */
static unsigned char *
put_time(unsigned char *at, struct crl_date *memo, int64_t seconds, bool generalized)
{
    int64_t day = seconds / DAY - (seconds % DAY < 0);
    int left = (int)(seconds - day * DAY);
    if (memo->text[0] == '\0' || memo->day != day) {
        char text[CLOCK_TEXT_SIZE];
        clock_format_seconds(day * DAY, text); /* "2026-11-23 00:00:00Z" */
        memcpy(memo->text, text, 4);
        memcpy(memo->text + 4, text + 5, 2);
        memcpy(memo->text + 6, text + 8, 3);
        memo->day = day;
    }
    size_t skip = generalized ? 0 : 2;
    at = put_header(at, generalized ? DER_GENERALIZED_TIME : DER_UTC_TIME, 15 - skip);
    memcpy(at, memo->text + skip, 8 - skip);
    at += 8 - skip;
    put_two(at, left / 3600);
    put_two(at + 2, left / 60 % 60);
    put_two(at + 4, left % 60);
    at[6] = 'Z';
    return at + 7;
}

/* Whole Extension elements up to their value: reasonCode and invalidityDate never vary but there. */
static unsigned char *
put_plain_extensions(struct crl_entries *entries, const struct pki_revocation *revocation,
                     unsigned char *at)
{
    static const unsigned char reason[] = {0x30, 0x0a, 0x06, 0x03, 0x55, 0x1d,
                                           0x15, 0x04, 0x03, 0x0a, 0x01};
    static const unsigned char invalidity[] = {0x30, 0x18, 0x06, 0x03, 0x55,
                                               0x1d, 0x18, 0x04, 0x11};
    if (revocation->reason > 0) { /* unspecified is said by absence */
        memcpy(at, reason, sizeof reason);
        at += sizeof reason;
        *at++ = (unsigned char)revocation->reason;
    }
    if (revocation->invalidity_date != 0) {
        memcpy(at, invalidity, sizeof invalidity);
        at = put_time(at + sizeof invalidity, &entries->invalid, revocation->invalidity_date,
                      true);
    }
    return at;
}

/* GeneralNames with one directoryName, critical (RFC 5280 5.3.3). */
static struct error *
put_issuer(struct bytes *out, const struct pki_revocation *revocation)
{
    size_t start = out->len;
    TRY(bytes_append(out, revocation->issuer, revocation->issuer_len));
    TRY(der_close(out, start, DER_CONTEXT_C(4)));
    TRY(der_close(out, start, DER_SEQUENCE));
    return extension_close(out, start, OID_CERTIFICATE_ISSUER, true);
}

static struct error *
put_with_issuer(struct bytes *out, const struct pki_revocation *revocation,
                const unsigned char *head, size_t head_len, const unsigned char *extensions,
                size_t extensions_len)
{
    size_t start = out->len;
    TRY(bytes_append(out, head, head_len));
    size_t list = out->len;
    TRY(bytes_append(out, extensions, extensions_len));
    TRY(put_issuer(out, revocation));
    TRY(der_close(out, list, DER_SEQUENCE));
    return der_close(out, start, DER_SEQUENCE);
}

static struct error *
encode(struct crl_entries *entries, const struct pki_revocation *revocation, struct der serial,
       bool new_issuer, struct bytes *out)
{
    unsigned char head[ENTRY_PLAIN_MAX];
    unsigned char list[ENTRY_PLAIN_MAX];
    bool sign = (serial.p[0] & 0x80) != 0;
    unsigned char *at = put_header(head, DER_INTEGER, serial.len + sign);
    if (sign)
        *at++ = 0;
    memcpy(at, serial.p, serial.len);
    at = put_time(at + serial.len, &entries->revoked, revocation->date,
                  revocation->date >= YEAR_2050);
    size_t head_len = (size_t)(at - head);
    size_t list_len = (size_t)(put_plain_extensions(entries, revocation, list) - list);
    if (new_issuer)
        return put_with_issuer(out, revocation, head, head_len, list, list_len);
    unsigned char entry[ENTRY_PLAIN_MAX];
    size_t list_header = list_len > 0 ? 2 : 0;
    at = put_header(entry, DER_SEQUENCE, head_len + list_header + list_len);
    memcpy(at, head, head_len);
    at += head_len;
    if (list_len > 0)
        at = put_header(at, DER_SEQUENCE, list_len);
    memcpy(at, list, list_len);
    return bytes_append(out, entry, (size_t)(at - entry) + list_len);
}

struct error *
crl_entries_put(struct crl_entries *entries, const struct pki_revocation *revocation,
                struct bytes *out)
{
    bool new_issuer = false;
    struct der serial = crl_serial(revocation);
    TRY(check_revocation(entries->order, revocation, serial));
    TRY(check_order(entries, revocation, serial, &new_issuer));
    TRY(encode(entries, revocation, serial, new_issuer, out));
    return remember(entries, revocation, serial, new_issuer);
}
