/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/ledger/known.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/ledger/ledger_private.h"

/* Rows of one question: how one is read, and how large it is. */
struct reader {
    enum store_statement which;
    size_t size;
    void (*read)(struct store *store, void *row);
};

static void
take(struct store *store, enum store_statement which, int column, char *field, size_t size)
{
    (void)snprintf(field, size, "%s", store_text(store, which, column));
}

#define TAKE_COLUMN(store, which, column, field)                                               \
    take((store), (which), (column), (field), sizeof(field))

static void
read_hash(struct store *store, void *row)
{
    struct known_key *key = row;
    TAKE_COLUMN(store, STORE_KEY_ALL, 0, key->spki_sha256);
}

static void
read_label(struct store *store, void *row)
{
    struct known_key *key = row;
    TAKE_COLUMN(store, STORE_KEY_BY_LABEL, 0, key->spki_sha256);
}

static void
read_copy(struct store *store, void *row)
{
    struct known_copy *copy = row;
    TAKE_COLUMN(store, STORE_COPY_ALL, 0, copy->serial);
    TAKE_COLUMN(store, STORE_COPY_ALL, 1, copy->how);
    TAKE_COLUMN(store, STORE_COPY_ALL, 2, copy->state);
}

static void
read_backup(struct store *store, void *row)
{
    struct known_backup *backup = row;
    TAKE_COLUMN(store, STORE_BACKUP_ALL, 0, backup->blob_sha256);
    TAKE_COLUMN(store, STORE_BACKUP_ALL, 1, backup->card_sha256);
    TAKE_COLUMN(store, STORE_BACKUP_ALL, 2, backup->kcv);
    TAKE_COLUMN(store, STORE_BACKUP_ALL, 3, backup->mechanism);
    backup->set_id = (unsigned)store_number(store, STORE_BACKUP_ALL, 4);
    TAKE_COLUMN(store, STORE_BACKUP_ALL, 5, backup->state);
}

static void
read_share_set(struct store *store, void *row)
{
    struct known_share_set *set = row;
    set->set_id = (unsigned)store_number(store, STORE_SHARES_ALL, 0);
    TAKE_COLUMN(store, STORE_SHARES_ALL, 1, set->state);
}

static void
read_certificate_of(struct store *store, enum store_statement which, void *row)
{
    struct known_certificate *certificate = row;
    TAKE_COLUMN(store, which, 0, certificate->issuer_spki_sha256);
    TAKE_COLUMN(store, which, 1, certificate->serial_hex);
    TAKE_COLUMN(store, which, 2, certificate->sha256);
    certificate->not_before = store_number(store, which, 3);
    certificate->not_after = store_number(store, which, 4);
    certificate->is_ca = store_number(store, which, 5) != 0;
    TAKE_COLUMN(store, which, 6, certificate->subject);
    TAKE_COLUMN(store, which, 7, certificate->profile);
}

static void
read_certificate(struct store *store, void *row)
{
    read_certificate_of(store, STORE_CERTIFICATES_OF, row);
}

static void
read_signed(struct store *store, void *row)
{
    read_certificate_of(store, STORE_SIGNED_BY, row);
}

static void
read_profile(struct store *store, void *row)
{
    struct known_profile *profile = row;
    TAKE_COLUMN(store, STORE_BATCH_PROFILES, 0, profile->id);
}

static const struct reader readers[] = {
    {STORE_KEY_ALL,         sizeof(struct known_key),         read_hash       },
    {STORE_KEY_BY_LABEL,    sizeof(struct known_key),         read_label      },
    {STORE_COPY_ALL,        sizeof(struct known_copy),        read_copy       },
    {STORE_BACKUP_ALL,      sizeof(struct known_backup),      read_backup     },
    {STORE_SHARES_ALL,      sizeof(struct known_share_set),   read_share_set  },
    {STORE_CERTIFICATES_OF, sizeof(struct known_certificate), read_certificate},
    {STORE_SIGNED_BY,       sizeof(struct known_certificate), read_signed     },
    {STORE_BATCH_PROFILES,  sizeof(struct known_profile),     read_profile    },
};

