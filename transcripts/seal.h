/* SPDX-License-Identifier: Apache-2.0
 *
 * The seal of an evidence folder: SHA256SUMS (every file but itself and the two signature files,
 * `sha256sum -c` format, sorted), and detached CMS signatures over it in DER with parallel signers.
 * (R93-R95) */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"

#define SEAL_SUMS       "SHA256SUMS"
#define SEAL_SIGNATURE  "SHA256SUMS.p7s"
#define SEAL_CUSTODIANS "custodians.p7s"
#define SEAL_DEVICE_KEYS                                                                       \
    "device-keys/" /* private keys of devices, wrapped for their recipient */

/* Writes SHA256SUMS (replacing an older one), leaving out itself, both signatures, and `addenda/`. */
MUST_CHECK struct error *seal_write_sums(const char *folder);

struct seal_check {
    char *file;        /* as in the sums, or found beside them */
    const char *fault; /* NULL: right; "missing", "changed", "not listed" */
};

/* What a public extract leaves out: the three confidential files, and what is in the folder SEAL_DEVICE_KEYS. */
bool seal_is_confidential(const char *name);
/* Compares folder and sums; the caller frees with seal_checks_free. `public_extract`: what is
 * confidential may be absent. */
MUST_CHECK struct error *seal_check_sums(const char *folder, bool public_extract,
                                         struct seal_check **ret_checks, size_t *ret_count);
void seal_checks_free(struct seal_check *checks, size_t count);

/* Adds one signer to the CMS over SHA256SUMS in `signature` (made if it does not exist, replaced
 * atomically otherwise). Signed attributes: content type, message digest, signing time, signing
 * certificate. `context` is where `key` lives (NULL: default). The new signature is verified. The
 * same certificate twice is refused. */
MUST_CHECK struct error *seal_sign(const char *folder, const char *signature, EVP_PKEY *key,
                                   X509 *certificate, OSSL_LIB_CTX *context);

struct seal_signer {
    char subject[256]; /* safe to show */
    char certificate_sha256[65];
    char signing_time[32]; /* RFC 3339 or "" */
    bool valid;
};
/* Every signer of the CMS, verified against the certificates inside it (trust is by fingerprint, as
 * recorded in the transcript; no CA). */
MUST_CHECK struct error *seal_signers(const char *folder, const char *signature,
                                      struct seal_signer **ret_signers, size_t *ret_count);

/* A certificate that a recorder or person signs off with: self-signed, `subject_cn`, valid ten
 * years from `not_before` (seconds since 1970), digitalSignature. DER. */
MUST_CHECK struct error *seal_certificate_make(EVP_PKEY *signing_key, EVP_PKEY *public_key,
                                               OSSL_LIB_CTX *context, const char *subject_cn,
                                               int64_t not_before, struct bytes *ret_der);
/* ECDSA or RSA with SHA-256 over `data`, as `openssl dgst -sha256 -verify` checks it. */
MUST_CHECK struct error *seal_sign_bytes(EVP_PKEY *key, OSSL_LIB_CTX *context, const void *data,
                                         size_t len, struct bytes *ret_signature);
MUST_CHECK struct error *seal_verify_bytes(EVP_PKEY *public_key, const void *data, size_t len,
                                           const void *signature, size_t signature_len);
/* PEM files of a person's own key and certificate (rehearsal). The caller frees. */
MUST_CHECK struct error *seal_load_signer(const char *key_file, const char *certificate_file,
                                          EVP_PKEY **ret_key, X509 **ret_certificate);
