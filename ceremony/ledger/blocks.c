/* SPDX-License-Identifier: Apache-2.0
 *
 * Blocks of rows: the entry and its rows in one transaction. */
#include "ceremony/ledger/blocks.h"

#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/ledger/ledger_private.h"
#include "ceremony/ledger/merkle.h"

/* One block being written. */
struct writing {
    const struct ledger_row_source *rows;
    const struct ledger_revocation_source *revocations;
    const unsigned char (*hashes)[32];
    size_t count;
    const char *issuer;
    struct error *(*line)(const struct writing *writing, size_t index, struct bytes *line);
    struct error *(*insert)(const struct writing *writing, struct store *store, int64_t block,
                            int64_t row, size_t index);
};

static struct error *
root_of(const struct writing *writing, char ret_root[LEDGER_HASH_TEXT])
{
    AUTO_MERKLE tree = {0};
    AUTO_BYTES line = {0};
    unsigned char root[MERKLE_HASH];
    TRY(merkle_init(&tree));
    for (size_t i = 0; i < writing->count; i++) {
        line.len = 0;
        TRY(writing->line(writing, i, &line));
        TRY(merkle_add(&tree, line.data, line.len));
    }
    TRY(merkle_root(&tree, root));
    hex_encode(root, sizeof root, ret_root);
    return NULL;
}

/* After the entry's own rules, in its transaction. */
static struct error *
write_rows(void *user, struct store *store, uint64_t seq)
{
    const struct writing *writing = user;
    bool row = false;
    TRY(store_bind(store, STORE_BLOCK_GET, "i", (int64_t)seq));
    TRY(store_step(store, STORE_BLOCK_GET, &row));
    int64_t first = store_number(store, STORE_BLOCK_GET, 5);
    store_reset(store, STORE_BLOCK_GET);
    for (size_t i = 0; i < writing->count; i++)
        TRY(writing->insert(writing, store, (int64_t)seq, first + (int64_t)i, i));
    return NULL;
}

static struct error *
append_block(struct ledger *ledger, const char *ceremony, const char *kind,
             struct ledger_json *data, struct writing *writing, uint64_t *ret_seq)
{
    char root[LEDGER_HASH_TEXT];
    if (writing->count > LEDGER_BLOCK_MAX)
        return ERROR(ERROR_INPUT, "a block of the ledger has no more than %d rows",
                     LEDGER_BLOCK_MAX);
    TRY(root_of(writing, root));
    TRY(ledger_json_add_text(data, "root", root));
    TRY(ledger_json_add_number(data, "count", (int64_t)writing->count));
    TRY(ledger_append_rows(ledger, ceremony, kind, data, write_rows, writing));
    if (ret_seq != NULL)
        *ret_seq = ledger->chain.count;
    return NULL;
}

static struct error *
serial_used(const unsigned char *serial, size_t len)
{
    char text[2 * LEDGER_SERIAL_MAX + 1];
    hex_encode(serial, len, text);
    return ERROR(ERROR_REFUSED, "the serial number %s was used before", text);
}

/* --- certificates --- */

static struct error *
row_line(const struct writing *writing, size_t index, struct bytes *line)
{
    struct ledger_row row;
    TRY(writing->rows->row(writing->rows->user, index, &row));
    return ledger_row_write(&row, line);
}

/* Certificates made one by one have the same serial numbers to choose from. */
static struct error *
check_serial(const struct writing *writing, struct store *store, const struct ledger_row *row)
{
    bool found = false;
    char text[2 * LEDGER_SERIAL_MAX + 1];
    hex_encode(row->serial, row->serial_len, text);
    TRY(store_bind(store, STORE_CERTIFICATE_GET, "ss", writing->issuer, text));
    TRY(store_step(store, STORE_CERTIFICATE_GET, &found));
    store_reset(store, STORE_CERTIFICATE_GET);
    return found ? serial_used(row->serial, row->serial_len) : NULL;
}

static struct error *
row_insert(const struct writing *writing, struct store *store, int64_t block, int64_t number,
           size_t index)
{
    struct ledger_row row;
    TRY(writing->rows->row(writing->rows->user, index, &row));
    TRY(check_serial(writing, store, &row));
    TRY(store_bind(store, STORE_ROW_ADD, "iibsbbbb", number, block, (const void *)row.serial,
                   row.serial_len, row.device, (const void *)row.spki, sizeof row.spki,
                   (const void *)row.request, sizeof row.request, (const void *)row.tbs,
                   sizeof row.tbs, (const void *)row.modulus, row.modulus_len));
    struct error *error = store_do(store, STORE_ROW_ADD);
    if (error == NULL || error_code(error) != ERROR_VERIFICATION)
        return error;
    error_free(error); /* the serial's index is the only thing a new row can offend */
    return serial_used(row.serial, row.serial_len);
}

