/* SPDX-License-Identifier: Apache-2.0
 *
 * The ledger as lines: out, checked, and back into a file. */
#include <string.h>

#include "ceremony/base/file.h"
#include "ceremony/ledger/check.h"
#include "ceremony/ledger/ledger_private.h"
#include "ceremony/ledger/rows_read.h"

struct error *
ledger_export(struct ledger *ledger, struct bytes *ret_lines)
{
    struct store *store = &ledger->store;
    TRY(store_bind(store, STORE_ENTRY_ALL, ""));
    for (uint64_t i = 0; i < ledger->chain.count; i++) {
        bool row = false;
        TRY(store_step(store, STORE_ENTRY_ALL, &row));
        if (!row)
            return ERROR(ERROR_VERIFICATION, "the ledger lost entries");
        struct ledger_entry entry = {
            .seq = (uint64_t)store_number(store, STORE_ENTRY_ALL, 0),
            .time = store_text(store, STORE_ENTRY_ALL, 1),
            .ceremony = store_text(store, STORE_ENTRY_ALL, 2),
            .kind = store_text(store, STORE_ENTRY_ALL, 3),
            .data = store_text(store, STORE_ENTRY_ALL, 4),
            .prev = store_text(store, STORE_ENTRY_ALL, 5),
        };
        struct error *error = ledger_entry_format(&entry, ret_lines);
        if (error != NULL) {
            store_reset(store, STORE_ENTRY_ALL);
            return error;
        }
    }
    store_reset(store, STORE_ENTRY_ALL);
    return NULL;
}

struct error *
ledger_check_lines(const void *lines, size_t len, unsigned char ret_head[32],
                   uint64_t *ret_count)
{
    AUTO_STORE scratch = {0};
    struct ledger_chain chain = {0};
    TRY(store_open_scratch(&scratch));
    TRY(check_lines(&scratch, lines, len, NULL, NULL, &chain));
    if (ret_head != NULL)
        memcpy(ret_head, chain.head, sizeof chain.head);
    if (ret_count != NULL)
        *ret_count = chain.count;
    return NULL;
}

/* A ledger being made from lines. */
struct import {
    struct store *store;
    const struct ledger_rows_from *rows;
    struct row_place place; /* of the next row */
};

static struct error *
add_line(void *user, const char *line, size_t len)
{
    struct import *import = user;
    TRY(rows_read_add(import->store, &import->place, line, len));
    import->place.row++;
    return NULL;
}

/* The block that the entry stands for was applied already. */
static struct error *
import_rows(struct import *import, const struct ledger_entry *entry)
{
    struct store *store = import->store;
    AUTO_LEDGER_JSON data = {0};
    bool row = false;
    TRY(store_bind(store, STORE_BLOCK_GET, "i", (int64_t)entry->seq));
    TRY(store_step(store, STORE_BLOCK_GET, &row));
    int64_t first = store_number(store, STORE_BLOCK_GET, 5);
    int64_t count = store_number(store, STORE_BLOCK_GET, 6);
    store_reset(store, STORE_BLOCK_GET);
    TRY(ledger_json_parse(entry->data, strlen(entry->data), &data));
    const struct ledger_json_field *issuer = ledger_json_find(&data, "issuer");
    const struct ledger_json_field *batch = ledger_json_find(&data, "batch");
    const struct ledger_json_field *block = ledger_json_find(&data, "block");
    const struct ledger_json_field *reserved = ledger_json_find(&data, "reserved");
    struct ledger_wanted_rows wanted = {
        .seq = entry->seq,
        .ceremony = entry->ceremony,
        .kind = entry->kind,
        .batch = batch == NULL ? "" : batch->text,
        .block = block == NULL ? 0 : (uint64_t)block->number,
        .reserved = reserved == NULL ? 0 : (uint64_t)reserved->number,
        .count = (size_t)count,
    };
    import->place = (struct row_place){.kind = entry->kind,
                                       .block = (int64_t)entry->seq,
                                       .row = first,
                                       .issuer = issuer == NULL ? "" : issuer->text};
    if (import->rows == NULL)
        return ERROR(ERROR_UNSUPPORTED,
                     "entry %llu of the ledger stands for a block of rows, which are not here",
                     (unsigned long long)entry->seq);
    TRY(import->rows->rows(import->rows->user, &wanted, add_line, import));
    if (import->place.row == first + count)
        return NULL;
    return ERROR(ERROR_VERIFICATION,
                 "entry %llu of the ledger stands for %lld rows, and %lld are there",
                 (unsigned long long)entry->seq, (long long)count,
                 (long long)(import->place.row - first));
}

static struct error *
import_entry(void *user, const struct ledger_entry *entry, const char *hash)
{
    struct import *import = user;
    struct store *store = import->store;
    TRY(store_bind(store, STORE_ENTRY_ADD, "issssss", (int64_t)entry->seq, entry->time,
                   entry->ceremony, entry->kind, entry->data, entry->prev, hash));
    TRY(store_do(store, STORE_ENTRY_ADD));
    return rows_read_is_block(entry->kind) ? import_rows(import, entry) : NULL;
}

/* The new file itself is what the rules are applied to; all of it is one transaction. */
static struct error *
import_all(const char *path, const void *lines, size_t len, const struct ledger_rows_from *rows)
{
    AUTO(ledger) ledger = NULL;
    TRY(ledger_open(path, true, &ledger));
    struct ledger_chain chain = {0};
    struct import import = {.store = &ledger->store, .rows = rows};
    TRY(store_run(&ledger->store, "BEGIN IMMEDIATE"));
    TRY(check_lines(&ledger->store, lines, len, import_entry, &import, &chain));
    TRY(check_blocks(&ledger->store));
    return store_run(&ledger->store, "COMMIT");
}

struct error *
ledger_import(const char *path, const void *lines, size_t len,
              const struct ledger_rows_from *rows)
{
    if (file_exists(path))
        return ERROR(ERROR_EXISTS, "there is a ledger \"%s\" already", path_name(path));
    TRY(ledger_check_lines(lines, len, NULL, NULL));
    struct error *error = import_all(path, lines, len, rows);
    if (error != NULL) /* it holds nothing but tables */
        error_free(file_destroy(path));
    return error;
}
