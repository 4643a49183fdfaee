/* SPDX-License-Identifier: Apache-2.0
 *
 * Ownership of OpenSSL objects in our notation; inside pki/ only. */
#pragma once

#include <openssl/evp.h>

#include "ceremony/base/cleanup.h"

static inline void
ossl_free_pkey(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}

static inline void
ossl_free_md_ctx(EVP_MD_CTX **context)
{
    EVP_MD_CTX_free(*context);
}

static inline void
ossl_free_pkey_ctx(EVP_PKEY_CTX **context)
{
    EVP_PKEY_CTX_free(*context);
}

#define AUTO_PKEY     __attribute__((cleanup(ossl_free_pkey))) EVP_PKEY *
#define AUTO_MD_CTX   __attribute__((cleanup(ossl_free_md_ctx))) EVP_MD_CTX *
#define AUTO_PKEY_CTX __attribute__((cleanup(ossl_free_pkey_ctx))) EVP_PKEY_CTX *
