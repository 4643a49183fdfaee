/* SPDX-License-Identifier: Apache-2.0
 *
 * What recovery needs of the key generation: adopting a pair that an interrupted run left. */
#pragma once

#include "ceremony/engine/keys.h"

/* Checks attributes, reads the public key and proves possession, as generation itself would have;
 * `ret_data` is the result record's data. `key` comes from the intent. */
MUST_CHECK struct error *generate_key_adopt(struct engine *engine, struct engine_token *token,
                                            enum p11_key_purpose purpose, struct state_key *key,
                                            json_t **ret_data);