/* All rows of the question, which is bound; the array is the caller's. */
static struct error *
read_all(struct store *store, enum store_statement which, void **ret_rows, size_t *ret_count)
{
    const struct reader *reader = readers;
    while (reader->which != which)
        reader++;
    char *rows = NULL;
    size_t count = 0;
    for (;;) {
        bool row = false;
        struct error *error = store_step(store, which, &row);
        char *grown = error == NULL && row ? realloc(rows, (count + 1) * reader->size) : NULL;
        if (error == NULL && row && grown == NULL) {
            store_reset(store, which);
            error = error_memory();
        }
        if (error != NULL) {
            free(rows);
            return error;
        }
        if (!row)
            break;
        rows = grown;
        memset(rows + count * reader->size, 0, reader->size);
        reader->read(store, rows + count++ * reader->size);
    }
    *ret_rows = rows;
    *ret_count = count;
    return NULL;
}

struct error *
known_key(struct ledger *ledger, const char *spki_sha256, struct known_key *ret_key)
{
    struct store *store = &ledger->store;
    struct known_key key = {0};
    bool row = false;
    TRY(store_bind(store, STORE_KEY_ROW, "s", spki_sha256));
    TRY(store_step(store, STORE_KEY_ROW, &row));
    if (!row)
        return ERROR(ERROR_NOT_FOUND, "the ledger does not know the key %s", spki_sha256);
    (void)snprintf(key.spki_sha256, sizeof key.spki_sha256, "%s", spki_sha256);
    TAKE_COLUMN(store, STORE_KEY_ROW, 0, key.label);
    TAKE_COLUMN(store, STORE_KEY_ROW, 1, key.id_hex);
    TAKE_COLUMN(store, STORE_KEY_ROW, 2, key.token);
    TAKE_COLUMN(store, STORE_KEY_ROW, 3, key.type);
    TAKE_COLUMN(store, STORE_KEY_ROW, 4, key.state);
    store_reset(store, STORE_KEY_ROW);
    *ret_key = key;
    return NULL;
}

/* Rows that hold only the hash get the rest. */
static struct error *
fill_keys(struct ledger *ledger, struct known_key *keys, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct known_key key;
        TRY(known_key(ledger, keys[i].spki_sha256, &key));
        keys[i] = key;
    }
    return NULL;
}

struct error *
known_key_by_label(struct ledger *ledger, const char *label, struct known_key *ret_key)
{
    AUTO_FREE void *rows = NULL;
    size_t count = 0;
    TRY(store_bind(&ledger->store, STORE_KEY_BY_LABEL, "s", label));
    TRY(read_all(&ledger->store, STORE_KEY_BY_LABEL, &rows, &count));
    struct known_key *keys = rows;
    if (count == 0)
        return error_hint(
            ERROR(ERROR_NOT_FOUND, "the ledger knows no key with the label \"%s\"", label),
            "Use the ledger of the ceremony that made the key, or correct the label in the "
            "script.");
    if (count > 1)
        return error_hint(
            ERROR(ERROR_REFUSED, "the ledger knows %zu keys with the label \"%s\"", count,
                  label),
            "Give each key a label of its own; the script cannot tell these apart.");
    return known_key(ledger, keys[0].spki_sha256, ret_key);
}

struct error *
known_keys(struct ledger *ledger, struct known_key **ret_keys, size_t *ret_count)
{
    void *rows = NULL;
    size_t count = 0;
    TRY(store_bind(&ledger->store, STORE_KEY_ALL, ""));
    TRY(read_all(&ledger->store, STORE_KEY_ALL, &rows, &count));
    struct error *error = fill_keys(ledger, rows, count);
    if (error != NULL) {
        free(rows);
        return error;
    }
    *ret_keys = rows;
    *ret_count = count;
    return NULL;
}

/* Rows about one key. */
static struct error *
rows_of_key(struct ledger *ledger, enum store_statement which, const char *spki_sha256,
            void **ret_rows, size_t *ret_count)
{
    TRY(store_bind(&ledger->store, which, "s", spki_sha256));
    return read_all(&ledger->store, which, ret_rows, ret_count);
}

struct error *
known_copies(struct ledger *ledger, const char *spki_sha256, struct known_copy **ret_copies,
             size_t *ret_count)
{
    void *rows = NULL;
    TRY(rows_of_key(ledger, STORE_COPY_ALL, spki_sha256, &rows, ret_count));
    *ret_copies = rows;
    return NULL;
}

