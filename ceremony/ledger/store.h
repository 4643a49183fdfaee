/* SPDX-License-Identifier: Apache-2.0
 *
 * SQLite as the ledger uses it: one connection with its prepared statements, and SQLite's failures
 * converted in one place. A store is a ledger's file or a scratch one, to which the same rules are
 * applied again for comparison. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <sqlite3.h>

#include "ceremony/base/error.h"

#define STORE_APPLICATION_ID 0x4345524c /* "CERL" */
#define STORE_VERSION        3
#define STORE_VERSION_PLAIN                                                                    \
    1 /* without blocks of rows; 2 without CRLs ahead: added when it is opened */

enum store_statement {
    STORE_ENTRY_ADD,
    STORE_ENTRY_LAST,
    STORE_ENTRY_ALL,
    STORE_ENTRY_HASH,
    STORE_CEREMONY_OPEN,
    STORE_CEREMONY_GET,
    STORE_CEREMONY_ADD,
    STORE_CEREMONY_CLOSE,
    STORE_TOKEN_GET,
    STORE_TOKEN_ADD,
    STORE_TOKEN_OF_SERIAL,
    STORE_KEY_GET,
    STORE_KEY_ADD,
    STORE_KEY_STATE,
    STORE_CERTIFICATE_GET,
    STORE_CERTIFICATE_ADD,
    STORE_CERTIFICATE_ISSUE,
    STORE_CRL_HIGHEST,
    STORE_CRL_GET,
    STORE_CRL_ADD,
    STORE_CRL_ISSUE,
    STORE_CRL_HIGHEST_OF_ISSUER,
    STORE_CRL_LAST,
    STORE_CRL_ALL,
    STORE_CRL_SEQ,
    STORE_CRL_CUSTODY_GET,
    STORE_CRL_CUSTODY_PUT,
    STORE_CRL_AHEAD,
    STORE_CRL_RESERVED,
    STORE_CA_SERIALS,
    STORE_SHARES_GET,
    STORE_SHARES_LIVE,
    STORE_SHARES_PUT,
    STORE_SHARES_REPLACED,
    STORE_SHARES_OF_ALL,
    STORE_SHARES_PROVEN,
    STORE_COPY_GET,
    STORE_COPY_PUT,
    STORE_COPY_ALL,
    STORE_HEAD_LAST,
    STORE_SHARES_ALL,
    STORE_UNEXPIRED,
    STORE_SIGNED_BY,
    STORE_BATCH_PROFILES,
    STORE_BACKUP_GET,
    STORE_BACKUP_PUT,
    STORE_BACKUP_ALL,
    STORE_KEY_BY_LABEL,
    STORE_KEY_ROW,
    STORE_KEY_ALL,
    STORE_CERTIFICATES_OF,
    STORE_CA_OF_NAME,
    STORE_CEREMONY_LAST,
    STORE_CUSTODY_ADD,
    STORE_CUSTODY_BAGS,
    STORE_LIMITS_GET,
    STORE_LIMITS_PUT,
    STORE_ISSUER_COUNT,
    STORE_BLOCK_FIRST,
    STORE_BLOCK_ADD,
    STORE_BLOCK_GET,
    STORE_BLOCK_ISSUE_OF,
    STORE_BLOCK_BATCH,
    STORE_BLOCK_NEXT,
    STORE_ISSUER_ADD,
    STORE_ROW_ADD,
    STORE_ROW_RANGE,
    STORE_ROW_BY_SERIAL,
    STORE_ROW_BY_SPKI,
    STORE_ROW_BY_DEVICE,
    STORE_ROW_MODULI,
    STORE_ISSUED_ADD,
    STORE_ISSUED_RANGE,
    STORE_REVOCATION_ADD,
    STORE_REVOCATION_RANGE,
    STORE_REVOCATION_LAST,
    STORE_REVOCATIONS_OF,
    STORE_CERTIFICATE_BY_SPKI,
    STORE_RETENTION,
    STORE_CEREMONY_HEAD,
    STORE_CUSTODY_HAS,
    STORE_STATEMENTS
};

struct store {
    sqlite3 *database;
    sqlite3_stmt *statements[STORE_STATEMENTS];
};

/* What is asked of the tables when comparing two stores, each in a fixed order; ends with NULL. */
extern const char *const store_compared[];

/* Opens a file that exists; an empty one gets the schema if `create`. */
MUST_CHECK struct error *store_open(struct store *store, const char *path, bool writable,
                                    bool create);
/* A store for comparison, gone when closed. */
MUST_CHECK struct error *store_open_scratch(struct store *store);
void store_close(struct store *store);
#define AUTO_STORE __attribute__((cleanup(store_close))) struct store

MUST_CHECK struct error *store_run(struct store *store, const char *sql);
/* Makes the statement ready: each letter of `types` takes one argument, 's' text, 'i' int64_t, 'b' octets
 * (pointer and size_t; NULL is no value; they must stay until the statement was stepped). */
MUST_CHECK struct error *store_bind(struct store *store, enum store_statement which,
                                    const char *types, ...);
/* Next row. After false the statement is reset; after true the caller goes on or calls store_reset. */
MUST_CHECK struct error *store_step(struct store *store, enum store_statement which,
                                    bool *ret_row);
void store_reset(struct store *store, enum store_statement which);
/* For a statement without rows. */
MUST_CHECK struct error *store_do(struct store *store, enum store_statement which);
/* Column of the present row; "" for NULL; valid until the next step. */
const char *store_text(struct store *store, enum store_statement which, int column);
int64_t store_number(struct store *store, enum store_statement which, int column);
bool store_is_null(struct store *store, enum store_statement which, int column);
/* Octets of the present row, valid until the next step; none are NULL. */
const unsigned char *store_octets(struct store *store, enum store_statement which, int column,
                                  size_t *ret_len);
/* SQLite's result for `database` as an error object. */
struct error *store_error(sqlite3 *database, int result, const char *doing);
