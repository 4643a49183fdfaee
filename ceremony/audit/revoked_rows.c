/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/audit/revoked_rows.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"

void
revoked_rows_clear(struct revoked_rows *rows)
{
    free(rows->items);
    *rows = (struct revoked_rows){0};
}

struct error *
revoked_rows_add(struct revoked_rows *rows, const struct pki_revocation *revocation)
{
    if (rows->count == rows->room) {
        size_t room = rows->room == 0 ? 256 : rows->room * 2;
        struct revoked_row *items = realloc(rows->items, room * sizeof *items);
        if (items == NULL)
            return error_memory();
        rows->items = items;
        rows->room = room;
    }
    rows->items[rows->count] = (struct revoked_row){*revocation, rows->count};
    rows->count++;
    return NULL;
}

static int
compare_serials(const struct pki_revocation *a, const struct pki_revocation *b)
{
    if (a->serial_len != b->serial_len)
        return a->serial_len < b->serial_len ? -1 : 1;
    return memcmp(a->serial, b->serial, a->serial_len);
}

static int
compare_rows(const void *a, const void *b)
{
    const struct revoked_row *left = a;
    const struct revoked_row *right = b;
    int order = compare_serials(&left->is, &right->is);
    return order != 0 ? order : (left->order > right->order) - (left->order < right->order);
}

/* Sorted; of each serial number the last row, unless that releases it. */
void
revoked_rows_keep_last(struct revoked_rows *rows, size_t *ret_released)
{
    size_t kept = 0;
    *ret_released = 0;
    if (rows->count > 1)
        qsort(rows->items, rows->count, sizeof *rows->items, compare_rows);
    for (size_t i = 0; i < rows->count; i++) {
        bool last = i + 1 == rows->count
                    || compare_serials(&rows->items[i].is, &rows->items[i + 1].is) != 0;
        *ret_released += last && rows->items[i].is.reason == REVOKED_RELEASED;
        if (last)
            rows->items[kept++] = rows->items[i];
    }
    rows->count = kept;
}

/* --- the files of rows --- */

static struct error *
parse_row(const json_t *line, struct pki_revocation *ret)
{
    AUTO_BYTES serial = {0};
    const json_t *invalidity = json_object_get(line, "invalidity");
    TRY(hex_decode_append(data_text(line, "serial"), &serial));
    if (serial.len < 1 || serial.len > sizeof ret->serial)
        return ERROR(ERROR_VERIFICATION, "a serial number has the wrong length");
    *ret = (struct pki_revocation){
        .serial_len = serial.len,
        .date = data_number(line, "time"),
        .reason = (int)data_number(line, "reason"),
        .invalidity_date = invalidity == NULL ? 0 : (int64_t)json_integer_value(invalidity)};
    memcpy(ret->serial, serial.data, serial.len);
    return NULL;
}

static struct error *
take_line(struct merkle *tree, struct revoked_rows *rows, const char *text, size_t len)
{
    struct pki_revocation revocation;
    TRY(merkle_add(tree, text, len));
    json_t *line = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    if (line == NULL)
        return ERROR(ERROR_VERIFICATION, "a line cannot be read");
    struct error *error = parse_row(line, &revocation);
    json_decref(line);
    TRY(error);
    return revoked_rows_add(rows, &revocation);
}

/* All lines of one block, and the root that they have. */
struct error *
revoked_rows_read(const struct evidence *evidence, const char *name, struct revoked_rows *rows,
                  char ret_root[2 * MERKLE_HASH + 1])
{
    AUTO_BYTES file = {0};
    AUTO_MERKLE tree = {0};
    unsigned char root[MERKLE_HASH];
    TRY(evidence_file(evidence, name, &file));
    TRY(merkle_init(&tree));
    const char *text = (const char *)file.data;
    size_t at = 0;
    while (at < file.len) {
        const char *end = memchr(text + at, '\n', file.len - at);
        if (end == NULL)
            return ERROR(ERROR_VERIFICATION, "the last line is not complete");
        TRY(take_line(&tree, rows, text + at, (size_t)(end - text) - at));
        at = (size_t)(end - text) + 1;
    }
    TRY(merkle_root(&tree, root));
    hex_encode(root, sizeof root, ret_root);
    return NULL;
}

