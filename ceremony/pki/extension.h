/* SPDX-License-Identifier: Apache-2.0
 *
 * The extensions that a profile can express, as DER. */
#pragma once

#include "ceremony/base/bytes.h"
#include "ceremony/pki/der.h"
#include "ceremony/pki/profile.h"

/* What an address of a CRL may name (R54). */
struct extension_place {
    int partition; /* "{partition}": of the certificate's serial number; 0: the CRL has none */
    struct der issuer; /* "{issuer}": the issuer's key identifier */
};

struct extension_keys {
    unsigned char subject_ski[20];
    struct der
        existing_ski; /* that of an existing certificate of the same key, which goes before */
    struct der
        issuer_ski; /* contents of the issuer's keyIdentifier; self-signed: the own one */
    struct extension_place crl; /* of its CRL */
    bool practice;              /* the name of another CRL issuer carries the mark (R4) */
};

/* One Extension around the value that `out` holds since `start`. */
MUST_CHECK struct error *extension_close(struct bytes *out, size_t start, int oid,
                                         bool critical);
/* The SEQUENCE OF Extension of a certificate, in this order: basicConstraints, keyUsage, extKeyUsage,
 * subjectKeyIdentifier, authorityKeyIdentifier, subjectAltName, certificatePolicies,
 * cRLDistributionPoints, freshestCRL, authorityInfoAccess, nameConstraints, ocspNoCheck, noRevAvail. */
MUST_CHECK struct error *extensions_put(struct bytes *out,
                                        const struct pki_certificate_profile *profile,
                                        const struct extension_keys *keys);
MUST_CHECK struct error *extension_put_authority_key(struct bytes *out, struct der key_id,
                                                     bool critical);
/* DistributionPointName with fullName, as in CDP and IDP; marks are filled in. */
MUST_CHECK struct error *extension_put_point_name(struct bytes *out,
                                                  const struct pki_texts *uris,
                                                  const struct extension_place *place);
/* The value of a CRLDistributionPoints or freshestCRL: one point. */
MUST_CHECK struct error *extension_put_points(struct bytes *out, const struct pki_texts *uris,
                                              const struct extension_place *place);
/* The value of an authorityInfoAccess that says where the issuer's certificate is. */
MUST_CHECK struct error *extension_put_ca_issuers(struct bytes *out,
                                                  const struct pki_texts *uris);
/* The value of an IssuingDistributionPoint (RFC 5280 5.2.5). */
MUST_CHECK struct error *extension_put_issuing_point(struct bytes *out,
                                                     const struct pki_crl_profile *profile,
                                                     const struct extension_place *place);
