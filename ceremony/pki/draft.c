/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/draft.h"

#include <stdio.h>
#include <string.h>

#include <openssl/sha.h>

#include "ceremony/base/encode.h"
#include "ceremony/pki/der_write.h"
#include "ceremony/pki/ossl.h"
#include "ceremony/pki/pki.h"
#include "ceremony/pki/verify.h"

void
pki_draft_clear(struct pki_draft *draft)
{
    bytes_clear(&draft->tbs);
    bytes_clear(&draft->algorithm);
    bytes_clear(&draft->specimen);
    memset(draft, 0, sizeof *draft);
}

struct error *
draft_choose_algorithm(const void *spki, size_t spki_len, const char *digest, bool pss,
                       const struct signature_kind **ret_kind)
{
    const struct key_kind *key = key_kind_of_spki(der_view(spki, spki_len));
    if (key == NULL)
        return error_hint(
            ERROR(ERROR_UNSUPPORTED,
                  "the signing key is of a kind or size that is not used here"),
            "Choose EC P-256, P-384 or P-521, RSA 2048, 3072 or 4096, or Ed25519");
    const struct signature_kind *kind = signature_kind_for(key, digest, pss);
    if (kind == NULL)
        return ERROR(ERROR_INPUT, "a key of type %s does not sign with the digest \"%s\"%s",
                     key->describe, digest, pss ? " and PSS" : "");
    *ret_kind = kind;
    return NULL;
}

/* SEQUENCE { tbs, algorithm, BIT STRING } */
static struct error *
assemble(const struct pki_draft *draft, const struct bytes *signature, struct bytes *ret_der)
{
    AUTO_BYTES der = {0};
    TRY(bytes_append(&der, draft->tbs.data, draft->tbs.len));
    TRY(bytes_append(&der, draft->algorithm.data, draft->algorithm.len));
    TRY(der_put_bits(&der, signature->data, signature->len));
    TRY(der_close(&der, 0, DER_SEQUENCE));
    bytes_clear(ret_der);
    *ret_der = der;
    memset(&der, 0, sizeof der);
    return NULL;
}

static void
hash_tbs(const struct bytes *tbs, char ret_sha256[65], char ret_sha384[97])
{
    unsigned char hash[SHA384_DIGEST_LENGTH];
    SHA256(tbs->data, tbs->len, hash);
    hex_encode(hash, SHA256_DIGEST_LENGTH, ret_sha256);
    SHA384(tbs->data, tbs->len, hash);
    hex_encode(hash, SHA384_DIGEST_LENGTH, ret_sha384);
}

static struct error *
make_specimen(struct pki_draft *draft, const void *spki, size_t spki_len)
{
    AUTO_PKEY key = NULL;
    AUTO_BYTES signature = {0};
    TRY_DOING(pki_key_like(spki, spki_len, &key), "making a throw-away key");
    TRY_DOING(sign_with(key, NULL, draft->digest, draft->pss, draft->tbs.data, draft->tbs.len,
                        &signature),
              "signing with the throw-away key");
    return assemble(draft, &signature, &draft->specimen);
}

static struct error *
finish(const struct signature_kind *kind, const void *spki, size_t spki_len,
       struct pki_draft *draft)
{
    snprintf(draft->digest, sizeof draft->digest, "%s", kind->digest);
    draft->pss = kind->pss;
    hash_tbs(&draft->tbs, draft->tbs_sha256, draft->tbs_sha384);
    TRY(bytes_copy(&draft->algorithm, kind->der, kind->der_len));
    TRY(make_specimen(draft, spki, spki_len));
    struct x509 specimen;
    TRY(x509_read(draft->specimen.data, draft->specimen.len, KIND_CERTIFICATE | KIND_CRL,
                  "the draft", &specimen));
    if (!der_equal(specimen.inner_algorithm.whole, specimen.outer_algorithm.whole))
        return ERROR(ERROR_VERIFICATION,
                     "the draft names another signature algorithm than the key will use");
    return NULL;
}

