/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/rules/crl_calendar.h"

#include <stdlib.h>

#include "ceremony/base/clock.h"

#define DAY INT64_C(86400)

/* --- series --- */

struct crl_span
crl_series_at(const struct crl_series *series, int n)
{
    int64_t begin = series->start + n * series->step;
    return (struct crl_span){.number = series->first_number + (uint64_t)n,
                             .this_update = begin,
                             .next_update = begin + series->step + series->overlap};
}

static struct error *
refuse_date(const char *format, int64_t seconds)
{
    char text[CLOCK_TEXT_SIZE];
    clock_format_seconds(seconds, text);
    return ERROR(ERROR_REFUSED, "%s%s", format, text);
}

struct error *
crl_horizon_check(int64_t from, int64_t until)
{
    if (until > clock_add_years(from, CRL_SERIES_HORIZON_YEARS))
        return refuse_date("a series reaches no further than ten years, and this one ends on ",
                           until);
    return NULL;
}

struct error *
crl_series_check(const struct crl_series *series, int64_t issuer_until)
{
    if (series->count < 1 || series->count > CRL_SERIES_MAX)
        return ERROR(ERROR_REFUSED, "a series has 1 to %d CRLs, not %d", CRL_SERIES_MAX,
                     series->count);
    if (series->step <= 0 || series->overlap <= 0 || series->overlap > series->step)
        return error_hint(
            ERROR(ERROR_REFUSED,
                  "the CRLs of a series must overlap, by no more than the time between two"),
            "Half a year between two and a month of overlap is usual");
    if (series->step > clock_add_years(series->start, CRL_SERIES_HORIZON_YEARS) - series->start)
        return ERROR(ERROR_REFUSED, "the CRLs of the series lie more than ten years apart");
    struct crl_span last = crl_series_at(series, series->count - 1);
    TRY(crl_horizon_check(series->start, last.next_update));
    if (last.next_update > issuer_until)
        return refuse_date("the series would outlive its issuer, which ends on ", issuer_until);
    return NULL;
}

static int
compare_spans(const void *a, const void *b)
{
    const struct crl_span *left = a;
    const struct crl_span *right = b;
    if (left->this_update != right->this_update)
        return left->this_update < right->this_update ? -1 : 1;
    return left->number < right->number ? -1 : left->number > right->number;
}

static struct error *
check_rising(const struct crl_span *spans, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (spans[i].next_update <= spans[i].this_update)
            return ERROR(ERROR_REFUSED, "CRL %llu ends before it begins",
                         (unsigned long long)spans[i].number);
        if (i > 0 && spans[i].number <= spans[i - 1].number)
            return ERROR(
                ERROR_REFUSED, "CRL %llu begins after CRL %llu, but its number is not higher",
                (unsigned long long)spans[i].number, (unsigned long long)spans[i - 1].number);
    }
    return NULL;
}

struct error *
crl_coverage_check(struct crl_span *spans, size_t count, int64_t from, int64_t until)
{
    if (count > 0)
        qsort(spans, count, sizeof *spans, compare_spans);
    TRY(check_rising(spans, count));
    int64_t covered = from - 1; /* the last instant for which something is valid */
    for (size_t i = 0; i < count && covered < until; i++) {
        if (spans[i].this_update > covered + 1)
            break;
        if (spans[i].next_update > covered)
            covered = spans[i].next_update;
    }
    if (covered < until)
        return refuse_date("no CRL is valid on ", covered + 1);
    return NULL;
}

int64_t
crl_exposed_until(const struct crl_span *unreleased, size_t count, int64_t revoked)
{
    int64_t until = 0;
    for (size_t i = 0; i < count; i++)
        if (unreleased[i].next_update > revoked && unreleased[i].next_update > until)
            until = unreleased[i].next_update;
    return until;
}

/* --- calendar --- */

int64_t
crl_cap(enum crl_class class, int64_t this_update)
{
    if (class == CRL_OF_USERS)
        return INT64_MAX;
    if (class == CRL_OF_CAS)
        return clock_add_years(this_update, 1);
    return this_update + 10 * DAY;
}

int64_t
crl_due(enum crl_class class, int64_t this_update, int64_t next_update)
{
    int64_t due = next_update - (next_update - this_update) / 10;
    int64_t rule = class == CRL_OF_USERS_PUBLIC        ? this_update + 4 * DAY
                   : class == CRL_OF_USERS_PUBLIC_OCSP ? this_update + 7 * DAY
                                                       : due;
    return rule < due ? rule : due;
}

enum due_state
due_state_of(int64_t due, int64_t now, int64_t lead)
{
    if (now > due)
        return DUE_OVER;
    return now >= due - lead ? DUE_SOON : DUE_LATER;
}
