/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of blocks: each table is read through once, in order, and hashed. The table of blocks was
 * compared with the entries before. */
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/ledger/check.h"
#include "ceremony/ledger/ledger_private.h"
#include "ceremony/ledger/merkle.h"
#include "ceremony/ledger/rows.h"

/* A statement of a check, gone at the end of its scope. */
static void
finalize_auto(sqlite3_stmt **statement)
{
    (void)sqlite3_finalize(*statement);
}

#define AUTO_STATEMENT __attribute__((cleanup(finalize_auto))) sqlite3_stmt *

static struct error *
prepare(struct store *store, const char *sql, sqlite3_stmt **ret_statement)
{
    int result = sqlite3_prepare_v2(store->database, sql, -1, ret_statement, NULL);
    return result == SQLITE_OK
               ? NULL
               : store_error(store->database, result, "the ledger could not be checked");
}

static struct error *
step(struct store *store, sqlite3_stmt *statement, bool *ret_row)
{
    int result = sqlite3_step(statement);
    *ret_row = result == SQLITE_ROW;
    return result == SQLITE_ROW || result == SQLITE_DONE
               ? NULL
               : store_error(store->database, result, "the ledger could not be checked");
}

static struct error *
changed(const char *what, int64_t row)
{
    return ERROR(ERROR_VERIFICATION, "the ledger's %s %lld was changed, added or removed", what,
                 (long long)row);
}

static bool
take_octets(sqlite3_stmt *statement, int column, size_t min, size_t max, unsigned char *ret,
            size_t *ret_len)
{
    const void *octets = sqlite3_column_blob(statement, column);
    size_t len = (size_t)sqlite3_column_bytes(statement, column);
    if (octets == NULL || len < min || len > max)
        return false;
    memcpy(ret, octets, len);
    if (ret_len != NULL)
        *ret_len = len;
    return true;
}

/* The line of the row at hand; `*ret_fits` false where the columns are none of ours. */
struct row_table {
    const char *what;
    const char *blocks; /* first row, number of rows, root, entry; by first row */
    const char *rows;   /* number, entry, ... ; by number */
    struct error *(*line)(sqlite3_stmt *row, struct bytes *line, bool *ret_fits);
};

static struct error *
certificate_line(sqlite3_stmt *from, struct bytes *line, bool *ret_fits)
{
    struct ledger_row row = {.device = (const char *)sqlite3_column_text(from, 3)};
    row.modulus = sqlite3_column_blob(from, 7);
    row.modulus_len = (size_t)sqlite3_column_bytes(from, 7);
    *ret_fits = row.device != NULL
                && take_octets(from, 2, 1, sizeof row.serial, row.serial, &row.serial_len)
                && take_octets(from, 4, 32, 32, row.spki, NULL)
                && take_octets(from, 5, 32, 32, row.request, NULL)
                && take_octets(from, 6, 32, 32, row.tbs, NULL);
    return *ret_fits ? ledger_row_write(&row, line) : NULL;
}

static struct error *
issued_line(sqlite3_stmt *from, struct bytes *line, bool *ret_fits)
{
    unsigned char hash[32];
    *ret_fits = take_octets(from, 2, 32, 32, hash, NULL);
    return *ret_fits ? ledger_issued_write(hash, line) : NULL;
}

static struct error *
revocation_line(sqlite3_stmt *from, struct bytes *line, bool *ret_fits)
{
    bool none = sqlite3_column_type(from, 5) == SQLITE_NULL;
    struct ledger_revocation row = {
        .reason = sqlite3_column_int(from, 3),
        .time = sqlite3_column_int64(from, 4),
        .invalidity = none ? LEDGER_NO_TIME : sqlite3_column_int64(from, 5),
        .reference = (const char *)sqlite3_column_text(from, 6),
    };
    *ret_fits = row.reference != NULL
                && take_octets(from, 2, 1, sizeof row.serial, row.serial, &row.serial_len);
    return *ret_fits ? ledger_revocation_write(&row, line) : NULL;
}

static const struct row_table row_tables[] = {
    {"reserved certificate",
     "SELECT first, count, root, seq FROM blocks WHERE kind = 'certificates-reserve'"
     " ORDER BY first",                                                                      "SELECT row, block, serial, device, spki, request, tbs, modulus FROM block_certificates"
     " ORDER BY row",                                                                                                                                               certificate_line},
    {"issued certificate",
     "SELECT first, count, root, 0 FROM blocks WHERE kind = 'certificates-issue'"
     " ORDER BY first",                                                                      "SELECT row, 0, certificate FROM block_issued ORDER BY row",                                  issued_line     },
    {"revocation",
     "SELECT first, count, root, seq FROM blocks WHERE kind = 'revocations' ORDER BY first", "SELECT r.row, r.block, r.serial, r.reason, r.time, r.invalidity, r.reference"
     " FROM revocations AS r NOT INDEXED CROSS JOIN issuers AS i ON i.number = r.issuer"
     " CROSS JOIN blocks AS b ON b.seq = r.block AND b.issuer = i.spki_sha256 ORDER BY r.row", revocation_line },
};

struct walk {
    const struct row_table *table;
    struct merkle tree;
    struct bytes line;
    sqlite3_stmt *rows;
};

