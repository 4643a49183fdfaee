/* SPDX-License-Identifier: Apache-2.0
 *
 * Key management of the provider. All that OpenSSL wants to know of a key is public, so everything
 * is delegated to the software public key. The names are the standard ones, or EVP_PKEY_eq,
 * X509_check_private_key and CMS would not know the keys for what they are (FACTS 3, pitfall 3). */
#include <stdlib.h>
#include <string.h>

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>

#include "p11/provider_parts.h"

static void *
key_new(void *provctx)
{
    (void)provctx;
    return calloc(1, sizeof(struct provider_key));
}

static void
key_free(void *keydata)
{
    struct provider_key *key = keydata;
    if (key == NULL)
        return;
    p11_signer_free(key->signer);
    free(key);
}

static int
key_has(const void *keydata, int selection)
{
    const struct provider_key *key = keydata;
    (void)selection;
    return key != NULL && key->signer != NULL;
}

static int
key_match(const void *left, const void *right, int selection)
{
    const struct provider_key *a = left;
    const struct provider_key *b = right;
    (void)selection;
    if (a->signer == NULL || b->signer == NULL)
        return 0;
    return EVP_PKEY_eq(p11_signer_public_key(a->signer), p11_signer_public_key(b->signer)) == 1;
}

static int
key_get_params(void *keydata, OSSL_PARAM params[])
{
    struct provider_key *key = keydata;
    return key->signer != NULL
           && EVP_PKEY_get_params(p11_signer_public_key(key->signer), params) == 1;
}

static const OSSL_PARAM *
key_gettable_params(void *provctx)
{
    static const OSSL_PARAM table[] = {
        OSSL_PARAM_int(OSSL_PKEY_PARAM_BITS, NULL),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_SECURITY_BITS, NULL),
        OSSL_PARAM_int(OSSL_PKEY_PARAM_MAX_SIZE, NULL),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_DEFAULT_DIGEST, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_MANDATORY_DIGEST, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
        OSSL_PARAM_END,
    };
    (void)provctx;
    return table;
}

/* OpenSSL 3.0 asks for everything when it only compares: the public part is given even then, and
 * never more (pitfall 4). */
static int
key_export(void *keydata, int selection, OSSL_CALLBACK *callback, void *argument)
{
    struct provider_key *key = keydata;
    OSSL_PARAM *params = NULL;
    (void)selection;
    if (key->signer == NULL
        || EVP_PKEY_todata(p11_signer_public_key(key->signer), EVP_PKEY_PUBLIC_KEY, &params)
               != 1)
        return 0;
    int result = callback(params, argument);
    OSSL_PARAM_free(params);
    return result;
}

static const OSSL_PARAM *
key_export_types(int selection)
{
    static const OSSL_PARAM table[] = {
        OSSL_PARAM_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, NULL, 0),
        OSSL_PARAM_octet_string(OSSL_PKEY_PARAM_PUB_KEY, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_N, NULL, 0),
        OSSL_PARAM_BN(OSSL_PKEY_PARAM_RSA_E, NULL, 0),
        OSSL_PARAM_END,
    };
    (void)selection;
    return table;
}

static int
key_import(void *keydata, int selection, const OSSL_PARAM params[])
{
    struct provider_key *key = keydata;
    (void)selection;
    const OSSL_PARAM *param = OSSL_PARAM_locate_const(params, PROVIDER_KEY_PARAM);
    if (param == NULL || param->data_type != OSSL_PARAM_OCTET_STRING
        || param->data_size != sizeof key->signer || key->signer != NULL)
        return 0;
    memcpy(&key->signer, param->data, sizeof key->signer);
    return 1;
}

static const OSSL_PARAM *
key_import_types(int selection)
{
    static const OSSL_PARAM table[] = {
        OSSL_PARAM_octet_string(PROVIDER_KEY_PARAM, NULL, 0),
        OSSL_PARAM_END,
    };
    (void)selection;
    return table;
}

static const char *
key_operation_name(int operation)
{
    return operation == OSSL_OP_SIGNATURE ? PROVIDER_SIGNATURE : NULL;
}

static const OSSL_DISPATCH key_functions[] = {
    {OSSL_FUNC_KEYMGMT_NEW,                  (void (*)(void))key_new            },
    {OSSL_FUNC_KEYMGMT_FREE,                 (void (*)(void))key_free           },
    {OSSL_FUNC_KEYMGMT_HAS,                  (void (*)(void))key_has            },
    {OSSL_FUNC_KEYMGMT_MATCH,                (void (*)(void))key_match          },
    {OSSL_FUNC_KEYMGMT_GET_PARAMS,           (void (*)(void))key_get_params     },
    {OSSL_FUNC_KEYMGMT_GETTABLE_PARAMS,      (void (*)(void))key_gettable_params},
    {OSSL_FUNC_KEYMGMT_EXPORT,               (void (*)(void))key_export         },
    {OSSL_FUNC_KEYMGMT_EXPORT_TYPES,         (void (*)(void))key_export_types   },
    {OSSL_FUNC_KEYMGMT_IMPORT,               (void (*)(void))key_import         },
    {OSSL_FUNC_KEYMGMT_IMPORT_TYPES,         (void (*)(void))key_import_types   },
    {OSSL_FUNC_KEYMGMT_QUERY_OPERATION_NAME, (void (*)(void))key_operation_name },
    {0,                                      NULL                               },
};

const OSSL_ALGORITHM provider_keymgmt[] = {
    {"RSA:rsaEncryption:1.2.840.113549.1.1.1", PROVIDER_PROPERTIES, key_functions, NULL},
    {"EC:id-ecPublicKey:1.2.840.10045.2.1",    PROVIDER_PROPERTIES, key_functions, NULL},
    {"ED25519:1.3.101.112",                    PROVIDER_PROPERTIES, key_functions, NULL},
    {NULL,                                     NULL,                NULL,          NULL},
};
