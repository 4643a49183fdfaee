/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/ledger/revoked.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/ledger/ledger_private.h"

struct ledger_revoked {
    struct store *store;
    sqlite3_stmt *rows;
    int64_t first_new; /* the first row after `since`; 0: everything */
    bool has_row;
    const void *serial; /* of the row that is there, until the next step */
    size_t serial_len;
};

static const char select_rows[] =
    "SELECT serial, reason, time, invalidity, row FROM revocations WHERE issuer = (SELECT number"
    " FROM issuers WHERE spki_sha256 = ?) ORDER BY length(serial), serial, row";
static const char select_first_new[] =
    "SELECT coalesce(max(first + count), 1) FROM blocks WHERE kind = 'revocations' AND seq <= ?";

void
ledger_revoked_close(struct ledger_revoked *revoked)
{
    if (revoked == NULL)
        return;
    (void)sqlite3_finalize(revoked->rows);
    free(revoked);
}

static struct error *
failed(const struct ledger_revoked *revoked, int result)
{
    return store_error(revoked->store->database, result, "the revocations could not be read");
}

static struct error *
prepare(const struct ledger_revoked *revoked, const char *sql, sqlite3_stmt **ret_statement)
{
    int result = sqlite3_prepare_v2(revoked->store->database, sql, -1, ret_statement, NULL);
    return result == SQLITE_OK ? NULL : failed(revoked, result);
}

static struct error *
find_first_new(struct ledger_revoked *revoked, uint64_t since)
{
    sqlite3_stmt *statement = NULL;
    TRY(prepare(revoked, select_first_new, &statement));
    (void)sqlite3_bind_int64(statement, 1, (int64_t)since);
    int result = sqlite3_step(statement);
    if (result == SQLITE_ROW)
        revoked->first_new = sqlite3_column_int64(statement, 0);
    (void)sqlite3_finalize(statement);
    return result == SQLITE_ROW ? NULL : failed(revoked, result);
}

struct error *
ledger_revoked_open(struct ledger *ledger, const char *issuer_spki_sha256, uint64_t since,
                    struct ledger_revoked **ret_revoked)
{
    AUTO(ledger_revoked) revoked = calloc(1, sizeof *revoked);
    if (revoked == NULL)
        return error_memory();
    revoked->store = &ledger->store;
    if (since > 0)
        TRY(find_first_new(revoked, since));
    TRY(prepare(revoked, select_rows, &revoked->rows));
    (void)sqlite3_bind_text(revoked->rows, 1, issuer_spki_sha256, -1, SQLITE_TRANSIENT);
    *ret_revoked = TAKE(revoked);
    return ledger_revoked_rewind(*ret_revoked);
}

static struct error *
step(struct ledger_revoked *revoked)
{
    int result = sqlite3_step(revoked->rows);
    revoked->has_row = result == SQLITE_ROW;
    if (revoked->has_row) {
        revoked->serial = sqlite3_column_blob(revoked->rows, 0);
        revoked->serial_len = (size_t)sqlite3_column_bytes(revoked->rows, 0);
    }
    return result == SQLITE_ROW || result == SQLITE_DONE ? NULL : failed(revoked, result);
}

struct error *
ledger_revoked_rewind(struct ledger_revoked *revoked)
{
    (void)sqlite3_reset(revoked->rows);
    return step(revoked);
}

static struct error *
read_row(const struct ledger_revoked *revoked, struct ledger_revocation *ret_row)
{
    sqlite3_stmt *rows = revoked->rows;
    if (revoked->serial == NULL || revoked->serial_len == 0
        || revoked->serial_len > sizeof ret_row->serial)
        return ERROR(ERROR_VERIFICATION, "a revoked serial number in the ledger is damaged");
    memcpy(ret_row->serial, revoked->serial, revoked->serial_len);
    ret_row->serial_len = revoked->serial_len;
    ret_row->reason = sqlite3_column_int(rows, 1);
    ret_row->time = sqlite3_column_int64(rows, 2);
    ret_row->invalidity = sqlite3_column_type(rows, 3) == SQLITE_NULL
                              ? LEDGER_NO_TIME
                              : sqlite3_column_int64(rows, 3);
    ret_row->reference = "";
    return NULL;
}

static bool
is_same_serial(const struct ledger_revoked *revoked, const struct ledger_revocation *row)
{
    return revoked->serial_len == row->serial_len
           && memcmp(revoked->serial, row->serial, row->serial_len) == 0;
}

