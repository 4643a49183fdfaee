/* SPDX-License-Identifier: Apache-2.0
 *
 * The TBSCertList of an order: a full CRL, version 2, entries sorted by serial number (R52). */
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/pki/der_write.h"
#include "ceremony/pki/draft.h"
#include "ceremony/pki/extension.h"
#include "ceremony/pki/oid.h"
#include "ceremony/pki/x509.h"

#define REASON_UNSPECIFIED      0
#define REASON_CERTIFICATE_HOLD 6
#define REASON_UNUSED           7
#define REASON_REMOVE_FROM_CRL  8
#define REASON_MAX              10

/* Serial numbers compare as numbers: without leading zeros, shorter first. */
static struct der
serial_of(const struct pki_revocation *revocation)
{
    struct der serial = der_view(revocation->serial, revocation->serial_len);
    while (serial.len > 1 && serial.p[0] == 0)
        serial = der_view(serial.p + 1, serial.len - 1);
    return serial;
}

static int
compare_serials(const void *a, const void *b)
{
    struct der left = serial_of(*(const struct pki_revocation *const *)a);
    struct der right = serial_of(*(const struct pki_revocation *const *)b);
    if (left.len != right.len)
        return left.len < right.len ? -1 : 1;
    return memcmp(left.p, right.p, left.len);
}

static struct error *
check_revocation(const struct pki_crl_order *order, const struct pki_revocation *revocation)
{
    if (revocation->serial_len == 0 || revocation->serial_len > sizeof revocation->serial
        || (revocation->serial_len == sizeof revocation->serial
            && (revocation->serial[0] & 0x80) != 0)
        || (serial_of(revocation).len == 1 && serial_of(revocation).p[0] == 0))
        return ERROR(ERROR_INPUT, "a revoked serial number is not positive or not below 2^159");
    int reason = revocation->reason;
    if (reason < -1 || reason == REASON_UNUSED || reason > REASON_MAX)
        return ERROR(ERROR_INPUT, "revocation reason %d does not exist", reason);
    if (reason == REASON_REMOVE_FROM_CRL)
        return ERROR(ERROR_REFUSED, "\"remove from CRL\" stands in delta CRLs only");
    if (reason == REASON_CERTIFICATE_HOLD && order->profile->trust == PKI_TRUST_PUBLIC)
        return ERROR(ERROR_REFUSED, "publicly trusted certificates cannot be put on hold");
    if (revocation->date > order->this_update)
        return ERROR(ERROR_INPUT, "a certificate is revoked later than this CRL is made");
    return NULL;
}

static struct error *
put_entry_extensions(struct bytes *out, const struct pki_revocation *revocation)
{
    size_t start = out->len;
    if (revocation->reason > REASON_UNSPECIFIED) { /* unspecified is said by absence */
        unsigned char reason = (unsigned char)revocation->reason;
        size_t one = out->len;
        TRY(der_put(out, DER_ENUMERATED, &reason, 1));
        TRY(extension_close(out, one, OID_REASON_CODE, false));
    }
    if (revocation->invalidity_date != 0) {
        size_t one = out->len;
        TRY(der_put_generalized_time(out, revocation->invalidity_date));
        TRY(extension_close(out, one, OID_INVALIDITY_DATE, false));
    }
    return out->len == start ? NULL : der_close(out, start, DER_SEQUENCE);
}

static struct error *
put_sorted(struct bytes *out, const struct pki_crl_order *order,
           const struct pki_revocation **sorted)
{
    size_t start = out->len;
    for (size_t i = 0; i < order->revocation_count; i++) {
        struct der serial = serial_of(sorted[i]);
        if (i > 0 && compare_serials(&sorted[i - 1], &sorted[i]) == 0)
            return ERROR(ERROR_INPUT, "a serial number is revoked twice in this list");
        size_t entry = out->len;
        TRY(der_put_unsigned(out, serial.p, serial.len));
        TRY(der_put_time(out, sorted[i]->date));
        TRY(put_entry_extensions(out, sorted[i]));
        TRY(der_close(out, entry, DER_SEQUENCE));
    }
    return der_close(out, start, DER_SEQUENCE);
}

