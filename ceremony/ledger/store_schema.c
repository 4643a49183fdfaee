/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/ledger/store_schema.h"

#include <stddef.h>

/* Entries are the ledger; all other tables follow from them and are checked against them. */
const char store_schema[] =
    "CREATE TABLE entries (seq INTEGER PRIMARY KEY, time TEXT NOT NULL, ceremony TEXT NOT NULL,"
    " kind TEXT NOT NULL, data TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL) STRICT;"
    "CREATE TRIGGER entries_stay BEFORE UPDATE ON entries BEGIN"
    " SELECT RAISE(ABORT, 'an entry is never changed'); END;"
    "CREATE TRIGGER entries_remain BEFORE DELETE ON entries BEGIN"
    " SELECT RAISE(ABORT, 'an entry is never removed'); END;"
    "CREATE TABLE ceremonies (id TEXT PRIMARY KEY, mode TEXT NOT NULL,"
    " script_sha256 TEXT NOT NULL, state TEXT NOT NULL, transcript_head TEXT,"
    " opened INTEGER NOT NULL, closed INTEGER) STRICT, WITHOUT ROWID;"
    "CREATE TABLE tokens (name TEXT PRIMARY KEY, serial TEXT NOT NULL, ceremony TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE keys (spki_sha256 TEXT PRIMARY KEY, label TEXT NOT NULL, id TEXT NOT NULL,"
    " token TEXT NOT NULL, type TEXT NOT NULL, state TEXT NOT NULL, ceremony TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE certificates (issuer TEXT NOT NULL, serial TEXT NOT NULL,"
    " subject TEXT NOT NULL, subject_spki_sha256 TEXT NOT NULL, tbs_sha256 TEXT NOT NULL,"
    " not_before INTEGER NOT NULL, not_after INTEGER NOT NULL, profile TEXT NOT NULL,"
    " is_ca INTEGER NOT NULL, certificate_sha256 TEXT, ceremony TEXT NOT NULL,"
    " PRIMARY KEY (issuer, serial)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE crls (issuer TEXT NOT NULL, scope TEXT NOT NULL, number INTEGER NOT NULL,"
    " tbs_sha256 TEXT NOT NULL, this_update INTEGER NOT NULL, next_update INTEGER NOT NULL,"
    " crl_sha256 TEXT, ceremony TEXT NOT NULL, PRIMARY KEY (issuer, scope, number))"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE share_sets (key_spki_sha256 TEXT NOT NULL, set_id INTEGER NOT NULL,"
    " state TEXT NOT NULL, \"commitment\" TEXT NOT NULL, ceremony TEXT NOT NULL,"
    " PRIMARY KEY (key_spki_sha256, set_id)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE custody (seq INTEGER PRIMARY KEY, ceremony TEXT NOT NULL, kind TEXT NOT NULL,"
    " text TEXT NOT NULL) STRICT;";

const char *const store_compared[] = {
    "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name",
    "SELECT * FROM ceremonies ORDER BY id",
    "SELECT * FROM tokens ORDER BY name",
    "SELECT * FROM keys ORDER BY spki_sha256",
    "SELECT * FROM certificates ORDER BY issuer, serial",
    "SELECT * FROM crls ORDER BY issuer, scope, number",
    "SELECT * FROM share_sets ORDER BY key_spki_sha256, set_id",
    "SELECT * FROM custody ORDER BY seq",
    NULL,
};

const char *const store_sql[STORE_STATEMENTS] = {
    [STORE_ENTRY_ADD] = "INSERT INTO entries (seq, time, ceremony, kind, data, prev, hash)"
                        " VALUES (?, ?, ?, ?, ?, ?, ?)",
    [STORE_ENTRY_LAST] = "SELECT seq, hash FROM entries ORDER BY seq DESC LIMIT 1",
    [STORE_ENTRY_ALL] = "SELECT seq, time, ceremony, kind, data, prev, hash FROM entries"
                        " ORDER BY seq",
    [STORE_ENTRY_HASH] = "SELECT seq FROM entries WHERE hash = ?",
    [STORE_CEREMONY_OPEN] = "SELECT id FROM ceremonies WHERE closed IS NULL",
    [STORE_CEREMONY_GET] = "SELECT closed IS NULL FROM ceremonies WHERE id = ?",
    [STORE_CEREMONY_ADD] = "INSERT INTO ceremonies (id, mode, script_sha256, state, opened)"
                           " VALUES (?, ?, ?, 'open', ?)",
    [STORE_CEREMONY_CLOSE] = "UPDATE ceremonies SET state = ?, transcript_head = ?, closed = ?"
                             " WHERE id = ?",
    [STORE_TOKEN_GET] = "SELECT serial FROM tokens WHERE name = ?",
    [STORE_TOKEN_ADD] = "INSERT INTO tokens (name, serial, ceremony) VALUES (?, ?, ?)",
    [STORE_KEY_GET] = "SELECT state, label, id, token, ceremony FROM keys"
                      " WHERE spki_sha256 = ?",
    [STORE_KEY_ADD] = "INSERT INTO keys (spki_sha256, label, id, token, type, state, ceremony)"
                      " VALUES (?, ?, ?, ?, ?, ?, ?)",
    [STORE_KEY_STATE] = "UPDATE keys SET state = ? WHERE spki_sha256 = ?",
    [STORE_CERTIFICATE_GET] = "SELECT certificate_sha256 FROM certificates"
                              " WHERE issuer = ? AND serial = ?",
    [STORE_CERTIFICATE_ADD] =
        "INSERT INTO certificates (issuer, serial, subject,"
        " subject_spki_sha256, tbs_sha256, not_before, not_after, profile,"
        " is_ca, ceremony) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [STORE_CERTIFICATE_ISSUE] = "UPDATE certificates SET certificate_sha256 = ?"
                                " WHERE issuer = ? AND serial = ?",
    [STORE_CRL_HIGHEST] = "SELECT number FROM crls WHERE issuer = ? AND scope = ?"
                          " ORDER BY number DESC LIMIT 1",
    [STORE_CRL_GET] =
        "SELECT crl_sha256 FROM crls WHERE issuer = ? AND scope = ? AND number = ?",
    [STORE_CRL_ADD] = "INSERT INTO crls (issuer, scope, number, tbs_sha256, this_update,"
                      " next_update, ceremony) VALUES (?, ?, ?, ?, ?, ?, ?)",
    [STORE_CRL_ISSUE] = "UPDATE crls SET crl_sha256 = ? WHERE issuer = ? AND scope = ?"
                        " AND number = ?",
    [STORE_SHARES_GET] = "SELECT state, \"commitment\" FROM share_sets"
                         " WHERE key_spki_sha256 = ? AND set_id = ?",
    [STORE_SHARES_LIVE] = "SELECT key_spki_sha256 FROM share_sets"
                          " WHERE set_id = ? AND state <> 'void'",
    [STORE_SHARES_PUT] = "INSERT OR REPLACE INTO share_sets (key_spki_sha256, set_id, state,"
                         " \"commitment\", ceremony) VALUES (?, ?, ?, ?, ?)",
    [STORE_CUSTODY_ADD] = "INSERT INTO custody (seq, ceremony, kind, text) VALUES (?, ?, ?, ?)",
};
