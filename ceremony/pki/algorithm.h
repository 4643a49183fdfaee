/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys and signatures as tables of exact bytes (R49, BR 7.1.3): what is not in these tables is not
 * made here. A new algorithm is a new row. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ceremony/base/error.h"
#include "ceremony/pki/der.h"

enum key_family {
    KEY_RSA,
    KEY_EC,
    KEY_ED25519,
    KEY_ED448
};

struct key_kind {
    const char *type;     /* "ec-p384" */
    const char *describe; /* "EC P-384" */
    enum key_family family;
    int bits;
    const char *group;              /* OpenSSL's name of the curve, or NULL */
    const char *digest;             /* "sha384"; RSA: the default; "" for Ed25519 */
    const unsigned char *algorithm; /* DER AlgorithmIdentifier in the SPKI */
    size_t algorithm_len;
};

struct signature_kind {
    const char *describe; /* "ECDSA with SHA-384" */
    enum key_family family;
    const char *digest;
    bool pss;
    bool weak;                /* known, so that it can be named and refused */
    const unsigned char *der; /* DER AlgorithmIdentifier */
    size_t der_len;
};

const struct key_kind *key_kind_by_type(const char *type);
/* From a DER SPKI whose algorithm and size are exactly a row's; NULL if none. */
const struct key_kind *key_kind_of_spki(struct der spki);
/* The modulus of an RSA SPKI without zeros in front; len 0: it is none that can be read. */
struct der key_rsa_modulus(struct der spki);
/* The size of an RSA modulus in bits (0: not an RSA SPKI that can be read). */
size_t key_rsa_bits(struct der spki);
/* Parts of a SubjectPublicKeyInfo: the algorithm element and the key bits without the count of
 * unused bits. */
MUST_CHECK const char *key_split_spki(struct der spki, struct der_item *ret_algorithm,
                                      struct der *ret_bits);
/* What a key of this kind signs with; `digest` "" or NULL: the kind's own; `pss` for RSA only. NULL if
 * the kind cannot use it. */
const struct signature_kind *signature_kind_for(const struct key_kind *key, const char *digest,
                                                bool pss);
/* By exact bytes of an AlgorithmIdentifier; NULL if unknown. */
const struct signature_kind *signature_kind_of(struct der algorithm);
