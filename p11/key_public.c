/* SPDX-License-Identifier: Apache-2.0
 *
 * From a public object to a SubjectPublicKeyInfo (R30). The object is all there is: SoftHSM leaves
 * CKA_PUBLIC_KEY_INFO empty and private EC keys without a point (FACTS 2). */
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/x509.h>

#include "ceremony/base/cleanup.h"
#include "p11/key_plan.h"

static struct error *
no_public_key(const struct p11_session *session, const char *why)
{
    return error_detail(ERROR(ERROR_TOKEN,
                              "the public key that token \"%s\" holds is not usable",
                              session->token),
                        "%s", why);
}

/* The point: a DER OCTET STRING by the standard, bare on some tokens (FACTS 9). */
static bool
unwrap_point(const struct bytes *value, size_t point_len, const unsigned char **ret_point)
{
    const unsigned char *data = value->data;
    if (value->len == point_len) {
        *ret_point = data;
        return true;
    }
    size_t head = point_len < 128 ? 2 : 3;
    if (value->len != point_len + head || data[0] != 0x04)
        return false;
    bool long_form = head == 3;
    if (long_form ? data[1] != 0x81 || data[2] != point_len : data[1] != point_len)
        return false;
    *ret_point = data + head;
    return true;
}

static EVP_PKEY *
from_params(const char *type, OSSL_PARAM *params)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (maker == NULL || EVP_PKEY_fromdata_init(maker) != 1
        || EVP_PKEY_fromdata(maker, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(maker);
    if (key == NULL)
        return NULL;
    EVP_PKEY_CTX *checker = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    bool sound = checker != NULL && EVP_PKEY_public_check(checker) == 1;
    EVP_PKEY_CTX_free(checker);
    if (!sound) {
        EVP_PKEY_free(key);
        return NULL;
    }
    return key;
}

static EVP_PKEY *
make_ec(const struct key_kind *kind, const unsigned char *point, size_t point_len)
{
    char group[16];
    (void)snprintf(group, sizeof group, "P-%lu", kind->bits);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, ck_unconst(point),
                                          point_len),
        OSSL_PARAM_construct_end(),
    };
    return from_params("EC", params);
}

static EVP_PKEY *
make_rsa(const struct bytes *modulus, const struct bytes *exponent)
{
    EVP_PKEY *key = NULL;
    BIGNUM *n = BN_bin2bn(modulus->data, (int)modulus->len, NULL);
    BIGNUM *e = BN_bin2bn(exponent->data, (int)exponent->len, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    if (n != NULL && e != NULL && builder != NULL
        && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1
        && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1)
        params = OSSL_PARAM_BLD_to_param(builder);
    if (params != NULL)
        key = from_params("RSA", params);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    BN_free(n);
    BN_free(e);
    return key;
}

static struct error *
read_ec(struct p11_session *session, CK_OBJECT_HANDLE object, const struct key_kind *kind,
        EVP_PKEY **ret_key)
{
    AUTO_CK_VALUE value = {0};
    TRY(ck_read(session, object, CKA_EC_POINT, &value));
    bool edwards = kind->key_type == CKK_EC_EDWARDS;
    size_t point_len = edwards ? 32 : 1 + 2 * ((kind->bits + 7) / 8);
    const unsigned char *point = NULL;
    if (value.state != P11_TRUE || !unwrap_point(&value.data, point_len, &point))
        return no_public_key(session, "CKA_EC_POINT is missing or of a wrong length");
    *ret_key = edwards ? EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, point, point_len)
                       : make_ec(kind, point, point_len);
    if (*ret_key == NULL)
        return no_public_key(session, "CKA_EC_POINT is no point of the curve");
    return NULL;
}

static struct error *
read_rsa(struct p11_session *session, CK_OBJECT_HANDLE object, const struct key_kind *kind,
         EVP_PKEY **ret_key)
{
    AUTO_CK_VALUE modulus = {0};
    AUTO_CK_VALUE exponent = {0};
    TRY(ck_read(session, object, CKA_MODULUS, &modulus));
    TRY(ck_read(session, object, CKA_PUBLIC_EXPONENT, &exponent));
    if (modulus.state != P11_TRUE || exponent.state != P11_TRUE || modulus.data.len == 0
        || exponent.data.len == 0 || modulus.data.len > 4096 || exponent.data.len > 64)
        return no_public_key(session, "CKA_MODULUS or CKA_PUBLIC_EXPONENT cannot be read");
    EVP_PKEY *key = make_rsa(&modulus.data, &exponent.data);
    if (key == NULL)
        return no_public_key(session, "CKA_MODULUS and CKA_PUBLIC_EXPONENT are no RSA key");
    if ((CK_ULONG)EVP_PKEY_get_bits(key) != kind->bits) {
        EVP_PKEY_free(key);
        return no_public_key(session, "the modulus has another length than was asked for");
    }
    *ret_key = key;
    return NULL;
}

