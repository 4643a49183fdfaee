/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/ledger/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/encode.h"
#include "ceremony/base/file.h"
#include "ceremony/ledger/check.h"
#include "ceremony/ledger/ledger_private.h"
#include "ceremony/ledger/rules.h"

void
ledger_close(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    store_close(
        &ledger->store); /* before the lock: closing any descriptor drops SQLite's own */
    if (ledger->lock >= 0)
        (void)close(ledger->lock);
    bytes_clear(&ledger->found);
    free(ledger);
}

/* The lock is flock's, beside SQLite's own, so that others may read while we hold it. */
static struct error *
take_lock(struct ledger *ledger, const char *path, bool create)
{
    int flags = O_RDWR | O_CLOEXEC | O_NOFOLLOW | (create ? O_CREAT : 0);
    ledger->lock = open(path, flags, 0600);
    if (ledger->lock < 0)
        return ERROR_ERRNO(errno, "the ledger could not be opened");
    struct stat status;
    if (fstat(ledger->lock, &status) != 0 || !S_ISREG(status.st_mode))
        return ERROR(ERROR_INPUT, "the ledger is not a regular file");
    if (flock(ledger->lock, LOCK_EX | LOCK_NB) == 0)
        return NULL;
    if (errno != EWOULDBLOCK)
        return ERROR_ERRNO(errno, "the ledger could not be locked");
    return error_hint(ERROR(ERROR_REFUSED, "the ledger is in use by another program"),
                      "Let the other program finish, or end it; then try again.");
}

struct error *
ledger_open(const char *path, bool create, struct ledger **ret_ledger)
{
    AUTO(ledger) ledger = calloc(1, sizeof *ledger);
    if (ledger == NULL)
        return error_memory();
    ledger->lock = -1;
    TRY(take_lock(ledger, path, create));
    TRY(store_open(&ledger->store, path, true, create));
    TRY(check_store(&ledger->store, &ledger->chain));
    *ret_ledger = TAKE(ledger);
    return NULL;
}

struct error *
ledger_open_read(const char *path, struct ledger **ret_ledger)
{
    AUTO(ledger) ledger = calloc(1, sizeof *ledger);
    if (ledger == NULL)
        return error_memory();
    ledger->lock = -1;
    ledger->broken = true; /* nothing is ever appended */
    if (!file_exists(path))
        return ERROR(ERROR_NOT_FOUND, "there is no ledger \"%s\"", path_name(path));
    TRY(store_open(&ledger->store, path, false, false));
    TRY(check_store(&ledger->store, &ledger->chain));
    *ret_ledger = TAKE(ledger);
    return NULL;
}

void
ledger_head(const struct ledger *ledger, unsigned char ret_head[32], uint64_t *ret_count)
{
    memcpy(ret_head, ledger->chain.head, sizeof ledger->chain.head);
    if (ret_count != NULL)
        *ret_count = ledger->chain.count;
}

struct error *
ledger_find_head(struct ledger *ledger, const unsigned char head[32], uint64_t *ret_seq)
{
    char text[LEDGER_HASH_TEXT];
    bool row = false;
    hex_encode(head, LEDGER_HASH, text);
    TRY(store_bind(&ledger->store, STORE_ENTRY_HASH, "s", text));
    TRY(store_step(&ledger->store, STORE_ENTRY_HASH, &row));
    *ret_seq = row ? (uint64_t)store_number(&ledger->store, STORE_ENTRY_HASH, 0) : 0;
    store_reset(&ledger->store, STORE_ENTRY_HASH);
    return NULL;
}

/* Nobody else wrote since we looked, in spite of the lock. */
static struct error *
check_head(struct ledger *ledger, const char *head)
{
    bool row = false;
    TRY(store_bind(&ledger->store, STORE_ENTRY_LAST, ""));
    TRY(store_step(&ledger->store, STORE_ENTRY_LAST, &row));
    bool same =
        row ? (uint64_t)store_number(&ledger->store, STORE_ENTRY_LAST, 0) == ledger->chain.count
                  && strcmp(store_text(&ledger->store, STORE_ENTRY_LAST, 1), head) == 0
            : ledger->chain.count == 0;
    store_reset(&ledger->store, STORE_ENTRY_LAST);
    if (!same)
        return ERROR(ERROR_VERIFICATION, "the ledger was changed by another program meanwhile");
    return NULL;
}

