/* SPDX-License-Identifier: Apache-2.0
 *
 * Questions about rows of blocks, and the limits of issuers. */
#include <stdio.h>
#include <string.h>

#include "ceremony/base/encode.h"
#include "ceremony/ledger/blocks.h"
#include "ceremony/ledger/ledger_private.h"

static struct error *
damaged(void)
{
    return ERROR(ERROR_VERIFICATION, "a row of the ledger has the wrong form");
}

static struct error *
take(struct store *store, enum store_statement which, int column, unsigned char *ret_octets,
     size_t max, size_t *ret_len)
{
    size_t len = 0;
    const unsigned char *octets = store_octets(store, which, column, &len);
    if (octets == NULL || len > max || (ret_len == NULL && len != max))
        return damaged();
    memcpy(ret_octets, octets, len);
    if (ret_len != NULL)
        *ret_len = len;
    return NULL;
}

/* The first eight columns of the row at hand. */
static struct error *
read_row(struct store *store, enum store_statement which, struct ledger_row *ret_row)
{
    *ret_row = (struct ledger_row){.device = store_text(store, which, 3)};
    TRY(take(store, which, 2, ret_row->serial, sizeof ret_row->serial, &ret_row->serial_len));
    TRY(take(store, which, 4, ret_row->spki, sizeof ret_row->spki, NULL));
    TRY(take(store, which, 5, ret_row->request, sizeof ret_row->request, NULL));
    TRY(take(store, which, 6, ret_row->tbs, sizeof ret_row->tbs, NULL));
    ret_row->modulus = store_octets(store, which, 7, &ret_row->modulus_len);
    return NULL;
}

enum kept {
    KEPT_DEVICE,
    KEPT_MODULUS,
    KEPT_CERTIFICATE,
    KEPT_ISSUER,
    KEPT_BATCH,
    KEPT_CEREMONY,
    KEPT
};

/* What the row at hand lends is kept until the next question, so that no statement stays open: it
 * would keep other programs from the file. */
static struct error *
keep_found(struct ledger *ledger, enum store_statement which, struct ledger_found *ret_row)
{
    static const int columns[KEPT] = {3, 7, 8, 9, 10, 11};
    size_t at[KEPT];
    size_t len[KEPT];
    struct bytes *kept = &ledger->found;
    kept->len = 0;
    for (int i = 0; i < KEPT; i++) {
        const unsigned char *octets = store_octets(&ledger->store, which, columns[i], &len[i]);
        at[i] = kept->len;
        if (len[i] > 0)
            TRY(bytes_append(kept, octets, len[i]));
        TRY(bytes_append(kept, "", 1));
    }
    const unsigned char *base = kept->data;
    if (len[KEPT_CERTIFICATE] != 0 && len[KEPT_CERTIFICATE] != 32)
        return damaged();
    ret_row->row.device = (const char *)base + at[KEPT_DEVICE];
    ret_row->row.modulus = len[KEPT_MODULUS] == 0 ? NULL : base + at[KEPT_MODULUS];
    ret_row->row.modulus_len = len[KEPT_MODULUS];
    ret_row->certificate = len[KEPT_CERTIFICATE] == 0 ? NULL : base + at[KEPT_CERTIFICATE];
    ret_row->issuer = (const char *)base + at[KEPT_ISSUER];
    ret_row->batch = (const char *)base + at[KEPT_BATCH];
    ret_row->ceremony = (const char *)base + at[KEPT_CEREMONY];
    return NULL;
}

static struct error *
read_found(struct ledger *ledger, enum store_statement which, struct ledger_found *ret_row)
{
    TRY(read_row(&ledger->store, which, &ret_row->row));
    ret_row->number = (uint64_t)store_number(&ledger->store, which, 0);
    ret_row->block = (uint64_t)store_number(&ledger->store, which, 1);
    return keep_found(ledger, which, ret_row);
}

