/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/ledger/store.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "ceremony/ledger/store_schema.h"

#define BUSY_MS 60000 /* a reader checking a large ledger holds us up no longer than this */

/* SQLite calls a file corrupt that the medium did not give back, too (SQLITE_IOERR_CORRUPTFS). */
static bool
medium_failed(sqlite3 *database)
{
    int number = 0;
    return database != NULL
           && sqlite3_file_control(database, "main", SQLITE_FCNTL_LAST_ERRNO, &number)
                  == SQLITE_OK
           && number == EIO;
}

struct error *
store_error(sqlite3 *database, int result, const char *doing)
{
    enum error_code code = ERROR_IO;
    const char *why = "the file could not be read or written";
    switch (result & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        code = ERROR_REFUSED;
        why = "the ledger is in use by another program";
        break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        if (medium_failed(database)) {
            why = "its medium fails";
            break;
        }
        code = ERROR_VERIFICATION;
        why = "the file is not a ledger, or damaged";
        break;
    case SQLITE_FULL:
        why = "the disk is full";
        break;
    case SQLITE_NOMEM:
        code = ERROR_MEMORY;
        why = "memory ran out";
        break;
    case SQLITE_READONLY:
        why = "the ledger is read-only";
        break;
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
        code = ERROR_VERIFICATION;
        why = "its tables do not agree";
        break;
    default:
        break;
    }
    return error_origin(ERROR(code, "%s: %s", doing, why), "SQLite %d: %s", result,
                        database == NULL ? sqlite3_errstr(result) : sqlite3_errmsg(database));
}

void
store_close(struct store *store)
{
    for (int i = 0; i < STORE_STATEMENTS; i++)
        (void)sqlite3_finalize(store->statements[i]);
    (void)sqlite3_close(store->database);
    *store = (struct store){0};
}

struct error *
store_run(struct store *store, const char *sql)
{
    int result = sqlite3_exec(store->database, sql, NULL, NULL, NULL);
    if (result != SQLITE_OK)
        return store_error(store->database, result, "the ledger could not be used");
    return NULL;
}

static struct error *
read_pragma(struct store *store, const char *sql, int64_t *ret_number)
{
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL);
    if (result == SQLITE_OK)
        result = sqlite3_step(statement);
    int64_t number = result == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : 0;
    (void)sqlite3_finalize(statement);
    if (result != SQLITE_ROW)
        return store_error(store->database, result, "the ledger could not be read");
    *ret_number = number;
    return NULL;
}

static struct error *
make_schema(struct store *store)
{
    char pragmas[128];
    (void)snprintf(pragmas, sizeof pragmas,
                   "PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
                   STORE_APPLICATION_ID, STORE_VERSION);
    TRY(store_run(store, "BEGIN IMMEDIATE"));
    struct error *error = store_run(store, store_schema);
    if (error == NULL)
        error = store_run(store, store_schema_rows);
    if (error == NULL)
        error = store_run(store, store_schema_ahead);
    if (error == NULL)
        error = store_run(store, pragmas);
    return error; /* closing rolls back */
}

/* A ledger of an earlier version gets the tables that came later, empty. */
static struct error *
add_schema(struct store *store, int64_t version)
{
    char pragmas[64];
    (void)snprintf(pragmas, sizeof pragmas, "PRAGMA user_version = %d; COMMIT", STORE_VERSION);
    TRY(store_run(store, "BEGIN IMMEDIATE")); /* closing rolls back */
    if (version == STORE_VERSION_PLAIN)
        TRY(store_run(store, store_schema_rows));
    TRY(store_run(store, store_schema_ahead));
    return store_run(store, pragmas);
}

static struct error *
check_kind(struct store *store, bool writable, bool create)
{
    int64_t pages = 0;
    int64_t application = 0;
    int64_t version = 0;
    TRY(read_pragma(store, "PRAGMA page_count", &pages));
    if (pages == 0 && create)
        return make_schema(store);
    TRY(read_pragma(store, "PRAGMA application_id", &application));
    TRY(read_pragma(store, "PRAGMA user_version", &version));
    if (application != STORE_APPLICATION_ID)
        return ERROR(ERROR_INPUT, "the file is not a ledger");
    if (version >= STORE_VERSION_PLAIN && version < STORE_VERSION && writable)
        return add_schema(store, version);
    if (version != STORE_VERSION)
        return ERROR(ERROR_UNSUPPORTED,
                     "the ledger is of version %lld, and only version %d is "
                     "known here",
                     (long long)version, STORE_VERSION);
    return NULL;
}

