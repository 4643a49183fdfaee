/* SPDX-License-Identifier: Apache-2.0 */
#include "p11/oaep.h"

#include <openssl/core_names.h>
#include <openssl/rsa.h>

static const struct oaep_hash hashes[P11_OAEP_HASHES] = {
    [P11_OAEP_SHA256] = {"SHA256", CKM_SHA256, CKG_MGF1_SHA256},
    [P11_OAEP_SHA1] = {"SHA1",   CKM_SHA_1,  CKG_MGF1_SHA1  },
};

const struct oaep_hash *
oaep_hash(enum p11_oaep hash)
{
    BUG_ON((unsigned)hash >= P11_OAEP_HASHES);
    return &hashes[hash];
}

const char *
p11_oaep_name(enum p11_oaep hash)
{
    return oaep_hash(hash)->name;
}

CK_RSA_PKCS_OAEP_PARAMS
oaep_params(const struct oaep_hash *hash)
{
    return (CK_RSA_PKCS_OAEP_PARAMS){
        .hashAlg = hash->hash, .mgf = hash->mgf, .source = CKZ_DATA_SPECIFIED};
}

bool
oaep_encrypt(EVP_PKEY *key, const struct oaep_hash *hash, const struct secret *plain,
             unsigned char *ret_cipher, size_t *ret_len)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    bool done = context != NULL && EVP_PKEY_encrypt_init(context) == 1
                && EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1
                && EVP_PKEY_CTX_set_rsa_oaep_md_name(context, hash->name, NULL) == 1
                && EVP_PKEY_CTX_set_rsa_mgf1_md_name(context, hash->name, NULL) == 1
                && EVP_PKEY_encrypt(context, ret_cipher, ret_len, secret_borrow_const(plain),
                                    secret_size(plain))
                       == 1;
    EVP_PKEY_CTX_free(context);
    return done;
}
