/* SPDX-License-Identifier: Apache-2.0
 *
 * Requests (PKCS#10, RFC 2986) between two ceremonies: the one that made the key of a subordinate,
 * and the one that certifies it. They carry a name and a public key; everything else comes from the
 * profile of the one who signs (R68). */
#pragma once

#include "ceremony/pki/pki.h"
#include "ceremony/pki/profile.h"

/* A request for `spki`, subject from the profile, no attributes, signed by `key` in `context` and
 * verified in software (R32). Errors: as name and signature. */
MUST_CHECK struct error *pki_request_make(const struct pki_profile *profile, const void *spki,
                                          size_t spki_len, bool practice, EVP_PKEY *key,
                                          OSSL_LIB_CTX *context, struct bytes *ret_der);

struct pki_ca_request {
    struct bytes spki;
    struct bytes subject; /* DER Name */
    char *subject_text;   /* safe */
};

void pki_ca_request_clear(struct pki_ca_request *request);
#define AUTO_CA_REQUEST __attribute__((cleanup(pki_ca_request_clear))) struct pki_ca_request

/* Reads a request strictly: DER, the lint rows for requests, and that the key inside signed it (R62).
 * Errors: input (not a request), verification (a fault, named). */
MUST_CHECK struct error *pki_ca_request_read(const void *der, size_t len,
                                             struct pki_ca_request *ret_request);
