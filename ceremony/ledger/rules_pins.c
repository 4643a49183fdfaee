/* SPDX-License-Identifier: Apache-2.0
 *
 * Sets of shares that hold the PIN of a token, and proofs of shares. The sets stand in the table of all share
 * sets, so that no two live ones of any sort have one number; where the others name a key, these name the
 * token's serial and whose PIN it is. (R58, R76, R84) */
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"
#include "ceremony/ledger/rules_private.h"
#include "ceremony/ledger/share_owner.h"

static const char *const states[] = {"made", "proven", "in-use", "void"};

#define STATES (sizeof states / sizeof states[0])
#define VOID   (STATES - 1)

/* Its place in the order; STATES if it is none. */
static size_t
place_of(const char *state)
{
    size_t place = 0;
    while (place < STATES && strcmp(states[place], state) != 0)
        place++;
    return place;
}

/* The state that the table has for the set; "" for none. */
static struct error *
state_of(struct applied *a, const char *owner, int64_t set_id, char **ret_state)
{
    bool row = false;
    TRY(store_bind(a->store, STORE_SHARES_GET, "si", owner, set_id));
    TRY(store_step(a->store, STORE_SHARES_GET, &row));
    struct error *error =
        text_copy(row ? store_text(a->store, STORE_SHARES_GET, 0) : "", ret_state);
    store_reset(a->store, STORE_SHARES_GET);
    return error;
}

static struct error *
is_live(struct applied *a, int64_t set_id, bool *ret_live)
{
    TRY(store_bind(a->store, STORE_SHARES_LIVE, "i", set_id));
    TRY(store_step(a->store, STORE_SHARES_LIVE, ret_live));
    store_reset(a->store, STORE_SHARES_LIVE);
    return NULL;
}

static struct error *
check_step(struct applied *a, const char *before, size_t now, int64_t set_id)
{
    bool live = false;
    TRY(is_live(a, set_id, &live));
    if (now == 0 && live)
        return ERROR(ERROR_REFUSED, "a live set of shares has the number %lld already",
                     (long long)set_id);
    if (now == 0)
        return NULL;
    if (before[0] == '\0' || place_of(before) == VOID)
        return ERROR(ERROR_REFUSED,
                     "the ledger holds no live set of shares of this PIN with the number %lld",
                     (long long)set_id);
    if (now != VOID && now != place_of(before) + 1)
        return ERROR(ERROR_REFUSED, "the set of shares %lld cannot be %s: it is %s",
                     (long long)set_id, states[now], before);
    return NULL;
}

struct error *
rules_pin_set(struct applied *a)
{
    const char *user = rules_text(a, "user");
    const char *state = rules_text(a, "state");
    int64_t set_id = rules_number(a, "set_id");
    size_t now = place_of(state);
    AUTO_FREE char *owner = NULL;
    AUTO_FREE char *before = NULL;
    if (now == STATES || (strcmp(user, "user") != 0 && strcmp(user, "SO") != 0))
        return ERROR(ERROR_INPUT, "the ledger entry pin-set has an unknown state or user");
    TRY(share_owner_pin(rules_text(a, "serial"), user, &owner));
    TRY(state_of(a, owner, set_id, &before));
    a->nothing = now != 0 && strcmp(before, state) == 0;
    if (a->nothing)
        return NULL;
    TRY(check_step(a, before, now, set_id));
    /* The token tells by one PIN that it has no other: sets whose change was left open end, too. */
    if (strcmp(state, "in-use") == 0) {
        TRY(store_bind(a->store, STORE_SHARES_REPLACED, "ss", owner, a->entry->ceremony));
        TRY(store_do(a->store, STORE_SHARES_REPLACED));
    }
    TRY(store_bind(a->store, STORE_SHARES_PUT, "sisss", owner, set_id, state, "",
                   a->entry->ceremony));
    return store_do(a->store, STORE_SHARES_PUT);
}

/* The entry itself is what is asked for later. */
struct error *
rules_share_proof(struct applied *a)
{
    const char *how = rules_text(a, "how");
    int64_t set_id = rules_number(a, "set_id");
    bool live = false;
    if (strcmp(how, "opened") != 0 && strcmp(how, "checked") != 0)
        return ERROR(ERROR_INPUT, "the ledger entry share-proof has an unknown 'how'");
    TRY(is_live(a, set_id, &live));
    if (live)
        return NULL;
    return ERROR(ERROR_REFUSED, "the ledger holds no live set of shares with the number %lld",
                 (long long)set_id);
}
