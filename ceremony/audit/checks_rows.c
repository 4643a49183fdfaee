/* SPDX-License-Identifier: Apache-2.0
 *
 * The revocations that this ceremony entered: their rows are there, have the root that the ledger's
 * entry names, and stand in the CRLs that were signed afterwards as they were entered. (R52, R56, R102;
 * docs/formats/ledger.md) */
#include <stdlib.h>
#include <string.h>

#include "ceremony/audit/checks.h"
#include "ceremony/audit/ledger_lines.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/ledger/merkle.h"
#include "ceremony/ledger/rows.h"
#include "ceremony/pki/crl_previous.h"

#define RELEASED 8

/* A row; of several with one serial number the last one counts. */
struct row {
    struct pki_revocation is;
    size_t order;
};

struct rows {
    struct row *items;
    size_t count;
    size_t room;
};

static void
rows_clear(struct rows *rows)
{
    free(rows->items);
    *rows = (struct rows){0};
}

#define AUTO_ROWS __attribute__((cleanup(rows_clear))) struct rows

static struct error *
add_row(struct rows *rows, const struct pki_revocation *revocation)
{
    if (rows->count == rows->room) {
        size_t room = rows->room == 0 ? 256 : rows->room * 2;
        struct row *items = realloc(rows->items, room * sizeof *items);
        if (items == NULL)
            return error_memory();
        rows->items = items;
        rows->room = room;
    }
    rows->items[rows->count] = (struct row){*revocation, rows->count};
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
    const struct row *left = a;
    const struct row *right = b;
    int order = compare_serials(&left->is, &right->is);
    return order != 0 ? order : (left->order > right->order) - (left->order < right->order);
}

