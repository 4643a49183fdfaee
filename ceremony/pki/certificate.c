/* SPDX-License-Identifier: Apache-2.0
 *
 * The TBSCertificate of an order. */
#include <string.h>

#include "ceremony/pki/der_write.h"
#include "ceremony/pki/draft.h"
#include "ceremony/pki/extension.h"
#include "ceremony/pki/name.h"
#include "ceremony/pki/pki.h"
#include "ceremony/pki/x509.h"
#include "ceremony/rules/crl_partition.h"

static struct error *
check_key(const struct pki_certificate_order *order)
{
    const struct pki_texts *keys = &order->profile->certificate.keys;
    const struct key_kind *kind =
        key_kind_of_spki(der_view(order->subject_spki, order->subject_spki_len));
    if (kind == NULL)
        return ERROR(ERROR_UNSUPPORTED,
                     "the subject's key is of a kind or size that is not used here");
    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->items[i], kind->type) == 0)
            return NULL;
    if (keys->count == 0)
        return NULL;
    return ERROR(ERROR_REFUSED, "profile \"%s\" is not for keys of the type %s",
                 order->profile->id, kind->describe);
}

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
    TRY(check_key(order));
    if (order->issuer_certificate == NULL && order->issuer_spki != NULL
        && !der_is_bytes(der_view(order->issuer_spki, order->issuer_spki_len),
                         order->subject_spki, order->subject_spki_len))
        return ERROR(ERROR_INPUT,
                     "a self-signed certificate needs its own key as the issuer's");
    return NULL;
}

static struct error *
put_validity(struct bytes *out, const struct draft_validity *validity)
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

/* The certificates around the one that is drafted. */
struct around {
    const struct x509 *issuer;   /* NULL: self-signed */
    const struct x509 *existing; /* NULL: none */
};

/* The key identifiers of subject and issuer (R50), the partition of its CRL (R54). */
static struct error *
find_keys(const struct pki_certificate_order *order, const struct around *around,
          struct extension_keys *ret_keys)
{
    TRY(pki_spki_ski(order->subject_spki, order->subject_spki_len,
                     (int)order->profile->certificate.ski_method, ret_keys->subject_ski));
    struct der own = der_view(ret_keys->subject_ski, sizeof ret_keys->subject_ski);
    ret_keys->existing_ski =
        around->existing != NULL ? x509_ski(around->existing) : (struct der){0};
    if (ret_keys->existing_ski.len > 0)
        own = ret_keys->existing_ski;
    ret_keys->issuer_ski = around->issuer != NULL ? x509_ski(around->issuer) : own;
    ret_keys->crl.partition = crl_partition_of(order->serial, order->serial_len,
                                               order->profile->certificate.crl_partitions);
    ret_keys->crl.issuer = ret_keys->issuer_ski;
    ret_keys->practice = order->practice;
    return NULL;
}

/* A subject that cannot carry the practice mark stands below an issuer that does (R4). */
static struct error *
put_subject(struct bytes *out, const struct pki_certificate_profile *p,
            const struct around *around, bool practice)
{
    bool marked = around->issuer != NULL && name_is_marked(around->issuer->subject.whole);
    if (around->existing != NULL) {
        if (practice && !name_is_marked(around->existing->subject.whole))
            return ERROR(ERROR_REFUSED,
                         "the existing certificate is not marked as practice, so it has no "
                         "place in a rehearsal");
        return der_put_raw(out, around->existing->subject.whole);
    }
    if (practice && marked && !name_can_be_marked(&p->subject))
        practice = false;
    TRY_DOING(name_put(out, &p->subject, practice), "writing the subject");
    return NULL;
}

/* `p` has its fields filled in. */
static struct error *
put_tbs(struct bytes *out, const struct pki_certificate_order *order,
        const struct pki_certificate_profile *p, const struct around *around,
        const struct signature_kind *kind, const struct draft_validity *validity)
{
    AUTO_BYTES subject = {0};
    struct extension_keys keys;
    TRY(put_subject(&subject, p, around, order->practice));
    TRY(find_keys(order, around, &keys));
    TRY(put_version(out));
    TRY(der_put_unsigned(out, order->serial, order->serial_len));
    TRY(der_put_raw(out, der_view(kind->der, kind->der_len)));
    /* Byte for byte the issuer's own subject (R48). */
    TRY(der_put_raw(out, around->issuer != NULL ? around->issuer->subject.whole
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
make_draft(const struct pki_certificate_order *order, const struct around *around,
           struct pki_draft *ret_draft)
{
    const struct signature_kind *kind = NULL;
    const struct pki_profile *profile = order->profile;
    struct draft_validity validity;
    AUTO_BYTES tbs = {0};
    AUTO_FILLED filled = {0};
    struct der spki = signing_key(order, around->issuer);
    TRY(draft_choose_algorithm(spki.p, spki.len, profile->digest, profile->pss, &kind));
    validity.from = draft_not_before(&profile->certificate, order->now);
    TRY(draft_not_after(&profile->certificate, validity.from, &validity.until));
    if (around->issuer != NULL)
        TRY(issuer_check_validity(order, around->issuer, &validity));
    TRY(pki_fields_fill(profile, order->fields, order->field_count, &filled));
    TRY(put_tbs(&tbs, order, &filled.certificate, around, kind, &validity));
    return draft_finish(&tbs, kind, spki.p, spki.len, ret_draft);
}

/* The existing certificate that a cross-certificate or a renewal of the same key repeats (P2). */
static struct error *
read_existing(const struct pki_certificate_order *order, struct x509 *ret_existing,
              struct around *ret_around)
{
    bool wanted = order->profile->certificate.subject_of_existing;
    if (wanted != (order->existing_certificate != NULL))
        return ERROR(ERROR_INPUT,
                     wanted ? "profile \"%s\" takes the subject of an existing certificate, "
                              "and there is none"
                            : "profile \"%s\" does not take the subject of an existing "
                              "certificate",
                     order->profile->id);
    if (!wanted)
        return NULL;
    TRY(x509_read(order->existing_certificate, order->existing_certificate_len,
                  KIND_CERTIFICATE, "the existing certificate", ret_existing));
    if (!der_is_bytes(ret_existing->spki.whole, order->subject_spki, order->subject_spki_len))
        return ERROR(ERROR_REFUSED, "the existing certificate is for another key");
    ret_around->existing = ret_existing;
    return NULL;
}

struct error *
pki_certificate_draft(const struct pki_certificate_order *order, struct pki_draft *ret_draft)
{
    struct x509 issuer;
    struct x509 existing;
    struct around around = {0};
    AUTO_DRAFT draft = {0};
    TRY(check_order(order));
    TRY(read_existing(order, &existing, &around));
    if (order->issuer_certificate != NULL) {
        TRY(x509_read(order->issuer_certificate, order->issuer_certificate_len,
                      KIND_CERTIFICATE, "the issuer's certificate", &issuer));
        TRY(issuer_check(order, &issuer));
        around.issuer = &issuer;
    }
    TRY(make_draft(order, &around, &draft));
    if (around.issuer != NULL)
        TRY(issuer_check_draft(order, &issuer, &draft));
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
