/* SPDX-License-Identifier: Apache-2.0
 *
 * What a series may be, what a stolen CRL of it could hide, and when CRLs are due (R58, R59). */
#include "ceremony/base/clock.h"
#include "ceremony/rules/crl_calendar.h"
#include "tests/support/check.h"

#define START INT64_C(1795443727)
#define DAY   INT64_C(86400)
#define FAR   (START + 40 * 365 * DAY)

static const struct crl_series usual = {
    .start = START, .step = 182 * DAY, .overlap = 30 * DAY, .count = 19, .first_number = 5};

static void
test_refused_series(void **state)
{
    (void)state;
    struct crl_series s = usual;
    check_ok(crl_series_check(&s, FAR));
    check_error_says(crl_series_check(&s, START + 365 * DAY), ERROR_REFUSED, "outlive");
    s.count = 20;
    check_error_says(crl_series_check(&s, FAR), ERROR_REFUSED, "ten years");
    s.count = 0;
    check_error_says(crl_series_check(&s, FAR), ERROR_REFUSED, "1 to 240");
    s.count = 241;
    check_error_says(crl_series_check(&s, FAR), ERROR_REFUSED, "1 to 240");
    s = usual;
    s.overlap = 0;
    check_error_says(crl_series_check(&s, FAR), ERROR_REFUSED, "overlap");
    s.overlap = s.step + 1;
    check_error_says(crl_series_check(&s, FAR), ERROR_REFUSED, "overlap");
    s.step = INT64_MAX / 2;
    s.overlap = 1;
    check_error_says(crl_series_check(&s, INT64_MAX), ERROR_REFUSED, "ten years");
}

static void
test_exposure(void **state)
{
    (void)state;
    struct crl_span spans[19];
    for (int i = 0; i < 19; i++)
        spans[i] = crl_series_at(&usual, i);
    assert_int_equal(spans[18].number, 23);
    int64_t revoked = START + 400 * DAY;
    assert_int_equal(crl_exposed_until(spans, 19, revoked), spans[18].next_update);
    assert_int_equal(crl_exposed_until(spans, 18, revoked), spans[17].next_update);
    assert_int_equal(crl_exposed_until(spans, 1, revoked), 0);
    assert_int_equal(crl_exposed_until(spans, 0, revoked), 0);
}

static void
test_due(void **state)
{
    (void)state;
    int64_t year = clock_add_years(START, 1);
    assert_int_equal(crl_cap(CRL_OF_CAS, START), year);
    assert_int_equal(crl_cap(CRL_OF_USERS_PUBLIC, START), START + 10 * DAY);
    assert_int_equal(crl_cap(CRL_OF_USERS, START), INT64_MAX);
    assert_int_equal(crl_due(CRL_OF_CAS, START, START + 330 * DAY), START + 297 * DAY);
    assert_int_equal(crl_due(CRL_OF_USERS_PUBLIC, START, START + 10 * DAY), START + 4 * DAY);
    assert_int_equal(crl_due(CRL_OF_USERS_PUBLIC_OCSP, START, START + 10 * DAY),
                     START + 7 * DAY);
    assert_int_equal(crl_due(CRL_OF_USERS_PUBLIC, START, START + 2 * DAY),
                     START + 2 * DAY - 2 * DAY / 10);
    assert_int_equal(due_state_of(START, START - 10 * DAY, 5 * DAY), DUE_LATER);
    assert_int_equal(due_state_of(START, START - 5 * DAY, 5 * DAY), DUE_SOON);
    assert_int_equal(due_state_of(START, START + 1, 5 * DAY), DUE_OVER);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_refused_series),
                                       cmocka_unit_test(test_exposure),
                                       cmocka_unit_test(test_due)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
