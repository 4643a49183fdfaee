/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/ledger/known_shares.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ceremony/base/clock.h"
#include "ceremony/base/text.h"
#include "ceremony/ledger/ledger_private.h"
#include "ceremony/ledger/share_owner.h"

struct error *
known_pin_sets(struct ledger *ledger, const char *serial, const char *user,
               struct known_pin_set **ret_sets, size_t *ret_count)
{
    AUTO_FREE char *owner = NULL;
    AUTO_FREE struct known_share_set *rows = NULL;
    size_t count = 0;
    TRY(share_owner_pin(serial, user, &owner));
    TRY(known_share_sets(ledger, owner, &rows, &count));
    struct known_pin_set *sets = calloc(count + 1, sizeof *sets);
    if (sets == NULL)
        return error_memory();
    for (size_t i = 0; i < count; i++) {
        sets[i].set_id = rows[i].set_id;
        memcpy(sets[i].state, rows[i].state, sizeof sets[i].state);
    }
    *ret_sets = sets;
    *ret_count = count;
    return NULL;
}

struct error *
known_pin_set_in_use(struct ledger *ledger, const char *serial, const char *user,
                     unsigned *ret_set_id, bool *ret_found)
{
    AUTO_FREE struct known_pin_set *sets = NULL;
    size_t count = 0;
    *ret_found = false;
    TRY(known_pin_sets(ledger, serial, user, &sets, &count));
    for (size_t i = 0; i < count; i++)
        if (strcmp(sets[i].state, "in-use") == 0) {
            *ret_set_id = sets[i].set_id;
            *ret_found = true;
        }
    return NULL;
}

/* "pin SERIAL USER", or the hash of a key; a serial may hold blanks. */
static void
take_owner(const char *owner, struct known_set *set)
{
    const char *user = strrchr(owner, ' ');
    if (!text_starts_with(owner, SHARE_OWNER_PIN) || user == NULL) {
        (void)snprintf(set->spki_sha256, sizeof set->spki_sha256, "%s", owner);
        return;
    }
    const char *serial = owner + strlen(SHARE_OWNER_PIN);
    (void)snprintf(set->serial, sizeof set->serial, "%.*s", (int)(user - serial), serial);
    (void)snprintf(set->user, sizeof set->user, "%s", user + 1);
}

struct error *
known_sets(struct ledger *ledger, struct known_set **ret_sets, size_t *ret_count)
{
    struct store *store = &ledger->store;
    AUTO_FREE struct known_set *rows = NULL;
    size_t count = 0;
    TRY(store_bind(store, STORE_SHARES_OF_ALL, ""));
    for (;;) {
        bool row = false;
        TRY(store_step(store, STORE_SHARES_OF_ALL, &row));
        if (!row)
            break;
        struct known_set *grown = realloc(rows, (count + 1) * sizeof *rows);
        if (grown == NULL) {
            store_reset(store, STORE_SHARES_OF_ALL);
            return error_memory();
        }
        rows = grown;
        struct known_set *set = &rows[count++];
        *set = (struct known_set){0};
        take_owner(store_text(store, STORE_SHARES_OF_ALL, 0), set);
        set->set_id = (unsigned)store_number(store, STORE_SHARES_OF_ALL, 1);
        (void)snprintf(set->state, sizeof set->state, "%s",
                       store_text(store, STORE_SHARES_OF_ALL, 2));
    }
    *ret_sets = TAKE(rows);
    *ret_count = count;
    return NULL;
}

struct error *
known_set_live(struct ledger *ledger, unsigned set_id, bool *ret_live)
{
    TRY(store_bind(&ledger->store, STORE_SHARES_LIVE, "i", (int64_t)set_id));
    TRY(store_step(&ledger->store, STORE_SHARES_LIVE, ret_live));
    store_reset(&ledger->store, STORE_SHARES_LIVE);
    return NULL;
}

struct error *
known_last_proof(struct ledger *ledger, unsigned set_id, int64_t *ret_time,
                 char ret_how[KNOWN_TEXT_MAX])
{
    struct store *store = &ledger->store;
    bool row = false;
    int64_t ms = 0;
    *ret_time = 0;
    ret_how[0] = '\0';
    TRY(store_bind(store, STORE_SHARES_PROVEN, "i", (int64_t)set_id));
    TRY(store_step(store, STORE_SHARES_PROVEN, &row));
    if (!row)
        return NULL;
    struct error *error = clock_parse(store_text(store, STORE_SHARES_PROVEN, 1), &ms);
    bool proof = strcmp(store_text(store, STORE_SHARES_PROVEN, 0), "share-proof") == 0;
    bool pin = strcmp(store_text(store, STORE_SHARES_PROVEN, 0), "pin-set") == 0;
    (void)snprintf(ret_how, KNOWN_TEXT_MAX, "%s",
                   proof ? store_text(store, STORE_SHARES_PROVEN, 2)
                   : pin ? "typed back"
                         : "opened");
    store_reset(store, STORE_SHARES_PROVEN);
    *ret_time = ms / 1000;
    return error;
}

struct error *
known_token_name(struct ledger *ledger, const char *serial, char **ret_name)
{
    struct store *store = &ledger->store;
    bool row = false;
    TRY(store_bind(store, STORE_TOKEN_OF_SERIAL, "s", serial));
    TRY(store_step(store, STORE_TOKEN_OF_SERIAL, &row));
    struct error *error =
        text_copy(row ? store_text(store, STORE_TOKEN_OF_SERIAL, 0) : "", ret_name);
    store_reset(store, STORE_TOKEN_OF_SERIAL);
    return error;
}
