/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/ledger/merkle.h"

#include <string.h>

static struct error *
hash_parts(EVP_MD_CTX *context, unsigned char prefix, const void *first, size_t first_len,
           const void *second, size_t second_len, unsigned char *ret_hash)
{
    /* NULL keeps SHA-256, which merkle_init chose: choosing it each time costs more than hashing. */
    if (EVP_DigestInit_ex2(context, NULL, NULL) != 1
        || EVP_DigestUpdate(context, &prefix, 1) != 1
        || EVP_DigestUpdate(context, first, first_len) != 1
        || (second_len > 0 && EVP_DigestUpdate(context, second, second_len) != 1)
        || EVP_DigestFinal_ex(context, ret_hash, NULL) != 1)
        return ERROR(ERROR_MEMORY, "a hash could not be computed");
    return NULL;
}

struct error *
merkle_init(struct merkle *tree)
{
    *tree = (struct merkle){.context = EVP_MD_CTX_new(), .tracked = UINT64_MAX};
    if (tree->context == NULL || EVP_DigestInit_ex2(tree->context, EVP_sha256(), NULL) != 1)
        return ERROR(ERROR_MEMORY, "a hash could not be begun");
    return NULL;
}

void
merkle_clear(struct merkle *tree)
{
    EVP_MD_CTX_free(tree->context);
    *tree = (struct merkle){0};
}

void
merkle_track(struct merkle *tree, uint64_t index)
{
    tree->tracked = index;
}

void
merkle_reset(struct merkle *tree)
{
    tree->count = 0;
    tree->peak_count = 0;
    tree->tracked = UINT64_MAX;
    tree->tracked_in = false;
    tree->path.count = 0;
}

/* `left` becomes the node above it and `right`, which are peaks `at` and `at` + 1. */
static struct error *
join(struct merkle *tree, size_t at, unsigned char *left, const unsigned char *right)
{
    if (tree->tracked_in && (tree->tracked_at == at || tree->tracked_at == at + 1)) {
        memcpy(tree->path.hashes[tree->path.count++], tree->tracked_at == at ? right : left,
               MERKLE_HASH);
        tree->tracked_at = at;
    }
    return hash_parts(tree->context, 0x01, left, MERKLE_HASH, right, MERKLE_HASH, left);
}

struct error *
merkle_add_hash(struct merkle *tree, const unsigned char hash[MERKLE_HASH])
{
    size_t top = tree->peak_count++;
    memcpy(tree->peaks[top], hash, MERKLE_HASH);
    tree->levels[top] = 0;
    if (tree->count == tree->tracked) {
        tree->tracked_in = true;
        tree->tracked_at = top;
    }
    tree->count++;
    while (tree->peak_count > 1
           && tree->levels[tree->peak_count - 1] == tree->levels[tree->peak_count - 2]) {
        top = tree->peak_count - 2;
        TRY(join(tree, top, tree->peaks[top], tree->peaks[top + 1]));
        tree->levels[top]++;
        tree->peak_count--;
    }
    return NULL;
}

struct error *
merkle_add(struct merkle *tree, const void *leaf, size_t len)
{
    unsigned char hash[MERKLE_HASH];
    TRY(hash_parts(tree->context, 0x00, leaf, len, NULL, 0, hash));
    return merkle_add_hash(tree, hash);
}

struct error *
merkle_root(struct merkle *tree, unsigned char ret_root[MERKLE_HASH])
{
    if (tree->peak_count == 0) {
        if (EVP_Digest("", 0, ret_root, NULL, EVP_sha256(), NULL) != 1)
            return ERROR(ERROR_MEMORY, "a hash could not be computed");
        return NULL;
    }
    unsigned char root[MERKLE_HASH];
    unsigned char left[MERKLE_HASH];
    memcpy(root, tree->peaks[tree->peak_count - 1], sizeof root);
    for (size_t at = tree->peak_count - 1; at > 0; at--) {
        memcpy(left, tree->peaks[at - 1], sizeof left);
        TRY(join(tree, at - 1, left, root));
        memcpy(root, left, sizeof root);
    }
    memcpy(ret_root, root, sizeof root);
    return NULL;
}

struct error *
merkle_path(const struct merkle *tree, struct merkle_path *ret_path)
{
    if (!tree->tracked_in)
        return ERROR(ERROR_NOT_FOUND, "the tree has no leaf of this number");
    *ret_path = tree->path;
    return NULL;
}

struct error *
merkle_leaf(const void *leaf, size_t len, unsigned char ret_hash[MERKLE_HASH])
{
    AUTO_MERKLE tree = {0};
    TRY(merkle_init(&tree));
    return hash_parts(tree.context, 0x00, leaf, len, NULL, 0, ret_hash);
}

/* One step up: the node above `hash` and its neighbour. */
static struct error *
climb(EVP_MD_CTX *context, bool neighbour_left, const unsigned char *neighbour,
      unsigned char *hash)
{
    const unsigned char *left = neighbour_left ? neighbour : hash;
    const unsigned char *right = neighbour_left ? hash : neighbour;
    return hash_parts(context, 0x01, left, MERKLE_HASH, right, MERKLE_HASH, hash);
}

struct error *
merkle_check(const unsigned char leaf_hash[MERKLE_HASH], uint64_t index, uint64_t size,
             const struct merkle_path *path, const unsigned char root[MERKLE_HASH])
{
    AUTO_MERKLE tree = {0};
    unsigned char hash[MERKLE_HASH];
    TRY(merkle_init(&tree));
    memcpy(hash, leaf_hash, sizeof hash);
    bool fits = index < size && path->count <= MERKLE_LEVELS;
    uint64_t last = fits ? size - 1 : 0;
    for (size_t i = 0; fits && i < path->count; i++) {
        fits = last != 0;
        bool left = index % 2 == 1 || index == last;
        TRY(climb(tree.context, left, path->hashes[i], hash));
        /* The last of its level has no neighbour where the level is odd: up to where it has one. */
        while (left && index % 2 == 0 && index != 0) {
            index /= 2;
            last /= 2;
        }
        index /= 2;
        last /= 2;
    }
    if (!fits || last != 0 || memcmp(hash, root, MERKLE_HASH) != 0)
        return ERROR(ERROR_VERIFICATION, "the leaf does not belong to the tree");
    return NULL;
}
