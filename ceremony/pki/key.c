/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys: made, read, named, hashed. */
#include <limits.h>
#include <string.h>

#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/pki/algorithm.h"
#include "ceremony/pki/oid.h"
#include "ceremony/pki/ossl.h"
#include "ceremony/pki/pki.h"
#include "ceremony/pki/profile.h"

static struct error *
make_key(const struct key_kind *kind, EVP_PKEY **ret_key)
{
    static const char *const names[] = {"RSA", "EC", "ED25519", "ED448"};
    EVP_PKEY *key = NULL;
    BUG_ON(kind == NULL);
    AUTO_PKEY_CTX context = EVP_PKEY_CTX_new_from_name(NULL, names[kind->family], NULL);
    if (context == NULL || EVP_PKEY_keygen_init(context) <= 0
        || (kind->family == KEY_EC && EVP_PKEY_CTX_set_group_name(context, kind->group) <= 0)
        || (kind->family == KEY_RSA
            && EVP_PKEY_CTX_set_rsa_keygen_bits(context, kind->bits) <= 0)
        || EVP_PKEY_generate(context, &key) <= 0)
        return error_recode(
            pki_ossl_error("could not make a software key of type %s", kind->describe),
            ERROR_BUG);
    *ret_key = key;
    return NULL;
}

struct error *
pki_key_make(const char *type, EVP_PKEY **ret_key)
{
    const struct key_kind *kind = key_kind_by_type(type);
    if (kind == NULL)
        return ERROR(ERROR_INPUT, "key type \"%s\" is not known here", type);
    return make_key(kind, ret_key);
}

static struct error *
find_kind(const void *spki, size_t spki_len, const struct key_kind **ret_kind)
{
    const struct key_kind *kind = key_kind_of_spki(der_view(spki, spki_len));
    if (kind == NULL)
        return error_hint(
            ERROR(ERROR_UNSUPPORTED,
                  "the public key is of a kind or size that is not used here"),
            "Choose EC P-256, P-384 or P-521, RSA 2048, 3072 or 4096, or Ed25519");
    *ret_kind = kind;
    return NULL;
}

struct error *
pki_key_like(const void *spki, size_t spki_len, EVP_PKEY **ret_key)
{
    const struct key_kind *kind = NULL;
    TRY(find_kind(spki, spki_len, &kind));
    return make_key(kind, ret_key);
}

struct error *
pki_spki_of(EVP_PKEY *key, struct bytes *ret_spki)
{
    unsigned char *der = NULL;
    int len = i2d_PUBKEY(key, &der);
    if (len <= 0)
        return pki_ossl_error("could not encode a public key");
    struct error *error = bytes_copy(ret_spki, der, (size_t)len);
    OPENSSL_free(der);
    return error;
}

struct error *
pki_key_from_spki(const void *spki, size_t spki_len, EVP_PKEY **ret_key)
{
    const unsigned char *p = spki;
    if (spki_len == 0 || spki_len > LONG_MAX)
        return ERROR(ERROR_INPUT, "a public key is missing");
    AUTO_PKEY key = d2i_PUBKEY(NULL, &p, (long)spki_len);
    if (key == NULL)
        return pki_ossl_error("a public key could not be read");
    if (p != (const unsigned char *)spki + spki_len)
        return ERROR(ERROR_INPUT, "a public key is followed by other data");
    *ret_key = TAKE(key);
    return NULL;
}

struct error *
pki_key_describe(const void *spki, size_t spki_len, char **ret_text)
{
    struct der view = der_view(spki, spki_len);
    const struct key_kind *kind = key_kind_of_spki(view);
    if (kind != NULL)
        return text_copy(kind->describe, ret_text);
    struct der_item algorithm;
    struct der_item oid;
    struct der bits;
    if (key_split_spki(view, &algorithm, &bits) != NULL
        || der_expect(&algorithm.body, DER_OID, &oid) != NULL)
        return text_copy("a key that cannot be read", ret_text);
    if (oid_is(oid.body, OID_RSA_ENCRYPTION) && key_rsa_bits(view) > 0)
        return text_format(ret_text, "RSA %zu", key_rsa_bits(view));
    AUTO_BYTES text = {0};
    struct der_item curve;
    TRY(oid_append_name(&text, oid.body));
    if (der_expect(&algorithm.body, DER_OID, &curve) == NULL) {
        TRY(bytes_append_text(&text, ", curve "));
        TRY(oid_append_name(&text, curve.body));
    }
    return bytes_take_text(&text, ret_text);
}

struct error *
pki_spki_hash(const void *spki, size_t spki_len, char ret_hex[65])
{
    unsigned char hash[SHA256_DIGEST_LENGTH];
    SHA256(spki, spki_len, hash);
    hex_encode(hash, sizeof hash, ret_hex);
    return NULL;
}

struct error *
pki_spki_ski(const void *spki, size_t spki_len, int method, unsigned char ret_ski[20])
{
    struct der_item algorithm;
    struct der bits;
    const char *fault = key_split_spki(der_view(spki, spki_len), &algorithm, &bits);
    if (fault != NULL)
        return ERROR(ERROR_INPUT, "a public key could not be read: %s", fault);
    unsigned char hash[SHA256_DIGEST_LENGTH];
    if (method == PKI_SKI_SHA256_160)
        SHA256(bits.p, bits.len, hash);
    else
        SHA1(bits.p, bits.len, hash);
    memcpy(ret_ski, hash, 20);
    return NULL;
}

struct error *
pki_possession_message(const char *ceremony, const char *step, const char *spki_sha256,
                       struct bytes *ret_message)
{
    const char *parts[] = {ceremony, step, spki_sha256};
    for (size_t i = 0; i < 3; i++)
        if (strpbrk(parts[i], "\r\n") != NULL)
            return ERROR(ERROR_INPUT, "a line break stands in a name of this ceremony");
    /* The first octet is 'c', 0x63: no TBS structure, all of which begin with SEQUENCE, 0x30. */
    bytes_clear(ret_message);
    return bytes_format(ret_message,
                        "ceremony proof of possession, version 1\n"
                        "ceremony: %s\nstep: %s\nspki-sha256: %s\n",
                        ceremony, step, spki_sha256);
}
