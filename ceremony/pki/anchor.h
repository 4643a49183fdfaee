/* SPDX-License-Identifier: Apache-2.0
 *
 * A trust anchor in the forms that devices keep it in: the self-signed certificate, its
 * SubjectPublicKeyInfo, and the bare public key for those that have no room to parse anything. */
#pragma once

#include <stddef.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"

struct pki_anchor {
    struct bytes certificate; /* DER */
    struct bytes spki;        /* DER */
    struct bytes key;      /* EC: the uncompressed point, 0x04 before X and Y; RSA: the modulus,
                               * big-endian, without leading zeros; EdDSA: the octets of RFC 8032 */
    struct bytes exponent; /* RSA: big-endian, without leading zeros; else empty */
    const char *key_form;  /* "EC point, uncompressed", in words */
    char certificate_sha256[65];
    char spki_sha256[65];
    char key_sha256[65]; /* of `key` */
}; /* zero-initialise: AUTO_ANCHOR anchor = {0}; what it held is cleared */

void pki_anchor_clear(struct pki_anchor *anchor);
#define AUTO_ANCHOR __attribute__((cleanup(pki_anchor_clear))) struct pki_anchor

/* From a CA certificate (DER) that is signed by its own key, which is verified. Refused: any other
 * certificate; an EC point that is compressed. */
MUST_CHECK struct error *pki_anchor_export(const void *certificate, size_t len,
                                           struct pki_anchor *ret_anchor);