/* The statement is bound. */
static struct error *
find_row(struct ledger *ledger, enum store_statement which, struct ledger_found *ret_row,
         bool *ret_found)
{
    bool found = false;
    struct ledger_found row = {0};
    TRY(store_step(&ledger->store, which, &found));
    struct error *error = found ? read_found(ledger, which, &row) : NULL;
    store_reset(&ledger->store, which);
    TRY(error);
    if (found)
        *ret_row = row;
    *ret_found = found;
    return NULL;
}

struct error *
ledger_look_begin(struct ledger *ledger)
{
    return store_run(&ledger->store, "BEGIN");
}

struct error *
ledger_look_end(struct ledger *ledger)
{
    return store_run(&ledger->store, "COMMIT");
}

struct error *
ledger_find_spki(struct ledger *ledger, const unsigned char spki[32],
                 struct ledger_found *ret_row, bool *ret_found)
{
    TRY(store_bind(&ledger->store, STORE_ROW_BY_SPKI, "b", (const void *)spki, (size_t)32));
    return find_row(ledger, STORE_ROW_BY_SPKI, ret_row, ret_found);
}

struct error *
ledger_find_device(struct ledger *ledger, const char *issuer_spki_sha256, const char *device,
                   struct ledger_found *ret_row, bool *ret_found)
{
    TRY(store_bind(&ledger->store, STORE_ROW_BY_DEVICE, "ss", issuer_spki_sha256, device));
    return find_row(ledger, STORE_ROW_BY_DEVICE, ret_row, ret_found);
}

struct error *
ledger_find_serial(struct ledger *ledger, const char *issuer_spki_sha256,
                   const unsigned char *serial, size_t serial_len, struct ledger_found *ret_row,
                   bool *ret_found)
{
    TRY(store_bind(&ledger->store, STORE_ROW_BY_SERIAL, "sb", issuer_spki_sha256,
                   (const void *)serial, serial_len));
    return find_row(ledger, STORE_ROW_BY_SERIAL, ret_row, ret_found);
}

struct error *
ledger_spki_certified(struct ledger *ledger, const unsigned char spki[32], bool *ret_found)
{
    char text[LEDGER_HASH_TEXT];
    hex_encode(spki, LEDGER_HASH, text);
    TRY(store_bind(&ledger->store, STORE_CERTIFICATE_BY_SPKI, "s", text));
    TRY(store_step(&ledger->store, STORE_CERTIFICATE_BY_SPKI, ret_found));
    store_reset(&ledger->store, STORE_CERTIFICATE_BY_SPKI);
    return NULL;
}

/* --- each of them --- */

/* Every row of a bound statement; `read` hands the row at hand on. */
static struct error *
each(struct ledger *ledger, enum store_statement which,
     struct error *(*read)(struct store *store, enum store_statement which, void *call),
     void *call)
{
    for (;;) {
        bool row = false;
        TRY(store_step(&ledger->store, which, &row));
        if (!row)
            return NULL;
        struct error *error = read(&ledger->store, which, call);
        if (error != NULL) {
            store_reset(&ledger->store, which);
            return error;
        }
    }
}

struct modulus_call {
    struct error *(*each)(void *user, const unsigned char *modulus, size_t len);
    void *user;
};

static struct error *
read_modulus(struct store *store, enum store_statement which, void *user)
{
    const struct modulus_call *call = user;
    size_t len = 0;
    const unsigned char *modulus = store_octets(store, which, 0, &len);
    return call->each(call->user, modulus, len);
}

struct error *
ledger_each_modulus(struct ledger *ledger,
                    struct error *(*call)(void *user, const unsigned char *modulus, size_t len),
                    void *user)
{
    struct modulus_call with = {call, user};
    TRY(store_bind(&ledger->store, STORE_ROW_MODULI, ""));
    return each(ledger, STORE_ROW_MODULI, read_modulus, &with);
}

struct block_call {
    struct error *(*each)(void *user, const struct ledger_block_info *info);
    void *user;
};

