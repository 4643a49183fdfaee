/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys on a token as EVP_PKEY: a small OpenSSL provider in a library context of its own, because in
 * the default context it would capture the token's own OpenSSL calls (FACTS 3). Certificates, CRLs
 * and CMS are then ordinary OpenSSL code taking (EVP_PKEY *, OSSL_LIB_CTX *). Every signature is
 * verified in software with the public key before it leaves (R32); a wrong one is a token error and
 * the caller of EVP_DigestSign* sees a failure: ask p11_provider_take_error for the reason. */
#pragma once

#include <stddef.h>

#include <openssl/evp.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"
#include "p11/session.h"

struct p11_provider;

/* One per process at a time. */
MUST_CHECK struct error *p11_provider_new(struct p11_provider **ret_provider);
/* After all its keys are freed, before the modules are closed. */
void p11_provider_free(struct p11_provider *provider);
DEFINE_AUTO(p11_provider, p11_provider_free);

/* The context to sign in: EVP_DigestSignInit_ex(..., lib, NULL, key, NULL). */
OSSL_LIB_CTX *p11_provider_context(struct p11_provider *provider);

/* The private key with `id` on the token of `session`'s slot (logged in as user) and its public key
 * as DER SPKI. Signing opens its own sessions from a pool on that slot; the login must last. */
MUST_CHECK struct error *p11_provider_key(struct p11_provider *provider,
                                          struct p11_session *session, const unsigned char *id,
                                          size_t id_len, const void *spki, size_t spki_len,
                                          EVP_PKEY **ret_key);
/* The error of the token behind the last failed signature, taken (NULL: there was none). */
struct error *p11_provider_take_error(struct p11_provider *provider);
