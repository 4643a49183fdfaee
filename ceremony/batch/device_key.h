/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys of devices that the program makes itself, for items that bring none (R71; docs/formats/batch.md).
 * Origin "bamboo": from fresh randomness; the private half is wrapped (RFC 5649) under a key that a block
 * of the line makes for itself, which leaves only in an envelope to the recipient. Origin "carrot":
 * derived from the seed that the device has; the private half is wiped once its public half is there.
 * Nothing of any is ever in clear outside `struct secret`. */
#pragma once

#include <stddef.h>

#include "ceremony/base/bytes.h"
#include "ceremony/base/error.h"
#include "ceremony/base/secret.h"
#include "ceremony/batch/derivation.h"
#include "ceremony/batch/item.h"
#include "ceremony/batch/seeds_list.h"
#include "ceremony/pki/algorithm.h"

#define DEVICE_KEY_POOL 32U

/* How the keys of a batch are made; all borrowed. */
struct device_keys {
    const struct key_kind *kind;
    const struct derivation
        *derivation; /* from the seeds; NULL: they are made, by what follows */
    const struct seeds_list *seeds;
    const struct secret *pool; /* DEVICE_KEY_POOL octets, half of them of a token: part of every
                                * key, beside fresh randomness of the host (R25) */
    const void *recipient;     /* certificate of whom the private halves are for, DER */
    size_t recipient_len;
};

/* A wrapping key, for one block. */
MUST_CHECK struct error *device_key_wrapping(const struct device_keys *keys,
                                             struct secret **ret_wrapping);
/* A pair for the item: its `made` and `spki`. `ret_wrapped`: the private half as PKCS#8, wrapped; a
 * derived one is wiped, and `wrapping` is not asked for. Safe from several threads, each with an item
 * of its own. */
MUST_CHECK struct error *device_key_make(const struct device_keys *keys,
                                         const struct secret *wrapping, struct batch_item *item,
                                         struct bytes *ret_wrapped);
/* The wrapping key for the recipient, CMS EnvelopedData in DER. */
MUST_CHECK struct error *device_key_envelope(const struct device_keys *keys,
                                             const struct secret *wrapping,
                                             struct bytes *ret_envelope);
