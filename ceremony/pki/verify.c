/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/verify.h"

#include "ceremony/pki/build.h"

struct error *
verify_object(const struct x509 *x509, struct der spki, const struct pki_passing *passing)
{
    if (x509->kind != KIND_REQUEST
        && !der_equal(x509->inner_algorithm.whole, x509->outer_algorithm.whole))
        return ERROR(ERROR_VERIFICATION,
                     "the signature algorithm is not the one named inside the signed bytes");
    const struct signature_kind *kind = signature_kind_of(x509->outer_algorithm.whole);
    if (kind == NULL)
        return ERROR(ERROR_VERIFICATION, "the signature algorithm is not known here");
    if (kind->weak)
        return ERROR(ERROR_VERIFICATION, "the signature algorithm %s is too weak",
                     kind->describe);
    if (x509->signature.body.p[0] != 0)
        return ERROR(ERROR_VERIFICATION, "the signature is not whole octets");
    struct der signature = der_view(x509->signature.body.p + 1, x509->signature.body.len - 1);
    return verify_with(spki.p, spki.len, kind->digest[0] == '\0' ? NULL : kind->digest,
                       kind->pss, x509->tbs.whole, signature, passing);
}

/* The object is of `kind`, names the issuer, and is signed by its key. */
static struct error *
verify_by_issuer(const struct x509 *x509, const void *issuer, size_t issuer_len,
                 const char *object)
{
    struct x509 signer;
    TRY(x509_read(issuer, issuer_len, KIND_CERTIFICATE, "the issuer's certificate", &signer));
    if (!der_equal(x509->issuer.whole, signer.subject.whole))
        return ERROR(ERROR_VERIFICATION,
                     "%s names another issuer than the certificate it is checked with", object);
    return verify_object(x509, signer.spki.whole, NULL);
}

struct error *
pki_certificate_verify(const void *der, size_t len, const void *issuer, size_t issuer_len)
{
    struct x509 x509;
    TRY(x509_read(der, len, KIND_CERTIFICATE, "the certificate", &x509));
    if (issuer == NULL)
        return verify_by_issuer(&x509, der, len, "the certificate");
    return verify_by_issuer(&x509, issuer, issuer_len, "the certificate");
}

struct error *
pki_crl_verify(const void *der, size_t len, const void *issuer, size_t issuer_len)
{
    struct x509 x509;
    TRY(x509_read(der, len, KIND_CRL, "the CRL", &x509));
    return verify_by_issuer(&x509, issuer, issuer_len, "the CRL");
}
