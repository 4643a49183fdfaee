/* SPDX-License-Identifier: Apache-2.0
 *
 * Two-phase signing (R36). A draft holds the exact to-be-signed bytes and the same bytes signed by a
 * throw-away key, so that lint and eyes see a whole object. After approval the very same bytes are
 * signed by the real key and put together; nothing is encoded twice. Every `ret_` buffer is
 * zero-initialised by the caller; what it held is replaced. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"
#include "ceremony/pki/field.h"
#include "ceremony/pki/profile.h"

struct pki_draft {
    struct bytes tbs;       /* DER TBSCertificate or TBSCertList */
    struct bytes algorithm; /* DER AlgorithmIdentifier, equal to the one inside tbs */
    struct bytes specimen;  /* complete DER, signed by the throw-away key */
    char digest[16];        /* "sha384", "" for Ed25519 */
    bool pss;               /* RSASSA-PSS, salt as long as the digest */
    char tbs_sha256[65];
    char tbs_sha384[97];
}; /* zero-initialise: AUTO_DRAFT draft = {0}; what it held is cleared */

void pki_draft_clear(struct pki_draft *draft);
#define AUTO_DRAFT __attribute__((cleanup(pki_draft_clear))) struct pki_draft

struct pki_certificate_order {
    const struct pki_profile *profile;
    const void *subject_spki; /* DER */
    size_t subject_spki_len;
    const void *issuer_certificate; /* DER; NULL: self-signed */
    size_t issuer_certificate_len;
    const void
        *issuer_spki; /* DER of the key that will sign; NULL: the issuer certificate's, or
                              * the subject's own */
    size_t issuer_spki_len;
    const unsigned char *serial; /* big-endian, positive, <= 20 octets */
    size_t serial_len;
    int64_t now; /* seconds since 1970: notBefore before backdating */
    bool
        practice; /* the subject's CN (or O) begins with "PRACTICE ", or where it has neither, its
                    * issuer's does (R4) */
    /* A certificate of the same key, for a profile with subject_of_existing; else NULL. */
    const void *existing_certificate;
    size_t existing_certificate_len;
    const struct pki_field_value *fields; /* what the item brings (R68) */
    size_t field_count;
};
/* With an issuer certificate: its subject is copied byte for byte (R48), the authority key identifier
 * is its subject key identifier (R50), and what it does not allow is refused: certificates at all, a
 * path length (RFC 5280 6.1.4 (l); a self-issued certificate does not count), names outside its name
 * constraints, a beginning before its own, a signature after its end, an end after its own unless the
 * profile gives the reason (R51). Refused too: a subordinate under the issuer's own key that is not
 * self-issued. */
MUST_CHECK struct error *pki_certificate_draft(const struct pki_certificate_order *order,
                                               struct pki_draft *ret_draft);

/* Dates that an entry of a CRL can have: the years 1950 to 9999. */
#define PKI_ENTRY_FROM  INT64_C(-631152000)
#define PKI_ENTRY_UNTIL INT64_C(253402300799)

struct pki_revocation {
    unsigned char serial[20];
    size_t serial_len;
    int64_t date;
    int reason;                  /* -1: none */
    int64_t invalidity_date;     /* 0: none */
    const unsigned char *issuer; /* DER Name of another issuer (indirect CRLs); NULL: the own */
    size_t issuer_len;
};

struct pki_crl_order {
    const struct pki_profile *profile;
    const void *issuer_certificate; /* DER */
    size_t issuer_certificate_len;
    uint64_t number;
    uint64_t base_number; /* of a delta CRL, below `number`; 0: none */
    int partition;        /* 1 .. the profile's partitions; 0: none */
    int64_t this_update;
    const struct pki_revocation *revocations; /* sorted by serial in the CRL */
    size_t revocation_count;
};
MUST_CHECK struct error *pki_crl_draft(const struct pki_crl_order *order,
                                       struct pki_draft *ret_draft);

/* Signs the draft's bytes, verifies the signature in software with `spki` (R32), puts the object
 * together, and proves that its TBS bytes are the draft's. */
MUST_CHECK struct error *pki_draft_sign(const struct pki_draft *draft, EVP_PKEY *key,
                                        OSSL_LIB_CTX *context, const void *spki,
                                        size_t spki_len, struct bytes *ret_der);
/* The TBS bytes of a certificate, CRL or request: a view into `der`. */
MUST_CHECK struct error *pki_tbs_of(const void *der, size_t len, const unsigned char **ret_tbs,
                                    size_t *ret_len);
/* A draft made again from recorded TBS bytes (resume): same bytes, specimen rebuilt. */
MUST_CHECK struct error *pki_draft_from_tbs(const void *tbs, size_t len, const void *spki,
                                            size_t spki_len, struct pki_draft *ret_draft);

/* Random serial, 64 .. 159 bits, positive, first byte never zero (R47). */
MUST_CHECK struct error *pki_serial_make(int bits, unsigned char ret_serial[20],
                                         size_t *ret_len);
/* When the object a draft or DER holds is valid: certificate dates, or thisUpdate/nextUpdate. */
MUST_CHECK struct error *pki_validity_of(const void *der, size_t len, int64_t *ret_from,
                                         int64_t *ret_until);

/* Signed by `issuer` (DER certificate; NULL: self-signed), in software. */
MUST_CHECK struct error *pki_certificate_verify(const void *der, size_t len, const void *issuer,
                                                size_t issuer_len);
MUST_CHECK struct error *pki_crl_verify(const void *der, size_t len, const void *issuer,
                                        size_t issuer_len);
/* DER SPKI and subject of a certificate. */
MUST_CHECK struct error *pki_certificate_spki(const void *der, size_t len,
                                              struct bytes *ret_spki);
MUST_CHECK struct error *pki_certificate_subject(const void *der, size_t len, char **ret_text);
/* PEM armour: label "CERTIFICATE", "X509 CRL". */
MUST_CHECK struct error *pki_pem(const char *label, const void *der, size_t len,
                                 struct bytes *ret_pem);
/* DER from a file's bytes that are DER or PEM (one block). `ret_label`: "CERTIFICATE", "X509 CRL",
 * "CERTIFICATE REQUEST"; for DER it is found from the structure. */
MUST_CHECK struct error *pki_from_file(const void *data, size_t len, struct bytes *ret_der,
                                       char ret_label[32]);
