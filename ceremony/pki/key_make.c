/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/key_make.h"

#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/objects.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/pki/der_write.h"
#include "ceremony/pki/ossl.h"

#define EXTRA       8U /* octets: 64 bits more than the order has */
#define SCALAR_MAX  48U
#define POINT_MAX   (1 + 2 * SCALAR_MAX)
#define ED25519     32U
#define PRIVATE_MAX 256U

/* Of curves whose order has as many bits as it has octets; P-521's has not, and no device uses it. */
static size_t
scalar_size(const struct key_kind *kind)
{
    return kind->family == KEY_EC && kind->bits % 8 == 0 ? (size_t)kind->bits / 8 : 0;
}

size_t
key_make_size(const struct key_kind *kind)
{
    if (kind->family == KEY_ED25519)
        return ED25519;
    return scalar_size(kind) == 0 ? 0 : scalar_size(kind) + EXTRA;
}

/* --- DER from the inside out, in a secret's own pages --- */

struct room {
    unsigned char *start;
    size_t at; /* what is written stands from here to the end */
};

static void
put_before(struct room *room, const void *data, size_t len)
{
    BUG_ON(len > room->at);
    room->at -= len;
    memcpy(room->start + room->at, data, len);
}

/* The header of all that was written since `end` was the beginning. */
static void
put_header(struct room *room, unsigned char tag, size_t end)
{
    unsigned char header[DER_HEADER_MAX] = {0};
    const size_t len = der_make_header(tag, end - room->at, header);
    put_before(room, header, len);
}

/* PrivateKeyInfo { 0, algorithm, private key }, the private key written already. */
static void
put_frame(struct room *room, const struct key_kind *kind)
{
    static const unsigned char version[] = {DER_INTEGER, 1, 0};
    put_header(room, DER_OCTET_STRING, PRIVATE_MAX);
    put_before(room, kind->algorithm, kind->algorithm_len);
    put_before(room, version, sizeof version);
    put_header(room, DER_SEQUENCE, PRIVATE_MAX);
}

/* ECPrivateKey { 1, scalar, [1] point } (RFC 5915) */
static void
put_ec(struct room *room, const unsigned char *scalar, size_t scalar_len,
       const unsigned char *point, size_t point_len)
{
    static const unsigned char version[] = {DER_INTEGER, 1, 1};
    static const unsigned char unused_bits = 0;
    put_before(room, point, point_len);
    put_before(room, &unused_bits, 1);
    put_header(room, DER_BIT_STRING, PRIVATE_MAX);
    put_header(room, DER_CONTEXT_C(1), PRIVATE_MAX);
    size_t end = room->at;
    put_before(room, scalar, scalar_len);
    put_header(room, DER_OCTET_STRING, end);
    put_before(room, version, sizeof version);
    put_header(room, DER_SEQUENCE, PRIVATE_MAX);
}

static void
put_ed25519(struct room *room, const unsigned char *octets)
{
    put_before(room, octets, ED25519);
    put_header(room, DER_OCTET_STRING, PRIVATE_MAX);
}

/* What was written, moved to the front of its pages. */
static struct secret *
finish(struct secret **secret, const struct room *room)
{
    size_t len = PRIVATE_MAX - room->at;
    memmove(room->start, room->start + room->at, len);
    secret_shrink(*secret, len);
    return TAKE(*secret);
}

static struct error *
write_spki(const struct key_kind *kind, const unsigned char *key, size_t len,
           struct bytes *ret_spki)
{
    bytes_clear(ret_spki);
    TRY(bytes_append(ret_spki, kind->algorithm, kind->algorithm_len));
    size_t start = ret_spki->len;
    TRY(bytes_append_char(ret_spki, 0));
    TRY(bytes_append(ret_spki, key, len));
    TRY(der_close(ret_spki, start, DER_BIT_STRING));
    return der_close(ret_spki, 0, DER_SEQUENCE);
}

/* --- EC --- */

struct ec {
    EC_GROUP *group;
    BN_CTX *context;
    BIGNUM *bits;
    BIGNUM *most; /* the order less one */
    BIGNUM *scalar;
    EC_POINT *point;
};

static void
ec_clear(struct ec *ec)
{
    EC_POINT_free(ec->point);
    BN_clear_free(ec->scalar);
    BN_clear_free(ec->bits);
    BN_free(ec->most);
    BN_CTX_free(ec->context);
    EC_GROUP_free(ec->group);
}

