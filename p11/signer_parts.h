/* SPDX-License-Identifier: Apache-2.0
 *
 * What signing a whole message and signing one in parts share; inside this folder only. */
#pragma once

#include <openssl/evp.h>

#include "p11/ck.h"
#include "p11/key.h"
#include "p11/pool.h"
#include "p11/signer.h"

#define SIGNATURE_MAX 1024U
#define ID_MAX        P11_ID_MAX
/* More than this is handed over in parts: some tokens have a limit for one call. */
#define PART_SIZE 65536UL

enum signer_kind {
    SIGNER_EC,
    SIGNER_RSA,
    SIGNER_ED25519
};

struct p11_signer {
    struct p11_pool *pool;
    CK_OBJECT_HANDLE key;
    unsigned char id[ID_MAX];
    size_t id_len;
    EVP_PKEY *public_key;
    enum signer_kind kind;
    size_t order_len; /* EC: bytes of r and of s */
    bool asks;        /* the key wants its PIN before each signature */
    struct p11_pin_source pin_source;
};

struct digest_row {
    const char *name;
    CK_MECHANISM_TYPE hash;
    CK_RSA_PKCS_MGF_TYPE mgf;
    CK_MECHANISM_TYPE pkcs1;
    CK_MECHANISM_TYPE pss;
    CK_ULONG size;
};

/* One signature being made. */
struct job {
    const struct digest_row *digest;
    bool pss;
    int salt_len;
    const unsigned char *message;
    size_t message_len;
    unsigned char hash[EVP_MAX_MD_SIZE]; /* EC: what the token gets */
    unsigned hash_len;
    CK_MECHANISM mechanism;
    CK_RSA_PKCS_PSS_PARAMS pss_params;
    unsigned char raw[SIGNATURE_MAX];
    CK_ULONG raw_len;
};

/* Digest, mechanism and its parameters. */
MUST_CHECK struct error *p11_signature_prepare(const struct p11_signer *signer,
                                               const struct p11_signing *how, struct job *job);

/* A session of the pool on which the operation is begun and, where the key wants it, its PIN was taken. Give it
 * back to the pool. */
MUST_CHECK struct error *p11_signature_begin(const struct p11_signer *signer, struct job *job,
                                             struct p11_session **ret_session);

/* A longer digest counts with its leftmost bits only (FIPS 186-5, 6.4.1). */
static inline size_t
signature_hash_len(const struct p11_signer *signer, const struct job *job)
{
    return job->hash_len < signer->order_len ? job->hash_len : signer->order_len;
}

/* A software verification of the message, with the mechanism's padding. */
bool p11_signature_begin_check(const struct p11_signer *signer, const struct job *job,
                               EVP_MD_CTX *context);
/* The raw signature as X.509 carries it, verified in software (R32): with `parts`, which has seen the
 * whole message, or (NULL) with what the job holds. */
MUST_CHECK struct error *p11_signature_check(const struct p11_signer *signer,
                                             const struct p11_session *session,
                                             const struct job *job, EVP_MD_CTX *parts,
                                             struct bytes *ret_signature);
/* The token's failure. An invalid handle: is the key gone (the token exchanged, its store lost), or
 * only the login? */
struct error *p11_signature_explain(const struct p11_signer *signer,
                                    struct p11_session *session, CK_RV rv);
