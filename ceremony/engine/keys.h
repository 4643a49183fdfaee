/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys of the ceremony on their tokens: ids, plans, attribute reports as records, destruction. */
#pragma once

#include "ceremony/engine/context.h"
#include "p11/key.h"

MUST_CHECK struct error *key_id_parse(const char *hex, unsigned char ret_id[P11_ID_MAX],
                                      size_t *ret_len);
/* Random, 16 bytes. */
MUST_CHECK struct error *key_id_make(char ret_hex[33]);
/* The plan of a key as the state knows it. `ret_plan` borrows from `key`. */
MUST_CHECK struct error *key_plan_of(const struct state_key *key, enum p11_key_purpose purpose,
                                     struct p11_key_plan *ret_plan);
/* Reads back and records every attribute; when one differs, a key that is not `locked` yet is destroyed
 * as a recorded exception, and the call fails (token). The user is logged in. (R28) */
MUST_CHECK struct error *key_check_attributes(struct engine *engine, struct engine_token *token,
                                              const char *name, const struct p11_key_plan *plan,
                                              bool locked);
/* Destroys whatever bears the id, with intent and result (`does` "destroy-key" or another). */
MUST_CHECK struct error *key_destroy_recorded(struct engine *engine, struct engine_token *token,
                                              const char *does, const char *key,
                                              const char *id_hex);
/* Signs a challenge with the key and verifies it in software; recorded. (R31) */
MUST_CHECK struct error *key_prove_possession(struct engine *engine, struct engine_token *token,
                                              const struct state_key *key, const char *id_hex);
/* The key of the step's `key:` or `of:`; refused if it does not exist yet or is destroyed. */
MUST_CHECK struct error *key_of_step(struct engine *engine, const char *name,
                                     struct state_key **ret_key);
