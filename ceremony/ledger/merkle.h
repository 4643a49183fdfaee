/* SPDX-License-Identifier: Apache-2.0
 *
 * The Merkle tree of RFC 9162, 2.1 with SHA-256: a leaf is hashed after an octet 0x00, a node after
 * 0x01, and an empty tree has the hash of nothing. Leaves go in one after the other; memory is one
 * hash for each level, whatever the number of leaves. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/evp.h>

#include "ceremony/base/error.h"

#define MERKLE_HASH   32
#define MERKLE_LEVELS 64

/* How one leaf belongs to a tree: the hashes beside its way to the root, from below (2.1.3). */
struct merkle_path {
    unsigned char hashes[MERKLE_LEVELS][MERKLE_HASH];
    size_t count;
};

struct merkle {
    EVP_MD_CTX *context;
    uint64_t count; /* leaves so far */
    unsigned char peaks[MERKLE_LEVELS]
                       [MERKLE_HASH]; /* roots of the full subtrees, left first */
    unsigned levels[MERKLE_LEVELS];
    size_t peak_count;
    uint64_t tracked; /* a leaf whose path is collected; UINT64_MAX for none */
    size_t tracked_at;
    bool tracked_in; /* it went in, and stands below peaks[tracked_at] */
    struct merkle_path path;
};

MUST_CHECK struct error *merkle_init(struct merkle *tree);
void merkle_clear(struct merkle *tree);
#define AUTO_MERKLE __attribute__((cleanup(merkle_clear))) struct merkle

/* Before the first leaf: collect the path of the leaf with this number, from 0. */
void merkle_track(struct merkle *tree, uint64_t index);
/* Forgets the leaves. */
void merkle_reset(struct merkle *tree);
MUST_CHECK struct error *merkle_add(struct merkle *tree, const void *leaf, size_t len);
/* A leaf that is hashed already, the octet before it included. */
MUST_CHECK struct error *merkle_add_hash(struct merkle *tree,
                                         const unsigned char hash[MERKLE_HASH]);
/* The root of what went in. More leaves may follow, but not where a leaf is tracked. */
MUST_CHECK struct error *merkle_root(struct merkle *tree, unsigned char ret_root[MERKLE_HASH]);
/* After merkle_root: the path of the tracked leaf. Errors: not-found. */
MUST_CHECK struct error *merkle_path(const struct merkle *tree, struct merkle_path *ret_path);

/* The hash of one leaf. */
MUST_CHECK struct error *merkle_leaf(const void *leaf, size_t len,
                                     unsigned char ret_hash[MERKLE_HASH]);
/* Whether the leaf with this hash and number belongs to the tree of `size` leaves with this root
 * (2.1.3.2). Errors: verification, memory. */
MUST_CHECK struct error *merkle_check(const unsigned char leaf_hash[MERKLE_HASH],
                                      uint64_t index, uint64_t size,
                                      const struct merkle_path *path,
                                      const unsigned char root[MERKLE_HASH]);