struct error *
key_public_spki(struct p11_session *session, CK_OBJECT_HANDLE object,
                const struct key_kind *kind, struct bytes *ret_spki)
{
    EVP_PKEY *key = NULL;
    (void)ERR_set_mark();
    struct error *error = kind->key_type == CKK_RSA ? read_rsa(session, object, kind, &key)
                                                    : read_ec(session, object, kind, &key);
    unsigned char *der = NULL;
    int len = error == NULL ? i2d_PUBKEY(key, &der) : 0;
    (void)ERR_pop_to_mark();
    EVP_PKEY_free(key);
    if (error == NULL)
        error = len > 0 ? bytes_copy(ret_spki, der, (size_t)len)
                        : no_public_key(session, "it cannot be encoded");
    OPENSSL_free(der);
    return error;
}

/* Curves are named by object identifier; Edwards curves by name as well (PKCS#11 3.0, 2.3.5), and
 * SoftHSM answers with the one for private keys whichever it was given. */
static bool
same_params(const struct key_kind *kind, const struct bytes *params)
{
    static const unsigned char named[] = "\x13\x0c"
                                         "edwards25519";
    if (params->len == kind->params_len
        && memcmp(params->data, kind->params, kind->params_len) == 0)
        return true;
    return kind->key_type == CKK_EC_EDWARDS && params->len == sizeof named - 1
           && memcmp(params->data, named, sizeof named - 1) == 0;
}

struct error *
key_object_kind(struct p11_session *session, CK_OBJECT_HANDLE object,
                const struct key_kind **ret_kind)
{
    *ret_kind = NULL;
    enum p11_reading reading;
    CK_ULONG key_type = 0;
    TRY(ck_read_number(session, object, CKA_KEY_TYPE, &reading, &key_type));
    if (reading != P11_TRUE)
        return NULL;
    AUTO_CK_VALUE value = {0};
    TRY(ck_read(session, object, key_type == CKK_RSA ? CKA_MODULUS : CKA_EC_PARAMS, &value));
    for (int i = 0; i < P11_KEY_TYPES; i++) {
        const struct key_kind *kind = key_kind((enum p11_key_type)i);
        bool same = kind->params != NULL ? same_params(kind, &value.data)
                                         : value.data.len == kind->bits / 8;
        if (kind->key_type == key_type && same)
            *ret_kind = kind;
    }
    return NULL;
}

/* An RSA private object shows its modulus: it must be the public one's. EC ones show no point;
 * there the first signature, verified in software, decides. */
static struct error *
check_pair(struct p11_session *session, CK_OBJECT_HANDLE private, CK_OBJECT_HANDLE public)
{
    const struct key_kind *private_kind = NULL;
    const struct key_kind *public_kind = NULL;
    TRY(key_object_kind(session, private, &private_kind));
    TRY(key_object_kind(session, public, &public_kind));
    AUTO_CK_VALUE left = {0};
    AUTO_CK_VALUE right = {0};
    TRY(ck_read(session, private, CKA_MODULUS, &left));
    TRY(ck_read(session, public, CKA_MODULUS, &right));
    bool same =
        private_kind == public_kind && left.data.len == right.data.len
        && (left.data.len == 0 || memcmp(left.data.data, right.data.data, left.data.len) == 0);
    if (!same)
        return ERROR(ERROR_TOKEN,
                     "the private and the public key of that id on token \"%s\" do "
                     "not belong together",
                     session->token);
    return NULL;
}

struct error *
p11_key_spki(struct p11_session *session, const unsigned char *id, size_t id_len,
             struct bytes *ret_spki)
{
    CK_OBJECT_HANDLE public = CK_INVALID_HANDLE;
    TRY(key_find_one(session, CKO_PUBLIC_KEY, id, id_len, &public));
    AUTO_FREE CK_OBJECT_HANDLE *private = NULL;
    size_t count = 0;
    TRY(key_find_class(session, CKO_PRIVATE_KEY, id, id_len, &private, &count));
    for (size_t i = 0; i < count; i++)
        TRY(check_pair(session, private[i], public));
    const struct key_kind *kind = NULL;
    TRY(key_object_kind(session, public, &kind));
    if (kind == NULL)
        return no_public_key(session, "it is of a type or size that is not used here");
    return key_public_spki(session, public, kind, ret_spki);
}