static struct error *
hash_row(struct store *store, struct walk *walk, int64_t number, int64_t block)
{
    bool row = false;
    bool fits = false;
    TRY(step(store, walk->rows, &row));
    if (!row || sqlite3_column_int64(walk->rows, 0) != number
        || sqlite3_column_int64(walk->rows, 1) != block)
        return changed(walk->table->what, number);
    walk->line.len = 0;
    struct error *error = walk->table->line(walk->rows, &walk->line, &fits);
    if (error == NULL ? !fits : error_code(error) == ERROR_INPUT) {
        error_free(error);
        return changed(walk->table->what, number);
    }
    TRY(error);
    return merkle_add(&walk->tree, walk->line.data, walk->line.len);
}

static struct error *
check_block(struct store *store, struct walk *walk, sqlite3_stmt *block)
{
    unsigned char root[MERKLE_HASH];
    char text[2 * MERKLE_HASH + 1];
    int64_t first = sqlite3_column_int64(block, 0);
    int64_t count = sqlite3_column_int64(block, 1);
    merkle_reset(&walk->tree);
    for (int64_t i = 0; i < count; i++)
        TRY(hash_row(store, walk, first + i, sqlite3_column_int64(block, 3)));
    TRY(merkle_root(&walk->tree, root));
    hex_encode(root, sizeof root, text);
    const char *want = (const char *)sqlite3_column_text(block, 2);
    if (want == NULL || strcmp(want, text) != 0)
        return ERROR(ERROR_VERIFICATION,
                     "the ledger's %ss %lld to %lld are not those that were entered",
                     walk->table->what, (long long)first, (long long)(first + count - 1));
    return NULL;
}

static struct error *
walk_table(struct store *store, struct walk *walk)
{
    AUTO_STATEMENT blocks = NULL;
    AUTO_STATEMENT rows = NULL;
    bool row = true;
    TRY(prepare(store, walk->table->blocks, &blocks));
    TRY(prepare(store, walk->table->rows, &rows));
    walk->rows = rows;
    for (;;) {
        TRY(step(store, blocks, &row));
        if (!row)
            break;
        TRY(check_block(store, walk, blocks));
    }
    TRY(step(store, rows, &row));
    return row ? changed(walk->table->what, sqlite3_column_int64(rows, 0)) : NULL;
}

/* --- what holds between rows; each is one pass through an index --- */

bool
ledger_revocation_follows(int64_t last, int64_t next)
{
    if (last == REASON_RELEASED)
        return next != REASON_RELEASED;
    return last == REASON_HOLD && next != REASON_HOLD;
}

static struct error *
check_revocation_order(struct store *store)
{
    AUTO_STATEMENT statement = NULL;
    unsigned char last[LEDGER_SERIAL_MAX];
    size_t last_len = 0;
    int64_t issuer = 0;
    int64_t reason = REASON_RELEASED;
    TRY(prepare(store,
                "SELECT issuer, serial, reason, row FROM revocations ORDER BY issuer, serial,"
                " row",
                &statement));
    for (;;) {
        bool row = false;
        TRY(step(store, statement, &row));
        if (!row)
            return NULL;
        const void *serial = sqlite3_column_blob(statement, 1);
        size_t len = (size_t)sqlite3_column_bytes(statement, 1);
        bool same = sqlite3_column_int64(statement, 0) == issuer && len == last_len
                    && len <= sizeof last && memcmp(serial, last, len) == 0;
        if (!ledger_revocation_follows(same ? reason : REASON_RELEASED,
                                       sqlite3_column_int64(statement, 2)))
            return changed("revocation", sqlite3_column_int64(statement, 3));
        issuer = sqlite3_column_int64(statement, 0);
        reason = sqlite3_column_int64(statement, 2);
        last_len = len <= sizeof last ? len : 0;
        memcpy(last, serial, last_len);
    }
}

/* A serial number stands once, whether its certificate was made alone or in a block. */
static struct error *
check_serials(struct store *store)
{
    AUTO_STATEMENT singles = NULL;
    TRY(prepare(store, "SELECT issuer, serial FROM certificates", &singles));
    for (;;) {
        bool row = false;
        bool twice = false;
        AUTO_BYTES serial = {0};
        TRY(step(store, singles, &row));
        if (!row)
            return NULL;
        const char *hex = (const char *)sqlite3_column_text(singles, 1);
        TRY(hex_decode_append(hex == NULL ? "" : hex, &serial));
        TRY(store_bind(store, STORE_ROW_BY_SERIAL, "sb",
                       (const char *)sqlite3_column_text(singles, 0), (const void *)serial.data,
                       serial.len));
        TRY(store_step(store, STORE_ROW_BY_SERIAL, &twice));
        store_reset(store, STORE_ROW_BY_SERIAL);
        if (twice)
            return ERROR(ERROR_VERIFICATION, "the ledger holds the serial number %s twice",
                         hex);
    }
}

static struct error *
check_tables(struct store *store, struct walk *walk)
{
    for (size_t i = 0; i < sizeof row_tables / sizeof row_tables[0]; i++) {
        walk->table = &row_tables[i];
        TRY(walk_table(store, walk));
    }
    TRY(check_revocation_order(store));
    return check_serials(store);
}

struct error *
check_blocks(struct store *store)
{
    struct walk walk = {0};
    TRY(merkle_init(&walk.tree));
    struct error *error = check_tables(store, &walk);
    merkle_clear(&walk.tree);
    bytes_clear(&walk.line);
    return error;
}
