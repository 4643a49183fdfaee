/* SPDX-License-Identifier: Apache-2.0
 *
 * The certificate that keys of devices are wrapped for, brought along: both halves of reading it. (T17, R71) */
#pragma once

#include "ceremony/engine/reader_passes.h"

/* --- the process that reads --- */
MUST_CHECK struct error *recipient_read_serve(const struct reader_task *task);

/* --- the process that signs --- */
/* The input of that name, which the site must have: a certificate in DER to whose key a secret may be enveloped now.
 * Errors: input, refused, verification, io. */
MUST_CHECK struct error *recipient_read_ask(struct engine *engine, const char *input,
                                            struct bytes *ret_der);