/* Sorted; of each serial number the last row, unless that releases it. */
static void
keep_last(struct rows *rows, size_t *ret_released)
{
    size_t kept = 0;
    *ret_released = 0;
    if (rows->count > 1)
        qsort(rows->items, rows->count, sizeof *rows->items, compare_rows);
    for (size_t i = 0; i < rows->count; i++) {
        bool last = i + 1 == rows->count
                    || compare_serials(&rows->items[i].is, &rows->items[i + 1].is) != 0;
        *ret_released += last && rows->items[i].is.reason == RELEASED;
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
take_line(struct merkle *tree, struct rows *rows, const char *text, size_t len)
{
    struct pki_revocation revocation;
    TRY(merkle_add(tree, text, len));
    json_t *line = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    if (line == NULL)
        return ERROR(ERROR_VERIFICATION, "a line cannot be read");
    struct error *error = parse_row(line, &revocation);
    json_decref(line);
    TRY(error);
    return add_row(rows, &revocation);
}

/* All lines of one block, and the root that they have. */
static struct error *
read_rows(const struct evidence *evidence, const char *name, struct rows *rows,
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

static bool
is_block(const json_t *entry)
{
    return strcmp(data_text(entry, "kind"), "revocations") == 0;
}

static bool
is_ours(const struct evidence *evidence, const json_t *entry)
{
    return strcmp(data_text(entry, "ceremony"), evidence_id(evidence)) == 0;
}

static struct error *
name_of(const json_t *entry, char **ret_name)
{
    return text_format(ret_name, "rows/%lld.jsonl", (long long)data_number(entry, "seq"));
}

static struct error *
check_block(const struct evidence *evidence, const json_t *entry, const char *name)
{
    AUTO_ROWS rows = {0};
    char root[2 * MERKLE_HASH + 1];
    const json_t *data = data_inner(entry, "data");
    TRY(read_rows(evidence, name, &rows, root));
    if ((int64_t)rows.count != data_number(data, "count")
        || strcmp(root, data_text(data, "root")) != 0)
        return ERROR(ERROR_VERIFICATION,
                     "its rows are not those that entry %lld of the ledger stands for",
                     (long long)data_number(entry, "seq"));
    return NULL;
}

/* --- against the CRLs --- */

/* The entry that reserved a CRL; NULL. */
static const json_t *
reserved(const struct ledger_lines *ledger, const char *tbs_sha256)
{
    for (size_t i = 0; i < ledger->count; i++) {
        const json_t *entry = ledger->rows[i].object;
        if (strcmp(data_text(entry, "kind"), "crl-reserve") == 0
            && strcmp(data_text(data_inner(entry, "data"), "tbs_sha256"), tbs_sha256) == 0)
            return entry;
    }
    return NULL;
}

/* The rows of this ceremony for the issuer, entered before the CRL was; whether there are no others. */
static struct error *
rows_before(const struct evidence *evidence, const struct ledger_lines *ledger,
            const json_t *crl, struct rows *rows, bool *ret_all)
{
    const char *issuer = data_text(data_inner(crl, "data"), "issuer");
    char root[2 * MERKLE_HASH + 1];
    *ret_all = true;
    for (size_t i = 0; i < ledger->count; i++) {
        AUTO_FREE char *name = NULL;
        const json_t *entry = ledger->rows[i].object;
        if (!is_block(entry) || data_number(entry, "seq") > data_number(crl, "seq")
            || strcmp(data_text(data_inner(entry, "data"), "issuer"), issuer) != 0)
            continue;
        if (!is_ours(evidence, entry)) {
            *ret_all = false;
            continue;
        }
        TRY(name_of(entry, &name));
        TRY(read_rows(evidence, name, rows, root));
    }
    return NULL;
}

static struct error *
add_entry(void *user, const struct pki_revocation *entry)
{
    return add_row(user, entry);
}

static bool
is_same(const struct pki_revocation *row, const struct pki_revocation *entry)
{
    int reason = entry->reason < 0 ? 0 : entry->reason; /* no reason is "unspecified" (R52) */
    return row->date == entry->date && row->reason == reason
           && row->invalidity_date == entry->invalidity_date;
}

/* The entry of the serial number, NULL if there is none; `entries` are sorted. */
static const struct row *
find_entry(const struct rows *entries, const struct pki_revocation *wanted)
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

static struct error *
compare(const struct rows *rows, const struct rows *entries, size_t released, bool all)
{
    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->items[i];
        const struct row *entry = find_entry(entries, &row->is);
        char serial[2 * sizeof row->is.serial + 1];
        hex_encode(row->is.serial, row->is.serial_len, serial);
        if (row->is.reason == RELEASED && entry != NULL)
            return ERROR(ERROR_VERIFICATION, "it holds %s, which was released", serial);
        if (row->is.reason != RELEASED && entry == NULL)
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

/* What a CRL that was brought along lists stands in the next one, unless this ceremony released it. */
static struct error *
compare_brought(const struct evidence *evidence, const struct transcript_record *result,
                const struct rows *rows, const struct rows *entries)
{
    EACH_RECORD(record, evidence)
    {
        AUTO_BYTES der = {0};
        AUTO_ROWS brought = {0};
        if (!is_done(record, "carry-crl") || record->seq > result->seq
            || strcmp(data_text(record->data, "key"), data_text(result->data, "key")) != 0)
            continue;
        TRY(evidence_file(evidence, data_text(record->data, "file"), &der));
        TRY(pki_crl_previous_each(der.data, der.len, add_entry, &brought));
        for (size_t i = 0; i < brought.count; i++) {
            const struct pki_revocation *is = &brought.items[i].is;
            const struct row *row = find_entry(rows, is);
            char serial[2 * sizeof is->serial + 1];
            hex_encode(is->serial, is->serial_len, serial);
            if (find_entry(entries, is) == NULL && (row == NULL || row->is.reason != RELEASED))
                return ERROR(ERROR_VERIFICATION,
                             "it lacks %s, which the CRL that was brought lists", serial);
        }
    }
    return NULL;
}

static struct error *
check_crl(const struct evidence *evidence, const struct ledger_lines *ledger,
          const struct transcript_record *result)
{
    AUTO_BYTES der = {0};
    AUTO_ROWS rows = {0};
    AUTO_ROWS entries = {0};
    size_t released = 0;
    bool all = false;
    const json_t *crl = reserved(ledger, data_text(result->data, "tbs_sha256"));
    if (crl == NULL)
        return ERROR(ERROR_VERIFICATION, "the ledger does not know it");
    if (strcmp(data_text(data_inner(crl, "data"), "scope"), "full") != 0)
        return NULL; /* the others are compared with the full one */
    TRY(rows_before(evidence, ledger, crl, &rows, &all));
    keep_last(&rows, &released);
    TRY(evidence_file(evidence, data_text(result->data, "file"), &der));
    TRY(pki_crl_previous_each(der.data, der.len, add_entry, &entries));
    TRY(compare_brought(evidence, result, &rows, &entries));
    return compare(&rows, &entries, released, all);
}

struct error *
check_revocations(const struct evidence *evidence, struct report *report)
{
    AUTO_LEDGER_LINES ledger = {0};
    size_t blocks = 0;
    size_t crls = 0;
    struct error *error = ledger_lines_read(evidence, &ledger);
    if (error != NULL)
        return report_error(report, "ledger.jsonl", 0, error);
    for (size_t i = 0; i < ledger.count; i++) {
        AUTO_FREE char *name = NULL;
        const json_t *entry = ledger.rows[i].object;
        if (!is_block(entry) || !is_ours(evidence, entry))
            continue;
        blocks++;
        TRY(name_of(entry, &name));
        TRY(report_error(report, name, 0, check_block(evidence, entry, name)));
    }
    EACH_RECORD(record, evidence)
    if (is_done(record, "sign-crl")) {
        crls++;
        TRY(report_error(report, data_text(record->data, "file"), record->seq,
                         check_crl(evidence, &ledger, record)));
    }
    return report_note(report, "%zu blocks of rows, compared with %zu CRLs", blocks, crls);
}
