/* SPDX-License-Identifier: Apache-2.0
 *
 * AlgorithmIdentifier of a signature: NULL parameters for RSA PKCS#1 (RFC 4055), none for ECDSA (RFC
 * 5758) and Ed25519 (RFC 8410), all of them for RSASSA-PSS (RFC 4055; FACTS 3, pitfall 5). */
#include <openssl/objects.h>
#include <openssl/rsa.h>

#include "p11/provider_parts.h"

static X509_ALGOR *
digest_identifier(int nid)
{
    X509_ALGOR *algorithm = X509_ALGOR_new();
    if (algorithm != NULL
        && X509_ALGOR_set0(algorithm, OBJ_nid2obj(nid), V_ASN1_NULL, NULL) != 1) {
        X509_ALGOR_free(algorithm);
        return NULL;
    }
    return algorithm;
}

/* MGF1 with `digest`: an AlgorithmIdentifier whose parameter is another one. */
static X509_ALGOR *
mgf1_identifier(int digest)
{
    X509_ALGOR *inner = digest_identifier(digest);
    ASN1_STRING *packed = NULL;
    X509_ALGOR *algorithm = X509_ALGOR_new();
    if (inner != NULL && algorithm != NULL)
        packed = ASN1_item_pack(inner, ASN1_ITEM_rptr(X509_ALGOR), NULL);
    X509_ALGOR_free(inner);
    if (packed == NULL
        || X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_mgf1), V_ASN1_SEQUENCE, packed) != 1) {
        ASN1_STRING_free(packed);
        X509_ALGOR_free(algorithm);
        return NULL;
    }
    return algorithm;
}

static bool
set_pss(X509_ALGOR *algorithm, int digest, int salt_len)
{
    RSA_PSS_PARAMS *pss = RSA_PSS_PARAMS_new();
    ASN1_STRING *packed = NULL;
    if (pss != NULL) {
        pss->hashAlgorithm = digest_identifier(digest);
        pss->maskGenAlgorithm = mgf1_identifier(digest);
        pss->saltLength = ASN1_INTEGER_new();
        if (pss->hashAlgorithm != NULL && pss->maskGenAlgorithm != NULL
            && pss->saltLength != NULL && ASN1_INTEGER_set(pss->saltLength, salt_len) == 1)
            packed = ASN1_item_pack(pss, ASN1_ITEM_rptr(RSA_PSS_PARAMS), NULL);
    }
    RSA_PSS_PARAMS_free(pss);
    if (packed == NULL)
        return false;
    if (X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_rsassaPss), V_ASN1_SEQUENCE, packed) != 1) {
        ASN1_STRING_free(packed);
        return false;
    }
    return true;
}

static bool
set_algorithm(X509_ALGOR *algorithm, EVP_PKEY *public_key, const struct p11_signing *how)
{
    int key = EVP_PKEY_get_base_id(public_key);
    if (key == EVP_PKEY_ED25519)
        return X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_ED25519), V_ASN1_UNDEF, NULL) == 1;
    int digest = how->digest != NULL ? OBJ_sn2nid(how->digest) : NID_undef;
    if (digest == NID_undef)
        return false;
    if (how->pss) {
        const EVP_MD *md = EVP_get_digestbyname(how->digest);
        int salt_len = how->salt_len >= 0 ? how->salt_len : EVP_MD_get_size(md);
        return set_pss(algorithm, digest, salt_len);
    }
    int both = NID_undef;
    if (OBJ_find_sigid_by_algs(&both, digest, key) != 1)
        return false;
    int parameter = key == EVP_PKEY_RSA ? V_ASN1_NULL : V_ASN1_UNDEF;
    return X509_ALGOR_set0(algorithm, OBJ_nid2obj(both), parameter, NULL) == 1;
}

int
provider_algorithm(EVP_PKEY *public_key, const struct p11_signing *how, unsigned char **ret_der)
{
    X509_ALGOR *algorithm = X509_ALGOR_new();
    int len = -1;
    if (algorithm != NULL && set_algorithm(algorithm, public_key, how))
        len = i2d_X509_ALGOR(algorithm, ret_der);
    X509_ALGOR_free(algorithm);
    return len;
}
