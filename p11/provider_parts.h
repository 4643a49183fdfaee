/* SPDX-License-Identifier: Apache-2.0
 *
 * Internal to this folder: what the provider's files share. */
#pragma once

#include <openssl/core.h>
#include <openssl/x509.h>

#include "p11/provider.h"
#include "p11/signer.h"

#define PROVIDER_NAME       "p11"
#define PROVIDER_PROPERTIES "provider=p11"
/* A name that nobody else has: by a common one OpenSSL would take the default provider's signature,
 * hand it the public key, and fail when signing (FACTS 3, pitfall 2). */
#define PROVIDER_SIGNATURE "P11-SIGNATURE"
/* The only thing a key can be made of: an octet string that holds a struct p11_signer *. */
#define PROVIDER_KEY_PARAM "p11-key"

/* A key as OpenSSL holds it. */
struct provider_key {
    struct p11_signer *signer;
};

extern const OSSL_ALGORITHM provider_keymgmt[];
extern const OSSL_ALGORITHM provider_signatures[];

/* Keeps the error for p11_provider_take_error (the last one wins) and leaves a mark in OpenSSL's
 * queue. */
void provider_failed(struct p11_provider *provider, struct error *error);

/* Complete AlgorithmIdentifier in DER, or -1: X509_sign_ctx copies it into the certificate. */
int provider_algorithm(EVP_PKEY *public_key, const struct p11_signing *how,
                       unsigned char **ret_der);
