/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the keys of a batch come from, as its step declares it (R71), and what is needed where the
 * program makes them: whose certificate they are wrapped for, and randomness of the token; or the list of
 * seeds that they follow from. */
#pragma once

#include "ceremony/batch/device_key.h"
#include "ceremony/engine/context.h"
#include "ceremony/engine/seeds.h"
#include "ceremony/rules/key_origin.h"
#include "p11/session.h"

struct key_origin {
    const struct script_step *step;
    const struct key_origin_row *row; /* NULL: the step declares none */
    struct device_keys keys;          /* where they are made here */
    struct bytes recipient;           /* certificate, DER */
    char recipient_sha256[65];
    struct secret *pool;
    struct state_key *seed_key; /* where they are derived */
    struct seeds_file seeds_file;
    struct seeds_list *seeds; /* NULL until key_origin_open_seeds */
};

/* Whether the step's derivation makes keys of its type; for checks beforehand. */
MUST_CHECK struct error *key_origin_fits(const struct script_step *step);

/* Reads what was brought. Errors: input (the recipient's certificate, or the list of seeds, is not
 * there or is none), refused (nothing may be encrypted to that certificate; a list in clear). */
MUST_CHECK struct error *key_origin_open(struct engine *engine, struct key_origin *ret_origin);
void key_origin_clear(struct key_origin *origin);
/* Opens the list of seeds by its key, after what was announced was compared. Nothing to do elsewhere. */
MUST_CHECK struct error *key_origin_open_seeds(struct engine *engine,
                                               struct key_origin *origin);
/* The device's private halves are wrapped and go to somebody. */
bool key_origin_wraps(const struct key_origin *origin);
/* Whether the program makes the keys. */
bool key_origin_made_here(const struct key_origin *origin);
/* Draws the pool from the token's and the host's generators. Nothing to do where keys come in
 * requests, or from seeds. */
MUST_CHECK struct error *key_origin_draw(struct key_origin *origin,
                                         struct p11_session *session);
/* For the screen that is approved. */
MUST_CHECK struct error *key_origin_text(const struct key_origin *origin, struct bytes *body);
/* For the record: a new reference; an empty object where the step declares none. */
json_t *key_origin_json(const struct key_origin *origin);
/* The ledger hears it once for each batch, before anything is signed. Nothing where the step declares none. */
MUST_CHECK struct error *key_origin_enter(struct engine *engine,
                                          const struct key_origin *origin, const char *batch);
