/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/crl_pointer.h"

#include "ceremony/pki/x509.h"

/* A DistributionPoint, or an IssuingDistributionPoint, as far as it is looked at here. */
struct point {
    struct der names;   /* GeneralNames of distributionPoint.fullName; len 0: none */
    struct der issuers; /* GeneralNames of cRLIssuer; len 0: none */
};

static const char *
read_point(struct der fields, struct point *ret)
{
    struct der_item item;
    *ret = (struct point){0};
    while (fields.len > 0) {
        DER_TRY(der_next(&fields, &item));
        if (item.tag == DER_CONTEXT_C(0)) {
            struct der_item name;
            DER_TRY(der_next(&item.body, &name));
            if (name.tag == DER_CONTEXT_C(0))
                ret->names = name.body;
        } else if (item.tag == DER_CONTEXT_C(2)) {
            ret->issuers = item.body;
        }
    }
    return NULL;
}

/* Whether a directoryName among them is this Name. */
static bool
has_directory(struct der names, struct der wanted)
{
    struct der_item item;
    while (names.len > 0 && der_next(&names, &item) == NULL)
        if (item.tag == DER_CONTEXT_C(4) && der_equal(item.body, wanted))
            return true;
    return false;
}

static bool
share_a_name(struct der a, struct der b)
{
    struct der_item left;
    while (a.len > 0 && der_next(&a, &left) == NULL) {
        struct der_item right;
        struct der rest = b;
        while (rest.len > 0 && der_next(&rest, &right) == NULL)
            if (der_equal(left.whole, right.whole))
                return true;
    }
    return false;
}

static const char *
issuing_point(const struct x509 *crl, struct point *ret)
{
    const struct x509_extension *extension = x509_find(crl, OID_ISSUING_DISTRIBUTION_POINT);
    struct der_item outer;
    *ret = (struct point){0};
    if (extension == NULL)
        return NULL;
    DER_TRY(der_only(extension->value, DER_SEQUENCE, &outer));
    return read_point(outer.body, ret);
}

/* What is missing; NULL if nothing is. */
static const char *
look(const struct x509 *crl, const struct x509 *certificate)
{
    const struct x509_extension *extension =
        x509_find(certificate, OID_CRL_DISTRIBUTION_POINTS);
    struct point wanted;
    struct der_item list;
    bool named = false;
    DER_TRY(issuing_point(crl, &wanted));
    if (extension == NULL)
        return "it names no CRL at all";
    DER_TRY(der_only(extension->value, DER_SEQUENCE, &list));
    while (list.body.len > 0) {
        struct der_item item;
        struct point point;
        DER_TRY(der_next(&list.body, &item));
        DER_TRY(read_point(item.body, &point));
        if (!has_directory(point.issuers, crl->issuer.whole))
            continue;
        named = true;
        if (wanted.names.len == 0 || share_a_name(point.names, wanted.names))
            return NULL;
    }
    return named ? "the address beside this CRL issuer is not one of the CRL's"
                 : "it does not name this CRL issuer";
}

struct error *
pki_crl_is_pointed_at(const void *crl, size_t crl_len, const void *certificate, size_t len)
{
    struct x509 list;
    struct x509 subject;
    TRY(x509_read(crl, crl_len, KIND_CRL, "the CRL", &list));
    TRY(x509_read(certificate, len, KIND_CERTIFICATE, "the certificate", &subject));
    const char *missing = look(&list, &subject);
    return missing == NULL ? NULL : ERROR(ERROR_REFUSED, "%s", missing);
}