struct error *
store_open(struct store *store, const char *path, bool writable, bool create)
{
    int flags = writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
    int result = sqlite3_open_v2(path, &store->database, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (result != SQLITE_OK)
        return store_error(store->database, result, "the ledger could not be opened");
    (void)sqlite3_extended_result_codes(store->database, 1);
    (void)sqlite3_busy_timeout(store->database, BUSY_MS);
    (void)sqlite3_db_config(store->database, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(store->database, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    /* One file at rest, and the folder flushed too when a transaction ends. */
    TRY(store_run(store, "PRAGMA synchronous = EXTRA; PRAGMA cell_size_check = ON;"
                         "PRAGMA mmap_size = 0"));
    if (writable)
        TRY(store_run(store, "PRAGMA journal_mode = DELETE"));
    return check_kind(store, writable, writable && create);
}

struct error *
store_open_scratch(struct store *store)
{
    int result =
        sqlite3_open_v2("", &store->database,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (result != SQLITE_OK)
        return store_error(store->database, result, "the ledger could not be checked");
    TRY(store_run(store, "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
                         "PRAGMA cache_size = -65536; BEGIN"));
    TRY(store_run(store, store_schema));
    TRY(store_run(store, store_schema_rows));
    return store_run(store, store_schema_ahead);
}

struct error *
store_bind(struct store *store, enum store_statement which, const char *types, ...)
{
    sqlite3_stmt **statement = &store->statements[which];
    int result = SQLITE_OK;
    if (*statement == NULL)
        result = sqlite3_prepare_v3(store->database, store_sql[which], -1,
                                    SQLITE_PREPARE_PERSISTENT, statement, NULL);
    else
        (void)sqlite3_reset(*statement);
    va_list arguments;
    va_start(arguments, types);
    for (int i = 0; types[i] != '\0' && result == SQLITE_OK; i++) {
        if (types[i] == 's') {
            result = sqlite3_bind_text(*statement, i + 1, va_arg(arguments, const char *), -1,
                                       SQLITE_TRANSIENT);
        } else if (types[i] == 'b') {
            const void *octets = va_arg(arguments, const void *);
            result = sqlite3_bind_blob64(*statement, i + 1, octets, va_arg(arguments, size_t),
                                         SQLITE_STATIC);
        } else {
            result = sqlite3_bind_int64(*statement, i + 1, va_arg(arguments, int64_t));
        }
    }
    va_end(arguments);
    if (result != SQLITE_OK)
        return store_error(store->database, result, "the ledger could not be asked");
    return NULL;
}

void
store_reset(struct store *store, enum store_statement which)
{
    (void)sqlite3_reset(store->statements[which]);
}

struct error *
store_step(struct store *store, enum store_statement which, bool *ret_row)
{
    int result = sqlite3_step(store->statements[which]);
    if (result != SQLITE_ROW && result != SQLITE_DONE) {
        struct error *error =
            store_error(store->database, result, "the ledger could not be read or written");
        store_reset(store, which);
        return error;
    }
    if (result == SQLITE_DONE)
        store_reset(store, which);
    *ret_row = result == SQLITE_ROW;
    return NULL;
}

struct error *
store_do(struct store *store, enum store_statement which)
{
    bool row = false;
    TRY(store_step(store, which, &row));
    if (row)
        store_reset(store, which);
    return NULL;
}

const char *
store_text(struct store *store, enum store_statement which, int column)
{
    const unsigned char *text = sqlite3_column_text(store->statements[which], column);
    return text == NULL ? "" : (const char *)text;
}

int64_t
store_number(struct store *store, enum store_statement which, int column)
{
    return sqlite3_column_int64(store->statements[which], column);
}

bool
store_is_null(struct store *store, enum store_statement which, int column)
{
    return sqlite3_column_type(store->statements[which], column) == SQLITE_NULL;
}

const unsigned char *
store_octets(struct store *store, enum store_statement which, int column, size_t *ret_len)
{
    const unsigned char *octets = sqlite3_column_blob(store->statements[which], column);
    *ret_len = (size_t)sqlite3_column_bytes(store->statements[which], column);
    return octets;
}