struct pending {
    struct ledger_entry entry;
    struct ledger_chain chain; /* after it */
    char prev[LEDGER_HASH_TEXT];
    char time[CLOCK_TEXT_SIZE];
    bool nothing;
    struct error *(*rows)(void *user, struct store *store, uint64_t seq); /* or NULL */
    void *user;
};

static struct error *
write_entry(struct ledger *ledger, struct pending *pending, const struct ledger_json *data)
{
    AUTO_BYTES line = {0};
    char hash[LEDGER_HASH_TEXT];
    const struct ledger_entry *entry = &pending->entry;
    TRY(check_head(ledger, entry->prev));
    TRY(ledger_rules_apply(&ledger->store, entry, data, &pending->nothing));
    if (pending->nothing)
        return NULL;
    if (pending->rows != NULL)
        TRY(pending->rows(pending->user, &ledger->store, entry->seq));
    TRY(ledger_entry_format(entry, &line));
    TRY(ledger_chain_follow(&pending->chain, entry, &line));
    ledger_chain_head_text(&pending->chain, hash);
    TRY(store_bind(&ledger->store, STORE_ENTRY_ADD, "issssss", (int64_t)entry->seq, entry->time,
                   entry->ceremony, entry->kind, entry->data, entry->prev, hash));
    return store_do(&ledger->store, STORE_ENTRY_ADD);
}

/* Ends the transaction; when it is not known how it ended, the ledger takes nothing more. */
static struct error *
end_transaction(struct ledger *ledger, bool commit)
{
    struct error *error = commit ? store_run(&ledger->store, "COMMIT") : NULL;
    if (commit && error == NULL)
        return NULL;
    ledger->broken = error != NULL;
    struct error *rollback = store_run(&ledger->store, "ROLLBACK");
    ledger->broken = ledger->broken || rollback != NULL;
    error_free(rollback);
    return error;
}

struct error *
ledger_append(struct ledger *ledger, const char *ceremony, const char *kind,
              const struct ledger_json *data)
{
    return ledger_append_rows(ledger, ceremony, kind, data, NULL, NULL);
}

struct error *
ledger_append_rows(struct ledger *ledger, const char *ceremony, const char *kind,
                   const struct ledger_json *data,
                   struct error *(*rows)(void *user, struct store *store, uint64_t seq),
                   void *user)
{
    if (ledger->lock < 0)
        return ERROR(ERROR_BUG, "the ledger was opened for reading only");
    if (ledger->broken)
        return ERROR(ERROR_IO, "the ledger failed before, so nothing more is written to it");
    AUTO_BYTES text = {0};
    struct pending pending = {.chain = ledger->chain, .rows = rows, .user = user};
    struct clock_reading now;
    clock_read(&now);
    clock_format_ms(now.wall_ms, pending.time);
    ledger_chain_head_text(&ledger->chain, pending.prev);
    TRY(ledger_json_write(data, &text));
    pending.entry = (struct ledger_entry){
        .seq = ledger->chain.count + 1,
        .time = pending.time,
        .ceremony = ceremony,
        .kind = kind,
        .data = bytes_text(&text),
        .prev = pending.prev,
    };
    TRY(store_run(&ledger->store, "BEGIN IMMEDIATE"));
    struct error *error = write_entry(ledger, &pending, data);
    struct error *end = end_transaction(ledger, error == NULL && !pending.nothing);
    if (error != NULL) {
        error_free(end);
        return error_doing(error, "entering \"%s\" in the ledger", kind);
    }
    TRY(end);
    if (!pending.nothing)
        ledger->chain = pending.chain;
    return NULL;
}
