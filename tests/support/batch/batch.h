/* SPDX-License-Identifier: Apache-2.0
 *
 * What the tests of the signing line share: an issuer with a software key that signs as a token would,
 * a device profile, and a feed of requests made on the spot. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "ceremony/batch/line.h"
#include "ceremony/pki/algorithm.h"
#include "ceremony/script/script_read.h"

#define BATCH_NOW INT64_C(1795443727) /* 2026-11-23 14:22:07Z */

struct batch_issuer {
    EVP_PKEY *key;
    struct bytes spki;
    struct bytes certificate; /* DER */
    char spki_sha256[65];
    const char *digest;
    int fail_at; /* the signature with this number fails; 0: none */
    int lie_at;  /* ... is wrong */
    int signed_count;
};

/* A root of this type of key ("ec-p256"), marked as practice or not. */
MUST_CHECK struct error *batch_issuer_make(struct batch_issuer *issuer, const char *key_type,
                                           bool practice);
/* For a key that is there already, in this context; `file` is a scratch file. */
MUST_CHECK struct error *batch_issuer_certify(struct batch_issuer *issuer, const char *file,
                                              bool practice, OSSL_LIB_CTX *context);
void batch_issuer_clear(struct batch_issuer *issuer);
/* Signs and verifies, from any thread. */
struct batch_signer batch_issuer_signer(struct batch_issuer *issuer);

/* A profile from YAML text, read by the program's own reader; faults are errors. */
MUST_CHECK struct error *batch_profile(const char *file, const char *text,
                                       struct pki_profile **ret_profile);
/* Devices by serial number: O, CN, serialNumber, for ever. */
extern const char batch_device_profile[];

/* `count` items with P-256 keys that follow from `seed` and the number; every `refuse`-th is refused
 * (0: none). Device N is "SN-000000N". */
struct batch_test_feed {
    uint64_t next;
    uint64_t count;
    uint64_t refuse;
    unsigned seed;
    bool quick; /* octets instead of points; not for checks of keys */
};

struct batch_feed batch_test_feed(struct batch_test_feed *feed);
const char *batch_test_code(unsigned code);
/* What a token calls the digest of such a key: "SHA256"; NULL for Ed25519. */
const char *batch_token_digest(const struct key_kind *kind);
