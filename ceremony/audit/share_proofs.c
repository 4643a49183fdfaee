/* SPDX-License-Identifier: Apache-2.0 */
#include "ceremony/audit/share_proofs.h"

#include <stdlib.h>
#include <string.h>

#include "ceremony/base/cleanup.h"
#include "ceremony/base/clock.h"

struct set {
    const json_t
        *owner; /* the entry that made it, borrowed: a key, or a token's serial and whose PIN */
    int64_t set_id;
    int64_t proven; /* by this ceremony, seconds since 1970; 0: not */
    bool live;
};

struct sets {
    struct set *rows;
    size_t count;
};

/* Numbers come again once a set is void, so the newest counts. */
static struct set *
find_live(const struct sets *sets, int64_t set_id)
{
    for (size_t i = sets->count; i-- > 0;)
        if (sets->rows[i].live && sets->rows[i].set_id == set_id)
            return &sets->rows[i];
    return NULL;
}

static struct error *
make_set(struct sets *sets, const json_t *data)
{
    struct set *rows = realloc(sets->rows, (sets->count + 1) * sizeof *rows);
    if (rows == NULL)
        return error_memory();
    sets->rows = rows;
    rows[sets->count++] =
        (struct set){.owner = data, .set_id = data_number(data, "set_id"), .live = true};
    return NULL;
}

static bool
same_pin(const json_t *a, const json_t *b)
{
    return strcmp(data_text(a, "serial"), data_text(b, "serial")) == 0
           && strcmp(data_text(a, "user"), data_text(b, "user")) == 0;
}

/* A token that has the PIN of one set has that of no other. */
static void
put_in_use(const struct sets *sets, const struct set *in_use)
{
    for (size_t i = 0; i < sets->count; i++)
        if (&sets->rows[i] != in_use && same_pin(sets->rows[i].owner, in_use->owner))
            sets->rows[i].live = false;
}

static struct error *
prove(struct set *set, const json_t *line, const char *ceremony)
{
    int64_t ms = 0;
    if (strcmp(data_text(line, "ceremony"), ceremony) != 0)
        return NULL;
    TRY(clock_parse(data_text(line, "time"), &ms));
    set->proven = ms / 1000;
    return NULL;
}

static struct error *
follow(struct sets *sets, const json_t *line, const char *ceremony)
{
    const char *kind = data_text(line, "kind");
    const json_t *data = data_inner(line, "data");
    const char *state = data_text(data, "state");
    bool pin = strcmp(kind, "pin-set") == 0;
    if (!pin && strcmp(kind, "share-set") != 0 && strcmp(kind, "share-proof") != 0)
        return NULL;
    if (strcmp(state, "made") == 0)
        return make_set(sets, data);
    struct set *set = find_live(sets, data_number(data, "set_id"));
    if (set == NULL)
        return NULL;
    if (strcmp(state, "void") == 0)
        set->live = false;
    else if (strcmp(state, "in-use") == 0 && pin)
        put_in_use(sets, set);
    else
        return prove(set, line, ceremony);
    return NULL;
}

struct error *
share_proofs_first(const struct ledger_lines *lines, const char *ceremony, int64_t *ret_time)
{
    struct sets sets = {0};
    struct error *error = NULL;
    *ret_time = 0;
    for (size_t i = 0; i < lines->count && error == NULL; i++)
        error = follow(&sets, lines->rows[i].object, ceremony);
    for (size_t i = 0; i < sets.count && error == NULL; i++) {
        const struct set *set = &sets.rows[i];
        if (set->live && set->proven != 0 && (*ret_time == 0 || set->proven < *ret_time))
            *ret_time = set->proven;
    }
    free(sets.rows);
    return error;
}
