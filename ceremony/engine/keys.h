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

/* What a key of a script is for, where it is made or found. */
enum p11_key_purpose key_purpose_of(const struct script_key *planned);

/* Where a key is in its life when its attributes are read. */
enum key_stage {
    KEY_NEW,    /* extractable if it is to be backed up; destroyed when it is not as planned */
    KEY_LOCKED, /* not extractable; left for people to look at when it is not as planned */
};
/* Reads back and records every attribute; when one differs, a new key is destroyed as a recorded
 * exception, and the call fails (token). The user is logged in. (R28) */
MUST_CHECK struct error *key_check_attributes(struct engine *engine, struct engine_token *token,
                                              const char *name, const struct p11_key_plan *plan,
                                              enum key_stage stage);
/* Said only of keys that want their PIN before each signature; NULL for all others. */
const char *key_pin_said(const struct state_key *key);
/* Said only of keys that decrypt; NULL for all others. */
const char *key_use_said(const struct state_key *key);
/* What a record says of a key: names, public key, hashes. */
MUST_CHECK struct error *key_describe(const struct state_key *key, json_t **ret_data);
/* Enters the key and its first copy; the same again is fine. */
MUST_CHECK struct error *key_add_to_ledger(struct engine *engine, struct engine_token *token,
                                           const struct state_key *key);
/* A key of this ceremony that came to nothing: it and its copy are destroyed. */
MUST_CHECK struct error *key_end_in_ledger(struct engine *engine, struct engine_token *token,
                                           const struct state_key *key);
/* A copy of the key is on this token, or no more; the ledger is told (R87). */
MUST_CHECK struct error *key_copy_in_ledger(struct engine *engine, struct engine_token *token,
                                            const struct state_key *key, const char *how,
                                            const char *state);
/* Destroys whatever bears the id, with intent and result (`does` "destroy-key" or another). */
MUST_CHECK struct error *key_destroy_recorded(struct engine *engine, struct engine_token *token,
                                              const char *does, const char *key,
                                              const char *id_hex);
/* Signs a challenge with the key and verifies it in software, or decrypts one that was encrypted in
 * software; recorded. (R31) */
MUST_CHECK struct error *key_prove_possession(struct engine *engine, struct engine_token *token,
                                              const struct state_key *key, const char *id_hex);
/* The key of the step's `key:` or `of:`; refused if it does not exist yet or is destroyed. */
MUST_CHECK struct error *key_of_step(struct engine *engine, const char *name,
                                     struct state_key **ret_key);
/* Refused when the ledger says that the key signs only CRLs any more (REQUIREMENTS 4.5). */
MUST_CHECK struct error *key_may_certify(struct engine *engine, const struct state_key *key);
#define KEY_CRL_ONLY "crl-only" /* its state in the ledger */