static struct error *
read_block(struct store *store, enum store_statement which, void *user)
{
    const struct block_call *call = user;
    struct ledger_block_info info = {
        .seq = (uint64_t)store_number(store, which, 0),
        .number = (uint64_t)store_number(store, which, 1),
        .count = (size_t)store_number(store, which, 2),
        .issued = store_number(store, which, 4) != 0,
    };
    (void)snprintf(info.root, sizeof info.root, "%s", store_text(store, which, 3));
    return call->each(call->user, &info);
}

struct error *
ledger_each_block(struct ledger *ledger, const char *batch,
                  struct error *(*call)(void *user, const struct ledger_block_info *info),
                  void *user)
{
    struct block_call with = {call, user};
    TRY(store_bind(&ledger->store, STORE_BLOCK_BATCH, "s", batch));
    return each(ledger, STORE_BLOCK_BATCH, read_block, &with);
}

/* Where the rows of an entry are. */
struct range {
    enum store_statement rows;
    int64_t first;
    int64_t end;
};

static const struct {
    const char *kind;
    enum store_statement rows;
} ranges[] = {
    {"certificates-reserve", STORE_ROW_RANGE       },
    {"certificates-issue",   STORE_ISSUED_RANGE    },
    {"revocations",          STORE_REVOCATION_RANGE},
};

static struct error *
find_range(struct ledger *ledger, uint64_t seq, struct range *ret_range)
{
    struct store *store = &ledger->store;
    bool row = false;
    bool known = false;
    TRY(store_bind(store, STORE_BLOCK_GET, "i", (int64_t)seq));
    TRY(store_step(store, STORE_BLOCK_GET, &row));
    for (size_t i = 0; row && i < sizeof ranges / sizeof ranges[0]; i++) {
        if (strcmp(store_text(store, STORE_BLOCK_GET, 0), ranges[i].kind) != 0)
            continue;
        known = true;
        ret_range->rows = ranges[i].rows;
        ret_range->first = store_number(store, STORE_BLOCK_GET, 5);
        ret_range->end = ret_range->first + store_number(store, STORE_BLOCK_GET, 6);
    }
    store_reset(store, STORE_BLOCK_GET);
    if (!known)
        return ERROR(ERROR_NOT_FOUND, "entry %llu of the ledger has no rows",
                     (unsigned long long)seq);
    return NULL;
}

struct error *
ledger_next_block(struct ledger *ledger, const char *ceremony, bool revocations, uint64_t after,
                  uint64_t *ret_seq, bool *ret_found)
{
    struct store *store = &ledger->store;
    TRY(store_bind(store, STORE_BLOCK_NEXT, "isi", (int64_t)revocations, ceremony,
                   (int64_t)after));
    TRY(store_step(store, STORE_BLOCK_NEXT, ret_found));
    if (*ret_found)
        *ret_seq = (uint64_t)store_number(store, STORE_BLOCK_NEXT, 0);
    store_reset(store, STORE_BLOCK_NEXT);
    return NULL;
}

struct row_call {
    struct error *(*each)(void *user, const struct ledger_row *row);
    void *user;
};

static struct error *
read_certificate(struct store *store, enum store_statement which, void *user)
{
    const struct row_call *call = user;
    struct ledger_row row;
    TRY(read_row(store, which, &row));
    return call->each(call->user, &row);
}

struct error *
ledger_each_row(struct ledger *ledger, uint64_t seq,
                struct error *(*call)(void *user, const struct ledger_row *row), void *user)
{
    struct range range = {0};
    struct row_call with = {call, user};
    TRY(find_range(ledger, seq, &range));
    if (range.rows != STORE_ROW_RANGE)
        return ERROR(ERROR_NOT_FOUND, "entry %llu of the ledger reserved no certificates",
                     (unsigned long long)seq);
    TRY(store_bind(&ledger->store, range.rows, "ii", range.first, range.end));
    return each(ledger, range.rows, read_certificate, &with);
}

/* --- revocations --- */

