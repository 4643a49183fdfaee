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
known_last_proof(struct ledger *ledger, unsigned set_id, struct known_proof *ret_proof)
{
    struct store *store = &ledger->store;
    bool row = false;
    int64_t ms = 0;
    *ret_proof = (struct known_proof){0};
    TRY(store_bind(store, STORE_SHARES_PROVEN, "i", (int64_t)set_id));
    TRY(store_step(store, STORE_SHARES_PROVEN, &row));
    if (!row)
        return NULL;
    struct error *error = clock_parse(store_text(store, STORE_SHARES_PROVEN, 1), &ms);
    bool proof = strcmp(store_text(store, STORE_SHARES_PROVEN, 0), "share-proof") == 0;
    bool pin = strcmp(store_text(store, STORE_SHARES_PROVEN, 0), "pin-set") == 0;
    (void)snprintf(ret_proof->how, sizeof ret_proof->how, "%s",
                   proof ? store_text(store, STORE_SHARES_PROVEN, 2)
                   : pin ? "typed back"
                         : "opened");
    (void)snprintf(ret_proof->ceremony, sizeof ret_proof->ceremony, "%s",
                   store_text(store, STORE_SHARES_PROVEN, 3));
    store_reset(store, STORE_SHARES_PROVEN);
    ret_proof->time = ms / 1000;
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

/* --- bags --- */

#define SERIAL ", serial "

/* Whether the later bag holds what lay in the earlier one. */
static bool
same_thing(const struct known_bag *earlier, const struct known_bag *later)
{
    const char *a = strstr(earlier->content, SERIAL);
    const char *b = strstr(later->content, SERIAL);
    if (a != NULL || b != NULL)
        return a != NULL && b != NULL && strcmp(a, b) == 0;
    return strcmp(earlier->ceremony, later->ceremony) == 0
           && strcmp(earlier->content, later->content) == 0;
}

/* "R-0101: medium 1" */
static bool
take_bag(const char *ceremony, const char *text, struct known_bag *bag)
{
    const char *colon = strstr(text, ": ");
    if (colon == NULL)
        return false;
    (void)snprintf(bag->ceremony, sizeof bag->ceremony, "%s", ceremony);
    (void)snprintf(bag->number, sizeof bag->number, "%.*s", (int)(colon - text), text);
    (void)snprintf(bag->content, sizeof bag->content, "%s", colon + 2);
    return true;
}

static void
replace_same(struct known_bag *rows, size_t *count)
{
    const struct known_bag *last = &rows[*count - 1];
    for (size_t i = 0; i + 1 < *count; i++)
        if (same_thing(&rows[i], last)) {
            memmove(&rows[i], &rows[i + 1], (*count - i - 1) * sizeof *rows);
            (*count)--;
            return;
        }
}

struct error *
known_bags(struct ledger *ledger, struct known_bag **ret_bags, size_t *ret_count)
{
    struct store *store = &ledger->store;
    AUTO_FREE struct known_bag *rows = NULL;
    size_t count = 0;
    TRY(store_bind(store, STORE_CUSTODY_BAGS, ""));
    for (;;) {
        bool row = false;
        TRY(store_step(store, STORE_CUSTODY_BAGS, &row));
        if (!row)
            break;
        struct known_bag *grown = realloc(rows, (count + 1) * sizeof *rows);
        if (grown == NULL) {
            store_reset(store, STORE_CUSTODY_BAGS);
            return error_memory();
        }
        rows = grown;
        if (!take_bag(store_text(store, STORE_CUSTODY_BAGS, 0),
                      store_text(store, STORE_CUSTODY_BAGS, 1), &rows[count]))
            continue;
        count++;
        replace_same(rows, &count);
    }
    *ret_bags = TAKE(rows);
    *ret_count = count;
    return NULL;
}

struct error *
known_bag_of_token(struct ledger *ledger, const char *serial, struct known_bag *ret_bag)
{
    AUTO_FREE struct known_bag *bags = NULL;
    size_t count = 0;
    *ret_bag = (struct known_bag){.number = ""};
    TRY(known_bags(ledger, &bags, &count));
    for (size_t i = 0; i < count && serial[0] != '\0'; i++) {
        const char *there = strstr(bags[i].content, SERIAL);
        if (there != NULL && strcmp(there + strlen(SERIAL), serial) == 0)
            *ret_bag = bags[i];
    }
    return NULL;
}
