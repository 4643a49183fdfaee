/* SPDX-License-Identifier: Apache-2.0
 *
 * Signatures of the provider. A message is collected whole: RSA keys are pinned to mechanisms that
 * hash on the token, Ed25519 hashes twice, and OpenSSL duplicates a context in the middle, which no
 * PKCS#11 operation can follow. X509_sign and its kin hand it over in one piece, without a copy. */
#include <stdlib.h>
#include <string.h>

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/rsa.h>

#include "ceremony/base/bytes.h"
#include "p11/provider_parts.h"

#define DIGEST_NAME_SIZE 16

struct sign_context {
    struct p11_provider *provider;
    struct provider_key *key; /* borrowed: OpenSSL keeps the EVP_PKEY as long as the context */
    char digest[DIGEST_NAME_SIZE]; /* "" for Ed25519 */
    bool pss;
    int salt_len; /* -1: as long as the digest */
    struct bytes message;
};

static void *
sign_new(void *provctx, const char *properties)
{
    (void)properties;
    struct sign_context *context = calloc(1, sizeof *context);
    if (context != NULL) {
        context->provider = provctx;
        context->salt_len = -1;
    }
    return context;
}

static void
sign_free(void *data)
{
    struct sign_context *context = data;
    if (context == NULL)
        return;
    bytes_clear(&context->message);
    free(context);
}

static void *
sign_dup(void *data)
{
    const struct sign_context *from = data;
    struct sign_context *to = malloc(sizeof *to);
    if (to == NULL)
        return NULL;
    *to = *from;
    to->message = (struct bytes){0};
    struct error *error = bytes_copy(&to->message, from->message.data, from->message.len);
    if (error != NULL) {
        provider_failed(to->provider, error);
        sign_free(to);
        return NULL;
    }
    return to;
}

static bool
is_type(const struct sign_context *context, const char *type)
{
    return EVP_PKEY_is_a(p11_signer_public_key(context->key->signer), type) == 1;
}

static int
refuse(struct sign_context *context, struct error *error)
{
    provider_failed(context->provider, error);
    return 0;
}

/* OpenSSL's many spellings ("SHA2-256", "sha256") to the one that the signer knows. */
static int
set_digest(struct sign_context *context, const char *name)
{
    bool none = name == NULL || name[0] == '\0' || strcmp(name, "UNDEF") == 0;
    if (is_type(context, "ED25519")) {
        if (!none)
            return refuse(context, ERROR(ERROR_UNSUPPORTED,
                                         "Ed25519 takes no digest; \"%s\" was "
                                         "asked for",
                                         name));
        context->digest[0] = '\0';
        return 1;
    }
    if (none)
        return refuse(context,
                      ERROR(ERROR_UNSUPPORTED, "no digest was chosen for a signature"));
    EVP_MD *digest = EVP_MD_fetch(NULL, name, NULL);
    static const char *const known[] = {"SHA256", "SHA384", "SHA512"};
    for (size_t i = 0; digest != NULL && i < sizeof known / sizeof known[0]; i++) {
        if (EVP_MD_is_a(digest, known[i])) {
            (void)snprintf(context->digest, sizeof context->digest, "%s", known[i]);
            EVP_MD_free(digest);
            return 1;
        }
    }
    EVP_MD_free(digest);
    return refuse(context, ERROR(ERROR_UNSUPPORTED,
                                 "keys of this program sign with SHA-256, "
                                 "SHA-384 or SHA-512, not with \"%s\"",
                                 name));
}

/* Numbers come as integers or as texts (pitfall 6). */
static bool
param_number(const OSSL_PARAM *param, const char *const *words, const int *values, size_t count,
             int *ret_number)
{
    if (param->data_type != OSSL_PARAM_UTF8_STRING)
        return OSSL_PARAM_get_int(param, ret_number) == 1;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(param->data, words[i]) == 0) {
            *ret_number = values[i];
            return true;
        }
    }
    char *end = NULL;
    long number = strtol(param->data, &end, 10);
    *ret_number = (int)number;
    return end != param->data && *end == '\0' && number >= 0 && number < 4096;
}

static int
set_padding(struct sign_context *context, const OSSL_PARAM *param)
{
    static const char *const words[] = {"pkcs1", "pss"};
    static const int values[] = {RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING};
    int mode = 0;
    if (!is_type(context, "RSA") || !param_number(param, words, values, 2, &mode)
        || (mode != RSA_PKCS1_PADDING && mode != RSA_PKCS1_PSS_PADDING))
        return refuse(context,
                      ERROR(ERROR_UNSUPPORTED, "RSA keys on a token sign with PKCS#1 v1.5 "
                                               "or PSS padding only"));
    context->pss = mode == RSA_PKCS1_PSS_PADDING;
    return 1;
}