/* Reason, time, invalidity from `column` on. */
static void
read_revocation_values(struct store *store, enum store_statement which, int column,
                       struct ledger_revocation *ret_row)
{
    ret_row->reason = (int)store_number(store, which, column);
    ret_row->time = store_number(store, which, column + 1);
    ret_row->invalidity = store_is_null(store, which, column + 2)
                              ? LEDGER_NO_TIME
                              : store_number(store, which, column + 2);
    ret_row->reference = "";
}

struct error *
ledger_find_revocation(struct ledger *ledger, const char *issuer_spki_sha256,
                       const unsigned char *serial, size_t serial_len,
                       struct ledger_revocation *ret_row, bool *ret_found)
{
    struct store *store = &ledger->store;
    if (serial_len > sizeof ret_row->serial)
        return ERROR(ERROR_INPUT, "a serial number is longer than %d octets",
                     LEDGER_SERIAL_MAX);
    TRY(store_bind(store, STORE_REVOCATION_LAST, "sb", issuer_spki_sha256, (const void *)serial,
                   serial_len));
    TRY(store_step(store, STORE_REVOCATION_LAST, ret_found));
    if (*ret_found) {
        read_revocation_values(store, STORE_REVOCATION_LAST, 0, ret_row);
        memcpy(ret_row->serial, serial, serial_len);
        ret_row->serial_len = serial_len;
    }
    store_reset(store, STORE_REVOCATION_LAST);
    return NULL;
}

struct revocation_call {
    struct error *(*each)(void *user, const struct ledger_revocation *row);
    void *user;
};

static struct error *
read_revocation(struct store *store, enum store_statement which, void *user)
{
    const struct revocation_call *call = user;
    struct ledger_revocation row;
    TRY(take(store, which, 0, row.serial, sizeof row.serial, &row.serial_len));
    read_revocation_values(store, which, 1, &row);
    return call->each(call->user, &row);
}

struct error *
ledger_each_revocation(struct ledger *ledger, const char *issuer_spki_sha256,
                       struct error *(*call)(void *user, const struct ledger_revocation *row),
                       void *user)
{
    struct revocation_call with = {call, user};
    TRY(store_bind(&ledger->store, STORE_REVOCATIONS_OF, "s", issuer_spki_sha256));
    return each(ledger, STORE_REVOCATIONS_OF, read_revocation, &with);
}

/* --- lines --- */

struct line_call {
    struct error *(*each)(void *user, const char *line, size_t len);
    void *user;
    struct bytes line;
};

static struct error *
write_line(struct store *store, enum store_statement which, struct bytes *line)
{
    if (which == STORE_ROW_RANGE) {
        struct ledger_row row;
        TRY(read_row(store, which, &row));
        return ledger_row_write(&row, line);
    }
    if (which == STORE_ISSUED_RANGE) {
        unsigned char hash[32];
        TRY(take(store, which, 1, hash, sizeof hash, NULL));
        return ledger_issued_write(hash, line);
    }
    struct ledger_revocation row;
    TRY(take(store, which, 2, row.serial, sizeof row.serial, &row.serial_len));
    read_revocation_values(store, which, 3, &row);
    row.reference = store_text(store, which, 6);
    return ledger_revocation_write(&row, line);
}

static struct error *
read_line(struct store *store, enum store_statement which, void *user)
{
    struct line_call *call = user;
    call->line.len = 0;
    TRY(write_line(store, which, &call->line));
    TRY(bytes_append_char(&call->line, '\n'));
    return call->each(call->user, bytes_text(&call->line), call->line.len);
}

struct error *
ledger_each_line(struct ledger *ledger, uint64_t seq,
                 struct error *(*call)(void *user, const char *line, size_t len), void *user)
{
    struct range range = {0};
    struct line_call with = {.each = call, .user = user};
    TRY(find_range(ledger, seq, &range));
    TRY(store_bind(&ledger->store, range.rows, "ii", range.first, range.end));
    struct error *error = each(ledger, range.rows, read_line, &with);
    bytes_clear(&with.line);
    return error;
}
