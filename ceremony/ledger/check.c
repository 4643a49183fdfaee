/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/ledger/check.h"

#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/text.h"
#include "ceremony/ledger/json.h"
#include "ceremony/ledger/rules.h"

static struct error *
name_entry(struct error *error, uint64_t seq)
{
    enum error_code code = error_code(error);
    if (code != ERROR_VERIFICATION && code != ERROR_INPUT && code != ERROR_REFUSED)
        return error;
    struct error *named = ERROR(ERROR_VERIFICATION, "entry %llu of the ledger: %s",
                                (unsigned long long)seq, error_what(error));
    error_free(error);
    return named;
}

static struct error *
replay(struct store *scratch, const struct ledger_entry *entry)
{
    AUTO_LEDGER_JSON data = {0};
    bool nothing = false;
    TRY(ledger_json_parse(entry->data, strlen(entry->data), &data));
    TRY(ledger_rules_apply(scratch, entry, &data, &nothing));
    if (nothing)
        return ERROR(ERROR_VERIFICATION, "it repeats what was entered before");
    return NULL;
}

struct error *
check_replay(struct store *scratch, const struct ledger_entry *entry)
{
    struct error *error = replay(scratch, entry);
    return error == NULL ? NULL : name_entry(error, entry->seq);
}

/* The row at hand of STORE_ENTRY_ALL. */
static struct error *
check_row(struct store *store, struct store *scratch, struct ledger_chain *chain,
          struct bytes *line)
{
    struct ledger_entry entry = {
        .seq = (uint64_t)store_number(store, STORE_ENTRY_ALL, 0),
        .time = store_text(store, STORE_ENTRY_ALL, 1),
        .ceremony = store_text(store, STORE_ENTRY_ALL, 2),
        .kind = store_text(store, STORE_ENTRY_ALL, 3),
        .data = store_text(store, STORE_ENTRY_ALL, 4),
        .prev = store_text(store, STORE_ENTRY_ALL, 5),
    };
    char hash[LEDGER_HASH_TEXT];
    line->len = 0;
    TRY(ledger_entry_format(&entry, line));
    TRY(ledger_chain_follow(chain, &entry, line));
    ledger_chain_head_text(chain, hash);
    if (strcmp(store_text(store, STORE_ENTRY_ALL, 6), hash) != 0)
        return ERROR(ERROR_VERIFICATION, "entry %llu of the ledger was changed",
                     (unsigned long long)entry.seq);
    return check_replay(scratch, &entry);
}

static struct error *
check_entries(struct store *store, struct store *scratch, struct ledger_chain *chain)
{
    AUTO_BYTES line = {0};
    TRY(store_bind(store, STORE_ENTRY_ALL, ""));
    for (;;) {
        bool row = false;
        TRY(store_step(store, STORE_ENTRY_ALL, &row));
        if (!row)
            return NULL;
        struct error *error = check_row(store, scratch, chain, &line);
        if (error != NULL) {
            store_reset(store, STORE_ENTRY_ALL);
            return error;
        }
    }
}

/* --- tables --- */

static bool
same_value(sqlite3_stmt *a, sqlite3_stmt *b, int column)
{
    int type = sqlite3_column_type(a, column);
    if (type != sqlite3_column_type(b, column))
        return false;
    if (type == SQLITE_NULL)
        return true;
    if (type == SQLITE_INTEGER)
        return sqlite3_column_int64(a, column) == sqlite3_column_int64(b, column);
    const void *left = sqlite3_column_blob(a, column);
    const void *right = sqlite3_column_blob(b, column);
    int size = sqlite3_column_bytes(a, column);
    return size == sqlite3_column_bytes(b, column)
           && (size == 0 || memcmp(left, right, (size_t)size) == 0);
}

static bool
same_row(sqlite3_stmt *a, sqlite3_stmt *b)
{
    int columns = sqlite3_column_count(a);
    if (columns != sqlite3_column_count(b))
        return false;
    for (int i = 0; i < columns; i++) {
        if (!same_value(a, b, i))
            return false;
    }
    return true;
}

static struct error *
compare_rows(struct store *store, sqlite3_stmt *a, sqlite3_stmt *b)
{
    for (;;) {
        int left = sqlite3_step(a);
        int right = sqlite3_step(b);
        if (left == SQLITE_DONE && right == SQLITE_DONE)
            return NULL;
        bool rows = (left == SQLITE_ROW || left == SQLITE_DONE)
                    && (right == SQLITE_ROW || right == SQLITE_DONE);
        if (!rows)
            return store_error(store->database, left, "the ledger could not be checked");
        if (left != right || !same_row(a, b))
            return ERROR(ERROR_VERIFICATION,
                         "the tables of the ledger do not follow from its entries");
    }
}