struct error *
ledger_reserve_block(struct ledger *ledger, const char *ceremony,
                     const struct ledger_block *block, const struct ledger_row_source *rows,
                     uint64_t *ret_seq)
{
    AUTO_LEDGER_JSON data = {0};
    struct writing writing = {.rows = rows,
                              .count = rows->count,
                              .issuer = block->issuer_spki_sha256,
                              .line = row_line,
                              .insert = row_insert};
    TRY(ledger_json_add_text(&data, "batch", block->batch));
    TRY(ledger_json_add_number(&data, "block", (int64_t)block->number));
    TRY(ledger_json_add_text(&data, "issuer", block->issuer_spki_sha256));
    TRY(ledger_json_add_number(&data, "not_after", block->not_after));
    TRY(ledger_json_add_number(&data, "not_before", block->not_before));
    TRY(ledger_json_add_text(&data, "profile", block->profile));
    return append_block(ledger, ceremony, "certificates-reserve", &data, &writing, ret_seq);
}

static struct error *
issued_line(const struct writing *writing, size_t index, struct bytes *line)
{
    return ledger_issued_write(writing->hashes[index], line);
}

static struct error *
issued_insert(const struct writing *writing, struct store *store, int64_t block, int64_t number,
              size_t index)
{
    (void)block;
    TRY(store_bind(store, STORE_ISSUED_ADD, "ib", number, (const void *)writing->hashes[index],
                   sizeof writing->hashes[index]));
    return store_do(store, STORE_ISSUED_ADD);
}

struct error *
ledger_issue_block(struct ledger *ledger, const char *ceremony, uint64_t seq,
                   const unsigned char (*hashes)[32], size_t count)
{
    AUTO_LEDGER_JSON data = {0};
    struct writing writing = {
        .hashes = hashes, .count = count, .line = issued_line, .insert = issued_insert};
    TRY(ledger_json_add_number(&data, "reserved", (int64_t)seq));
    return append_block(ledger, ceremony, "certificates-issue", &data, &writing, NULL);
}

/* --- revocations --- */

static struct error *
revocation_line(const struct writing *writing, size_t index, struct bytes *line)
{
    struct ledger_revocation row;
    TRY(writing->revocations->row(writing->revocations->user, index, &row));
    return ledger_revocation_write(&row, line);
}

static struct error *
check_revocation(const struct writing *writing, struct store *store,
                 const struct ledger_revocation *row)
{
    char text[2 * LEDGER_SERIAL_MAX + 1];
    bool found = false;
    TRY(store_bind(store, STORE_REVOCATION_LAST, "sb", writing->issuer,
                   (const void *)row->serial, row->serial_len));
    TRY(store_step(store, STORE_REVOCATION_LAST, &found));
    int64_t reason = found ? store_number(store, STORE_REVOCATION_LAST, 0) : REASON_RELEASED;
    store_reset(store, STORE_REVOCATION_LAST);
    if (ledger_revocation_follows(reason, row->reason))
        return NULL;
    hex_encode(row->serial, row->serial_len, text);
    if (row->reason == REASON_RELEASED)
        return ERROR(ERROR_REFUSED,
                     "the certificate %s is not on hold, so it cannot be released", text);
    return ERROR(ERROR_REFUSED, "the certificate %s is revoked already", text);
}

static struct error *
revocation_insert(const struct writing *writing, struct store *store, int64_t block,
                  int64_t number, size_t index)
{
    struct ledger_revocation row;
    TRY(writing->revocations->row(writing->revocations->user, index, &row));
    TRY(check_revocation(writing, store, &row));
    TRY(store_bind(store, STORE_REVOCATION_ADD, "iisbiiiis", number, block, writing->issuer,
                   (const void *)row.serial, row.serial_len, (int64_t)row.reason, row.time,
                   row.invalidity, LEDGER_NO_TIME, row.reference));
    return store_do(store, STORE_REVOCATION_ADD);
}

struct error *
ledger_revoke_block(struct ledger *ledger, const char *ceremony, const char *issuer_spki_sha256,
                    const struct ledger_revocation_source *rows, uint64_t *ret_seq)
{
    AUTO_LEDGER_JSON data = {0};
    struct writing writing = {.revocations = rows,
                              .count = rows->count,
                              .issuer = issuer_spki_sha256,
                              .line = revocation_line,
                              .insert = revocation_insert};
    TRY(ledger_json_add_text(&data, "issuer", issuer_spki_sha256));
    return append_block(ledger, ceremony, "revocations", &data, &writing, ret_seq);
}
