/* SPDX-License-Identifier: Apache-2.0
 *
 * What an issuer's certificate allows below it (RFC 5280 6.1.4; R50, R51). */
#include "ceremony/base/clock.h"
#include "ceremony/pki/constraints.h"
#include "ceremony/pki/draft.h"

/* What the issuer may do: sign certificates, at this depth, with this key. */
struct error *
issuer_check(const struct pki_certificate_order *order, const struct x509 *issuer)
{
    bool ca = false;
    int64_t path_len = -1;
    unsigned usage = 0;
    x509_basic_constraints(issuer, &ca, &path_len);
    if (!ca || !x509_has_key_usage(issuer, &usage) || (usage & PKI_KU_KEY_CERT_SIGN) == 0)
        return ERROR(ERROR_REFUSED, "the issuer's certificate does not allow it to sign "
                                    "certificates");
    if (order->issuer_spki != NULL
        && !der_is_bytes(issuer->spki.whole, order->issuer_spki, order->issuer_spki_len))
        return ERROR(ERROR_REFUSED,
                     "the issuer's certificate is for another key than the one that will sign");
    return NULL;
}

/* How long it may, and how long what it signs. */
struct error *
issuer_check_validity(const struct pki_certificate_order *order, const struct x509 *issuer,
                      const struct draft_validity *validity)
{
    const struct pki_certificate_profile *p = &order->profile->certificate;
    int64_t from = 0;
    int64_t until = 0;
    char text[CLOCK_TEXT_SIZE];
    TRY(pki_validity_of(issuer->whole.p, issuer->whole.len, &from, &until));
    clock_format_seconds(until, text);
    if (validity->from < from)
        return ERROR(ERROR_REFUSED, "the certificate would begin before its issuer");
    if (order->now > until)
        return ERROR(ERROR_REFUSED, "the issuer's certificate has ended on %s", text);
    if (validity->until <= until)
        return NULL;
    if (!p->outlives_issuer)
        return error_hint(ERROR(ERROR_REFUSED,
                                "the certificate would outlive its issuer, which ends on %s",
                                text),
                          "Shorten the validity, or let the profile allow it with a reason");
    if (p->outlives_reason == NULL || p->outlives_reason[0] == '\0')
        return ERROR(ERROR_REFUSED,
                     "profile \"%s\" lets certificates outlive their issuer without a reason",
                     order->profile->id);
    return NULL;
}

/* A CA below: its depth, its key, its name. */
static struct error *
check_subordinate(const struct pki_certificate_order *order, const struct x509 *issuer,
                  const struct x509 *object)
{
    const struct pki_certificate_profile *p = &order->profile->certificate;
    bool self_issued = der_equal(object->subject.whole, issuer->subject.whole);
    bool ca = false;
    int64_t path_len = -1;
    x509_basic_constraints(issuer, &ca, &path_len);
    if (!self_issued && der_equal(object->spki.whole, issuer->spki.whole))
        return ERROR(ERROR_REFUSED, "the subject's key is the issuer's own");
    /* Every path through a self-issued certificate is as long as without it. */
    int64_t most = self_issued ? path_len : path_len - 1;
    if (p->is_ca && path_len >= 0 && (p->path_len < 0 || p->path_len > most))
        return ERROR(ERROR_REFUSED,
                     "the issuer's path length of %lld does not allow this CA certificate",
                     (long long)path_len);
    return NULL;
}

/* The draft as a whole against its issuer. */
struct error *
issuer_check_draft(const struct pki_certificate_order *order, const struct x509 *issuer,
                   const struct pki_draft *draft)
{
    struct x509 object;
    AUTO_BYTES fault = {0};
    TRY(x509_read(draft->specimen.data, draft->specimen.len, KIND_CERTIFICATE, "the draft",
                  &object));
    TRY(check_subordinate(order, issuer, &object));
    TRY(constraints_find(issuer, &object, &fault));
    if (fault.len > 0)
        return ERROR(ERROR_REFUSED, "the name %s", bytes_text(&fault));
    return NULL;
}
