/* SPDX-License-Identifier: Apache-2.0
 *
 * The calendar of a site as text, JSON, or a calendar file (RFC 5545). (R58) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/file.h"
#include "ceremony/cli/calendar.h"
#include "ceremony/cli/command.h"
#include "ceremony/pki/level.h"
#include "ceremony/rules/crl_calendar.h"

#define LEAD (30 * INT64_C(86400))

static const char *
state_of(const struct calendar *calendar, const struct due *due)
{
    static const char *const names[] = {
        [DUE_LATER] = "later", [DUE_SOON] = "soon", [DUE_OVER] = "OVERDUE"};
    return names[due_state_of(due->due, calendar->now, LEAD)];
}

static void
print_text(const struct calendar *calendar)
{
    (void)printf("%-8s %-11s %-11s %-20s %s\n", "", "do by", "ends", "CA", "what");
    for (size_t i = 0; i < calendar->count; i++) {
        const struct due *due = &calendar->rows[i];
        char by[CLOCK_TEXT_SIZE];
        char ends[CLOCK_TEXT_SIZE];
        clock_format_seconds(due->due, by);
        clock_format_seconds(due->ends, ends);
        (void)printf("%-8s %.10s  %.10s  %-20s %s %s", state_of(calendar, due), by, ends,
                     due->ca, due->what, due->which);
        if (due->left >= 0)
            (void)printf(", %lld left", (long long)due->left);
        if (due->level != PKI_LEVEL_UNKNOWN)
            (void)printf(", level %u", due->level);
        (void)printf("\n");
    }
    if (calendar->count == 0)
        (void)printf("nothing: the ledger knows no CA\n");
}

static struct error *
print_json(const struct calendar *calendar)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < calendar->count; i++) {
        const struct due *due = &calendar->rows[i];
        char by[CLOCK_TEXT_SIZE];
        char ends[CLOCK_TEXT_SIZE];
        clock_format_ms(due->due * 1000, by);
        clock_format_ms(due->ends * 1000, ends);
        json_t *row =
            json_pack("{s:s,s:s,s:s,s:s,s:s,s:s}", "ca", due->ca, "what", due->what, "which",
                      due->which, "due", by, "ends", ends, "state", state_of(calendar, due));
        if (row != NULL && due->left >= 0)
            (void)json_object_set_new(row, "left", json_integer((json_int_t)due->left));
        if (row != NULL && due->level != PKI_LEVEL_UNKNOWN)
            (void)json_object_set_new(row, "level", json_integer((json_int_t)due->level));
        (void)json_array_append_new(rows, row);
    }
    char *text = json_dumps(rows, JSON_INDENT(1) | JSON_SORT_KEYS);
    json_decref(rows);
    if (text == NULL)
        return error_memory();
    (void)printf("%s\n", text);
    free(text);
    return NULL;
}

/* "20261223" or "20261223T142207Z" from "2026-12-23 14:22:07Z". */
static void
ical_time(int64_t seconds, bool day_only, char ret_text[CLOCK_TEXT_SIZE])
{
    char text[CLOCK_TEXT_SIZE];
    size_t at = 0;
    clock_format_seconds(seconds, text);
    for (const char *p = text; *p != '\0' && !(day_only && *p == ' '); p++)
        if (*p == ' ')
            ret_text[at++] = 'T';
        else if (*p != '-' && *p != ':')
            ret_text[at++] = *p;
    ret_text[at] = '\0';
}

/* Commas, semicolons and backslashes are escaped (RFC 5545 3.3.11). */
static void
print_ical_text(const char *text)
{
    for (; *text != '\0'; text++)
        (void)printf("%s%c", strchr(",;\\", *text) != NULL ? "\\" : "", *text);
}

static void
print_ical(const struct calendar *calendar)
{
    char stamp[CLOCK_TEXT_SIZE];
    ical_time(calendar->now, false, stamp);
    (void)printf("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//ceremony//status//EN\r\n");
    for (size_t i = 0; i < calendar->count; i++) {
        const struct due *due = &calendar->rows[i];
        char day[CLOCK_TEXT_SIZE];
        ical_time(due->due, true, day);
        (void)printf("BEGIN:VEVENT\r\nUID:%s-%zu-%s@ceremony\r\nDTSTAMP:%s\r\n", day, i,
                     due->what, stamp);
        (void)printf("DTSTART;VALUE=DATE:%s\r\nSUMMARY:", day);
        print_ical_text(due->ca);
        (void)printf("\\, %s ", due->what);
        print_ical_text(due->which);
        (void)printf("\r\nEND:VEVENT\r\n");
    }
    (void)printf("END:VCALENDAR\r\n");
}

static struct error *
report(struct calendar *calendar)
{
    TRY(calendar_collect(calendar));
    if (option_value("--json") != NULL)
        return print_json(calendar);
    if (option_value("--ical") != NULL)
        print_ical(calendar);
    else
        print_text(calendar);
    return NULL;
}

struct error *
cmd_status(const struct command *command)
{
    AUTO(ledger) ledger = NULL;
    AUTO_FREE char *path = NULL;
    AUTO_FREE struct known_key *keys = NULL;
    struct calendar calendar = {0};
    struct clock_reading now;
    (void)command;
    if (option_value("--site") == NULL)
        return ERROR(ERROR_USAGE, "--site DIR is missing");
    if (option_value("--json") != NULL && option_value("--ical") != NULL)
        return ERROR(ERROR_USAGE, "--json and --ical cannot both be given");
    clock_read(&now);
    TRY(path_join(option_value("--site"), "ledger.db", &path));
    TRY_DOING(ledger_open_read(path, &ledger), "reading the ledger");
    TRY(known_keys(ledger, &keys, &calendar.key_count));
    calendar.site = option_value("--site");
    calendar.ledger = ledger;
    calendar.keys = keys;
    calendar.now = now.wall_ms / 1000;
    struct error *error = report(&calendar);
    calendar_clear(&calendar);
    return error;
}
