/* SPDX-License-Identifier: Apache-2.0
 *
 * OSSL_PROVIDER_add_builtin has no user pointer, so the one provider of the process is remembered
 * here (FACTS 3, pitfall 12). Nothing in its teardown touches PKCS#11 (pitfall 11). */
#include "p11/provider.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/provider.h>

#include "p11/provider_parts.h"

struct p11_provider {
    OSSL_LIB_CTX *context;
    OSSL_PROVIDER *software;
    OSSL_PROVIDER *token;
    pthread_mutex_t lock;
    struct error *error;
};

static struct p11_provider *the_provider;

static const OSSL_ALGORITHM *
query_operation(void *provctx, int operation, int *no_cache)
{
    (void)provctx;
    *no_cache = 0;
    if (operation == OSSL_OP_KEYMGMT)
        return provider_keymgmt;
    if (operation == OSSL_OP_SIGNATURE)
        return provider_signatures;
    return NULL;
}

static const OSSL_DISPATCH provider_functions[] = {
    {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (void (*)(void))query_operation},
    {0,                                  NULL                           },
};

static int
provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *in,
              const OSSL_DISPATCH **out, void **provctx)
{
    (void)handle;
    (void)in;
    *out = provider_functions;
    *provctx = the_provider;
    return 1;
}

struct error *
p11_provider_new(struct p11_provider **ret_provider)
{
    BUG_ON(the_provider != NULL);
    AUTO(p11_provider) provider = calloc(1, sizeof *provider);
    if (provider == NULL)
        return error_memory();
    if (pthread_mutex_init(&provider->lock, NULL) != 0) {
        free(TAKE(provider));
        return error_memory();
    }
    the_provider = provider;
    provider->context = OSSL_LIB_CTX_new();
    /* "default" first: what is loaded earlier takes precedence. */
    if (provider->context != NULL
        && OSSL_PROVIDER_add_builtin(provider->context, PROVIDER_NAME, provider_init) == 1) {
        provider->software = OSSL_PROVIDER_load(provider->context, "default");
        provider->token = OSSL_PROVIDER_load(provider->context, PROVIDER_NAME);
    }
    if (provider->software == NULL || provider->token == NULL)
        return ERROR(ERROR_BUG, "OpenSSL did not take the provider for keys on tokens");
    *ret_provider = TAKE(provider);
    return NULL;
}

void
p11_provider_free(struct p11_provider *provider)
{
    if (provider == NULL)
        return;
    if (provider->token != NULL)
        (void)OSSL_PROVIDER_unload(provider->token);
    if (provider->software != NULL)
        (void)OSSL_PROVIDER_unload(provider->software);
    OSSL_LIB_CTX_free(provider->context);
    (void)pthread_mutex_destroy(&provider->lock);
    error_free(provider->error);
    free(provider);
    the_provider = NULL;
}

OSSL_LIB_CTX *
p11_provider_context(struct p11_provider *provider)
{
    return provider->context;
}

void
provider_failed(struct p11_provider *provider, struct error *error)
{
    ERR_raise_data(ERR_LIB_USER, 1, "%s", error_what(error));
    (void)pthread_mutex_lock(&provider->lock);
    error_free(provider->error);
    provider->error = error;
    (void)pthread_mutex_unlock(&provider->lock);
}

struct error *
p11_provider_take_error(struct p11_provider *provider)
{
    (void)pthread_mutex_lock(&provider->lock);
    struct error *error = TAKE(provider->error);
    (void)pthread_mutex_unlock(&provider->lock);
    return error;
}

struct error *
p11_provider_key(struct p11_provider *provider, struct p11_session *session,
                 const unsigned char *id, size_t id_len, const void *spki, size_t spki_len,
                 EVP_PKEY **ret_key)
{
    AUTO(p11_signer) signer = NULL;
    TRY(p11_signer_new(session, id, id_len, spki, spki_len, &signer));
    const char *type = EVP_PKEY_get0_type_name(p11_signer_public_key(signer));
    /* From here on the key has it; if OpenSSL fails half-way, leaking beats freeing it twice. */
    struct p11_signer *handed_over = TAKE(signer);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_octet_string(PROVIDER_KEY_PARAM, &handed_over, sizeof handed_over),
        OSSL_PARAM_construct_end(),
    };
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *maker =
        EVP_PKEY_CTX_new_from_name(provider->context, type, PROVIDER_PROPERTIES);
    bool made = maker != NULL && EVP_PKEY_fromdata_init(maker) == 1
                && EVP_PKEY_fromdata(maker, &key, EVP_PKEY_KEYPAIR, params) == 1;
    EVP_PKEY_CTX_free(maker);
    if (!made)
        return ERROR(ERROR_BUG, "OpenSSL did not take a key of type %s on a token", type);
    *ret_key = key;
    return NULL;
}