/* All rows of the next serial number: as it is now, whether it is new, whether it was revoked then. */
static struct error *
read_serial(struct ledger_revoked *revoked, struct ledger_revocation *ret_row, bool *ret_new,
            bool *ret_before)
{
    *ret_new = *ret_before = false;
    do {
        bool is_new = revoked->first_new == 0
                      || sqlite3_column_int64(revoked->rows, 4) >= revoked->first_new;
        TRY(read_row(revoked, ret_row));
        *ret_new |= is_new;
        if (!is_new)
            *ret_before = ret_row->reason != REASON_RELEASED;
        TRY(step(revoked));
    } while (revoked->has_row && is_same_serial(revoked, ret_row));
    return NULL;
}

struct error *
ledger_revoked_next(struct ledger_revoked *revoked, struct ledger_revocation *ret_row,
                    bool *ret_end)
{
    for (;;) {
        bool is_new = false;
        bool before = false;
        *ret_end = !revoked->has_row;
        if (*ret_end)
            return NULL;
        TRY(read_serial(revoked, ret_row, &is_new, &before));
        bool released = ret_row->reason == REASON_RELEASED;
        if (revoked->first_new == 0 ? !released : is_new && (!released || before))
            return NULL;
    }
}

static struct error *
add_serial(const char *hex, struct ledger_serial **serials, size_t *count)
{
    AUTO_BYTES octets = {0};
    TRY(hex_decode_append(hex, &octets));
    if (octets.len > LEDGER_SERIAL_MAX)
        return ERROR(ERROR_VERIFICATION, "a serial number in the ledger is damaged");
    struct ledger_serial *grown = realloc(*serials, (*count + 1) * sizeof *grown);
    if (grown == NULL)
        return error_memory();
    *serials = grown;
    memcpy(grown[*count].octets, octets.data, octets.len);
    grown[(*count)++].len = octets.len;
    return NULL;
}

struct error *
ledger_ca_serials(struct ledger *ledger, const char *issuer_spki_sha256,
                  struct ledger_serial **ret_serials, size_t *ret_count)
{
    struct store *store = &ledger->store;
    AUTO_FREE struct ledger_serial *serials = NULL;
    size_t count = 0;
    TRY(store_bind(store, STORE_CA_SERIALS, "s", issuer_spki_sha256));
    for (;;) {
        bool row = false;
        TRY(store_step(store, STORE_CA_SERIALS, &row));
        if (!row)
            break;
        struct error *error =
            add_serial(store_text(store, STORE_CA_SERIALS, 0), &serials, &count);
        if (error != NULL) {
            store_reset(store, STORE_CA_SERIALS);
            return error;
        }
    }
    *ret_serials = TAKE(serials);
    *ret_count = count;
    return NULL;
}

/* --- numbers of CRLs --- */

struct error *
ledger_crl_highest(struct ledger *ledger, const char *issuer_spki_sha256, uint64_t *ret_number)
{
    struct store *store = &ledger->store;
    bool row = false;
    TRY(store_bind(store, STORE_CRL_HIGHEST_OF_ISSUER, "s", issuer_spki_sha256));
    TRY(store_step(store, STORE_CRL_HIGHEST_OF_ISSUER, &row));
    *ret_number = row ? (uint64_t)store_number(store, STORE_CRL_HIGHEST_OF_ISSUER, 0) : 0;
    store_reset(store, STORE_CRL_HIGHEST_OF_ISSUER);
    return NULL;
}

static void
copy_text(struct store *store, enum store_statement which, int column, char *text, size_t size)
{
    const char *from = store_text(store, which, column);
    size_t len = strlen(from);
    if (len >= size)
        len = size - 1;
    memcpy(text, from, len);
    text[len] = '\0';
}

static void
read_crl(struct store *store, enum store_statement which, struct ledger_crl *ret_crl)
{
    *ret_crl = (struct ledger_crl){.number = (uint64_t)store_number(store, which, 2),
                                   .this_update = store_number(store, which, 3),
                                   .next_update = store_number(store, which, 4)};
    copy_text(store, which, 0, ret_crl->issuer, sizeof ret_crl->issuer);
    copy_text(store, which, 1, ret_crl->scope, sizeof ret_crl->scope);
    copy_text(store, which, 5, ret_crl->tbs_sha256, sizeof ret_crl->tbs_sha256);
    copy_text(store, which, 6, ret_crl->sha256, sizeof ret_crl->sha256);
}