bool
revoked_is_block(const json_t *entry)
{
    return strcmp(data_text(entry, "kind"), "revocations") == 0;
}

bool
revoked_is_ours(const struct evidence *evidence, const json_t *entry)
{
    return strcmp(data_text(entry, "ceremony"), evidence_id(evidence)) == 0;
}

struct error *
revoked_rows_name(const json_t *entry, char **ret_name)
{
    return text_format(ret_name, "rows/%lld.jsonl", (long long)data_number(entry, "seq"));
}

/* The rows of this ceremony for the issuer, entered before the CRL was; whether there are no others. */
struct error *
revoked_rows_before(const struct evidence *evidence, const struct ledger_lines *ledger,
                    const json_t *crl, const char *issuer, struct revoked_rows *rows,
                    bool *ret_all)
{
    char root[2 * MERKLE_HASH + 1];
    *ret_all = true;
    for (size_t i = 0; i < ledger->count; i++) {
        AUTO_FREE char *name = NULL;
        const json_t *entry = ledger->rows[i].object;
        if (!revoked_is_block(entry) || data_number(entry, "seq") > data_number(crl, "seq")
            || strcmp(data_text(data_inner(entry, "data"), "issuer"), issuer) != 0)
            continue;
        if (!revoked_is_ours(evidence, entry)) {
            *ret_all = false;
            continue;
        }
        TRY(revoked_rows_name(entry, &name));
        TRY(revoked_rows_read(evidence, name, rows, root));
    }
    return NULL;
}

struct error *
revoked_rows_take(void *user, const struct pki_revocation *entry)
{
    return revoked_rows_add(user, entry);
}

static bool
is_same(const struct pki_revocation *row, const struct pki_revocation *entry)
{
    int reason = entry->reason < 0 ? 0 : entry->reason; /* no reason is "unspecified" (R52) */
    return row->date == entry->date && row->reason == reason
           && row->invalidity_date == entry->invalidity_date;
}

/* The entry of the serial number, NULL if there is none; `entries` are sorted. */
const struct revoked_row *
revoked_rows_find(const struct revoked_rows *entries, const struct pki_revocation *wanted)
{
    for (size_t low = 0, high = entries->count; low < high;) {
        size_t middle = low + (high - low) / 2;
        int order = compare_serials(wanted, &entries->items[middle].is);
        if (order == 0)
            return &entries->items[middle];
        low = order > 0 ? middle + 1 : low;
        high = order < 0 ? middle : high;
    }
    return NULL;
}

struct error *
revoked_rows_compare(const struct revoked_rows *rows, const struct revoked_rows *entries,
                     size_t released, bool all)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct revoked_row *row = &rows->items[i];
        const struct revoked_row *entry = revoked_rows_find(entries, &row->is);
        char serial[2 * sizeof row->is.serial + 1];
        hex_encode(row->is.serial, row->is.serial_len, serial);
        if (row->is.reason == REVOKED_RELEASED && entry != NULL)
            return ERROR(ERROR_VERIFICATION, "it holds %s, which was released", serial);
        if (row->is.reason != REVOKED_RELEASED && entry == NULL)
            return ERROR(ERROR_VERIFICATION, "it lacks %s, which was revoked", serial);
        if (entry != NULL && !is_same(&row->is, &entry->is))
            return ERROR(ERROR_VERIFICATION, "it says of %s something else than was entered",
                         serial);
    }
    if (all && entries->count != rows->count - released)
        return ERROR(ERROR_VERIFICATION, "it has %zu entries, and %zu were entered",
                     entries->count, rows->count - released);
    return NULL;
}
