/* SPDX-License-Identifier: Apache-2.0
 *
 * CRLs that another program signed before the ledger knew their CA, and where those are that were
 * signed ahead and not released. (R53, R59) */
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/text.h"
#include "ceremony/ledger/rules_private.h"

struct error *
rules_crl_import(struct applied *a)
{
    const char *issuer = rules_text(a, "issuer");
    const char *scope = rules_text(a, "scope");
    const char *hash = rules_text(a, "crl_sha256");
    bool row = false;
    TRY(store_bind(a->store, STORE_CRL_GET, "ssi", issuer, scope, rules_number(a, "number")));
    TRY(store_step(a->store, STORE_CRL_GET, &row));
    a->nothing = row && strcmp(store_text(a->store, STORE_CRL_GET, 0), hash) == 0;
    store_reset(a->store, STORE_CRL_GET);
    if (a->nothing)
        return NULL;
    TRY(store_bind(a->store, STORE_CRL_HIGHEST_OF_ISSUER, "s", issuer));
    TRY(store_step(a->store, STORE_CRL_HIGHEST_OF_ISSUER, &row));
    store_reset(a->store, STORE_CRL_HIGHEST_OF_ISSUER);
    if (row)
        return ERROR(ERROR_REFUSED, "the ledger holds CRLs of this issuer already");
    TRY(store_bind(a->store, STORE_CRL_ADD, "ssisiis", issuer, scope, rules_number(a, "number"),
                   rules_text(a, "tbs_sha256"), rules_number(a, "this_update"),
                   rules_number(a, "next_update"), a->entry->ceremony));
    TRY(store_do(a->store, STORE_CRL_ADD));
    TRY(store_bind(a->store, STORE_CRL_ISSUE, "sssi", hash, issuer, scope,
                   rules_number(a, "number")));
    return store_do(a->store, STORE_CRL_ISSUE);
}

/* --- signed ahead --- */

/* From a state to those that may follow; "" before the first. */
static const struct {
    const char *from;
    const char *to[5];
} follows[] = {
    {"",           {"unreleased"}                             },
    {"unreleased", {"sealed", "released", "destroyed", "lost"}},
    {"sealed",     {"sealed", "released", "destroyed", "lost"}},
    {"lost",       {"destroyed"}                              },
};

static bool
may_follow(const char *from, const char *to)
{
    for (size_t i = 0; i < sizeof follows / sizeof follows[0]; i++)
        for (size_t k = 0; strcmp(follows[i].from, from) == 0 && follows[i].to[k] != NULL; k++)
            if (strcmp(follows[i].to[k], to) == 0)
                return true;
    return false;
}

struct error *
rules_crl_custody(struct applied *a)
{
    const char *issuer = rules_text(a, "issuer");
    const char *scope = rules_text(a, "scope");
    const char *state = rules_text(a, "state");
    const char *bag = rules_text(a, "bag");
    int64_t number = rules_number(a, "number");
    AUTO_FREE char *before = NULL;
    bool row = false;
    TRY(store_bind(a->store, STORE_CRL_GET, "ssi", issuer, scope, number));
    TRY(store_step(a->store, STORE_CRL_GET, &row));
    store_reset(a->store, STORE_CRL_GET);
    if (!row)
        return ERROR(ERROR_REFUSED, "the ledger does not know the CRL %lld", (long long)number);
    TRY(store_bind(a->store, STORE_CRL_CUSTODY_GET, "ssi", issuer, scope, number));
    TRY(store_step(a->store, STORE_CRL_CUSTODY_GET, &row));
    a->nothing = row && strcmp(store_text(a->store, STORE_CRL_CUSTODY_GET, 0), state) == 0
                 && strcmp(store_text(a->store, STORE_CRL_CUSTODY_GET, 1), bag) == 0;
    struct error *error =
        text_copy(row ? store_text(a->store, STORE_CRL_CUSTODY_GET, 0) : "", &before);
    store_reset(a->store, STORE_CRL_CUSTODY_GET);
    TRY(error);
    if (a->nothing)
        return NULL;
    if (!may_follow(before, state))
        return ERROR(ERROR_REFUSED, "the CRL %lld cannot become \"%s\": it is %s%s",
                     (long long)number, state,
                     before[0] == '\0' ? "not one that was signed ahead" : "", before);
    TRY(store_bind(a->store, STORE_CRL_CUSTODY_PUT, "ssisss", issuer, scope, number, state, bag,
                   a->entry->ceremony));
    return store_do(a->store, STORE_CRL_CUSTODY_PUT);
}