/* "max" and "auto" are for verifying, or would make needlessly odd signatures: the digest's length. */
static int
set_salt(struct sign_context *context, const OSSL_PARAM *param)
{
    static const char *const words[] = {"digest", "max", "auto", "auto-digestmax"};
    static const int values[] = {-1, -1, -1, -1};
    int len = 0;
    if (!param_number(param, words, values, 4, &len) || len > 256)
        return refuse(context,
                      ERROR(ERROR_UNSUPPORTED, "a PSS salt of that length is not made"));
    context->salt_len = len < 0 ? -1 : len;
    return 1;
}

/* MGF1 goes with the signature's own digest; any other is refused, not ignored. */
static int
set_mgf1(struct sign_context *context, const OSSL_PARAM *param)
{
    const char *name = NULL;
    if (OSSL_PARAM_get_utf8_string_ptr(param, &name) != 1)
        return 0;
    EVP_MD *digest = EVP_MD_fetch(NULL, name, NULL);
    bool same = digest != NULL && EVP_MD_is_a(digest, context->digest);
    EVP_MD_free(digest);
    if (!same)
        return refuse(context, ERROR(ERROR_UNSUPPORTED, "MGF1 with another digest than the "
                                                        "signature's is not made"));
    return 1;
}

static int
sign_set_params(void *data, const OSSL_PARAM params[])
{
    struct sign_context *context = data;
    if (params == NULL)
        return 1;
    const OSSL_PARAM *param = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_DIGEST);
    const char *digest = NULL;
    if (param != NULL
        && (OSSL_PARAM_get_utf8_string_ptr(param, &digest) != 1
            || set_digest(context, digest) != 1))
        return 0;
    param = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PAD_MODE);
    if (param != NULL && set_padding(context, param) != 1)
        return 0;
    param = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_PSS_SALTLEN);
    if (param != NULL && set_salt(context, param) != 1)
        return 0;
    param = OSSL_PARAM_locate_const(params, OSSL_SIGNATURE_PARAM_MGF1_DIGEST);
    return param == NULL || set_mgf1(context, param) == 1;
}

static const OSSL_PARAM *
sign_settable_params(void *data, void *provctx)
{
    static const OSSL_PARAM table[] = {
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, NULL, 0),
        OSSL_PARAM_END,
    };
    (void)data;
    (void)provctx;
    return table;
}

static struct p11_signing
signing_of(const struct sign_context *context)
{
    return (struct p11_signing){
        .digest = context->digest[0] != '\0' ? context->digest : NULL,
        .pss = context->pss,
        .salt_len = context->salt_len,
    };
}

static int
give_algorithm(const struct sign_context *context, OSSL_PARAM *param)
{
    struct p11_signing how = signing_of(context);
    unsigned char *der = NULL;
    int len = provider_algorithm(p11_signer_public_key(context->key->signer), &how, &der);
    int result = len > 0 && OSSL_PARAM_set_octet_string(param, der, (size_t)len) == 1;
    OPENSSL_free(der);
    return result;
}

/* Asked for as a number by some, as a text by others. */
static int
give_number(OSSL_PARAM *param, int number, const char *word)
{
    if (param->data_type == OSSL_PARAM_UTF8_STRING)
        return OSSL_PARAM_set_utf8_string(param, word);
    return OSSL_PARAM_set_int(param, number);
}

static int
sign_get_params(void *data, OSSL_PARAM params[])
{
    const struct sign_context *context = data;
    OSSL_PARAM *param = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_ALGORITHM_ID);
    if (param != NULL && give_algorithm(context, param) != 1)
        return 0;
    param = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_DIGEST);
    if (param != NULL && OSSL_PARAM_set_utf8_string(param, context->digest) != 1)
        return 0;
    param = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_MGF1_DIGEST);
    if (param != NULL && OSSL_PARAM_set_utf8_string(param, context->digest) != 1)
        return 0;
    param = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_PAD_MODE);
    if (param != NULL
        && give_number(param, context->pss ? RSA_PKCS1_PSS_PADDING : RSA_PKCS1_PADDING,
                       context->pss ? "pss" : "pkcs1")
               != 1)
        return 0;
    param = OSSL_PARAM_locate(params, OSSL_SIGNATURE_PARAM_PSS_SALTLEN);
    if (param == NULL)
        return 1;
    char word[16] = "digest";
    if (context->salt_len >= 0)
        (void)snprintf(word, sizeof word, "%d", context->salt_len);
    return give_number(
        param, context->salt_len >= 0 ? context->salt_len : RSA_PSS_SALTLEN_DIGEST, word);
}

