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
    "CREATE TABLE key_copies (spki_sha256 TEXT NOT NULL, serial TEXT NOT NULL, how TEXT NOT NULL,"
    " state TEXT NOT NULL, ceremony TEXT NOT NULL, PRIMARY KEY (spki_sha256, serial)) STRICT,"
    " WITHOUT ROWID;"
    "CREATE TABLE backups (key_spki_sha256 TEXT NOT NULL, blob_sha256 TEXT NOT NULL,"
    " card_sha256 TEXT NOT NULL, kcv TEXT NOT NULL, mechanism TEXT NOT NULL,"
    " set_id INTEGER NOT NULL, state TEXT NOT NULL, ceremony TEXT NOT NULL,"
    " PRIMARY KEY (key_spki_sha256, blob_sha256)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE custody (seq INTEGER PRIMARY KEY, ceremony TEXT NOT NULL, kind TEXT NOT NULL,"
    " text TEXT NOT NULL) STRICT;";

/* Rows are what one entry stands for by number and root; they are hashed again at each opening. The
 * first eight octets of a hash are enough to find by. */
const char store_schema_rows[] =
    "CREATE TABLE issuer_limits (issuer TEXT PRIMARY KEY, count INTEGER NOT NULL,"
    " valid_from INTEGER NOT NULL, valid_until INTEGER NOT NULL, ceremony TEXT NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE issuers (number INTEGER PRIMARY KEY, spki_sha256 TEXT NOT NULL UNIQUE) STRICT;"
    "CREATE TABLE blocks (seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, ceremony TEXT NOT NULL,"
    " issuer TEXT NOT NULL, batch TEXT NOT NULL, block INTEGER NOT NULL, profile TEXT NOT NULL,"
    " first INTEGER NOT NULL, count INTEGER NOT NULL, root TEXT NOT NULL, reserved INTEGER"
    " UNIQUE, not_before INTEGER NOT NULL, not_after INTEGER NOT NULL) STRICT;"
    "CREATE INDEX blocks_of_batch ON blocks (batch, block);"
    "CREATE TABLE block_certificates (row INTEGER PRIMARY KEY, block INTEGER NOT NULL,"
    " serial BLOB NOT NULL UNIQUE, device TEXT NOT NULL, spki BLOB NOT NULL,"
    " request BLOB NOT NULL, tbs BLOB NOT NULL, modulus BLOB) STRICT;"
    "CREATE INDEX block_spkis ON block_certificates (substr(spki, 1, 8));"
    "CREATE INDEX block_devices ON block_certificates (device);"
    "CREATE INDEX block_moduli ON block_certificates (row) WHERE modulus IS NOT NULL;"
    "CREATE TABLE block_issued (row INTEGER PRIMARY KEY, certificate BLOB NOT NULL) STRICT;"
    "CREATE TABLE revocations (row INTEGER PRIMARY KEY, block INTEGER NOT NULL,"
    " issuer INTEGER NOT NULL, serial BLOB NOT NULL, reason INTEGER NOT NULL,"
    " time INTEGER NOT NULL, invalidity INTEGER, reference TEXT NOT NULL) STRICT;"
    "CREATE UNIQUE INDEX revocations_sorted ON revocations"
    " (issuer, length(serial), serial, row, reason, time, invalidity);"
#define STAYS(table)                                                                           \
    "CREATE TRIGGER " table "_stay BEFORE UPDATE ON " table " BEGIN"                           \
    " SELECT RAISE(ABORT, 'a row is never changed'); END;"                                     \
    "CREATE TRIGGER " table "_remain BEFORE DELETE ON " table " BEGIN"                         \
    " SELECT RAISE(ABORT, 'a row is never removed'); END;"
    STAYS("block_certificates") STAYS("block_issued") STAYS("revocations");

