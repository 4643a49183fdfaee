/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/cli/calendar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/file.h"
#include "ceremony/base/text.h"
#include "ceremony/ledger/blocks.h"
#include "ceremony/ledger/known_shares.h"
#include "ceremony/ledger/revoked.h"
#include "ceremony/pki/level.h"
#include "ceremony/rules/crl_calendar.h"

#define CERTIFICATE_MAX (1U << 20)

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
    struct known_proof last;
    bool named = false;
    if (strcmp(set->state, "void") == 0)
        return NULL;
    TRY(name_set(calendar, set, &due, &named));
    if (!named)
        return NULL;
    TRY(known_last_proof(calendar->ledger, set->set_id, &last));
    char day[CLOCK_TEXT_SIZE] = "never";
    if (last.time != 0)
        clock_format_seconds(last.time, day);
    (void)snprintf(due.which, sizeof due.which, "%s%sset %u, %.20s %.10s",
                   set->user[0] != '\0' ? set->user : "", set->user[0] != '\0' ? " PIN " : "",
                   set->set_id, last.time != 0 ? last.how : "proven", day);
    due.due = last.time == 0 ? calendar->now : clock_add_years(last.time, SHARE_PROOF_YEARS);
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

struct error *
calendar_collect(struct calendar *calendar)
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

void
calendar_clear(struct calendar *calendar)
{
    free(calendar->rows);
    calendar->rows = NULL;
    calendar->count = 0;
}
