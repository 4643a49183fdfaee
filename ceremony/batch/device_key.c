/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/batch/device_key.h"

#include <string.h>

#include "ceremony/base/random.h"
#include "ceremony/pki/envelope.h"
#include "ceremony/pki/key_make.h"
#include "shamir/key_wrap.h"
#include "transcripts/digest.h"

#define HOST          64U /* octets of the host for each key */
#define WRAPPING_SIZE 32U /* AES-256 */

/* The pool and fresh octets of the host, through HKDF (R73). */
static struct error *
draw(const struct device_keys *keys, const char *purpose, size_t size, struct secret **ret_bits)
{
    AUTO(secret) sources = NULL;
    AUTO(secret) bits = NULL;
    TRY(secret_new(HOST + DEVICE_KEY_POOL, &sources));
    TRY(secret_new(size, &bits));
    unsigned char *at = secret_borrow(sources);
    BUG_ON(secret_size(keys->pool) != DEVICE_KEY_POOL);
    TRY(random_bytes(at, HOST));
    memcpy(at + HOST, secret_borrow_const(keys->pool), DEVICE_KEY_POOL);
    TRY(digest_hkdf_sha256(at, HOST + DEVICE_KEY_POOL, NULL, 0, purpose, secret_borrow(bits),
                           size));
    *ret_bits = TAKE(bits);
    return NULL;
}

struct error *
device_key_wrapping(const struct device_keys *keys, struct secret **ret_wrapping)
{
    return draw(keys, "ceremony wrapping of device keys", WRAPPING_SIZE, ret_wrapping);
}

/* The items are those of the list, in its order. */
static struct error *
derive(const struct device_keys *keys, struct batch_item *item)
{
    AUTO(secret) bits = NULL;
    const char *serial = batch_item_field(item, "serial");
    BUG_ON(serial == NULL); /* judged before */
    TRY(keys->derivation->derive(seeds_list_borrow(keys->seeds, (size_t)item->index), serial,
                                 keys->kind, &bits));
    TRY(key_make(keys->kind, bits, &item->made, NULL));
    item->spki = der_view(item->made.data, item->made.len);
    return NULL;
}

struct error *
device_key_make(const struct device_keys *keys, const struct secret *wrapping,
                struct batch_item *item, struct bytes *ret_wrapped)
{
    AUTO(secret) bits = NULL;
    AUTO(secret) pkcs8 = NULL;
    if (keys->derivation != NULL)
        return derive(keys, item);
    TRY(draw(keys, "ceremony device key", key_make_size(keys->kind), &bits));
    TRY(key_make(keys->kind, bits, &item->made, &pkcs8));
    item->spki = der_view(item->made.data, item->made.len);
    bytes_clear(ret_wrapped);
    return key_wrap_encrypt(wrapping, pkcs8, ret_wrapped);
}

struct error *
device_key_envelope(const struct device_keys *keys, const struct secret *wrapping,
                    struct bytes *ret_envelope)
{
    return envelope_seal(keys->recipient, keys->recipient_len, wrapping, ret_envelope);
}
