/* SPDX-License-Identifier: Apache-2.0
 *
 * Chance series and partitions: whatever is let through covers every instant of its horizon, and one
 * CRL taken out of a series leaves a gap that is named (R59); every serial number has one partition,
 * and the partitions together are all (R54). */
#include "ceremony/base/clock.h"
#include "ceremony/rules/crl_calendar.h"
#include "ceremony/rules/crl_partition.h"
#include "tests/support/check.h"

#define ROUNDS   2000
#define INSTANTS 400
#define START    INT64_C(1795443727)
#define DAY      INT64_C(86400)

static uint64_t chance = UINT64_C(88172645463325252);

static uint64_t
draw(uint64_t below)
{
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return chance % below;
}

static size_t
valid_at(const struct crl_span *spans, size_t count, int64_t instant)
{
    size_t valid = 0;
    for (size_t i = 0; i < count; i++)
        valid += spans[i].this_update <= instant && instant <= spans[i].next_update;
    return valid;
}

static size_t
make_series(struct crl_span *spans)
{
    struct crl_series series = {.start = START + (int64_t)draw(1000000),
                                .step = (int64_t)draw(400 * DAY),
                                .overlap = (int64_t)draw(60 * DAY),
                                .count = (int)draw(40),
                                .first_number = 1 + draw(1000)};
    struct error *error = crl_series_check(&series, START + 9 * 365 * DAY);
    bool refused = error != NULL;
    error_free(error);
    if (refused)
        return 0;
    for (int i = 0; i < series.count; i++)
        spans[i] = crl_series_at(&series, i);
    return (size_t)series.count;
}

static void
test_series(void **state)
{
    static struct crl_span spans[CRL_SERIES_MAX];
    unsigned accepted = 0;
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t count = make_series(spans);
        if (count == 0)
            continue;
        accepted++;
        int64_t from = spans[0].this_update;
        int64_t until = spans[count - 1].next_update;
        assert_true(until <= clock_add_years(from, 10));
        for (unsigned i = 0; i < INSTANTS; i++)
            assert_true(
                valid_at(spans, count, from + (int64_t)draw((uint64_t)(until - from + 1)))
                >= 1);
        for (size_t i = 0; i < count;
             i++) { /* the instants at which something ends or begins */
            assert_true(valid_at(spans, count, spans[i].next_update) >= 1);
            assert_true(i + 1 == count
                        || valid_at(spans, count, spans[i].next_update + 1) >= 1);
        }
        static struct crl_span shuffled[CRL_SERIES_MAX];
        for (size_t i = 0; i < count; i++) {
            size_t other = draw(i + 1);
            shuffled[i] = shuffled[other];
            shuffled[other] = spans[i];
        }
        check_ok(crl_coverage_check(shuffled, count, from, until));
        check_error_says(crl_coverage_check(shuffled, count, from, until + 1), ERROR_REFUSED,
                         "no CRL is valid on");
        check_error_says(crl_coverage_check(shuffled, count, from - 1, until), ERROR_REFUSED,
                         "no CRL is valid on");
    }
    assert_true(accepted > ROUNDS / 20);
}

static void
test_gaps(void **state)
{
    static struct crl_span spans[CRL_SERIES_MAX];
    unsigned gaps = 0;
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t count = make_series(spans);
        if (count < 3)
            continue;
        int64_t from = spans[0].this_update;
        int64_t until = spans[count - 1].next_update;
        size_t lost = draw(count);
        static struct crl_span left[CRL_SERIES_MAX];
        size_t kept = 0;
        for (size_t i = 0; i < count; i++)
            if (i != lost)
                left[kept++] = spans[i];
        /* Overlap is at most one step, so its neighbours cannot stand in for it, but for touching. */
        bool gap = false;
        int64_t probe = lost == 0 ? from : spans[lost - 1].next_update + 1;
        gap = probe <= until && valid_at(left, kept, probe) == 0;
        struct error *error = crl_coverage_check(left, kept, from, until);
        assert_int_equal(error != NULL, gap);
        error_free(error);
        gaps += gap;
        /* A number that does not rise is refused, covered or not. */
        size_t twin = draw(count - 1);
        spans[twin + 1].number = spans[twin].number;
        check_error_says(crl_coverage_check(spans, count, from, until), ERROR_REFUSED,
                         "not higher");
    }
    assert_true(gaps > 20);
}

static void
test_partitions(void **state)
{
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        unsigned char serial[21] = {0};
        size_t len = 1 + draw(20);
        int partitions = 1 + (int)draw(CRL_PARTITIONS_MAX);
        for (size_t i = 0; i < len; i++)
            serial[1 + i] = (unsigned char)draw(256);
        int one = crl_partition_of(serial + 1, len, partitions);
        assert_in_range(one, 1, partitions);
        assert_int_equal(crl_partition_of(serial, len + 1, partitions),
                         one); /* a zero in front */
    }
    /* All are used, about equally. */
    unsigned counts[8] = {0};
    for (unsigned i = 0; i < 80000; i++) {
        unsigned char serial[8];
        for (size_t j = 0; j < 8; j++)
            serial[j] = (unsigned char)draw(256);
        counts[crl_partition_of(serial, 8, 8) - 1]++;
    }
    for (size_t i = 0; i < 8; i++)
        assert_in_range(counts[i], 9000, 11000);
    assert_int_equal(crl_partition_of((const unsigned char *)"x", 1, 0), 0);
    assert_int_equal(crl_partition_of((const unsigned char *)"x", 1, CRL_PARTITIONS_MAX + 1),
                     0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_series),
                                       cmocka_unit_test(test_gaps),
                                       cmocka_unit_test(test_partitions)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
