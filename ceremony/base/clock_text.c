/* SPDX-License-Identifier: Apache-2.0
 *
 * Calendar arithmetic without the C library's time zones: days are counted from 1970-01-01 in the
 * proleptic Gregorian calendar. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "ceremony/base/clock.h"

#define DAY_SECONDS 86400

struct date {
    int64_t year;
    int month; /* 1 .. 12 */
    int day;   /* 1 .. 31 */
};

static bool
is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int
days_in_month(int64_t year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : days[month - 1];
}

/* Days of the years before `year`, counted from year 0. */
static int64_t
days_before_year(int64_t year)
{
    int64_t before = year - 1;
    return year * 365 + before / 4 - before / 100 + before / 400 + (year > 0 ? 1 : 0);
}

static int64_t
days_from_date(const struct date *date)
{
    int64_t days = days_before_year(date->year) - days_before_year(1970);
    for (int month = 1; month < date->month; month++)
        days += days_in_month(date->year, month);
    return days + date->day - 1;
}

static struct date
date_from_days(int64_t days)
{
    struct date date = {1970 + days / 366, 1, 1};
    if (days < 0)
        date.year = 1970 + days / 365 - 1;
    while (days_before_year(date.year + 1) - days_before_year(1970) <= days)
        date.year++;
    days -= days_before_year(date.year) - days_before_year(1970);
    while (days >= days_in_month(date.year, date.month)) {
        days -= days_in_month(date.year, date.month);
        date.month++;
    }
    date.day = (int)days + 1;
    return date;
}

static int64_t
floor_divide(int64_t value, int64_t by)
{
    int64_t quotient = value / by;
    return value % by < 0 ? quotient - 1 : quotient;
}

static void
format_parts(int64_t seconds, char separator, const char *fraction, char *ret_text)
{
    int64_t days = floor_divide(seconds, DAY_SECONDS);
    int rest = (int)(seconds - days * DAY_SECONDS);
    struct date date = date_from_days(days);
    unsigned year = (unsigned)(date.year < 0 ? 0 : date.year > 9999 ? 9999 : date.year);
    (void)snprintf(ret_text, CLOCK_TEXT_SIZE, "%04u-%02u-%02u%c%02u:%02u:%02u%sZ", year % 10000,
                   (unsigned)date.month % 100, (unsigned)date.day % 100, separator,
                   (unsigned)(rest / 3600) % 100, (unsigned)(rest / 60 % 60),
                   (unsigned)(rest % 60), fraction);
}

void
clock_format_ms(int64_t wall_ms, char ret_text[CLOCK_TEXT_SIZE])
{
    int64_t seconds = floor_divide(wall_ms, 1000);
    char fraction[8];
    (void)snprintf(fraction, sizeof fraction, ".%03u",
                   (unsigned)(wall_ms - seconds * 1000) % 1000);
    format_parts(seconds, 'T', fraction, ret_text);
}

void
clock_format_seconds(int64_t seconds, char ret_text[CLOCK_TEXT_SIZE])
{
    format_parts(seconds, ' ', "", ret_text);
}

/* `count` digits at `text`, or -1. */
static int
digits(const char *text, int count)
{
    int value = 0;
    for (int i = 0; i < count; i++) {
        if (text[i] < '0' || text[i] > '9')
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

static struct error *
not_a_time(const char *text)
{
    return ERROR(ERROR_INPUT,
                 "\"%.40s\" is not a date or time like 2026-11-23 or "
                 "2026-11-23T14:32:07Z",
                 text);
}

struct error *
clock_parse_date(const char *text, int64_t *ret_seconds)
{
    size_t len = strlen(text);
    if (len < 10 || text[4] != '-' || text[7] != '-')
        return not_a_time(text);
    struct date date = {digits(text, 4), digits(text + 5, 2), digits(text + 8, 2)};
    if (date.year < 1 || date.month < 1 || date.month > 12 || date.day < 1
        || date.day > days_in_month(date.year, date.month))
        return not_a_time(text);
    *ret_seconds = days_from_date(&date) * DAY_SECONDS;
    return NULL;
}

struct error *
clock_parse(const char *text, int64_t *ret_wall_ms)
{
    int64_t seconds = 0;
    TRY(clock_parse_date(text, &seconds));
    size_t len = strlen(text);
    bool has_fraction = len == 24 && text[19] == '.';
    if ((len != 20 && !has_fraction) || text[10] != 'T' || text[13] != ':' || text[16] != ':'
        || text[len - 1] != 'Z')
        return not_a_time(text);
    int hour = digits(text + 11, 2);
    int minute = digits(text + 14, 2);
    int second = digits(text + 17, 2);
    int fraction = has_fraction ? digits(text + 20, 3) : 0;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59
        || fraction < 0)
        return not_a_time(text);
    int in_day = hour * 3600 + minute * 60 + second;
    *ret_wall_ms = (seconds + in_day) * 1000 + fraction;
    return NULL;
}

int64_t
clock_add_years(int64_t seconds, int years)
{
    int64_t days = floor_divide(seconds, DAY_SECONDS);
    struct date date = date_from_days(days);
    int64_t rest = seconds - days * DAY_SECONDS;
    date.year += years;
    int last = days_in_month(date.year, date.month);
    if (date.day > last)
        date.day = last;
    return days_from_date(&date) * DAY_SECONDS + rest;
}
