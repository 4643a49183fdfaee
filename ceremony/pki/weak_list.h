/* SPDX-License-Identifier: Apache-2.0
 *
 * A list of keys whose private half is publicly known, in the form of badkeys' blocklist.dat: sorted
 * blocks of 16 bytes, 15 of SHA-256 over the key's number (RSA: the modulus, EC: x, EdDSA: the
 * octets; big-endian, without leading zeros), one that says which collection it is from. (R66) */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"
#include "ceremony/pki/der.h"

struct weak_list;

/* The file is mapped and read once: order and SHA-256. `sha256` (hex) is what it must have, or NULL.
 * Errors: not-found, input (not whole blocks, not sorted, another hash), io. */
MUST_CHECK struct error *weak_list_open(const char *path, const char *sha256,
                                        struct weak_list **ret_list);
void weak_list_free(struct weak_list *list);
DEFINE_AUTO(weak_list, weak_list_free);

const char *weak_list_sha256(const struct weak_list *list); /* hex */
size_t weak_list_count(const struct weak_list *list);
/* The number's collection (0 .. 255), or -1. */
int weak_list_find(const struct weak_list *list, struct der number);
