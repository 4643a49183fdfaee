/* SPDX-License-Identifier: Apache-2.0
 *
 * What was encrypted to an RSA key of a token that decrypts and does nothing else (P11_KEY_DECRYPTS):
 * RSA-OAEP (RFC 8017 7.1), MGF1 with the same hash, no label. RSA PKCS #1 v1.5 is not taken. */
#pragma once

#include <stddef.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"
#include "ceremony/base/secret.h"
#include "p11/session.h"

/* In the order in which they are tried where it is ours to choose. SoftHSM has SHA-1 only; OAEP does
 * not rest on collision resistance. */
enum p11_oaep {
    P11_OAEP_SHA256,
    P11_OAEP_SHA1,
    P11_OAEP_HASHES
};

const char *p11_oaep_name(enum p11_oaep hash); /* "SHA256" */

/* In software, to the public half (DER SPKI). Errors: input (no RSA key, or too short for that much). */
MUST_CHECK struct error *p11_oaep_encrypt(const void *spki, size_t spki_len, enum p11_oaep hash,
                                          const struct secret *plain, struct bytes *ret_cipher);
/* By the private key with that id; the user is logged in. `ret_plain`: 1 octet or more. Errors:
 * not-found, unsupported (the token has not that hash), refused (encrypted to another key, or
 * changed), token-gone. */
MUST_CHECK struct error *p11_decrypt(struct p11_session *session, const unsigned char *id,
                                     size_t id_len, enum p11_oaep hash, const void *cipher,
                                     size_t len, struct secret **ret_plain);
