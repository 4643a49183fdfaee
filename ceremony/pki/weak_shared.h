/* SPDX-License-Identifier: Apache-2.0
 *
 * RSA moduli that share a prime (R67), by Bernstein's batch gcd: a tree of products, and down again the
 * remainders of the product by the square of each node. The time is a little more than linear. Memory
 * is the moduli times about twice the depth of the tree, so there is a bound: what lies beyond it is
 * not looked at, and the caller says so. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/error.h"
#include "ceremony/pki/der.h"

/* 250,000 moduli of 2,048 bits; about 1.5 GiB while they are compared. */
#define WEAK_SHARED_BYTES 64000000

struct weak_shared;

/* `bytes` of moduli at most; 0: WEAK_SHARED_BYTES. */
MUST_CHECK struct error *weak_shared_new(size_t bytes, struct weak_shared **ret_shared);
void weak_shared_free(struct weak_shared *shared);
DEFINE_AUTO(weak_shared, weak_shared_free);

/* Copies a modulus (big-endian, above 1). The tag is the caller's; the same modulus may come again.
 * *ret_within false: the bound is reached, and it was not taken. */
MUST_CHECK struct error *weak_shared_add(struct weak_shared *shared, struct der modulus,
                                         uint64_t tag, bool *ret_within);

#define WEAK_SHARED_UNNAMED UINT64_MAX

struct weak_shared_report {
    void *user;
    /* How far, 0 to 1; an error ends the search and is returned. May be NULL. */
    struct error *(*progress)(void *user, double part);
    /* This modulus shares a prime with that one; called once for each modulus that does. Of very many
     * the other one is not named. */
    struct error *(*found)(void *user, uint64_t tag, uint64_t with);
};

/* Compares all. Uses `shared` up: afterwards it is empty. */
MUST_CHECK struct error *weak_shared_find(struct weak_shared *shared,
                                          const struct weak_shared_report *report);