struct error *
known_backups(struct ledger *ledger, const char *spki_sha256, struct known_backup **ret_backups,
              size_t *ret_count)
{
    void *rows = NULL;
    TRY(rows_of_key(ledger, STORE_BACKUP_ALL, spki_sha256, &rows, ret_count));
    *ret_backups = rows;
    return NULL;
}

struct error *
known_backup_live(struct ledger *ledger, const char *spki_sha256,
                  struct known_backup *ret_backup)
{
    AUTO_FREE struct known_backup *rows = NULL;
    size_t count = 0;
    size_t live = 0;
    TRY(known_backups(ledger, spki_sha256, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (strcmp(rows[i].state, "live") == 0) {
            rows[0] = rows[i];
            live++;
        }
    if (live == 0)
        return ERROR(ERROR_NOT_FOUND, "the ledger knows no wrapped copy of the key that can "
                                      "still be used");
    if (live > 1)
        return ERROR(ERROR_REFUSED, "the ledger knows %zu wrapped copies of the key as live",
                     live);
    *ret_backup = rows[0];
    return NULL;
}

struct error *
known_share_set(struct ledger *ledger, const char *spki_sha256, unsigned set_id,
                char ret_state[KNOWN_TEXT_MAX])
{
    struct store *store = &ledger->store;
    bool row = false;
    ret_state[0] = '\0';
    TRY(store_bind(store, STORE_SHARES_GET, "si", spki_sha256, (int64_t)set_id));
    TRY(store_step(store, STORE_SHARES_GET, &row));
    if (!row)
        return NULL;
    take(store, STORE_SHARES_GET, 0, ret_state, KNOWN_TEXT_MAX);
    store_reset(store, STORE_SHARES_GET);
    return NULL;
}

struct error *
known_share_sets(struct ledger *ledger, const char *spki_sha256,
                 struct known_share_set **ret_sets, size_t *ret_count)
{
    void *rows = NULL;
    TRY(rows_of_key(ledger, STORE_SHARES_ALL, spki_sha256, &rows, ret_count));
    *ret_sets = rows;
    return NULL;
}

struct error *
known_unexpired(struct ledger *ledger, const char *issuer_spki_sha256, int64_t now,
                uint64_t *ret_count, int64_t *ret_until)
{
    struct store *store = &ledger->store;
    bool row = false;
    TRY(store_bind(store, STORE_UNEXPIRED, "si", issuer_spki_sha256, now));
    TRY(store_step(store, STORE_UNEXPIRED, &row));
    *ret_count = row ? (uint64_t)store_number(store, STORE_UNEXPIRED, 0) : 0;
    *ret_until = row ? store_number(store, STORE_UNEXPIRED, 1) : 0;
    store_reset(store, STORE_UNEXPIRED);
    return NULL;
}

struct error *
known_certificates(struct ledger *ledger, const char *spki_sha256,
                   struct known_certificate **ret_certificates, size_t *ret_count)
{
    void *rows = NULL;
    TRY(rows_of_key(ledger, STORE_CERTIFICATES_OF, spki_sha256, &rows, ret_count));
    *ret_certificates = rows;
    return NULL;
}

struct error *
known_signed_by(struct ledger *ledger, const char *issuer_spki_sha256, int64_t now,
                struct known_certificate **ret_certificates, size_t *ret_count)
{
    void *rows = NULL;
    TRY(store_bind(&ledger->store, STORE_SIGNED_BY, "si", issuer_spki_sha256, now));
    TRY(read_all(&ledger->store, STORE_SIGNED_BY, &rows, ret_count));
    *ret_certificates = rows;
    return NULL;
}

struct error *
known_batch_profiles(struct ledger *ledger, const char *issuer_spki_sha256, int64_t now,
                     struct known_profile **ret_profiles, size_t *ret_count)
{
    void *rows = NULL;
    TRY(store_bind(&ledger->store, STORE_BATCH_PROFILES, "si", issuer_spki_sha256, now));
    TRY(read_all(&ledger->store, STORE_BATCH_PROFILES, &rows, ret_count));
    *ret_profiles = rows;
    return NULL;
}

struct error *
known_ca_of_name(struct ledger *ledger, const char *subject,
                 struct known_certificate *ret_certificate, bool *ret_found)
{
    struct store *store = &ledger->store;
    struct known_certificate row = {0};
    *ret_found = false;
    TRY(store_bind(store, STORE_CA_OF_NAME, "s", subject));
    TRY(store_step(store, STORE_CA_OF_NAME, ret_found));
    if (!*ret_found)
        return NULL;
    TAKE_COLUMN(store, STORE_CA_OF_NAME, 0, row.issuer_spki_sha256);
    TAKE_COLUMN(store, STORE_CA_OF_NAME, 1, row.serial_hex);
    TAKE_COLUMN(store, STORE_CA_OF_NAME, 2, row.sha256);
    TAKE_COLUMN(store, STORE_CA_OF_NAME, 3, row.subject);
    row.is_ca = true;
    store_reset(store, STORE_CA_OF_NAME);
    *ret_certificate = row;
    return NULL;
}

struct error *
known_ceremony(struct ledger *ledger, const char *id, bool *ret_known)
{
    bool row = false;
    TRY(store_bind(&ledger->store, STORE_CEREMONY_GET, "s", id));
    TRY(store_step(&ledger->store, STORE_CEREMONY_GET, &row));
    if (row)
        store_reset(&ledger->store, STORE_CEREMONY_GET);
    *ret_known = row;
    return NULL;
}

struct error *
known_last_ceremony(struct ledger *ledger, char ret_id[KNOWN_TEXT_MAX], char ret_head[65])
{
    struct store *store = &ledger->store;
    bool row = false;
    ret_id[0] = ret_head[0] = '\0';
    TRY(store_bind(store, STORE_CEREMONY_LAST, ""));
    TRY(store_step(store, STORE_CEREMONY_LAST, &row));
    if (!row)
        return NULL;
    take(store, STORE_CEREMONY_LAST, 0, ret_id, KNOWN_TEXT_MAX);
    take(store, STORE_CEREMONY_LAST, 1, ret_head, 65);
    store_reset(store, STORE_CEREMONY_LAST);
    return NULL;
}

struct error *
known_head_of(struct ledger *ledger, const char *serial, struct known_head *ret_head)
{
    struct store *store = &ledger->store;
    bool row = false;
    *ret_head = (struct known_head){0};
    TRY(store_bind(store, STORE_HEAD_LAST, "s", serial));
    TRY(store_step(store, STORE_HEAD_LAST, &row));
    if (!row)
        return NULL;
    ret_head->seq = (uint64_t)store_number(store, STORE_HEAD_LAST, 0);
    take(store, STORE_HEAD_LAST, 1, ret_head->ceremony, sizeof ret_head->ceremony);
    ret_head->counter = strtoull(store_text(store, STORE_HEAD_LAST, 2), NULL, 10);
    store_reset(store, STORE_HEAD_LAST);
    return NULL;
}

struct error *
known_ceremony_head(struct ledger *ledger, const char *ceremony, char ret_hex[65])
{
    struct store *store = &ledger->store;
    bool row = false;
    ret_hex[0] = '\0';
    TRY(store_bind(store, STORE_CEREMONY_HEAD, "s", ceremony));
    TRY(store_step(store, STORE_CEREMONY_HEAD, &row));
    if (row)
        take(store, STORE_CEREMONY_HEAD, 0, ret_hex, 65);
    store_reset(store, STORE_CEREMONY_HEAD);
    return NULL;
}

struct error *
known_custody(struct ledger *ledger, const char *ceremony, const char *kind, const char *text,
              bool *ret_known)
{
    struct store *store = &ledger->store;
    TRY(store_bind(store, STORE_CUSTODY_HAS, "sss", ceremony, kind, text));
    TRY(store_step(store, STORE_CUSTODY_HAS, ret_known));
    store_reset(store, STORE_CUSTODY_HAS);
    return NULL;
}

struct error *
known_retention(struct ledger *ledger, int64_t *ret_last, size_t *ret_alive)
{
    struct store *store = &ledger->store;
    bool row = false;
    int64_t ms = 0;
    struct error *error = NULL;
    TRY(store_bind(store, STORE_RETENTION, ""));
    TRY(store_step(store, STORE_RETENTION, &row));
    int64_t last = store_number(store, STORE_RETENTION, 0);
    *ret_alive = (size_t)store_number(store, STORE_RETENTION, 1);
    if (store_text(store, STORE_RETENTION, 2)[0] != '\0')
        error = clock_parse(store_text(store, STORE_RETENTION, 2), &ms);
    store_reset(store, STORE_RETENTION);
    *ret_last = last > ms / 1000 ? last : ms / 1000;
    return error;
}
