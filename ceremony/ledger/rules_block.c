/* SPDX-License-Identifier: Apache-2.0
 *
 * Entries that stand for a block of rows, and the limits of issuers. The rows themselves are not
 * seen here: blocks.c writes them, check_blocks.c hashes them again. */
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/encode.h"
#include "ceremony/ledger/blocks.h"
#include "ceremony/ledger/rules_private.h"

struct limits {
    int64_t count;
    int64_t from;
    int64_t until;
    bool present;
};

static struct error *
get_limits(struct store *store, const char *issuer, struct limits *ret_limits)
{
    bool row = false;
    TRY(store_bind(store, STORE_LIMITS_GET, "s", issuer));
    TRY(store_step(store, STORE_LIMITS_GET, &row));
    *ret_limits = (struct limits){.present = row};
    if (row) {
        ret_limits->count = store_number(store, STORE_LIMITS_GET, 0);
        ret_limits->from = store_number(store, STORE_LIMITS_GET, 1);
        ret_limits->until = store_number(store, STORE_LIMITS_GET, 2);
    }
    store_reset(store, STORE_LIMITS_GET);
    return NULL;
}

static struct error *
check_count(struct store *store, const char *issuer, int64_t limit, int64_t more)
{
    bool row = false;
    TRY(store_bind(store, STORE_ISSUER_COUNT, "s", issuer));
    TRY(store_step(store, STORE_ISSUER_COUNT, &row));
    int64_t made = store_number(store, STORE_ISSUER_COUNT, 0);
    store_reset(store, STORE_ISSUER_COUNT);
    if (more <= limit - made)
        return NULL;
    return error_hint(
        ERROR(ERROR_REFUSED,
              "the issuer may make %lld certificates, has made %lld, and %lld more "
              "are asked for",
              (long long)limit, (long long)made, (long long)more),
        "Issue fewer, or have the limit of this issuer raised by a ceremony.");
}

struct error *
rules_check_limits(struct applied *a, const char *issuer, int64_t more)
{
    struct limits limits;
    int64_t wall_ms = 0;
    TRY(get_limits(a->store, issuer, &limits));
    if (!limits.present)
        return NULL;
    TRY(clock_parse(a->entry->time, &wall_ms));
    int64_t now = wall_ms / 1000;
    if (now < limits.from || now > limits.until) {
        char from[CLOCK_TEXT_SIZE];
        char until[CLOCK_TEXT_SIZE];
        clock_format_seconds(limits.from, from);
        clock_format_seconds(limits.until, until);
        return ERROR(ERROR_REFUSED, "the issuer may make certificates from %s to %s only", from,
                     until);
    }
    return limits.count == 0 ? NULL : check_count(a->store, issuer, limits.count, more);
}

struct error *
rules_check_rows(struct applied *a, const char *issuer, const char *serial)
{
    bool row = false;
    AUTO_BYTES octets = {0};
    TRY(hex_decode_append(serial, &octets));
    TRY(store_bind(a->store, STORE_ROW_BY_SERIAL, "sb", issuer, (const void *)octets.data,
                   octets.len));
    TRY(store_step(a->store, STORE_ROW_BY_SERIAL, &row));
    store_reset(a->store, STORE_ROW_BY_SERIAL);
    if (row)
        return ERROR(ERROR_REFUSED, "the serial number %s was used before by this issuer",
                     serial);
    return NULL;
}

struct error *
rules_issuer_limits(struct applied *a)
{
    struct limits limits;
    const char *issuer = rules_text(a, "issuer");
    TRY(get_limits(a->store, issuer, &limits));
    a->nothing = limits.present && limits.count == rules_number(a, "count")
                 && limits.from == rules_number(a, "from")
                 && limits.until == rules_number(a, "until");
    if (a->nothing)
        return NULL;
    TRY(store_bind(a->store, STORE_LIMITS_PUT, "siiis", issuer, rules_number(a, "count"),
                   rules_number(a, "from"), rules_number(a, "until"), a->entry->ceremony));
    return store_do(a->store, STORE_LIMITS_PUT);
}

/* The number of the first row of a new block of this kind. */
static struct error *
next_row(const struct applied *a, int64_t *ret_first)
{
    bool row = false;
    TRY(store_bind(a->store, STORE_BLOCK_FIRST, "s", a->entry->kind));
    TRY(store_step(a->store, STORE_BLOCK_FIRST, &row));
    *ret_first = store_number(a->store, STORE_BLOCK_FIRST, 0);
    store_reset(a->store, STORE_BLOCK_FIRST);
    return NULL;
}

