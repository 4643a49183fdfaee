/* SPDX-License-Identifier: Apache-2.0
 *
 * Possession (R62), made cheap: the key is not decoded from its SPKI, which takes OpenSSL 3.0 longer
 * than verifying; a key with the curve's parameters is copied and given the point. */
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <openssl/rsa.h>

#include "ceremony/pki/ossl.h"
#include "ceremony/pki/pki.h"
#include "ceremony/pki/request_private.h"

static const char *const curve_types[] = {"ec-p256", "ec-p384", "ec-p521"};
static const char *const digest_names[] = {"sha256", "sha384", "sha512"};
#define CURVE_COUNT  (sizeof curve_types / sizeof curve_types[0])
#define DIGEST_COUNT (sizeof digest_names / sizeof digest_names[0])

struct request_verifier {
    EVP_PKEY *curves[CURVE_COUNT]; /* parameters, and any point */
    EVP_MD *digests[DIGEST_COUNT];
    EVP_MD_CTX *md;
};

void
request_verifier_free(struct request_verifier *verifier)
{
    if (verifier == NULL)
        return;
    for (size_t i = 0; i < CURVE_COUNT; i++)
        EVP_PKEY_free(verifier->curves[i]);
    for (size_t i = 0; i < DIGEST_COUNT; i++)
        EVP_MD_free(verifier->digests[i]);
    EVP_MD_CTX_free(verifier->md);
    free(verifier);
}

static struct error *
fill(struct request_verifier *verifier)
{
    verifier->md = EVP_MD_CTX_new();
    if (verifier->md == NULL)
        return error_memory();
    for (size_t i = 0; i < CURVE_COUNT; i++)
        TRY(pki_key_make(curve_types[i], &verifier->curves[i]));
    for (size_t i = 0; i < DIGEST_COUNT; i++) {
        verifier->digests[i] = EVP_MD_fetch(NULL, digest_names[i], NULL);
        if (verifier->digests[i] == NULL)
            return pki_ossl_error("the digest %s is not there", digest_names[i]);
    }
    return NULL;
}

struct error *
request_verifier_new(struct request_verifier **ret_verifier)
{
    struct request_verifier *verifier = calloc(1, sizeof *verifier);
    if (verifier == NULL)
        return error_memory();
    struct error *error = fill(verifier);
    if (error != NULL) {
        request_verifier_free(verifier);
        return error;
    }
    *ret_verifier = verifier;
    return NULL;
}

static EVP_PKEY *
ec_key(const struct request_verifier *verifier, const struct request_run *run)
{
    const EVP_PKEY *curve = NULL;
    for (size_t i = 0; i < CURVE_COUNT; i++)
        if (strcmp(curve_types[i], run->kind->type) == 0)
            curve = verifier->curves[i];
    AUTO_PKEY key = EVP_PKEY_new();
    if (key == NULL || curve == NULL || EVP_PKEY_copy_parameters(key, curve) <= 0
        || EVP_PKEY_set1_encoded_public_key(key, run->key_bits.p, run->key_bits.len) <= 0)
        return NULL;
    return TAKE(key);
}

/* OSSL_PARAM wants numbers in the order of the machine. */
static void
to_native(struct der number, unsigned char *ret)
{
    for (size_t i = 0; i < number.len; i++)
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        ret[i] = number.p[number.len - 1 - i];
#else
        ret[i] = number.p[i];
#endif
}

#define MODULUS_OCTETS_MAX  512
#define EXPONENT_OCTETS_MAX 32

static EVP_PKEY *
rsa_key(const struct request_run *run)
{
    unsigned char modulus[MODULUS_OCTETS_MAX];
    unsigned char exponent[EXPONENT_OCTETS_MAX];
    struct der n = run->judgement->modulus;
    struct der e = run->exponent;
    if (n.len > sizeof modulus || e.len > sizeof exponent)
        return NULL;
    to_native(n, modulus);
    to_native(e, exponent);
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, modulus, n.len),
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, exponent, e.len),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY *key = NULL;
    AUTO_PKEY_CTX context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    if (context == NULL || EVP_PKEY_fromdata_init(context) <= 0
        || EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) <= 0)
        return NULL;
    return key;
}

static EVP_PKEY *
make_key(const struct request_verifier *verifier, const struct request_run *run)
{
    switch (run->kind->family) {
    case KEY_EC:
        return ec_key(verifier, run);
    case KEY_RSA:
        return rsa_key(run);
    case KEY_ED25519:
        return EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, run->key_bits.p,
                                              run->key_bits.len);
    case KEY_ED448:
        return EVP_PKEY_new_raw_public_key_ex(NULL, "ED448", NULL, run->key_bits.p,
                                              run->key_bits.len);
    default:
        return NULL;
    }
}

static const EVP_MD *
find_digest(const struct request_verifier *verifier, const char *name)
{
    for (size_t i = 0; i < DIGEST_COUNT; i++)
        if (strcmp(digest_names[i], name) == 0)
            return verifier->digests[i];
    return NULL;
}

static bool
is_signed_by(struct request_verifier *verifier, EVP_PKEY *key,
             const struct signature_kind *kind, struct der message, struct der signature)
{
    EVP_PKEY_CTX *parameters = NULL; /* belongs to md */
    EVP_MD_CTX *md = verifier->md;
    const EVP_MD *digest = find_digest(verifier, kind->digest);
    if ((digest == NULL) != (kind->digest[0] == '\0') || EVP_MD_CTX_reset(md) <= 0
        || EVP_DigestVerifyInit(md, &parameters, digest, NULL, key) <= 0)
        return false;
    if (kind->pss
        && (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) <= 0
            || EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, digest) <= 0
            || EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) <= 0))
        return false;
    return EVP_DigestVerify(md, signature.p, signature.len, message.p, message.len) == 1;
}

bool
request_verify(struct request_verifier *verifier, const struct request_run *run,
               const struct signature_kind *signature, bool *ret_key_usable)
{
    struct der bits = run->parts.signature.body;
    AUTO_PKEY key = make_key(verifier, run);
    *ret_key_usable = key != NULL;
    bool good = key != NULL
                && is_signed_by(verifier, key, signature, run->parts.tbs.whole,
                                der_view(bits.p + 1, bits.len - 1));
    ERR_clear_error(); /* a bad signature is a finding; what OpenSSL says of it helps nobody */
    return good;
}

void
request_check_possession(struct request_run *run)
{
    const struct signature_kind *kind = signature_kind_of(run->parts.outer_algorithm.whole);
    bool usable = false;
    if (kind == NULL) {
        char type[REQUEST_OID_TEXT] = "";
        struct der body = run->parts.outer_algorithm.body;
        struct der_item oid;
        if (der_expect(&body, DER_OID, &oid) == NULL)
            request_oid_text(oid.body, type);
        request_find(run, REQUEST_SIGNATURE_UNKNOWN, "%s", type);
    } else if (kind->weak)
        request_find(run, REQUEST_SIGNATURE_WEAK, "%s", kind->describe);
    else if (kind->family != run->kind->family)
        request_find(run, REQUEST_SIGNATURE_FIT, "%s, with a key of kind %s", kind->describe,
                     run->kind->describe);
    else if (run->parts.signature.body.p[0] != 0)
        request_find(run, REQUEST_POSSESSION, "the signature is not whole octets");
    else if (!request_verify(run->checker->verifier, run, kind, &usable))
        request_find(run, usable ? REQUEST_POSSESSION : REQUEST_KEY_POINT, "%s",
                     usable ? "" : "the point is not on its curve");
}
