/* SPDX-License-Identifier: Apache-2.0
 *
 * What is brought from another ceremony, as flat facts between the process that reads it and the one that signs. What
 * the latter can tell itself it does not believe: the file is the one that it read and handed over, hashes are made by
 * it, parts lie within the file. (T17, R62) */
#pragma once

#include "ceremony/base/flat.h"
#include "ceremony/engine/brought_existing.h"
#include "ceremony/engine/reader_passes.h"

/* --- the process that reads --- */

MUST_CHECK struct error *brought_serve_request(const struct reader_task *task);
MUST_CHECK struct error *brought_serve_certificate(const struct reader_task *task);
MUST_CHECK struct error *brought_serve_existing(const struct reader_task *task);

/* --- the process that signs --- */

/* As brought_request_read, brought_ca_read and brought_existing_read, whose errors come over; verification, when what
 * comes is none of it. */
MUST_CHECK struct error *brought_request_ask(struct engine *engine,
                                             const struct script_key *planned,
                                             struct brought_request *ret_request);
MUST_CHECK struct error *brought_ca_ask(struct engine *engine, const char *name, int64_t now,
                                        struct brought_certificate *ret_certificate);
MUST_CHECK struct error *brought_existing_ask(struct engine *engine,
                                              const struct script_key *planned, int64_t now,
                                              struct brought_existing *ret_existing);

/* The tables, for tests. A struct that was taken is to be completed before anybody uses it. */
extern const struct flat_table brought_request_table;
extern const struct flat_table brought_certificate_table;
/* Errors: verification. */
MUST_CHECK struct error *brought_request_complete(const struct brought_inputs *inputs,
                                                  const char *name,
                                                  struct brought_request *request);
MUST_CHECK struct error *brought_certificate_complete(const struct brought_inputs *inputs,
                                                      const char *name,
                                                      struct brought_certificate *certificate);
