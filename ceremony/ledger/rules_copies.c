/* SPDX-License-Identifier: Apache-2.0
 *
 * Where a key is: its copies on tokens, and its wrapped copies. Whoever destroys a key one day finds
 * every copy here. (R87, R102) */
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"
#include "ceremony/ledger/rules_private.h"

/* First column of the bound statement, "" if there is no row. */
static struct error *
first_text(struct applied *a, enum store_statement which, char **ret_text)
{
    bool row = false;
    TRY(store_step(a->store, which, &row));
    struct error *error = text_copy(row ? store_text(a->store, which, 0) : "", ret_text);
    if (row)
        store_reset(a->store, which);
    return error;
}

static struct error *
need_key(struct applied *a, const char *spki_sha256)
{
    AUTO_FREE char *state = NULL;
    TRY(store_bind(a->store, STORE_KEY_GET, "s", spki_sha256));
    TRY(first_text(a, STORE_KEY_GET, &state));
    if (state[0] != '\0')
        return NULL;
    return ERROR(ERROR_REFUSED, "the ledger does not know the key %s", spki_sha256);
}

struct error *
rules_key_copy(struct applied *a)
{
    const char *key = rules_text(a, "spki_sha256");
    const char *serial = rules_text(a, "serial");
    const char *state = rules_text(a, "state");
    AUTO_FREE char *before = NULL;
    TRY(need_key(a, key));
    TRY(store_bind(a->store, STORE_COPY_GET, "ss", key, serial));
    TRY(first_text(a, STORE_COPY_GET, &before));
    a->nothing = strcmp(before, state) == 0;
    if (a->nothing)
        return NULL;
    if (before[0] == '\0' && strcmp(state, "present") != 0)
        return ERROR(ERROR_REFUSED, "the ledger knows no copy of the key on the token %s",
                     serial);
    TRY(store_bind(a->store, STORE_COPY_PUT, "sssss", key, serial, rules_text(a, "how"), state,
                   a->entry->ceremony));
    return store_do(a->store, STORE_COPY_PUT);
}

struct error *
rules_backup(struct applied *a)
{
    const char *key = rules_text(a, "key_spki_sha256");
    const char *blob = rules_text(a, "blob_sha256");
    const char *state = rules_text(a, "state");
    AUTO_FREE char *before = NULL;
    TRY(need_key(a, key));
    TRY(store_bind(a->store, STORE_BACKUP_GET, "ss", key, blob));
    TRY(first_text(a, STORE_BACKUP_GET, &before));
    a->nothing = strcmp(before, state) == 0;
    if (a->nothing)
        return NULL;
    if (before[0] == '\0' && strcmp(state, "live") != 0)
        return ERROR(ERROR_REFUSED, "the ledger knows no such wrapped copy of the key");
    if (before[0] != '\0' && strcmp(before, "live") != 0)
        return ERROR(ERROR_REFUSED, "the ledger holds the wrapped copy as %s, which is final",
                     before);
    TRY(store_bind(a->store, STORE_BACKUP_PUT, "sssssiss", key, blob,
                   rules_text(a, "card_sha256"), rules_text(a, "kcv"),
                   rules_text(a, "mechanism"), rules_number(a, "set_id"), state,
                   a->entry->ceremony));
    return store_do(a->store, STORE_BACKUP_PUT);
}
