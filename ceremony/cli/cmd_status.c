/* SPDX-License-Identifier: Apache-2.0
 *
 * What is due, for every CA of a ledger: when certificates and CRLs end, when the next CRL must be
 * signed at the latest, what is left of each limit. As text, JSON, or a calendar (RFC 5545). (R58, R70) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/cli/command.h"
#include "ceremony/ledger/blocks.h"
#include "ceremony/ledger/known.h"
#include "ceremony/ledger/known_shares.h"
#include "ceremony/ledger/revoked.h"
#include "ceremony/pki/level.h"
#include "ceremony/rules/crl_calendar.h"

#define DAY  INT64_C(86400)
#define LEAD (30 * DAY)

#define CERTIFICATE_MAX (1U << 20)

/* Shares are to be proven once a year: opened, typed back, or checked one by one (R58, R83). */
#define PROOF_YEARS 1

/* One thing with a date. */
struct due {
    char ca[KNOWN_TEXT_MAX];
    const char *what; /* "certificate", "crl", "limit", "release", "shares" */
    char which[96];   /* the CRL's scope and number */
    int64_t due;      /* the latest day for the act */
    int64_t ends;
    int64_t left;   /* of a limit by number; -1: none */
    unsigned level; /* of a certificate */
};

struct calendar {
    const char *site;
    struct ledger *ledger;
    int64_t now;
    struct due *rows;
    size_t count;
    const struct known_key *keys;
    size_t key_count;
};

static struct error *
add(struct calendar *calendar, const struct due *due)
{
    struct due *rows = realloc(calendar->rows, (calendar->count + 1) * sizeof *calendar->rows);
    if (rows == NULL)
        return error_memory();
    calendar->rows = rows;
    rows[calendar->count++] = *due;
    return NULL;
}

/* --- what the ledger says --- */

/* Counted from the trust anchor; not known where the archive lacks a certificate on the way. */
static struct error *
find_level(const char *site, const char *certificate_sha256, unsigned *ret_level)
{
    AUTO_FREE char *folder = NULL;
    AUTO_FREE char *name = NULL;
    AUTO_FREE char *path = NULL;
    AUTO_BYTES der = {0};
    TRY(path_join(site, "archive/certificates", &folder));
    TRY(text_format(&name, "%s.der", certificate_sha256));
    TRY(path_join(folder, name, &path));
    if (!file_exists(path))
        return NULL;
    TRY(file_read(path, CERTIFICATE_MAX, &der));
    const char *folders[] = {folder};
    return pki_level_among(folders, 1, der.data, der.len, ret_level);
}

static struct error *
add_certificate(struct calendar *calendar, const struct known_key *key)
{
    AUTO_FREE struct known_certificate *rows = NULL;
    size_t count = 0;
    TRY(known_certificates(calendar->ledger, key->spki_sha256, &rows, &count));
    if (count == 0)
        return NULL;
    struct due due = {.what = "certificate", .ends = rows[0].not_after, .left = -1};
    due.due = due.ends - (rows[0].not_after - rows[0].not_before) / 10;
    TRY(find_level(calendar->site, rows[0].sha256, &due.level));
    (void)snprintf(due.ca, sizeof due.ca, "%s", key->label);
    (void)snprintf(due.which, sizeof due.which, "%.40s", rows[0].serial_hex);
    return add(calendar, &due);
}

static struct error *
add_limit(struct calendar *calendar, const struct known_key *key)
{
    struct ledger_limits limits;
    bool found = false;
    int64_t used = 0;
    TRY(ledger_get_limits(calendar->ledger, key->spki_sha256, &limits, &found, &used));
    if (!found)
        return NULL;
    struct due due = {.what = "limit",
                      .ends = limits.until,
                      .due = limits.until - (limits.until - limits.from) / 10,
                      .left = limits.count > 0 ? limits.count - used : -1};
    (void)snprintf(due.ca, sizeof due.ca, "%s", key->label);
    (void)snprintf(due.which, sizeof due.which, "%lld issued", (long long)used);
    return add(calendar, &due);
}

static struct error *
class_of(struct calendar *calendar, const char *issuer, enum crl_class *ret_class)
{
    AUTO_FREE struct ledger_serial *cas = NULL;
    size_t count = 0;
    TRY(ledger_ca_serials(calendar->ledger, issuer, &cas, &count));
    *ret_class = count > 0 ? CRL_OF_CAS : CRL_OF_USERS;
    return NULL;
}

static const struct known_key *
key_of(const struct calendar *calendar, const char *issuer)
{
    for (size_t i = 0; i < calendar->key_count; i++)
        if (strcmp(calendar->keys[i].spki_sha256, issuer) == 0
            && strcmp(calendar->keys[i].state, "destroyed") != 0)
            return &calendar->keys[i];
    return NULL;
}

/* CRLs come by issuer, scope and number: of each scope the last signed one counts. */
struct crl_list {
    struct ledger_crl *rows;
    size_t count;
};

static struct error *
keep_last(void *user, const struct ledger_crl *crl)
{
    struct crl_list *list = user;
    if (crl->sha256[0] == '\0')
        return NULL;
    struct ledger_crl *last = list->count > 0 ? &list->rows[list->count - 1] : NULL;
    if (last == NULL || strcmp(last->issuer, crl->issuer) != 0
        || strcmp(last->scope, crl->scope) != 0) {
        struct ledger_crl *rows = realloc(list->rows, (list->count + 1) * sizeof *list->rows);
        if (rows == NULL)
            return error_memory();
        list->rows = rows;
        last = &rows[list->count++];
    }
    *last = *crl;
    return NULL;
}