/* Of CRLs that were signed ahead; others are not here. */
const char store_schema_ahead[] =
    "CREATE TABLE crl_custody (issuer TEXT NOT NULL, scope TEXT NOT NULL, number INTEGER NOT NULL,"
    " state TEXT NOT NULL, bag TEXT NOT NULL, ceremony TEXT NOT NULL,"
    " PRIMARY KEY (issuer, scope, number)) STRICT, WITHOUT ROWID;";

const char *const store_compared[] = {
    "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name",
    "SELECT * FROM ceremonies ORDER BY id",
    "SELECT * FROM tokens ORDER BY name",
    "SELECT * FROM keys ORDER BY spki_sha256",
    "SELECT * FROM certificates ORDER BY issuer, serial",
    "SELECT * FROM crls ORDER BY issuer, scope, number",
    "SELECT * FROM crl_custody ORDER BY issuer, scope, number",
    "SELECT * FROM share_sets ORDER BY key_spki_sha256, set_id",
    "SELECT * FROM key_copies ORDER BY spki_sha256, serial",
    "SELECT * FROM backups ORDER BY key_spki_sha256, blob_sha256",
    "SELECT * FROM custody ORDER BY seq",
    "SELECT * FROM issuer_limits ORDER BY issuer",
    "SELECT * FROM issuers ORDER BY number",
    "SELECT * FROM blocks ORDER BY seq",
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
    [STORE_TOKEN_OF_SERIAL] = "SELECT name FROM tokens WHERE serial = ? ORDER BY name LIMIT 1",
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
#define CRL_COLUMNS "issuer, scope, number, this_update, next_update, tbs_sha256, crl_sha256"
    [STORE_CRL_HIGHEST_OF_ISSUER] = "SELECT number FROM crls WHERE issuer = ?"
                                    " ORDER BY number DESC LIMIT 1",
    [STORE_CRL_LAST] =
        "SELECT " CRL_COLUMNS " FROM crls WHERE issuer = ? AND scope = ?"
        " AND number < ? AND crl_sha256 IS NOT NULL AND NOT EXISTS (SELECT 1 FROM crl_custody"
        " AS c WHERE c.issuer = crls.issuer AND c.scope = crls.scope AND c.number = crls.number"
        " AND c.state <> 'released') ORDER BY number DESC LIMIT 1",
    [STORE_CRL_ALL] =
        "SELECT " CRL_COLUMNS " FROM crls WHERE NOT EXISTS (SELECT 1 FROM crl_custody AS c"
        " WHERE c.issuer = crls.issuer AND c.scope = crls.scope"
        " AND c.number = crls.number AND c.state <> 'released')"
        " ORDER BY issuer, scope, number",
    [STORE_CRL_RESERVED] = "SELECT 1 FROM crls WHERE issuer = ? AND scope = ? AND number = ?"
                           " AND tbs_sha256 = ?",
    [STORE_CA_SERIALS] = "SELECT serial FROM certificates WHERE issuer = ? AND is_ca <> 0"
                         " ORDER BY serial",
    [STORE_CRL_CUSTODY_GET] =
        "SELECT state, bag FROM crl_custody WHERE issuer = ? AND scope = ?"
        " AND number = ?",
    [STORE_CRL_CUSTODY_PUT] =
        "INSERT OR REPLACE INTO crl_custody (issuer, scope, number, state,"
        " bag, ceremony) VALUES (?, ?, ?, ?, ?, ?)",
    [STORE_CRL_AHEAD] =
        "SELECT c.issuer, c.scope, c.number, this_update, next_update, tbs_sha256, crl_sha256,"
        " c.state, c.bag FROM crl_custody AS c JOIN crls USING (issuer, scope, number)"
        " WHERE c.issuer = ? AND c.state NOT IN ('released', 'destroyed')"
        " ORDER BY c.scope, c.number",
    [STORE_CRL_SEQ] = "SELECT seq FROM entries WHERE kind IN ('crl-reserve', 'crl-import')"
                      " AND json_extract(data, '$.issuer') = ?"
                      " AND json_extract(data, '$.scope') = ?"
                      " AND json_extract(data, '$.number') = ?",
    [STORE_SHARES_GET] = "SELECT state, \"commitment\" FROM share_sets"
                         " WHERE key_spki_sha256 = ? AND set_id = ?",
    [STORE_SHARES_LIVE] = "SELECT key_spki_sha256 FROM share_sets"
                          " WHERE set_id = ? AND state <> 'void'",
    [STORE_SHARES_PUT] = "INSERT OR REPLACE INTO share_sets (key_spki_sha256, set_id, state,"
                         " \"commitment\", ceremony) VALUES (?, ?, ?, ?, ?)",
    [STORE_SHARES_REPLACED] = "UPDATE share_sets SET state = 'void', ceremony = ?2"
                              " WHERE key_spki_sha256 = ?1 AND state IN ('in-use', 'proven')",
    [STORE_SHARES_OF_ALL] = "SELECT key_spki_sha256, set_id, state FROM share_sets"
                            " ORDER BY key_spki_sha256, set_id",
    /* Numbers of sets come again, once a set is void: only what followed its making counts. */
    [STORE_SHARES_PROVEN] =
        "SELECT kind, time, json_extract(data, '$.how'), ceremony FROM entries WHERE kind IN"
        " ('share-proof', 'share-set', 'pin-set') AND json_extract(data, '$.set_id') = ?1"
        " AND (kind = 'share-proof' OR json_extract(data, '$.state') = 'proven')"
        " AND seq > (SELECT max(seq) FROM entries WHERE kind IN ('share-set', 'pin-set')"
        " AND json_extract(data, '$.set_id') = ?1 AND json_extract(data, '$.state') = 'made')"
        " ORDER BY seq DESC LIMIT 1",
    [STORE_COPY_GET] = "SELECT state FROM key_copies WHERE spki_sha256 = ? AND serial = ?",
    [STORE_COPY_PUT] = "INSERT OR REPLACE INTO key_copies (spki_sha256, serial, how, state,"
                       " ceremony) VALUES (?, ?, ?, ?, ?)",
    [STORE_SHARES_ALL] = "SELECT set_id, state FROM share_sets WHERE key_spki_sha256 = ?"
                         " ORDER BY set_id",
    /* Its own certificate needs no CRL of its own. */
    [STORE_UNEXPIRED] =
        "SELECT (SELECT count(*) FROM certificates WHERE issuer = ?1 AND not_after > ?2"
        " AND subject_spki_sha256 <> ?1 AND certificate_sha256 IS NOT NULL)"
        " + (SELECT coalesce(sum(count), 0) FROM blocks WHERE kind = 'certificates-reserve'"
        " AND issuer = ?1 AND not_after > ?2),"
        " max((SELECT coalesce(max(not_after), 0) FROM certificates WHERE issuer = ?1"
        " AND subject_spki_sha256 <> ?1 AND certificate_sha256 IS NOT NULL),"
        " (SELECT coalesce(max(not_after), 0) FROM blocks"
        " WHERE kind = 'certificates-reserve' AND issuer = ?1))",
    [STORE_HEAD_LAST] = "SELECT seq, ceremony, substr(text, length(?1) + 2) FROM custody"
                        " WHERE kind = 'ceremony-head'"
                        " AND substr(text, 1, length(?1) + 1) = ?1 || ' '"
                        " ORDER BY seq DESC LIMIT 1",
    [STORE_COPY_ALL] = "SELECT serial, how, state FROM key_copies WHERE spki_sha256 = ?"
                       " ORDER BY serial",
    [STORE_BACKUP_GET] = "SELECT state FROM backups WHERE key_spki_sha256 = ?"
                         " AND blob_sha256 = ?",
    [STORE_BACKUP_PUT] =
        "INSERT OR REPLACE INTO backups (key_spki_sha256, blob_sha256, card_sha256, kcv,"
        " mechanism, set_id, state, ceremony) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    [STORE_BACKUP_ALL] =
        "SELECT blob_sha256, card_sha256, kcv, mechanism, set_id, state FROM backups"
        " WHERE key_spki_sha256 = ? ORDER BY blob_sha256",
    [STORE_KEY_BY_LABEL] =
        "SELECT spki_sha256 FROM keys WHERE label = ? AND state <> 'destroyed'",
    [STORE_KEY_ROW] = "SELECT label, id, token, type, state FROM keys WHERE spki_sha256 = ?",
    [STORE_KEY_ALL] = "SELECT spki_sha256 FROM keys ORDER BY label, spki_sha256",
    [STORE_SIGNED_BY] =
        "SELECT issuer, serial, certificate_sha256, not_before, not_after, is_ca, subject,"
        " profile FROM certificates WHERE issuer = ?1 AND not_after > ?2"
        " AND subject_spki_sha256 <> ?1 AND certificate_sha256 IS NOT NULL ORDER BY serial",
    [STORE_BATCH_PROFILES] =
        "SELECT DISTINCT profile FROM blocks WHERE kind = 'certificates-reserve'"
        " AND issuer = ?1 AND not_after > ?2 ORDER BY profile",
    [STORE_CERTIFICATES_OF] =
        "SELECT issuer, serial, certificate_sha256, not_before, not_after, is_ca, subject,"
        " profile FROM certificates WHERE subject_spki_sha256 = ?"
        " AND certificate_sha256 IS NOT NULL ORDER BY issuer <> subject_spki_sha256,"
        " not_before DESC, certificate_sha256",
    [STORE_CA_OF_NAME] = "SELECT issuer, serial, certificate_sha256, subject FROM certificates"
                         " WHERE subject = ? AND is_ca AND certificate_sha256 IS NOT NULL"
                         " ORDER BY issuer, serial LIMIT 1",
    [STORE_CEREMONY_LAST] =
        "SELECT id, transcript_head FROM ceremonies WHERE closed IS NOT NULL"
        " ORDER BY closed DESC LIMIT 1",
    [STORE_CUSTODY_ADD] = "INSERT INTO custody (seq, ceremony, kind, text) VALUES (?, ?, ?, ?)",
    [STORE_CUSTODY_BAGS] = "SELECT ceremony, text FROM custody WHERE kind = 'bag' ORDER BY seq",
    [STORE_LIMITS_GET] = "SELECT count, valid_from, valid_until FROM issuer_limits"
                         " WHERE issuer = ?",
    [STORE_LIMITS_PUT] = "INSERT OR REPLACE INTO issuer_limits (issuer, count, valid_from,"
                         " valid_until, ceremony) VALUES (?, ?, ?, ?, ?)",
    [STORE_ISSUER_COUNT] = "SELECT (SELECT count(*) FROM certificates WHERE issuer = ?1)"
                           " + (SELECT coalesce(sum(count), 0) FROM blocks"
                           " WHERE kind = 'certificates-reserve' AND issuer = ?1)",
    [STORE_BLOCK_FIRST] = "SELECT coalesce(max(first + count), 1) FROM blocks WHERE kind = ?",
    [STORE_BLOCK_ADD] =
        "INSERT INTO blocks (seq, kind, ceremony, issuer, batch, block, profile,"
        " first, count, root, reserved, not_before, not_after)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, 0), ?, ?)",
    [STORE_BLOCK_GET] = "SELECT kind, issuer, batch, block, profile, first, count, root,"
                        " not_before, not_after, ceremony FROM blocks WHERE seq = ?",
    [STORE_BLOCK_ISSUE_OF] = "SELECT root FROM blocks WHERE reserved = ?",
    [STORE_BLOCK_BATCH] =
        "SELECT seq, block, count, root, EXISTS (SELECT 1 FROM blocks AS done"
        " WHERE done.reserved = blocks.seq), issuer FROM blocks WHERE batch = ? ORDER BY block",
    [STORE_BLOCK_NEXT] = "SELECT seq FROM blocks WHERE (kind = 'revocations') = ?"
                         " AND ceremony = ? AND seq > ? ORDER BY seq LIMIT 1",
    [STORE_ISSUER_ADD] = "INSERT OR IGNORE INTO issuers (spki_sha256) VALUES (?)",
    [STORE_ROW_ADD] =
        "INSERT INTO block_certificates (row, block, serial, device, spki, request, tbs,"
        " modulus) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
#define ROW_COLUMNS "r.row, r.block, r.serial, r.device, r.spki, r.request, r.tbs, r.modulus"
#define ROW_FOUND                                                                              \
    "SELECT " ROW_COLUMNS ", i.certificate, b.issuer, b.batch, b.ceremony"                     \
    " FROM block_certificates AS r JOIN blocks AS b ON b.seq = r.block"                        \
    " LEFT JOIN block_issued AS i ON i.row = r.row "
    [STORE_ROW_RANGE] = "SELECT " ROW_COLUMNS " FROM block_certificates AS r"
                        " WHERE r.row >= ? AND r.row < ? ORDER BY r.row",
    [STORE_ROW_BY_SERIAL] = ROW_FOUND "WHERE r.serial = ?2 AND b.issuer = ?1",
    [STORE_ROW_BY_SPKI] =
        ROW_FOUND "WHERE substr(r.spki, 1, 8) = substr(?1, 1, 8)"
                  " AND r.spki = ?1 ORDER BY i.certificate IS NULL, r.row DESC"
                  " LIMIT 1",
    [STORE_ROW_BY_DEVICE] = ROW_FOUND "WHERE r.device = ?2 AND b.issuer = ?1"
                                      " ORDER BY i.certificate IS NULL, r.row DESC LIMIT 1",
    [STORE_ROW_MODULI] = "SELECT modulus FROM block_certificates WHERE modulus IS NOT NULL"
                         " ORDER BY row",
    [STORE_ISSUED_ADD] = "INSERT INTO block_issued (row, certificate) VALUES (?, ?)",
    [STORE_ISSUED_RANGE] = "SELECT row, certificate FROM block_issued WHERE row >= ?"
                           " AND row < ? ORDER BY row",
    [STORE_REVOCATION_ADD] =
        "INSERT INTO revocations (row, block, issuer, serial, reason, time, invalidity,"
        " reference) SELECT ?1, ?2, number, ?4, ?5, ?6, nullif(?7, ?8), ?9 FROM issuers"
        " WHERE spki_sha256 = ?3",
    [STORE_REVOCATION_RANGE] =
        "SELECT row, block, serial, reason, time, invalidity, reference FROM revocations"
        " WHERE row >= ? AND row < ? ORDER BY row",
    [STORE_REVOCATION_LAST] =
        "SELECT reason, time, invalidity FROM revocations WHERE issuer = (SELECT number FROM"
        " issuers WHERE spki_sha256 = ?1) AND length(serial) = length(?2) AND serial = ?2"
        " ORDER BY row DESC LIMIT 1",
    [STORE_REVOCATIONS_OF] =
        "SELECT serial, reason, time, invalidity, row FROM revocations WHERE issuer = (SELECT"
        " number FROM issuers WHERE spki_sha256 = ?) ORDER BY length(serial), serial, row",
    [STORE_CERTIFICATE_BY_SPKI] =
        "SELECT issuer, serial, subject FROM certificates WHERE subject_spki_sha256 = ?"
        " LIMIT 1",
    [STORE_CEREMONY_HEAD] = "SELECT transcript_head FROM ceremonies"
                            " WHERE id = ? AND transcript_head IS NOT NULL",
    [STORE_CUSTODY_HAS] =
        "SELECT 1 FROM custody WHERE ceremony = ? AND kind = ? AND text = ? LIMIT 1",
    [STORE_RETENTION] =
        "SELECT (SELECT max(not_after) FROM certificates WHERE is_ca AND certificate_sha256 IS NOT"
        " NULL), (SELECT count(*) FROM keys WHERE state <> 'destroyed'),"
        " (SELECT time FROM entries ORDER BY seq DESC LIMIT 1)",
};
