/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/pki/weak_shared.h"

#include <gmp.h>

#define LEVELS_MAX 40
#define NAMED_MAX  200 /* pairs are named one by one, which takes the square of their number */

struct modulus {
    mpz_t n;
    uint64_t tag;
};

struct weak_shared {
    struct modulus *moduli;
    size_t count;
    size_t room;
    size_t bytes;
    size_t limit;
};

/* A row of the tree. */
struct level {
    mpz_t *nodes;
    size_t count;
};

struct tree {
    struct level levels[LEVELS_MAX]; /* 0: the moduli */
    size_t depth;
    size_t done; /* of 3 * depth steps of about the same size */
};

struct error *
weak_shared_new(size_t bytes, struct weak_shared **ret_shared)
{
    struct weak_shared *shared = calloc(1, sizeof *shared);
    if (shared == NULL)
        return error_memory();
    shared->limit = bytes == 0 ? WEAK_SHARED_BYTES : bytes;
    *ret_shared = shared;
    return NULL;
}

static void
drop_moduli(struct weak_shared *shared)
{
    for (size_t i = 0; i < shared->count; i++)
        mpz_clear(shared->moduli[i].n);
    free(shared->moduli);
    shared->moduli = NULL;
    shared->count = shared->room = shared->bytes = 0;
}

void
weak_shared_free(struct weak_shared *shared)
{
    if (shared == NULL)
        return;
    drop_moduli(shared);
    free(shared);
}

struct error *
weak_shared_add(struct weak_shared *shared, struct der modulus, uint64_t tag, bool *ret_within)
{
    *ret_within = shared->bytes + modulus.len <= shared->limit;
    if (!*ret_within)
        return NULL;
    if (shared->count == shared->room) {
        size_t room = shared->room == 0 ? 1024 : shared->room * 2;
        struct modulus *moduli = realloc(shared->moduli, room * sizeof *moduli);
        if (moduli == NULL)
            return error_memory();
        shared->moduli = moduli;
        shared->room = room;
    }
    struct modulus *next = &shared->moduli[shared->count++];
    next->tag = tag;
    mpz_init(next->n);
    mpz_import(next->n, modulus.len, 1, 1, 1, 0, modulus.p);
    shared->bytes += modulus.len;
    return NULL;
}

static int
compare_moduli(const void *a, const void *b)
{
    const struct modulus *left = a;
    const struct modulus *right = b;
    int order = mpz_cmp(left->n, right->n);
    return order != 0 ? order : (left->tag > right->tag) - (left->tag < right->tag);
}

/* Sorted, each once: of equal ones the lowest tag stays. */
static void
make_unique(struct weak_shared *shared)
{
    size_t to = 0;
    if (shared->count > 0)
        qsort(shared->moduli, shared->count, sizeof *shared->moduli, compare_moduli);
    for (size_t i = 0; i < shared->count; i++) {
        if (to > 0 && mpz_cmp(shared->moduli[to - 1].n, shared->moduli[i].n) == 0)
            mpz_clear(shared->moduli[i].n);
        else
            shared->moduli[to++] = shared->moduli[i];
    }
    shared->count = to;
}

static void
drop_level(struct level *level)
{
    for (size_t i = 0; i < level->count; i++)
        mpz_clear(level->nodes[i]);
    free(level->nodes);
    *level = (struct level){0};
}

static struct error *
make_level(struct level *level, size_t count)
{
    level->nodes = malloc(count * sizeof *level->nodes);
    if (level->nodes == NULL)
        return error_memory();
    level->count = count;
    for (size_t i = 0; i < count; i++)
        mpz_init(level->nodes[i]);
    return NULL;
}

static struct error *
tell(struct tree *tree, const struct weak_shared_report *report, size_t steps)
{
    tree->done += steps;
    double part = (double)tree->done / (double)(3 * tree->depth + 1);
    return report->progress == NULL ? NULL : report->progress(report->user, part);
}