static struct error *
find_seq(struct store *store, struct ledger_crl *crl)
{
    bool row = false;
    TRY(store_bind(store, STORE_CRL_SEQ, "ssi", crl->issuer, crl->scope, (int64_t)crl->number));
    TRY(store_step(store, STORE_CRL_SEQ, &row));
    crl->seq = row ? (uint64_t)store_number(store, STORE_CRL_SEQ, 0) : 0;
    store_reset(store, STORE_CRL_SEQ);
    return row ? NULL : ERROR(ERROR_VERIFICATION, "the ledger has lost the entry of a CRL");
}

struct error *
ledger_crl_find_seq(struct ledger *ledger, struct ledger_crl *crl)
{
    return find_seq(&ledger->store, crl);
}

struct error *
ledger_crl_last(struct ledger *ledger, const char *issuer_spki_sha256, const char *scope,
                struct ledger_crl *ret_crl, bool *ret_found)
{
    return ledger_crl_before(ledger, issuer_spki_sha256, scope, INT64_MAX, ret_crl, ret_found);
}

struct error *
ledger_crl_before(struct ledger *ledger, const char *issuer_spki_sha256, const char *scope,
                  uint64_t number, struct ledger_crl *ret_crl, bool *ret_found)
{
    struct store *store = &ledger->store;
    TRY(store_bind(store, STORE_CRL_LAST, "ssi", issuer_spki_sha256, scope, (int64_t)number));
    TRY(store_step(store, STORE_CRL_LAST, ret_found));
    if (*ret_found)
        read_crl(store, STORE_CRL_LAST, ret_crl);
    store_reset(store, STORE_CRL_LAST);
    return *ret_found ? find_seq(store, ret_crl) : NULL;
}

struct error *
ledger_crl_is_reserved(struct ledger *ledger, const char *issuer_spki_sha256, const char *scope,
                       uint64_t number, const char *tbs_sha256, bool *ret_reserved)
{
    struct store *store = &ledger->store;
    TRY(store_bind(store, STORE_CRL_RESERVED, "ssis", issuer_spki_sha256, scope,
                   (int64_t)number, tbs_sha256));
    TRY(store_step(store, STORE_CRL_RESERVED, ret_reserved));
    store_reset(store, STORE_CRL_RESERVED);
    return NULL;
}

struct error *
ledger_each_crl(struct ledger *ledger,
                struct error *(*each)(void *user, const struct ledger_crl *crl), void *user)
{
    struct store *store = &ledger->store;
    TRY(store_bind(store, STORE_CRL_ALL, ""));
    for (;;) {
        struct ledger_crl crl;
        bool row = false;
        TRY(store_step(store, STORE_CRL_ALL, &row));
        if (!row)
            return NULL;
        read_crl(store, STORE_CRL_ALL, &crl);
        struct error *error = each(user, &crl);
        if (error != NULL) {
            store_reset(store, STORE_CRL_ALL);
            return error;
        }
    }
}

/* --- CRLs signed ahead --- */

static struct error *
add_ahead(struct store *store, struct ledger_ahead **rows, size_t *count)
{
    struct ledger_ahead *grown = realloc(*rows, (*count + 1) * sizeof *grown);
    if (grown == NULL)
        return error_memory();
    *rows = grown;
    struct ledger_ahead *row = &grown[(*count)++];
    read_crl(store, STORE_CRL_AHEAD, &row->crl);
    copy_text(store, STORE_CRL_AHEAD, 7, row->state, sizeof row->state);
    copy_text(store, STORE_CRL_AHEAD, 8, row->bag, sizeof row->bag);
    return NULL;
}

struct error *
ledger_crls_ahead(struct ledger *ledger, const char *issuer_spki_sha256,
                  struct ledger_ahead **ret_rows, size_t *ret_count)
{
    struct store *store = &ledger->store;
    AUTO_FREE struct ledger_ahead *rows = NULL;
    size_t count = 0;
    TRY(store_bind(store, STORE_CRL_AHEAD, "s", issuer_spki_sha256));
    for (;;) {
        bool row = false;
        TRY(store_step(store, STORE_CRL_AHEAD, &row));
        if (!row)
            break;
        struct error *error = add_ahead(store, &rows, &count);
        if (error != NULL) {
            store_reset(store, STORE_CRL_AHEAD);
            return error;
        }
    }
    *ret_rows = TAKE(rows);
    *ret_count = count;
    return NULL;
}
