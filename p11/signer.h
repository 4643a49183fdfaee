/* SPDX-License-Identifier: Apache-2.0
 *
 * Signing with one key of a token, without OpenSSL's object layer: what the provider stands on, and
 * the batch line. A whole message goes in, never a digest (R33); out comes the signature as X.509
 * carries it, verified in software with the public key (R32). Safe from several threads at once:
 * each operation has a session of its own. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include <openssl/evp.h>

#include "ceremony/base/byte_source.h"
#include "ceremony/base/bytes.h"
#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"
#include "p11/session.h"

struct p11_signer;

struct p11_signing {
    const char *digest; /* "SHA256", "SHA384", "SHA512"; NULL for Ed25519, which has none */
    bool pss;           /* RSA only: RSASSA-PSS, MGF1 with the same digest */
    int salt_len;       /* PSS: bytes; -1 for the digest's length */
};

/* The private key with `id` on the token of `session`'s slot, the user logged in, and its public key
 * as DER SPKI. The login must last as long as it signs. A key that wants its PIN before each signature asks
 * the session's pin source, from the thread that signs. Errors: not-found, refused (several, or a key that
 * wants a PIN and a session without a source), input (SPKI). */
MUST_CHECK struct error *p11_signer_new(struct p11_session *session, const unsigned char *id,
                                        size_t id_len, const void *spki, size_t spki_len,
                                        struct p11_signer **ret_signer);
void p11_signer_free(struct p11_signer *signer);
DEFINE_AUTO(p11_signer, p11_signer_free);

/* Borrowed; a software key in OpenSSL's default context. */
EVP_PKEY *p11_signer_public_key(const struct p11_signer *signer);

/* Overwrites `ret_signature`. Errors: unsupported (digest or padding that the key is not pinned to),
 * token (failed, or the signature is wrong: nothing of it is given out), token-gone; where the key
 * wants its PIN, pin-last, pin-locked, and those of the pin source. */
MUST_CHECK struct error *p11_signer_sign(struct p11_signer *signer,
                                         const struct p11_signing *how, const void *message,
                                         size_t len, struct bytes *ret_signature);
/* The same for a message that comes in parts and is never held as a whole (but for Ed25519, which
 * takes 64 MiB). An error of the source is handed up, and nothing is signed. */
MUST_CHECK struct error *p11_signer_sign_parts(struct p11_signer *signer,
                                               const struct p11_signing *how,
                                               const struct byte_source *message,
                                               struct bytes *ret_signature);
