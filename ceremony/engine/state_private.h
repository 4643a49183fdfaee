/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of the fold share; nobody else includes this. */
#pragma once

#include "ceremony/engine/state.h"

struct telling { /* a record, as the rows see it */
    uint64_t seq;
    const char *step;
    int64_t wall_ms;
    json_t *data;
};

/* --- state_pins.c: PINs that are held as shares --- */
MUST_CHECK struct error *state_pin_cut(struct state *state, const struct telling *telling);
MUST_CHECK struct error *state_pin_delivered(struct state *state,
                                             const struct telling *telling);
MUST_CHECK struct error *state_pin_changing(struct state *state, const struct telling *telling);
MUST_CHECK struct error *state_pin_changed(struct state *state, const struct telling *telling);
MUST_CHECK struct error *state_pin_void(struct state *state, const struct telling *telling);
MUST_CHECK struct error *state_pin_fact(struct state *state, const struct telling *telling);
