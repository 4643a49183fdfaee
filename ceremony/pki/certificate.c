/* SPDX-License-Identifier: Apache-2.0
 *
 * The TBSCertificate of an order. */
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/pki/constraints.h"
#include "ceremony/pki/der_write.h"
#include "ceremony/pki/draft.h"
#include "ceremony/pki/extension.h"
#include "ceremony/pki/name.h"
#include "ceremony/pki/pki.h"
#include "ceremony/pki/x509.h"
#include "ceremony/rules/crl_partition.h"

struct validity {
    int64_t from;
    int64_t until;
};

static struct error *
check_order(const struct pki_certificate_order *order)
{
    const struct pki_certificate_profile *p = &order->profile->certificate;
    if (order->profile->kind != PKI_PROFILE_CERTIFICATE)
        return ERROR(ERROR_INPUT, "profile \"%s\" is not for certificates", order->profile->id);
    bool zero = true;
    for (size_t i = 0; i < order->serial_len; i++)
        zero = zero && order->serial[i] == 0;
    if (order->serial_len == 0 || order->serial_len > 20 || zero
        || (order->serial_len == 20 && (order->serial[0] & 0x80) != 0))
        return ERROR(ERROR_INPUT, "a serial number must be positive and below 2^159");
    if (p->backdate_seconds < 0 || p->backdate_seconds > 86400)
        return ERROR(ERROR_INPUT, "a certificate can begin at most a day before its signature");
    if (key_kind_of_spki(der_view(order->subject_spki, order->subject_spki_len)) == NULL)
        return ERROR(ERROR_UNSUPPORTED,
                     "the subject's key is of a kind or size that is not used here");
    if (order->issuer_certificate == NULL && order->issuer_spki != NULL
        && !der_is_bytes(der_view(order->issuer_spki, order->issuer_spki_len),
                         order->subject_spki, order->subject_spki_len))
        return ERROR(ERROR_INPUT,
                     "a self-signed certificate needs its own key as the issuer's");
    return NULL;
}

