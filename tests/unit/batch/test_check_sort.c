/* SPDX-License-Identifier: Apache-2.0
 *
 * Sorting more marks than fit into memory. */
#include "ceremony/batch/check_sort.h"
#include "tests/support/check.h"

struct seen {
    struct check_mark before;
    size_t count;
    size_t equal;
    uint64_t sum;
};

static struct error *
see(void *user, const struct check_mark *mark)
{
    struct seen *seen = user;
    if (seen->count > 0) {
        int order = memcmp(seen->before.hash, mark->hash, sizeof mark->hash);
        assert_true(order < 0 || (order == 0 && seen->before.index < mark->index));
        seen->equal += order == 0;
    }
    seen->before = *mark;
    seen->count++;
    seen->sum += mark->index;
    return NULL;
}

static void
check_sorted(size_t count)
{
    AUTO(check_sort) sort = NULL;
    struct seen seen = {0};
    uint64_t chance = 1;
    check_ok(check_sort_new("/tmp", &sort));
    for (size_t i = 0; i < count; i++) {
        struct check_mark mark = {.index = i};
        chance = chance * 6364136223846793005U + 1442695040888963407U;
        uint64_t hash = i % 10 == 9 ? 12345 : chance; /* every tenth has the same one */
        memcpy(mark.hash, &hash, sizeof hash);
        check_ok(check_sort_add(sort, &mark));
    }
    check_ok(check_sort_each(sort, see, &seen));
    assert_int_equal(seen.count, count);
    assert_int_equal(seen.sum, count == 0 ? 0 : (uint64_t)count * (count - 1) / 2);
    assert_int_equal(seen.equal, count / 10 == 0 ? 0 : count / 10 - 1);
}

static void
marks_come_by_hash_and_index_however_many(void **state)
{
    (void)state;
    check_sorted(0);
    check_sorted(1000);
    check_sorted(65536);
    check_sorted(65537);
    check_sorted(500000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_come_by_hash_and_index_however_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