static struct error *
add_crls(struct calendar *calendar)
{
    struct crl_list list = {0};
    struct error *error = ledger_each_crl(calendar->ledger, keep_last, &list);
    for (size_t i = 0; i < list.count && error == NULL; i++) {
        const struct ledger_crl *crl = &list.rows[i];
        const struct known_key *key = key_of(calendar, crl->issuer);
        enum crl_class class = CRL_OF_USERS;
        if (key == NULL)
            continue;
        error = class_of(calendar, crl->issuer, &class);
        struct due due = {.what = "crl", .ends = crl->next_update, .left = -1};
        int64_t cap = crl_cap(class, crl->this_update);
        due.due = crl_due(class, crl->this_update, due.ends < cap ? due.ends : cap);
        (void)snprintf(due.ca, sizeof due.ca, "%s", key->label);
        (void)snprintf(due.which, sizeof due.which, "%.64s %llu", crl->scope,
                       (unsigned long long)crl->number);
        if (error == NULL)
            error = add(calendar, &due);
    }
    free(list.rows);
    return error;
}

/* The next one to come out of its bag: before the one that is published now ends. */
static struct error *
add_ahead(struct calendar *calendar, const struct known_key *key)
{
    AUTO_FREE struct ledger_ahead *rows = NULL;
    size_t count = 0;
    TRY(ledger_crls_ahead(calendar->ledger, key->spki_sha256, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        const struct ledger_crl *crl = &rows[i].crl;
        if (strcmp(rows[i].state, "sealed") != 0 || crl->next_update <= calendar->now)
            continue;
        struct ledger_crl now = *crl;
        bool found = false;
        TRY(ledger_crl_last(calendar->ledger, key->spki_sha256, crl->scope, &now, &found));
        struct due due = {.what = "release",
                          .due = found ? crl_due(CRL_OF_USERS, now.this_update, now.next_update)
                                       : crl->this_update,
                          .ends = crl->next_update,
                          .left = -1};
        (void)snprintf(due.ca, sizeof due.ca, "%s", key->label);
        (void)snprintf(due.which, sizeof due.which, "%.20s %llu in bag %.40s", crl->scope,
                       (unsigned long long)crl->number, rows[i].bag);
        return add(calendar, &due);
    }
    return NULL;
}

/* Whose the set is: the key's label, or the token's. False: of a key that is no more. */
static struct error *
name_set(struct calendar *calendar, const struct known_set *set, struct due *due,
         bool *ret_named)
{
    AUTO_FREE char *token = NULL;
    *ret_named = true;
    if (set->serial[0] != '\0') {
        TRY(known_token_name(calendar->ledger, set->serial, &token));
        (void)snprintf(due->ca, sizeof due->ca, "%s", token);
        return NULL;
    }
    const struct known_key *key = key_of(calendar, set->spki_sha256);
    *ret_named = key != NULL;
    if (key != NULL)
        (void)snprintf(due->ca, sizeof due->ca, "%s", key->label);
    return NULL;
}

static struct error *
add_share_set(struct calendar *calendar, const struct known_set *set)
{
    struct due due = {.what = "shares", .left = -1};
    char how[KNOWN_TEXT_MAX];
    int64_t last = 0;
    bool named = false;
    if (strcmp(set->state, "void") == 0)
        return NULL;
    TRY(name_set(calendar, set, &due, &named));
    if (!named)
        return NULL;
    TRY(known_last_proof(calendar->ledger, set->set_id, &last, how));
    char day[CLOCK_TEXT_SIZE] = "never";
    if (last != 0)
        clock_format_seconds(last, day);
    (void)snprintf(due.which, sizeof due.which, "%s%sset %u, %.20s %.10s",
                   set->user[0] != '\0' ? set->user : "", set->user[0] != '\0' ? " PIN " : "",
                   set->set_id, last != 0 ? how : "proven", day);
    due.due = last == 0 ? calendar->now : clock_add_years(last, PROOF_YEARS);
    due.ends = due.due;
    return add(calendar, &due);
}

/* When shares were proven last, and when they are to be again. */
static struct error *
add_shares(struct calendar *calendar)
{
    AUTO_FREE struct known_set *sets = NULL;
    size_t count = 0;
    TRY(known_sets(calendar->ledger, &sets, &count));
    for (size_t i = 0; i < count; i++)
        TRY(add_share_set(calendar, &sets[i]));
    return NULL;
}

static int
compare_due(const void *a, const void *b)
{
    const struct due *left = a;
    const struct due *right = b;
    if (left->due != right->due)
        return left->due < right->due ? -1 : 1;
    int order = strcmp(left->ca, right->ca);
    return order != 0 ? order : strcmp(left->which, right->which);
}

static struct error *
collect(struct calendar *calendar)
{
    for (size_t i = 0; i < calendar->key_count; i++) {
        if (strcmp(calendar->keys[i].state, "destroyed") == 0)
            continue;
        TRY(add_certificate(calendar, &calendar->keys[i]));
        TRY(add_limit(calendar, &calendar->keys[i]));
        TRY(add_ahead(calendar, &calendar->keys[i]));
    }
    TRY(add_crls(calendar));
    TRY(add_shares(calendar));
    if (calendar->count > 1)
        qsort(calendar->rows, calendar->count, sizeof *calendar->rows, compare_due);
    return NULL;
}

/* --- how it is said --- */

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
    TRY(collect(calendar));
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
    free(calendar.rows);
    return error;
}