/* Absent, not empty, when nothing is revoked. */
static struct error *
put_revocations(struct bytes *out, const struct pki_crl_order *order)
{
    if (order->revocation_count == 0)
        return NULL;
    AUTO_FREE const struct pki_revocation **sorted =
        calloc(order->revocation_count, sizeof(struct pki_revocation *));
    if (sorted == NULL)
        return error_memory();
    for (size_t i = 0; i < order->revocation_count; i++) {
        TRY(check_revocation(order, &order->revocations[i]));
        sorted[i] = &order->revocations[i];
    }
    qsort(sorted, order->revocation_count, sizeof *sorted, compare_serials);
    return put_sorted(out, order, sorted);
}

static struct error *
put_crl_extensions(struct bytes *out, const struct pki_crl_order *order,
                   const struct x509 *issuer)
{
    size_t start = out->len;
    const struct pki_crl_profile *profile = &order->profile->crl;
    TRY(extension_put_authority_key(out, x509_ski(issuer), false));
    size_t number = out->len;
    TRY(der_put_number(out, order->number));
    TRY(extension_close(out, number, OID_CRL_NUMBER, false));
    if (profile->only_ca_certs || profile->distribution_uris.count > 0) {
        size_t point = out->len;
        TRY(extension_put_issuing_point(out, profile));
        TRY(extension_close(out, point, OID_ISSUING_DISTRIBUTION_POINT, true));
    }
    TRY(der_close(out, start, DER_SEQUENCE));
    return der_close(out, start, DER_CONTEXT_C(0));
}

static struct error *
put_tbs(struct bytes *out, const struct pki_crl_order *order, const struct x509 *issuer,
        const struct signature_kind *kind, int64_t next_update)
{
    TRY(der_put_number(out, 1)); /* v2 */
    TRY(der_put_raw(out, der_view(kind->der, kind->der_len)));
    TRY(der_put_raw(out, issuer->subject.whole));
    TRY(der_put_time(out, order->this_update));
    TRY(der_put_time(out, next_update));
    TRY(put_revocations(out, order));
    TRY(put_crl_extensions(out, order, issuer));
    return der_close(out, 0, DER_SEQUENCE);
}

static struct error *
check_issuer(const struct x509 *issuer, int64_t this_update, int64_t next_update)
{
    unsigned usage = 0;
    int64_t from = 0;
    int64_t until = 0;
    if (!x509_has_key_usage(issuer, &usage) || (usage & PKI_KU_CRL_SIGN) == 0)
        return ERROR(ERROR_REFUSED, "the issuer's certificate does not allow it to sign CRLs");
    TRY(pki_validity_of(issuer->whole.p, issuer->whole.len, &from, &until));
    if (this_update < from)
        return ERROR(ERROR_REFUSED, "the CRL would begin before its issuer");
    if (next_update > until) {
        char text[CLOCK_TEXT_SIZE];
        clock_format_seconds(until, text);
        return error_hint(
            ERROR(ERROR_REFUSED, "the CRL would outlive its issuer, which ends on %s", text),
            "Shorten the time to the next update");
    }
    return NULL;
}

struct error *
pki_crl_draft(const struct pki_crl_order *order, struct pki_draft *ret_draft)
{
    struct x509 issuer;
    const struct signature_kind *kind = NULL;
    int64_t next_update = 0;
    AUTO_BYTES tbs = {0};
    if (order->profile->kind != PKI_PROFILE_CRL)
        return ERROR(ERROR_INPUT, "profile \"%s\" is not for CRLs", order->profile->id);
    TRY(x509_read(order->issuer_certificate, order->issuer_certificate_len, KIND_CERTIFICATE,
                  "the issuer's certificate", &issuer));
    TRY(draft_choose_algorithm(issuer.spki.whole.p, issuer.spki.whole.len,
                               order->profile->digest, &kind));
    TRY(draft_next_update(&order->profile->crl, order->this_update, &next_update));
    TRY(check_issuer(&issuer, order->this_update, next_update));
    TRY(put_tbs(&tbs, order, &issuer, kind, next_update));
    return draft_finish(&tbs, kind, issuer.spki.whole.p, issuer.spki.whole.len, ret_draft);
}
