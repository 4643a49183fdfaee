/* SPDX-License-Identifier: Apache-2.0
 *
 * The ledger as lines: out, checked, and back into a file. */
#include <string.h>

#include "ceremony/base/file.h"
#include "ceremony/ledger/check.h"
#include "ceremony/ledger/ledger_private.h"

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

static struct error *
import_entry(void *user, const struct ledger_entry *entry, const char *hash)
{
    struct store *store = user;
    TRY(store_bind(store, STORE_ENTRY_ADD, "issssss", (int64_t)entry->seq, entry->time,
                   entry->ceremony, entry->kind, entry->data, entry->prev, hash));
    return store_do(store, STORE_ENTRY_ADD);
}

/* The rows of a block are not among the lines, so a block cannot come this way. Quotes inside of a text
 * are escaped, so the words are the kind's own. */
static struct error *
refuse_blocks(const void *lines, size_t len)
{
    static const char *const kinds[] = {"\"kind\":\"revocations\"",
                                        "\"kind\":\"certificates-reserve\""};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (memmem(lines, len, kinds[i], strlen(kinds[i])) != NULL)
            return error_hint(
                ERROR(ERROR_UNSUPPORTED,
                      "the ledger's lines stand for blocks of rows, revocations "
                      "or batches, and the rows are not among them"),
                "This version makes only a ledger without blocks anew. Use a copy of ledger.db: "
                "the file itself holds the rows.");
    return NULL;
}

/* The new file itself is what the rules are applied to; all of it is one transaction. */
struct error *
ledger_import(const char *path, const void *lines, size_t len)
{
    if (file_exists(path))
        return ERROR(ERROR_EXISTS, "there is a ledger \"%s\" already", path_name(path));
    TRY(refuse_blocks(lines, len));
    TRY(ledger_check_lines(lines, len, NULL, NULL));
    AUTO(ledger) ledger = NULL;
    TRY(ledger_open(path, true, &ledger));
    struct ledger_chain chain = {0};
    TRY(store_run(&ledger->store, "BEGIN IMMEDIATE"));
    TRY(check_lines(&ledger->store, lines, len, import_entry, &ledger->store, &chain));
    TRY(check_blocks(
        &ledger->store)); /* rows are not among the lines: blocks cannot come this way */
    return store_run(&ledger->store, "COMMIT");
}