#define AUTO_EC __attribute__((cleanup(ec_clear))) struct ec

static bool
ec_init(struct ec *ec, const struct key_kind *kind)
{
    ec->group = EC_GROUP_new_by_curve_name(EC_curve_nist2nid(kind->group));
    ec->context = BN_CTX_secure_new();
    ec->bits = BN_secure_new();
    ec->scalar = BN_secure_new();
    ec->most = BN_new();
    ec->point = ec->group == NULL ? NULL : EC_POINT_new(ec->group);
    return ec->group != NULL && ec->context != NULL && ec->bits != NULL && ec->scalar != NULL
           && ec->most != NULL && ec->point != NULL
           && EC_GROUP_get_order(ec->group, ec->most, ec->context) == 1
           && BN_sub_word(ec->most, 1) == 1;
}

/* d = (c mod (n - 1)) + 1, and Q = dG */
static bool
ec_compute(const struct ec *ec, const unsigned char *bits, size_t len)
{
    if (BN_bin2bn(bits, (int)len, ec->bits) == NULL)
        return false;
    BN_set_flags(ec->bits, BN_FLG_CONSTTIME);
    BN_set_flags(ec->scalar, BN_FLG_CONSTTIME);
    return BN_mod(ec->scalar, ec->bits, ec->most, ec->context) == 1
           && BN_add_word(ec->scalar, 1) == 1
           && EC_POINT_mul(ec->group, ec->point, ec->scalar, NULL, NULL, ec->context) == 1;
}

static struct error *
make_ec(const struct key_kind *kind, const struct secret *bits, struct bytes *ret_spki,
        struct secret **ret_pkcs8)
{
    AUTO_EC ec = {0};
    AUTO(secret) scalar = NULL;
    AUTO(secret) room = NULL;
    unsigned char point[POINT_MAX];
    size_t size = scalar_size(kind);
    TRY(secret_new(size, &scalar));
    if (!ec_init(&ec, kind) || !ec_compute(&ec, secret_borrow_const(bits), secret_size(bits))
        || BN_bn2binpad(ec.scalar, secret_borrow(scalar), (int)size) != (int)size)
        return error_memory();
    size_t len = EC_POINT_point2oct(ec.group, ec.point, POINT_CONVERSION_UNCOMPRESSED, point,
                                    sizeof point, ec.context);
    if (len != 1 + 2 * size)
        return error_memory();
    TRY(write_spki(kind, point, len, ret_spki));
    if (ret_pkcs8 == NULL)
        return NULL;
    TRY(secret_new(PRIVATE_MAX, &room));
    struct room out = {secret_borrow(room), PRIVATE_MAX};
    put_ec(&out, secret_borrow_const(scalar), size, point, len);
    put_frame(&out, kind);
    *ret_pkcs8 = finish(&room, &out);
    return NULL;
}

/* --- Ed25519 --- */

static struct error *
make_ed25519(const struct key_kind *kind, const struct secret *bits, struct bytes *ret_spki,
             struct secret **ret_pkcs8)
{
    AUTO(secret) room = NULL;
    unsigned char public[ED25519];
    size_t len = sizeof public;
    AUTO_PKEY key = EVP_PKEY_new_raw_private_key_ex(NULL, "ED25519", NULL,
                                                    secret_borrow_const(bits), ED25519);
    if (key == NULL || EVP_PKEY_get_raw_public_key(key, public, &len) != 1)
        return error_memory();
    TRY(write_spki(kind, public, len, ret_spki));
    if (ret_pkcs8 == NULL)
        return NULL;
    TRY(secret_new(PRIVATE_MAX, &room));
    struct room out = {secret_borrow(room), PRIVATE_MAX};
    put_ed25519(&out, secret_borrow_const(bits));
    put_frame(&out, kind);
    *ret_pkcs8 = finish(&room, &out);
    return NULL;
}

struct error *
key_make(const struct key_kind *kind, const struct secret *bits, struct bytes *ret_spki,
         struct secret **ret_pkcs8)
{
    size_t size = key_make_size(kind);
    if (size == 0 || secret_size(bits) != size)
        return ERROR(ERROR_INPUT, "a key of the kind \"%s\" is not made from %zu octets",
                     kind->type, secret_size(bits));
    return kind->family == KEY_EC ? make_ec(kind, bits, ret_spki, ret_pkcs8)
                                  : make_ed25519(kind, bits, ret_spki, ret_pkcs8);
}
