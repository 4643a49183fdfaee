/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/crl_ahead.h"

#include <string.h>

struct error *
crl_ahead_require_none(struct engine *engine, const struct state_key *key)
{
    AUTO_FREE struct ledger_ahead *rows = NULL;
    size_t count = 0;
    size_t held = 0;
    uint64_t first = 0;
    TRY(ledger_crls_ahead(engine->ledger, key->spki_sha256, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].state, "lost") == 0)
            continue;
        first = held == 0 ? rows[i].crl.number : first;
        held++;
    }
    if (held == 0)
        return NULL;
    return error_hint(
        ERROR(ERROR_REFUSED,
              "%zu CRLs of \"%s\" were signed ahead and are not released, from number %llu on",
              held, key->name, (unsigned long long)first),
        "They would hide what is revoked now. Use a script that destroys them first, with a step "
        "destroy-series, or release them when their time comes.");
}
