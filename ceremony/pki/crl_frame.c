/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/crl_frame.h"

#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/pki/der_write.h"
#include "ceremony/pki/draft.h"
#include "ceremony/pki/extension.h"
#include "ceremony/rules/crl_partition.h"

void
crl_frame_clear(struct crl_frame *frame)
{
    bytes_clear(&frame->head);
    bytes_clear(&frame->tail);
    bytes_clear(&frame->spki);
    memset(frame, 0, sizeof *frame);
}

/* --- what cannot be --- */

static struct error *
check_trust(const struct pki_profile *profile)
{
    const struct pki_crl_profile *crl = &profile->crl;
    const char *kind = crl->delta               ? "a delta CRL"
                       : crl->indirect          ? "an indirect CRL"
                       : crl->only_reasons != 0 ? "a CRL of some reasons only"
                                                : NULL;
    if (profile->trust == PKI_TRUST_PUBLIC && kind != NULL)
        return error_hint(ERROR(ERROR_REFUSED,
                                "a publicly trusted CA issues no such thing as "
                                "%s",
                                kind),
                          "Use a profile with trust 'private', or another kind of CRL");
    return NULL;
}

static struct error *
check_scope(const struct pki_crl_order *order)
{
    const struct pki_crl_profile *crl = &order->profile->crl;
    if (crl->only_ca_certs && crl->only_user_certs)
        return ERROR(ERROR_INPUT,
                     "a CRL cannot hold only CA certificates and only others at once");
    if (crl->delta && crl->freshest_uris.count > 0)
        return ERROR(ERROR_INPUT, "a delta CRL does not say where a delta CRL is");
    if (crl->partitions > 0
        && (crl->partitions > CRL_PARTITIONS_MAX || order->partition < 1
            || order->partition > crl->partitions))
        return ERROR(ERROR_INPUT, "partition %d of %d does not exist", order->partition,
                     crl->partitions);
    if (crl->partitions == 0 && order->partition != 0)
        return ERROR(ERROR_INPUT, "the profile \"%s\" has no partitions", order->profile->id);
    if (crl->partitions > 0 && crl->distribution_uris.count == 0)
        return ERROR(ERROR_INPUT, "a partition of a CRL needs an address of its own");
    return NULL;
}

static struct error *
check_numbers(const struct pki_crl_order *order)
{
    bool delta = order->profile->crl.delta;
    if (order->number == 0)
        return ERROR(ERROR_INPUT, "CRL numbers begin with 1");
    if (delta && (order->base_number == 0 || order->base_number >= order->number))
        return ERROR(ERROR_REFUSED,
                     "the base of a delta CRL must be an earlier CRL, and number %llu is not "
                     "before number %llu",
                     (unsigned long long)order->base_number, (unsigned long long)order->number);
    if (!delta && order->base_number != 0)
        return ERROR(ERROR_INPUT, "only a delta CRL has a base");
    return NULL;
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

/* --- extensions --- */

static struct error *
put_number_extension(struct bytes *out, uint64_t number, enum oid oid, bool critical)
{
    size_t start = out->len;
    TRY(der_put_number(out, number));
    return extension_close(out, start, oid, critical);
}

static struct error *
put_issuing_point(struct bytes *out, const struct pki_crl_order *order,
                  const struct extension_place *place)
{
    if (!pki_crl_has_scope(&order->profile->crl))
        return NULL;
    size_t start = out->len;
    TRY(extension_put_issuing_point(out, &order->profile->crl, place));
    return extension_close(out, start, OID_ISSUING_DISTRIBUTION_POINT, true);
}

static struct error *
put_freshest(struct bytes *out, const struct pki_crl_order *order,
             const struct extension_place *place)
{
    if (order->profile->crl.freshest_uris.count == 0)
        return NULL;
    size_t start = out->len;
    TRY(extension_put_points(out, &order->profile->crl.freshest_uris, place));
    return extension_close(out, start, OID_FRESHEST_CRL, false);
}

static struct error *
put_issuers_info(struct bytes *out, const struct pki_crl_order *order)
{
    if (order->profile->crl.ca_issuers_uris.count == 0)
        return NULL;
    size_t start = out->len;
    TRY(extension_put_ca_issuers(out, &order->profile->crl.ca_issuers_uris));
    return extension_close(out, start, OID_AUTHORITY_INFO_ACCESS, false);
}

static struct error *
put_expired(struct bytes *out, const struct pki_crl_order *order)
{
    if (order->profile->crl.expired_certs_from == 0)
        return NULL;
    size_t start = out->len;
    TRY(der_put_generalized_time(out, order->profile->crl.expired_certs_from));
    return extension_close(out, start, OID_EXPIRED_CERTS_ON_CRL, false);
}

struct error *
crl_put_extensions(struct bytes *out, const struct pki_crl_order *order,
                   struct der issuer_key_id)
{
    size_t start = out->len;
    const struct extension_place place = {order->partition, issuer_key_id};
    TRY(extension_put_authority_key(out, issuer_key_id, false));
    TRY(put_number_extension(out, order->number, OID_CRL_NUMBER, false));
    if (order->profile->crl.delta)
        TRY(put_number_extension(out, order->base_number, OID_DELTA_CRL_INDICATOR, true));
    TRY(put_issuing_point(out, order, &place));
    TRY(put_freshest(out, order, &place));
    TRY(put_issuers_info(out, order));
    TRY(put_expired(out, order));
    return der_close(out, start, DER_SEQUENCE);
}

/* --- all of it --- */

static struct error *
put_head(struct bytes *out, const struct pki_crl_order *order, const struct x509 *issuer,
         const struct crl_frame *frame)
{
    TRY(der_put_number(out, 1)); /* v2 */
    TRY(der_put_raw(out, der_view(frame->kind->der, frame->kind->der_len)));
    TRY(der_put_raw(out, issuer->subject.whole));
    TRY(der_put_time(out, order->this_update));
    return der_put_time(out, frame->next_update);
}

struct error *
crl_frame_make(const struct pki_crl_order *order, struct crl_frame *ret_frame)
{
    struct x509 issuer;
    AUTO_CRL_FRAME frame = {0};
    if (order->profile->kind != PKI_PROFILE_CRL)
        return ERROR(ERROR_INPUT, "profile \"%s\" is not for CRLs", order->profile->id);
    TRY(check_trust(order->profile));
    TRY(check_scope(order));
    TRY(check_numbers(order));
    TRY(x509_read(order->issuer_certificate, order->issuer_certificate_len, KIND_CERTIFICATE,
                  "the issuer's certificate", &issuer));
    TRY(draft_choose_algorithm(issuer.spki.whole.p, issuer.spki.whole.len,
                               order->profile->digest, order->profile->pss, &frame.kind));
    TRY(draft_next_update(&order->profile->crl, order->this_update, &frame.next_update));
    TRY(check_issuer(&issuer, order->this_update, frame.next_update));
    TRY(put_head(&frame.head, order, &issuer, &frame));
    TRY(crl_put_extensions(&frame.tail, order, x509_ski(&issuer)));
    TRY(der_close(&frame.tail, 0, DER_CONTEXT_C(0)));
    TRY(bytes_copy(&frame.spki, issuer.spki.whole.p, issuer.spki.whole.len));
    crl_frame_clear(ret_frame);
    *ret_frame = frame;
    memset(&frame, 0, sizeof frame);
    return NULL;
}
