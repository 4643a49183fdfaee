/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/engine/closing_dates.h"

#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/ledger/known_shares.h"
#include "ceremony/rules/crl_calendar.h"
#include "ceremony/rules/retention.h"

static void
keep_earlier(int64_t *first, int64_t time)
{
    if (*first == 0 || time < *first)
        *first = time;
}

/* Sets whose shares were proven here; a set that was made void needs no proof. */
static struct error *
next_proof(struct engine *engine, int64_t *first)
{
    AUTO_FREE struct known_set *sets = NULL;
    size_t count = 0;
    TRY(known_sets(engine->ledger, &sets, &count));
    for (size_t i = 0; i < count; i++) {
        struct known_proof last;
        if (strcmp(sets[i].state, "void") == 0)
            continue;
        TRY(known_last_proof(engine->ledger, sets[i].set_id, &last));
        if (last.time != 0 && strcmp(last.ceremony, engine->state.ceremony_id) == 0)
            keep_earlier(first, clock_add_years(last.time, SHARE_PROOF_YEARS));
    }
    return NULL;
}

struct error *
closing_next_due(struct engine *engine, char ret_text[CLOCK_TEXT_SIZE])
{
    int64_t first = 0;
    for (size_t i = 0; i < engine->state.object_count; i++)
        keep_earlier(&first, engine->state.objects[i].valid_until);
    TRY(next_proof(engine, &first));
    ret_text[0] = '\0';
    if (first != 0)
        clock_format_seconds(first, ret_text);
    return NULL;
}

struct error *
closing_retention(struct engine *engine, json_t **ret_retention)
{
    char day[CLOCK_TEXT_SIZE];
    int64_t last = 0;
    size_t alive = 0;
    TRY(known_retention(engine->ledger, &last, &alive));
    clock_format_seconds(retention_until(last), day);
    *ret_retention = json_pack("{s:s,s:s,s:I}", "class", RETENTION_CLASS, "not_before", day,
                               "keys_alive", (json_int_t)alive);
    return *ret_retention == NULL ? error_memory() : NULL;
}