static struct error *
compare_table(struct store *store, struct store *scratch, const char *sql)
{
    sqlite3_stmt *a = NULL;
    sqlite3_stmt *b = NULL;
    int result = sqlite3_prepare_v2(store->database, sql, -1, &a, NULL);
    struct error *error = NULL;
    if (result != SQLITE_OK
        || sqlite3_prepare_v2(scratch->database, sql, -1, &b, NULL) != SQLITE_OK)
        error = error_detail(ERROR(ERROR_VERIFICATION, "the ledger lacks a table"), "%s", sql);
    else
        error = error_detail(compare_rows(store, a, b), "%s", sql);
    (void)sqlite3_finalize(a);
    (void)sqlite3_finalize(b);
    return error;
}

static struct error *
check_all(struct store *store, struct store *scratch, struct ledger_chain *chain)
{
    /* The schema first: a planted view or trigger must not run in what follows. */
    TRY(compare_table(store, scratch, store_compared[0]));
    TRY(check_entries(store, scratch, chain));
    for (size_t i = 1; store_compared[i] != NULL; i++)
        TRY(compare_table(store, scratch, store_compared[i]));
    return check_blocks(store);
}

struct error *
check_store(struct store *store, struct ledger_chain *ret_chain)
{
    AUTO_STORE scratch = {0};
    struct ledger_chain chain = {0};
    TRY(store_open_scratch(&scratch));
    TRY(store_run(store, "BEGIN")); /* one state, whatever others do */
    struct error *error = check_all(store, &scratch, &chain);
    struct error *end = store_run(store, "COMMIT");
    if (error != NULL) {
        error_free(end);
        return error;
    }
    TRY(end);
    *ret_chain = chain;
    return NULL;
}

/* --- lines --- */

static const char *
text_field(const struct ledger_json *line, const char *key)
{
    const struct ledger_json_field *field = ledger_json_find(line, key);
    return field == NULL || field->type != LEDGER_JSON_TEXT ? NULL : field->text;
}

/* The entry borrows from `line`. */
static struct error *
entry_of(const struct ledger_json *line, struct ledger_entry *entry)
{
    const struct ledger_json_field *seq = ledger_json_find(line, "seq");
    const struct ledger_json_field *data = ledger_json_find(line, "data");
    entry->time = text_field(line, "time");
    entry->ceremony = text_field(line, "ceremony");
    entry->kind = text_field(line, "kind");
    entry->prev = text_field(line, "prev");
    if (line->count != 6 || entry->time == NULL || entry->ceremony == NULL
        || entry->kind == NULL || entry->prev == NULL || seq == NULL
        || seq->type != LEDGER_JSON_NUMBER_VALUE || seq->number < 1 || data == NULL
        || data->type != LEDGER_JSON_OBJECT)
        return ERROR(ERROR_VERIFICATION,
                     "its keys are not ceremony, data, kind, prev, seq and time");
    entry->seq = (uint64_t)seq->number;
    entry->data = data->text;
    return NULL;
}

struct error *
check_lines(struct store *scratch, const char *lines, size_t len,
            struct error *(*each)(void *user, const struct ledger_entry *entry,
                                  const char *hash),
            void *user, struct ledger_chain *ret_chain)
{
    struct ledger_chain chain = {0};
    AUTO_BYTES text = {0};
    size_t offset = 0;
    while (offset < len) {
        const char *newline = memchr(lines + offset, '\n', len - offset);
        uint64_t number = chain.count + 1;
        if (newline == NULL)
            return ERROR(ERROR_VERIFICATION,
                         "entry %llu of the ledger: its line is not complete",
                         (unsigned long long)number);
        size_t size = (size_t)(newline - lines) - offset;
        AUTO_LEDGER_JSON line = {0};
        struct ledger_entry entry = {0};
        struct error *error = ledger_json_parse(lines + offset, size, &line);
        if (error == NULL)
            error = entry_of(&line, &entry);
        if (error != NULL)
            return name_entry(error, number);
        TRY(bytes_copy(&text, lines + offset, size + 1));
        TRY(ledger_chain_follow(&chain, &entry, &text));
        TRY(check_replay(scratch, &entry));
        if (each != NULL) {
            char hash[LEDGER_HASH_TEXT];
            ledger_chain_head_text(&chain, hash);
            TRY(each(user, &entry, hash));
        }
        offset += size + 1;
    }
    *ret_chain = chain;
    return NULL;
}
