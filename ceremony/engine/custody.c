/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/custody.h"

#include <stdio.h>
#include <string.h>

#include "ceremony/base/text.h"
#include "ceremony/engine/earlier.h"
#include "ceremony/engine/quorum.h"
#include "ceremony/ledger/known_shares.h"

#define KEY_SHARE_WORDS 33U

/* Which rows of the ledger are of this set. */
struct owner {
    char spki_sha256[65];
    char serial[KNOWN_TEXT_MAX];
    const char *user;
};

static struct error *
owner_of_key(struct engine *engine, const struct script_shares *shares, struct owner *owner,
             struct custody_set *set)
{
    struct known_key known;
    AUTO_FREE char *label = NULL;
    TRY(earlier_label(engine, script_key(engine->script, shares->of), &label));
    TRY(known_key_by_label(engine->ledger, label, &known));
    memcpy(owner->spki_sha256, known.spki_sha256, sizeof owner->spki_sha256);
    set->words = KEY_SHARE_WORDS;
    (void)snprintf(set->of, sizeof set->of, "the backup of key \"%.90s\"", label);
    return NULL;
}

/* The token lies in its bag: the environment says its serial. */
static struct error *
owner_of_pin(struct engine *engine, const struct script_shares *shares, struct owner *owner,
             struct custody_set *set)
{
    const struct site_token *token = site_token(engine->site, shares->token);
    AUTO_FREE char *serial = NULL;
    if (token == NULL || token->uri == NULL || token->uri[0] == '\0')
        return ERROR(ERROR_INPUT, "the environment names no 'uri' for the token \"%s\"",
                     shares->token);
    TRY(p11_uri_serial(token->uri, &serial));
    if (serial[0] == '\0')
        return ERROR(ERROR_INPUT, "the 'uri' of the token \"%s\" names no serial",
                     shares->token);
    (void)snprintf(owner->serial, sizeof owner->serial, "%s", serial);
    owner->user = strcmp(shares->pin, "so") == 0 ? "SO" : "user";
    set->words = QUORUM_SHARE_WORDS;
    (void)snprintf(set->of, sizeof set->of, "the %s PIN of token \"%.90s\"", owner->user,
                   shares->token);
    return NULL;
}

/* A set of a PIN counts once the token has that PIN; one of a key from its making on. */
static bool
is_live(const struct known_set *row, const struct owner *owner)
{
    if (owner->serial[0] == '\0')
        return strcmp(row->spki_sha256, owner->spki_sha256) == 0
               && strcmp(row->state, "void") != 0;
    return strcmp(row->serial, owner->serial) == 0 && strcmp(row->user, owner->user) == 0
           && strcmp(row->state, "in-use") == 0;
}

struct error *
custody_find_set(struct engine *engine, struct custody_set *ret_set)
{
    const struct script_shares *shares = script_shares(engine->script, engine->step->shares);
    AUTO_FREE struct known_set *rows = NULL;
    struct owner owner = {0};
    size_t count = 0;
    size_t live = 0;
    *ret_set =
        (struct custody_set){.shares = shares->id, .plan = site_plan(engine->site, shares->id)};
    if (ret_set->plan == NULL)
        return ERROR(ERROR_INPUT, "custody.yaml has no plan for the share set \"%s\"",
                     shares->id);
    TRY((shares->token[0] != '\0' ? owner_of_pin : owner_of_key)(engine, shares, &owner,
                                                                 ret_set));
    TRY(known_sets(engine->ledger, &rows, &count));
    for (size_t i = 0; i < count; i++)
        if (is_live(&rows[i], &owner)) {
            ret_set->set_id = rows[i].set_id;
            live++;
        }
    if (live == 0)
        return error_hint(
            ERROR(ERROR_NOT_FOUND, "the ledger knows no live set of shares of %s", ret_set->of),
            "Leave the step out of the script, or use the ledger of that site.");
    if (live > 1)
        return ERROR(ERROR_REFUSED, "the ledger knows %zu live sets of shares of %s", live,
                     ret_set->of);
    return NULL;
}