/* Products of pairs, up to one. An odd node at the end goes up as it is. */
static struct error *
grow(struct weak_shared *shared, const struct weak_shared_report *report, struct tree *tree)
{
    TRY(make_level(&tree->levels[0], shared->count));
    for (size_t i = 0; i < shared->count; i++)
        mpz_set(tree->levels[0].nodes[i], shared->moduli[i].n);
    size_t depth = 1;
    for (size_t count = shared->count; count > 1; count = (count + 1) / 2)
        depth++;
    tree->depth = depth;
    for (size_t d = 1; d < depth; d++) {
        const struct level *below = &tree->levels[d - 1];
        struct level *level = &tree->levels[d];
        TRY(make_level(level, (below->count + 1) / 2));
        for (size_t i = 0; i < level->count; i++)
            if (2 * i + 1 < below->count)
                mpz_mul(level->nodes[i], below->nodes[2 * i], below->nodes[2 * i + 1]);
            else
                mpz_set(level->nodes[i], below->nodes[2 * i]);
        TRY(tell(tree, report, 1));
    }
    return NULL;
}

/* Each node becomes the remainder of the whole product by its own square; the level above is let go. */
static struct error *
sink(const struct weak_shared_report *report, struct tree *tree)
{
    mpz_t square;
    struct error *error = NULL;
    mpz_init(square);
    for (size_t d = tree->depth - 1; d > 0 && error == NULL; d--) {
        struct level *above = &tree->levels[d];
        struct level *level = &tree->levels[d - 1];
        for (size_t i = 0; i < level->count; i++) {
            mpz_mul(square, level->nodes[i], level->nodes[i]);
            mpz_mod(level->nodes[i], above->nodes[i / 2], square);
        }
        drop_level(above);
        error = tell(tree, report, 2);
    }
    mpz_clear(square);
    return error;
}

/* The moduli that share a prime with some other one: their numbers, in order. */
static void
collect(struct weak_shared *shared, struct level *leaves, size_t *ret_hits, size_t *ret_count)
{
    mpz_t common;
    mpz_init(common);
    *ret_count = 0;
    for (size_t i = 0; i < leaves->count; i++) {
        mpz_divexact(common, leaves->nodes[i], shared->moduli[i].n);
        mpz_gcd(common, common, shared->moduli[i].n);
        if (mpz_cmp_ui(common, 1) != 0)
            ret_hits[(*ret_count)++] = i;
    }
    mpz_clear(common);
}

/* With whom: the first other one among the few that share at all. */
static uint64_t
find_partner(const struct weak_shared *shared, const size_t *hits, size_t count, size_t i)
{
    uint64_t with = WEAK_SHARED_UNNAMED;
    mpz_t common;
    mpz_init(common);
    for (size_t j = 0; j < count && j < NAMED_MAX && with == WEAK_SHARED_UNNAMED; j++) {
        mpz_gcd(common, shared->moduli[hits[i]].n, shared->moduli[hits[j]].n);
        if (i != j && mpz_cmp_ui(common, 1) != 0)
            with = shared->moduli[hits[j]].tag;
    }
    mpz_clear(common);
    return with;
}

static struct error *
search(struct weak_shared *shared, const struct weak_shared_report *report, struct tree *tree)
{
    size_t count = 0;
    TRY(grow(shared, report, tree));
    TRY(sink(report, tree));
    AUTO_FREE size_t *hits = malloc(shared->count * sizeof *hits);
    if (hits == NULL)
        return error_memory();
    collect(shared, &tree->levels[0], hits, &count);
    for (size_t i = 0; i < count; i++) {
        uint64_t with =
            i < NAMED_MAX ? find_partner(shared, hits, count, i) : WEAK_SHARED_UNNAMED;
        TRY(report->found(report->user, shared->moduli[hits[i]].tag, with));
    }
    return NULL;
}

struct error *
weak_shared_find(struct weak_shared *shared, const struct weak_shared_report *report)
{
    struct tree tree = {0};
    struct error *error = NULL;
    make_unique(shared);
    if (shared->count > 1)
        error = search(shared, report, &tree);
    for (size_t i = 0; i < LEVELS_MAX; i++)
        drop_level(&tree.levels[i]);
    drop_moduli(shared);
    return error;
}
