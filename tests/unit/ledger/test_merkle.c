/* SPDX-License-Identifier: Apache-2.0
 *
 * The Merkle tree of RFC 9162 against the recursive definition, the roots that Certificate
 * Transparency's own implementations publish, and every path of every small tree (R69, R102). */
#include <openssl/evp.h>

#include "ceremony/base/encode.h"
#include "ceremony/ledger/merkle.h"
#include "tests/support/check.h"

#define SIZE_MAX_TRIED 70U

static void
hash(unsigned char prefix, const void *a, size_t a_len, const void *b, size_t b_len,
     unsigned char *ret)
{
    unsigned char data[128];
    data[0] = prefix;
    memcpy(data + 1, a, a_len);
    if (b_len > 0)
        memcpy(data + 1 + a_len, b, b_len);
    assert_int_equal(EVP_Digest(data, 1 + a_len + b_len, ret, NULL, EVP_sha256(), NULL), 1);
}

/* Section 2.1.1, word by word; leaf n is the octet n. */
static void
definition(unsigned from, unsigned count, unsigned char *ret)
{
    if (count == 1) {
        unsigned char leaf = (unsigned char)from;
        hash(0, &leaf, 1, NULL, 0, ret);
        return;
    }
    unsigned k = 1;
    while (2 * k < count)
        k *= 2;
    unsigned char left[32];
    unsigned char right[32];
    definition(from, k, left);
    definition(from + k, count - k, right);
    hash(1, left, 32, right, 32, ret);
}

static void
fill(struct merkle *tree, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        unsigned char leaf = (unsigned char)i;
        check_ok(merkle_add(tree, &leaf, 1));
    }
}

static void
test_definition(void **state)
{
    (void)state;
    for (unsigned count = 1; count <= SIZE_MAX_TRIED; count++) {
        AUTO_MERKLE tree = {0};
        unsigned char want[32];
        unsigned char root[32];
        check_ok(merkle_init(&tree));
        fill(&tree, count);
        check_ok(merkle_root(&tree, root));
        definition(0, count, want);
        assert_memory_equal(root, want, 32);
        check_ok(merkle_root(&tree, root)); /* asking changes nothing */
        assert_memory_equal(root, want, 32);
    }
}

static void
test_published_roots(void **state)
{
    (void)state;
    static const char *const leaves[] = {"",
                                         "00",
                                         "10",
                                         "2021",
                                         "3031",
                                         "40414243",
                                         "5051525354555657",
                                         "606162636465666768696a6b6c6d6e6f"};
    static const char *const roots[] = {
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
    AUTO_MERKLE tree = {0};
    unsigned char root[32];
    char text[65];
    check_ok(merkle_init(&tree));
    check_ok(merkle_root(&tree, root));
    hex_encode(root, 32, text);
    assert_string_equal(text,
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    for (size_t i = 0; i < 8; i++) {
        AUTO_BYTES leaf = {0};
        check_ok(hex_decode_append(leaves[i], &leaf));
        check_ok(merkle_add(&tree, leaf.len == 0 ? "" : (const char *)leaf.data, leaf.len));
        check_ok(merkle_root(&tree, root));
        hex_encode(root, 32, text);
        assert_string_equal(text, roots[i]);
    }
}

/* A path proves its own leaf at its own place in its own tree, and nothing else. */
static void
check_path(unsigned index, unsigned count)
{
    AUTO_MERKLE tree = {0};
    struct merkle_path path;
    unsigned char root[32];
    unsigned char leaf[32];
    unsigned char octet = (unsigned char)index;
    check_ok(merkle_init(&tree));
    merkle_track(&tree, index);
    fill(&tree, count);
    check_ok(merkle_root(&tree, root));
    check_ok(merkle_path(&tree, &path));
    check_ok(merkle_leaf(&octet, 1, leaf));
    check_ok(merkle_check(leaf, index, count, &path, root));
    if (count > 1)
        check_error(merkle_check(leaf, (index + 1) % count, count, &path, root),
                    ERROR_VERIFICATION);
    check_error(merkle_check(leaf, index, index, &path, root), ERROR_VERIFICATION);
    leaf[5] ^= 1;
    check_error(merkle_check(leaf, index, count, &path, root), ERROR_VERIFICATION);
    leaf[5] ^= 1;
    root[31] ^= 1;
    check_error(merkle_check(leaf, index, count, &path, root), ERROR_VERIFICATION);
    root[31] ^= 1;
    if (path.count > 0) {
        path.count--;
        check_error(merkle_check(leaf, index, count, &path, root), ERROR_VERIFICATION);
    }
}

static void
test_paths(void **state)
{
    (void)state;
    for (unsigned count = 1; count <= 33; count++)
        for (unsigned index = 0; index < count; index++)
            check_path(index, count);
    check_path(64, 65);
    check_path(0, SIZE_MAX_TRIED);
}

static void
test_no_path(void **state)
{
    (void)state;
    AUTO_MERKLE tree = {0};
    struct merkle_path path;
    unsigned char root[32];
    check_ok(merkle_init(&tree));
    merkle_track(&tree, 3);
    fill(&tree, 3);
    check_ok(merkle_root(&tree, root));
    check_error(merkle_path(&tree, &path), ERROR_NOT_FOUND);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_definition),
        cmocka_unit_test(test_published_roots),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_no_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
