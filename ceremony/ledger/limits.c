/* SPDX-License-Identifier: Apache-2.0
 *
 * What an issuer may still make (R70). */
#include "ceremony/ledger/blocks.h"
#include "ceremony/ledger/ledger_private.h"

struct error *
ledger_set_limits(struct ledger *ledger, const char *ceremony, const char *issuer_spki_sha256,
                  const struct ledger_limits *limits)
{
    AUTO_LEDGER_JSON data = {0};
    if (limits->from > limits->until)
        return ERROR(ERROR_INPUT, "the time in which an issuer may sign ends before it begins");
    TRY(ledger_json_add_number(&data, "count", limits->count));
    TRY(ledger_json_add_number(&data, "from", limits->from));
    TRY(ledger_json_add_text(&data, "issuer", issuer_spki_sha256));
    TRY(ledger_json_add_number(&data, "until", limits->until));
    return ledger_append(ledger, ceremony, "issuer-limits", &data);
}

struct error *
ledger_get_limits(struct ledger *ledger, const char *issuer_spki_sha256,
                  struct ledger_limits *ret_limits, bool *ret_found, int64_t *ret_used)
{
    struct store *store = &ledger->store;
    bool row = false;
    TRY(store_bind(store, STORE_ISSUER_COUNT, "s", issuer_spki_sha256));
    TRY(store_step(store, STORE_ISSUER_COUNT, &row));
    *ret_used = store_number(store, STORE_ISSUER_COUNT, 0);
    store_reset(store, STORE_ISSUER_COUNT);
    TRY(store_bind(store, STORE_LIMITS_GET, "s", issuer_spki_sha256));
    TRY(store_step(store, STORE_LIMITS_GET, ret_found));
    *ret_limits = (struct ledger_limits){0};
    if (*ret_found)
        *ret_limits = (struct ledger_limits){
            .count = store_number(store, STORE_LIMITS_GET, 0),
            .from = store_number(store, STORE_LIMITS_GET, 1),
            .until = store_number(store, STORE_LIMITS_GET, 2),
        };
    store_reset(store, STORE_LIMITS_GET);
    return NULL;
}

bool
ledger_limits_near(const struct ledger_limits *limits, int64_t used, int64_t now)
{
    bool many = limits->count > 0 && used >= limits->count - limits->count / 10;
    int64_t span = limits->until - limits->from;
    return many || now >= limits->until - span / 10;
}
