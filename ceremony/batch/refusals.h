/* SPDX-License-Identifier: Apache-2.0
 *
 * The answer to whoever sent a batch: which items were refused, why, and what to do about each. Made from
 * results.jsonl, whose texts are safe to show (R69; docs/formats/batch.md). */
#pragma once

#include <stdint.h>

#include "ceremony/base/error.h"

/* A text at `path`, replaced if there is one; no file where nothing was refused. `title`: its first line.
 * `ret_count`: items refused. Errors: verification (a line is not ours), io. */
MUST_CHECK struct error *batch_refusals_write(const char *results, const char *path,
                                              const char *title, uint64_t *ret_count);
/* What a code means, and what whoever sent the item can do; both static. NULL for a code that is no refusal. */
const char *batch_refusal_sentence(const char *code);
const char *batch_refusal_advice(const char *code);