static const OSSL_PARAM *
sign_gettable_params(void *data, void *provctx)
{
    static const OSSL_PARAM table[] = {
        OSSL_PARAM_octet_string(OSSL_SIGNATURE_PARAM_ALGORITHM_ID, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_MGF1_DIGEST, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PAD_MODE, NULL, 0),
        OSSL_PARAM_utf8_string(OSSL_SIGNATURE_PARAM_PSS_SALTLEN, NULL, 0),
        OSSL_PARAM_END,
    };
    (void)data;
    (void)provctx;
    return table;
}

static int
sign_init(void *data, const char *digest, void *keydata, const OSSL_PARAM params[])
{
    struct sign_context *context = data;
    if (keydata != NULL)
        context->key = keydata;
    if (context->key == NULL || context->key->signer == NULL)
        return 0;
    context->message.len = 0;
    return set_digest(context, digest) == 1 && sign_set_params(context, params) == 1;
}

static int
sign_update(void *data, const unsigned char *part, size_t len)
{
    struct sign_context *context = data;
    if (is_type(context, "ED25519"))
        return refuse(context,
                      ERROR(ERROR_UNSUPPORTED, "Ed25519 signs a message in one piece"));
    struct error *error = bytes_append(&context->message, part, len);
    return error == NULL ? 1 : refuse(context, error);
}

static int
sign_message(struct sign_context *context, unsigned char *signature, size_t *ret_len,
             size_t size, const unsigned char *message, size_t message_len)
{
    size_t room = (size_t)EVP_PKEY_get_size(p11_signer_public_key(context->key->signer));
    if (signature == NULL) {
        *ret_len = room;
        return 1;
    }
    struct p11_signing how = signing_of(context);
    AUTO_BYTES made = {0};
    struct error *error =
        p11_signer_sign(context->key->signer, &how, message, message_len, &made);
    if (error == NULL && made.len > size)
        error = ERROR(ERROR_BUG, "there is no room for a signature of %zu bytes", made.len);
    if (error != NULL)
        return refuse(context, error);
    memcpy(signature, made.data, made.len);
    *ret_len = made.len;
    return 1;
}

static int
sign_final(void *data, unsigned char *signature, size_t *ret_len, size_t size)
{
    struct sign_context *context = data;
    return sign_message(context, signature, ret_len, size, context->message.data,
                        context->message.len);
}

static int
sign_at_once(void *data, unsigned char *signature, size_t *ret_len, size_t size,
             const unsigned char *message, size_t message_len)
{
    return sign_message(data, signature, ret_len, size, message, message_len);
}

static const OSSL_DISPATCH sign_functions[] = {
    {OSSL_FUNC_SIGNATURE_NEWCTX,              (void (*)(void))sign_new            },
    {OSSL_FUNC_SIGNATURE_FREECTX,             (void (*)(void))sign_free           },
    {OSSL_FUNC_SIGNATURE_DUPCTX,              (void (*)(void))sign_dup            },
    {OSSL_FUNC_SIGNATURE_DIGEST_SIGN_INIT,    (void (*)(void))sign_init           },
    {OSSL_FUNC_SIGNATURE_DIGEST_SIGN_UPDATE,  (void (*)(void))sign_update         },
    {OSSL_FUNC_SIGNATURE_DIGEST_SIGN_FINAL,   (void (*)(void))sign_final          },
    {OSSL_FUNC_SIGNATURE_DIGEST_SIGN,         (void (*)(void))sign_at_once        },
    {OSSL_FUNC_SIGNATURE_GET_CTX_PARAMS,      (void (*)(void))sign_get_params     },
    {OSSL_FUNC_SIGNATURE_GETTABLE_CTX_PARAMS, (void (*)(void))sign_gettable_params},
    {OSSL_FUNC_SIGNATURE_SET_CTX_PARAMS,      (void (*)(void))sign_set_params     },
    {OSSL_FUNC_SIGNATURE_SETTABLE_CTX_PARAMS, (void (*)(void))sign_settable_params},
    {0,                                       NULL                                },
};

const OSSL_ALGORITHM provider_signatures[] = {
    {PROVIDER_SIGNATURE, PROVIDER_PROPERTIES, sign_functions, NULL},
    {NULL,               NULL,                NULL,           NULL},
};