/* What the issuer may do: sign certificates, at this depth, with this key. */
static struct error *
check_issuer(const struct pki_certificate_order *order, const struct x509 *issuer)
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
static struct error *
check_issuer_validity(const struct pki_certificate_order *order, const struct x509 *issuer,
                      const struct validity *validity)
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
static struct error *
check_below(const struct pki_certificate_order *order, const struct x509 *issuer,
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

static struct error *
put_validity(struct bytes *out, const struct validity *validity)
{
    size_t start = out->len;
    TRY(der_put_time(out, validity->from));
    TRY(der_put_time(out, validity->until));
    return der_close(out, start, DER_SEQUENCE);
}

static struct error *
put_version(struct bytes *out)
{
    size_t start = out->len;
    TRY(der_put_number(out, 2)); /* v3 */
    return der_close(out, start, DER_CONTEXT_C(0));
}

/* The key identifiers of subject and issuer (R50). */
static struct error *
find_keys(const struct pki_certificate_order *order, const struct x509 *issuer,
          struct extension_keys *ret_keys)
{
    TRY(pki_spki_ski(order->subject_spki, order->subject_spki_len,
                     (int)order->profile->certificate.ski_method, ret_keys->subject_ski));
    ret_keys->issuer_ski = issuer != NULL
                               ? x509_ski(issuer)
                               : der_view(ret_keys->subject_ski, sizeof ret_keys->subject_ski);
    ret_keys->crl_partition = crl_partition_of(order->serial, order->serial_len,
                                               order->profile->certificate.crl_partitions);
    return NULL;
}

/* A subject that cannot carry the practice mark stands below an issuer that does (R4). */
static struct error *
put_subject(struct bytes *out, const struct pki_certificate_profile *p,
            const struct x509 *issuer, bool practice)
{
    bool marked = issuer != NULL && name_is_marked(issuer->subject.whole);
    if (practice && marked && !name_can_be_marked(&p->subject))
        practice = false;
    TRY_DOING(name_put(out, &p->subject, practice), "writing the subject");
    return NULL;
}

/* `p` has its fields filled in. */
static struct error *
put_tbs(struct bytes *out, const struct pki_certificate_order *order,
        const struct pki_certificate_profile *p, const struct x509 *issuer,
        const struct signature_kind *kind, const struct validity *validity)
{
    AUTO_BYTES subject = {0};
    struct extension_keys keys;
    TRY(put_subject(&subject, p, issuer, order->practice));
    TRY(find_keys(order, issuer, &keys));
    TRY(put_version(out));
    TRY(der_put_unsigned(out, order->serial, order->serial_len));
    TRY(der_put_raw(out, der_view(kind->der, kind->der_len)));
    /* Byte for byte the issuer's own subject (R48). */
    TRY(der_put_raw(out, issuer != NULL ? issuer->subject.whole
                                        : der_view(subject.data, subject.len)));
    TRY(put_validity(out, validity));
    TRY(der_put_raw(out, der_view(subject.data, subject.len)));
    TRY(der_put_raw(out, der_view(order->subject_spki, order->subject_spki_len)));
    size_t extensions = out->len;
    TRY(extensions_put(out, p, &keys));
    if (out->len > extensions)
        TRY(der_close(out, extensions, DER_CONTEXT_C(3)));
    return der_close(out, 0, DER_SEQUENCE);
}

/* The key that signs: the one named, the issuer certificate's, or the subject's own. */
static struct der
signing_key(const struct pki_certificate_order *order, const struct x509 *issuer)
{
    if (order->issuer_spki != NULL)
        return der_view(order->issuer_spki, order->issuer_spki_len);
    return issuer != NULL ? issuer->spki.whole
                          : der_view(order->subject_spki, order->subject_spki_len);
}

static struct error *
make_draft(const struct pki_certificate_order *order, const struct x509 *issuer,
           struct pki_draft *ret_draft)
{
    const struct signature_kind *kind = NULL;
    struct validity validity;
    AUTO_BYTES tbs = {0};
    AUTO_FILLED filled = {0};
    struct der spki = signing_key(order, issuer);
    TRY(draft_choose_algorithm(spki.p, spki.len, order->profile->digest, &kind));
    validity.from = order->now - order->profile->certificate.backdate_seconds;
    TRY(draft_not_after(&order->profile->certificate, validity.from, &validity.until));
    if (issuer != NULL)
        TRY(check_issuer_validity(order, issuer, &validity));
    TRY(pki_fields_fill(order->profile, order->fields, order->field_count, &filled));
    TRY(put_tbs(&tbs, order, &filled.certificate, issuer, kind, &validity));
    return draft_finish(&tbs, kind, spki.p, spki.len, ret_draft);
}

struct error *
pki_certificate_draft(const struct pki_certificate_order *order, struct pki_draft *ret_draft)
{
    struct x509 issuer;
    AUTO_DRAFT draft = {0};
    bool self = order->issuer_certificate == NULL;
    TRY(check_order(order));
    if (!self) {
        TRY(x509_read(order->issuer_certificate, order->issuer_certificate_len,
                      KIND_CERTIFICATE, "the issuer's certificate", &issuer));
        TRY(check_issuer(order, &issuer));
    }
    TRY(make_draft(order, self ? NULL : &issuer, &draft));
    if (!self)
        TRY(check_below(order, &issuer, &draft));
    pki_draft_clear(ret_draft);
    *ret_draft = draft;
    memset(&draft, 0, sizeof draft);
    return NULL;
}

struct error *
pki_certificate_spki(const void *der, size_t len, struct bytes *ret_spki)
{
    struct x509 x509;
    TRY(x509_read(der, len, KIND_CERTIFICATE, "the certificate", &x509));
    return bytes_copy(ret_spki, x509.spki.whole.p, x509.spki.whole.len);
}

struct error *
pki_certificate_subject(const void *der, size_t len, char **ret_text)
{
    struct x509 x509;
    AUTO_BYTES text = {0};
    TRY(x509_read(der, len, KIND_CERTIFICATE, "the certificate", &x509));
    TRY(name_append(&text, x509.subject.whole));
    return bytes_take_text(&text, ret_text);
}