static struct error *
check_size(const struct applied *a)
{
    int64_t count = rules_number(a, "count");
    if (count < 1 || count > LEDGER_BLOCK_MAX)
        return ERROR(ERROR_INPUT, "a block of the ledger has 1 to %d rows, not %lld",
                     LEDGER_BLOCK_MAX, (long long)count);
    return NULL;
}

struct error *
rules_certificates_reserve(struct applied *a)
{
    int64_t first = 0;
    TRY(check_size(a));
    TRY(rules_check_limits(a, rules_text(a, "issuer"), rules_number(a, "count")));
    TRY(next_row(a, &first));
    TRY(store_bind(a->store, STORE_BLOCK_ADD, "issssisiisiii", (int64_t)a->entry->seq,
                   a->entry->kind, a->entry->ceremony, rules_text(a, "issuer"),
                   rules_text(a, "batch"), rules_number(a, "block"), rules_text(a, "profile"),
                   first, rules_number(a, "count"), rules_text(a, "root"), INT64_C(0),
                   rules_number(a, "not_before"), rules_number(a, "not_after")));
    return store_do(a->store, STORE_BLOCK_ADD);
}

/* The reserved block that an entry names: its issuer stays in `ret_issuer`, its place likewise. */
struct reserved {
    int64_t first;
    bool fits;
};

static struct error *
get_reserved(const struct applied *a, struct reserved *ret_reserved)
{
    bool row = false;
    TRY(store_bind(a->store, STORE_BLOCK_GET, "i", rules_number(a, "reserved")));
    TRY(store_step(a->store, STORE_BLOCK_GET, &row));
    *ret_reserved = (struct reserved){0};
    if (row) {
        ret_reserved->first = store_number(a->store, STORE_BLOCK_GET, 5);
        ret_reserved->fits =
            strcmp(store_text(a->store, STORE_BLOCK_GET, 0), "certificates-reserve") == 0
            && store_number(a->store, STORE_BLOCK_GET, 6) == rules_number(a, "count");
    }
    store_reset(a->store, STORE_BLOCK_GET);
    return NULL;
}

struct error *
rules_certificates_issue(struct applied *a)
{
    struct reserved reserved;
    bool done = false;
    TRY(check_size(a));
    TRY(get_reserved(a, &reserved));
    if (!reserved.fits)
        return ERROR(
            ERROR_REFUSED, "entry %lld of the ledger reserved no block of %lld certificates",
            (long long)rules_number(a, "reserved"), (long long)rules_number(a, "count"));
    TRY(store_bind(a->store, STORE_BLOCK_ISSUE_OF, "i", rules_number(a, "reserved")));
    TRY(store_step(a->store, STORE_BLOCK_ISSUE_OF, &done));
    a->nothing =
        done
        && strcmp(store_text(a->store, STORE_BLOCK_ISSUE_OF, 0), rules_text(a, "root")) == 0;
    store_reset(a->store, STORE_BLOCK_ISSUE_OF);
    if (a->nothing)
        return NULL;
    if (done)
        return ERROR(ERROR_REFUSED, "the ledger holds other certificates of this block");
    TRY(store_bind(a->store, STORE_BLOCK_ADD, "issssisiisiii", (int64_t)a->entry->seq,
                   a->entry->kind, a->entry->ceremony, "", "", INT64_C(0), "", reserved.first,
                   rules_number(a, "count"), rules_text(a, "root"), rules_number(a, "reserved"),
                   INT64_C(0), INT64_C(0)));
    return store_do(a->store, STORE_BLOCK_ADD);
}

struct error *
rules_revocations(struct applied *a)
{
    int64_t first = 0;
    TRY(check_size(a));
    TRY(next_row(a, &first));
    TRY(store_bind(a->store, STORE_ISSUER_ADD, "s", rules_text(a, "issuer")));
    TRY(store_do(a->store, STORE_ISSUER_ADD));
    TRY(store_bind(a->store, STORE_BLOCK_ADD, "issssisiisiii", (int64_t)a->entry->seq,
                   a->entry->kind, a->entry->ceremony, rules_text(a, "issuer"), "", INT64_C(0),
                   "", first, rules_number(a, "count"), rules_text(a, "root"), INT64_C(0),
                   INT64_C(0), INT64_C(0)));
    return store_do(a->store, STORE_BLOCK_ADD);
}