struct error *
draft_finish(struct bytes *tbs, const struct signature_kind *kind, const void *spki,
             size_t spki_len, struct pki_draft *ret_draft)
{
    AUTO_DRAFT draft = {.tbs = *tbs};
    memset(tbs, 0, sizeof *tbs);
    TRY(finish(kind, spki, spki_len, &draft));
    pki_draft_clear(ret_draft);
    *ret_draft = draft;
    memset(&draft, 0, sizeof draft);
    return NULL;
}

struct error *
pki_draft_from_tbs(const void *tbs, size_t len, const void *spki, size_t spki_len,
                   struct pki_draft *ret_draft)
{
    /* A frame with an empty signature, only to find the algorithm inside. */
    AUTO_BYTES frame = {0};
    AUTO_BYTES copy = {0};
    struct x509 x509;
    TRY(bytes_append(&frame, tbs, len));
    TRY(der_put(&frame, DER_SEQUENCE, NULL, 0));
    TRY(der_put_bits(&frame, "", 0));
    TRY(der_close(&frame, 0, DER_SEQUENCE));
    TRY(x509_read(frame.data, frame.len, KIND_CERTIFICATE | KIND_CRL, "the recorded draft",
                  &x509));
    const struct signature_kind *kind = signature_kind_of(x509.inner_algorithm.whole);
    const struct signature_kind *fits = NULL;
    if (kind != NULL)
        TRY(draft_choose_algorithm(spki, spki_len, kind->digest, kind->pss, &fits));
    if (kind == NULL || kind != fits)
        return ERROR(
            ERROR_VERIFICATION,
            "the recorded draft names a signature algorithm that this key does not use");
    TRY(bytes_copy(&copy, tbs, len));
    return draft_finish(&copy, kind, spki, spki_len, ret_draft);
}

/* The draft is still what was linted and shown. */
static struct error *
check_unchanged(const struct pki_draft *draft)
{
    char sha256[65];
    char sha384[97];
    const unsigned char *shown = NULL;
    size_t shown_len = 0;
    hash_tbs(&draft->tbs, sha256, sha384);
    TRY(pki_tbs_of(draft->specimen.data, draft->specimen.len, &shown, &shown_len));
    if (strcmp(sha256, draft->tbs_sha256) != 0 || strcmp(sha384, draft->tbs_sha384) != 0
        || !der_is_bytes(der_view(shown, shown_len), draft->tbs.data, draft->tbs.len))
        return error_hint(
            ERROR(ERROR_VERIFICATION,
                  "the bytes to be signed are not those that were linted and shown"),
            "Do not sign. Make the draft again and compare");
    return NULL;
}

struct error *
pki_draft_sign(const struct pki_draft *draft, EVP_PKEY *key, OSSL_LIB_CTX *context,
               const void *spki, size_t spki_len, struct bytes *ret_der)
{
    AUTO_BYTES signature = {0};
    AUTO_BYTES der = {0};
    struct x509 x509;
    TRY(check_unchanged(draft));
    TRY(sign_with(key, context, draft->digest, draft->pss, draft->tbs.data, draft->tbs.len,
                  &signature));
    TRY(assemble(draft, &signature, &der));
    TRY(x509_read(der.data, der.len, KIND_CERTIFICATE | KIND_CRL, "the signed object", &x509));
    if (!der_is_bytes(x509.tbs.whole, draft->tbs.data, draft->tbs.len))
        return ERROR(ERROR_BUG, "the signed bytes are not those of the draft");
    TRY_DOING(verify_object(&x509, der_view(spki, spki_len), NULL),
              "verifying the new signature in software");
    bytes_clear(ret_der);
    *ret_der = der;
    memset(&der, 0, sizeof der);
    return NULL;
}

struct error *
pki_tbs_of(const void *der, size_t len, const unsigned char **ret_tbs, size_t *ret_len)
{
    struct x509 x509;
    const char *fault = x509_parse(der, len, &x509);
    if (fault != NULL)
        return ERROR(ERROR_INPUT, "the object could not be read: %s", fault);
    *ret_tbs = x509.tbs.whole.p;
    *ret_len = x509.tbs.whole.len;
    return NULL;
}
